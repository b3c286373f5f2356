//! A new master key in place of the old one.
//!
//! The new key lies beside the old one until the transaction is durable that seals everything with
//! it. That transaction also notes the key's name in the database, and the note alone decides which
//! of two keys counts: wherever this is cut off, [`settle`] finishes it or takes it back.

#[cfg(test)]
mod tests;

use std::path::Path;

use domain::{
    Timestamp,
    automations::Action,
    events::{Actor, Event},
};
use storage::{Store, StoreError, Tx, automations, channels, events, failpoints, meta, secrets};
use uuid::Uuid;

use super::{
    KeyError, Keys,
    files::{self, FILE, Material, NEXT},
};
use crate::{
    backups::{self, BackupError},
    secrets::{sealed_of, stored_of},
    system_mail,
};

/// What a rotation has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The names of the keys.
    pub before: String,
    pub after: String,
    /// How many secrets were sealed again.
    pub secrets: u64,
    /// Rules that call a webhook: its receiver checks with a secret that is another now.
    pub webhooks: Vec<String>,
}

/// Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    #[error(
        "nothing was changed, because these secrets cannot be opened with the present key: {}. Set \
         them anew or remove them, then rotate again",
        .0.join("; ")
    )]
    CannotOpen(Vec<String>),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a new master key and seals everything with it. Nobody else may have the store open: a server
/// would go on sealing with the old key.
///
/// # Errors
/// The old key stays in use then.
pub fn rotate(store: &Store, data: &Path, now: Timestamp) -> Result<Rotated, RotationError> {
    // An archive must not get the database of before and the key of after.
    let _turn = backups::take_turn(data)?;
    let folder = data.join(backups::KEYS);
    settle(store, &folder)?;
    let old = Keys::open(&folder, store.read_blocking(secrets::any)?)?;
    let material = old.successor()?;
    let new = Keys::derive(&material);
    material.write_new(&folder.join(NEXT))?;
    failpoints::reach("rotation: key written");
    match store.write_blocking(move |tx| reseal(tx, &old, &new, now)) {
        Ok(rotated) => {
            failpoints::reach("rotation: committed");
            files::replace(&folder.join(NEXT), &folder.join(FILE))?;
            Ok(rotated)
        }
        Err(error) => {
            // The first error is the one to tell; what is left here the next start settles.
            let _ = settle(store, &folder);
            Err(error)
        }
    }
}

/// Ends what a rotation left that was cut off: its key takes the place of the old one if the database
/// is sealed with it, and goes otherwise. To be called before the key is read.
pub fn settle(store: &Store, folder: &Path) -> Result<(), RotationError> {
    let (current, next) = (folder.join(FILE), folder.join(NEXT));
    if !next.try_exists().map_err(|source| KeyError::File { path: next.clone(), source })? {
        return Ok(());
    }
    let sealed_with = store.read_blocking(meta::master_key)?;
    let is_named = |it: &Material| sealed_with.as_deref() == Some(Keys::derive(it).id());
    match Material::read(&next) {
        Ok(Some(it)) if is_named(&it) => files::replace(&next, &current)?,
        // Cut off while it was written, so nothing is sealed with it, unless the present key is
        // not the right one either.
        Err(KeyError::Damaged(path)) if sealed_with.is_some() => match Material::read(&current)? {
            Some(it) if is_named(&it) => files::remove(&next)?,
            _ => return Err(KeyError::Damaged(path).into()),
        },
        Ok(_) | Err(KeyError::Damaged(_)) => files::remove(&next)?,
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn reseal(tx: &Tx<'_>, old: &Keys, new: &Keys, now: Timestamp) -> Result<Rotated, RotationError> {
    let (mut count, mut broken) = (0, Vec::new());
    for (owner, name, stored) in secrets::all(tx)? {
        let plain = sealed_of(stored).and_then(|it| old.open_sealed(owner, &name, &it).ok());
        let Some(plain) = plain.map(zeroize::Zeroizing::new) else {
            broken.push(described(tx, owner, &name)?);
            continue;
        };
        secrets::reseal(tx, owner, &name, &stored_of(new.seal(owner, &name, &plain)))?;
        count += 1;
    }
    if !broken.is_empty() {
        return Err(RotationError::CannotOpen(broken));
    }
    system_mail::reseal(tx, old, new)?;
    meta::set_master_key(tx, new.id())?;
    let (before, after) = (old.id().to_owned(), new.id().to_owned());
    let event = Event::MasterKeyRotated {
        key_before: before.clone(),
        key_after: after.clone(),
        secrets: count,
    };
    events::append(tx, None, event, Actor::System, now)?;
    let calls = |it: &Action| matches!(it, Action::CallWebhook { .. });
    let rules = automations::all(tx)?.into_iter().filter(|it| it.actions.iter().any(calls));
    let webhooks = rules.map(|it| it.name).collect();
    Ok(Rotated { before, after, secrets: count, webhooks })
}

/// How an admin knows the secret.
fn described(tx: &Tx<'_>, owner: Uuid, name: &str) -> Result<String, StoreError> {
    Ok(match channels::name(tx, owner.into())? {
        Some(channel) => format!("{name} of the channel {channel}"),
        None if owner.is_nil() => format!("{name} of the settings"),
        None => format!("{name} of {owner}"),
    })
}
