//! The Deskbell server: reads the command line and the configuration, and wires the crates.

mod admin;
mod check;
mod cli;
mod config;
mod demo;
mod keys;
mod logs;
mod serve;

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;
use desk::{Clock, backups, demo as workspaces};
use indicatif::{ProgressBar, ProgressStyle};
use storage::Store;

use crate::{
    cli::{Cli, Command},
    config::Config,
};

fn main() -> ExitCode {
    protect_process();
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("deskbell: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error with its causes, but for those that it tells itself.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.ends_with(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

/// Files are for their owner alone, and no core dump shows keys.
fn protect_process() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    // Where the system forbids even this, nothing better can be done.
    let _ = rlimit::setrlimit(rlimit::Resource::CORE, 0, 0);
}

fn run(cli: Cli) -> Result<ExitCode> {
    let config = Config::load(cli.config, std::env::vars_os())?;
    logs::start(&config.log)?;
    match cli.command.unwrap_or(Command::Serve { demo: false }) {
        Command::Serve { demo } => serve::serve(&config, demo)?,
        Command::Admin(command) => admin::run(&config.data, command)?,
        Command::Keys(command) => keys::run(&config.data, &command)?,
        Command::Check(options) => return check::run(&config, &options),
        Command::Backup { file } => back_up(&config.data, &file)?,
        Command::Restore { file } => restore(&config.data, &file)?,
        Command::Demo { conversations, seed } => fill(&config.data, conversations, seed)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn back_up(data: &Path, file: &Path) -> Result<()> {
    let store = Store::open_read_only(data)?;
    let summary = backups::write(&store, data, file, Clock::system().now())?;
    store.close_blocking();
    println!("Wrote {} ({} bytes).", file.display(), summary.bytes);
    for name in &summary.manifest.missing_files {
        println!("Missing or damaged in the data folder, so not in the backup: {name}");
    }
    Ok(())
}

fn restore(data: &Path, file: &Path) -> Result<()> {
    let summary = backups::restore(file, data)
        .with_context(|| format!("nothing was restored into {}", data.display()))?;
    println!("Restored the backup of {} into {}.", summary.manifest.created_at, data.display());
    if summary.held_jobs > 0 {
        println!(
            "On hold, of unsent messages and other work that faces the outside: {}. When the server \
             runs and nothing of it was sent meanwhile, an admin releases it: POST /api/jobs/release",
            summary.held_jobs
        );
    }
    Ok(())
}

fn fill(data: &Path, conversations: u64, seed: u64) -> Result<()> {
    let store = Store::open(storage::Options::new(data))?;
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len}, {eta} left")
        .context("the progress bar")?;
    let bar = ProgressBar::new(conversations).with_style(style);
    let progress = {
        let bar = bar.clone();
        move |done| bar.set_position(done)
    };
    let options = workspaces::Options { conversations, seed, ..workspaces::Options::default() };
    workspaces::fill(&store, options, progress)?;
    bar.finish();
    store.close_blocking();
    println!("Made {conversations} conversations in {}.", data.display());
    Ok(())
}
