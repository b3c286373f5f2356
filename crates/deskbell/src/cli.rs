//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A helpdesk in one binary: customers write by mail, a team answers from one inbox, and everything
/// lives in one folder.
///
/// Without a command it serves. The first start makes the data folder (./data unless configured
/// otherwise) and prints a link to set up the workspace and its first admin.
#[derive(Debug, Parser)]
#[command(
    name = "deskbell",
    version,
    after_help = "Configuration: the file given with --config, else DESKBELL_CONFIG, else \
        ./deskbell.toml if it is there; then environment variables such as DESKBELL_DATA or \
        DESKBELL_BACKUP__EVERY. Every key is described in config/deskbell.toml.\n\n\
        Examples:\n  \
        deskbell                                   serve on http://127.0.0.1:8080\n  \
        deskbell serve --demo                      look around in a made-up workspace\n  \
        deskbell admin create --email ann@example.com --name Ann\n  \
        deskbell backup /backups/desk.tar          while the server runs\n  \
        DESKBELL_DATA=./new deskbell restore /backups/desk.tar"
)]
pub struct Cli {
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server (what happens without a command)
    Serve {
        /// Serve a made-up workspace with a chat on a page of its own, and print a login
        ///
        /// In the configured data folder if it is empty or was used for this before, else in one that is
        /// gone afterwards.
        #[arg(long)]
        demo: bool,
    },
    /// Make and mend accounts, also while the server runs
    #[command(subcommand)]
    Admin(Admin),
    /// Look through the database and say what is wrong and what waits; fails if something is wrong
    Check(Check),
    /// Look after the key that seals stored passwords
    #[command(subcommand)]
    Keys(Keys),
    /// Write everything (database, files, keys) to one new file, also while the server runs
    ///
    /// The file holds the keys that open stored passwords: keep it where only you can read it.
    Backup {
        /// The file to make; it must not exist yet
        file: PathBuf,
    },
    /// Read a backup into an empty data folder
    ///
    /// The backup is checked before anything takes its place. Unsent mail and other work that can
    /// be noticed outside then waits until an admin releases it: POST /api/jobs/release.
    Restore {
        /// A file made by `deskbell backup`
        file: PathBuf,
    },
    /// Fill an empty data folder with a made-up workspace, to try things out or to measure
    ///
    /// The same seed makes the same conversations. Nobody can sign in yet: `deskbell admin create`
    /// makes the first login.
    Demo {
        /// How many; five messages each on average
        #[arg(long, default_value_t = 1_000)]
        conversations: u64,
        /// Another number makes another workspace
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an account that can sign in at once
    ///
    /// The password is asked for; when standard input is no terminal it is its first line.
    Create {
        /// The address they sign in with
        #[arg(long)]
        email: String,
        /// What others call them
        #[arg(long)]
        name: String,
        /// An admin may change settings, channels and people
        #[arg(long, value_enum, default_value_t = Role::Admin)]
        role: Role,
    },
    /// Give an agent a new password and end all their sessions
    ///
    /// The password is asked for; when standard input is no terminal it is its first line.
    ResetPassword {
        /// The address they sign in with
        #[arg(long)]
        email: String,
    },
    /// List everyone with an account
    List,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a new master key and seal every stored password with it; the server must be stopped
    ///
    /// The key lies in keys/master.key below the data folder. Everything is sealed anew in one
    /// step: cut off at any moment, the next start uses the one key that fits. Nothing is
    /// changed if a password cannot be opened with the present key; it is named then.
    ///
    /// Answers to mails sent before still find their conversation. Two things change: the secrets
    /// by which receivers of webhooks check what a rule tells them (the rules are listed), and
    /// links to files that were opened in the last minutes.
    ///
    /// Backups written before hold the key of their time and can still be restored. Whoever has
    /// both the old key and an old copy of the database can read the passwords in it: if that may
    /// be so, change the passwords, too.
    Rotate,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Role {
    Admin,
    Agent,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Only ask the running server whether it answers (for container health checks)
    #[arg(long, conflicts_with_all = ["quick", "rebuild_counters", "rebuild_search", "rebuild_aggregates"])]
    pub health: bool,
    /// Do not compare indexes with their tables, which takes minutes on a large database
    #[arg(long)]
    pub quick: bool,
    /// Count the conversation totals anew; the server must be stopped
    #[arg(long)]
    pub rebuild_counters: bool,
    /// Make the search index anew; the server must be stopped
    #[arg(long)]
    pub rebuild_search: bool,
    /// Count what analytics shows anew; the server must be stopped
    #[arg(long)]
    pub rebuild_aggregates: bool,
}
