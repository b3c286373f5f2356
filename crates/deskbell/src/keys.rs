//! `deskbell keys`: the master key.

use std::path::Path;

use anyhow::{Result, bail};
use desk::{Clock, Keys, backups, keys::rotation};
use storage::Store;

use crate::cli;

pub fn run(data: &Path, command: &cli::Keys) -> Result<()> {
    match command {
        cli::Keys::Rotate => rotate(data),
    }
}

fn rotate(data: &Path) -> Result<()> {
    if !data.join("deskbell.db").exists() {
        bail!("there is no Deskbell data in {}", data.display());
    }
    refuse_half_a_restore(data)?;
    let store = Store::open(storage::Options::new(data))?;
    let result = rotation::rotate(&store, data, Clock::system().now());
    store.close_blocking();
    let rotated = result?;
    println!(
        "The master key {} took the place of {}; {} passwords and keys were sealed with it.",
        rotated.after, rotated.before, rotated.secrets
    );
    if !rotated.webhooks.is_empty() {
        println!(
            "The receivers of these rules' webhooks need the new secret, which each rule shows: {}",
            rotated.webhooks.join(", ")
        );
    }
    println!("Write a backup now: older ones hold the old key.");
    Ok(())
}

/// The key that everything in the database is sealed with.
pub fn open(store: &Store, data: &Path) -> Result<Keys> {
    let folder = data.join("keys");
    rotation::settle(store, &folder)?;
    let keys = Keys::open(&folder, store.read_blocking(storage::secrets::any)?)?;
    let id = keys.id().to_owned();
    if store.read_blocking(move |db| storage::secrets::sealed_otherwise(db, &id))? {
        bail!(
            "the key in {} is not the one the mailboxes' passwords were sealed with: put the keys \
             of this database back, e.g. from its backup",
            folder.display()
        );
    }
    Ok(keys)
}

/// Its keys may be of one time and its database of another.
pub fn refuse_half_a_restore(data: &Path) -> Result<()> {
    if backups::is_interrupted(data) {
        bail!("a restore into {} was cut off: empty the folder and restore again", data.display());
    }
    Ok(())
}
