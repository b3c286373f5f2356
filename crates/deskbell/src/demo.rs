//! `deskbell serve --demo`: a workspace to look around in, with a login and a chat on a shop's page.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use desk::{
    Desk,
    accounts::{self, NewAccount},
    demo,
    options::Secret,
    tokens::Token,
};
use domain::{agents::Role, ids::ChannelId};
use tempfile::TempDir;

use crate::config::Config;

const CONVERSATIONS: u64 = 300;
const EMAIL: &str = "ann@northwind.example";
/// Letters of a generated password: 120 bits.
const PASSWORD_LENGTH: usize = 20;

/// Where the demo lives.
pub struct Place {
    data: PathBuf,
    /// Goes with the process.
    _folder: Option<TempDir>,
}

/// What a person needs to look around.
pub struct Demo {
    pub chat: ChannelId,
    /// None where the folder has a login already.
    password: Option<Secret>,
}

impl Place {
    /// The configured data folder; without one, a folder that is gone afterwards.
    pub fn of(config: &Config) -> Result<Self> {
        if config.data != Config::default().data {
            return Ok(Self { data: config.data.clone(), _folder: None });
        }
        let folder = tempfile::Builder::new().prefix("deskbell-demo-").tempdir();
        let folder = folder.context("a temporary folder cannot be made; set DESKBELL_DATA")?;
        Ok(Self { data: folder.path().join("data"), _folder: Some(folder) })
    }

    pub fn data(&self) -> &Path {
        &self.data
    }
}

impl Demo {
    /// Fills an empty workspace; one that is there already only gets its chat, if it has none.
    pub fn prepare(desk: &Desk, runtime: &tokio::runtime::Runtime) -> Result<Self> {
        let is_empty = desk.store.read_blocking(storage::workspace::find)?.is_none();
        if is_empty {
            let end = desk.clock.now();
            let options =
                demo::Options { conversations: CONVERSATIONS, end, ..demo::Options::default() };
            demo::fill(&desk.store, options, |_| ())?;
        }
        let all = runtime.block_on(accounts::list(&desk.store))?;
        let admin = all.iter().find(|it| it.role == Role::Admin && it.can_work()).map(|it| it.id);
        let mut password = None;
        let admin = if let Some(admin) = admin {
            admin
        } else {
            let generated: String =
                Token::random().reveal().chars().take(PASSWORD_LENGTH).collect();
            let account = NewAccount {
                name: "Ann Demo".to_owned(),
                email: EMAIL.to_owned(),
                role: Role::Admin,
                password: Secret::new(generated.clone()),
            };
            let now = desk.clock.now();
            let made = runtime.block_on(accounts::create(&desk.store, account, now))?;
            password = Some(Secret::new(generated));
            made.id
        };
        let chat = runtime.block_on(demo::chat(desk, admin))?;
        Ok(Self { chat, password })
    }

    /// On standard output, not in the log: whoever has the password is the admin.
    pub fn print(&self, base: &str) {
        println!("\nThe demo's shop, with a chat:  {base}/demo");
        println!("Its desk:                      {base}/");
        match &self.password {
            Some(password) => {
                println!("  sign in as {EMAIL} with the password {}\n", password.reveal());
            }
            None => println!("  sign in as before\n"),
        }
    }
}
