//! Accounts made and mended on the command line. Passwords are never arguments: other users of the
//! machine can read those.

use std::{
    io::{self, IsTerminal},
    path::Path,
};

use anyhow::{Context, Result, bail};
use desk::{
    Clock, DeskError,
    accounts::{self, NewAccount},
    options::Secret,
};
use domain::agents;
use storage::Store;

use crate::cli::{Admin, Role};

pub fn run(data: &Path, command: Admin) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let now = Clock::system().now();
    match command {
        Admin::Create { email, name, role } => {
            let store = Store::open_beside(data)?;
            let password = ask_password()?;
            let role = match role {
                Role::Admin => agents::Role::Admin,
                Role::Agent => agents::Role::Agent,
            };
            let account = NewAccount { name, email, role, password };
            let made = runtime.block_on(accounts::create(&store, account, now)).map_err(explain)?;
            store.close_blocking();
            println!("Made the {} {} <{}>.", made.role, made.name, made.email);
        }
        Admin::ResetPassword { email } => {
            let store = Store::open_beside(data)?;
            let password = ask_password()?;
            let reset = accounts::reset_password(&store, &email, password, now);
            let agent = runtime.block_on(reset).map_err(explain)?;
            store.close_blocking();
            println!("{} <{}> has a new password and no session.", agent.name, agent.email);
        }
        Admin::List => {
            let store = Store::open_read_only(data)?;
            for agent in runtime.block_on(accounts::list(&store)).map_err(explain)? {
                let state = if agent.is_active { "active" } else { "disabled" };
                println!("{}\t{}\t{state}\t{}", agent.email, agent.role, agent.name);
            }
            store.close_blocking();
        }
    }
    Ok(())
}

/// Says which field is wrong, where the API would list them beside the message.
fn explain(error: DeskError) -> anyhow::Error {
    match error {
        DeskError::Invalid(details) => {
            let all: Vec<_> =
                details.iter().map(|it| format!("{}: {}", it.field, it.message)).collect();
            anyhow::anyhow!("{}", all.join("; "))
        }
        other => other.into(),
    }
}

fn ask_password() -> Result<Secret> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line).context("standard input")?;
        let password = line.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            bail!("the password is expected as one line on standard input");
        }
        return Ok(Secret::new(password));
    }
    let first = rpassword::prompt_password("Password: ").context("the terminal")?;
    let second = rpassword::prompt_password("The same again: ").context("the terminal")?;
    if first != second {
        bail!("the two passwords differ");
    }
    Ok(Secret::new(first))
}
