//! Passwords, tokens and keys of others' servers: sealed on the way in, opened only to connect.

use domain::Timestamp;
use storage::{
    Reader, Tx,
    secrets::{self as stored, Sealed},
};
use uuid::Uuid;

use crate::{DeskError, Keys, Result, keys, options::Secret};

/// A secret to set, or to remove.
#[derive(Debug, Clone)]
pub struct Change {
    /// For a channel, one of [`domain::mails::SECRETS`].
    pub name: &'static str,
    pub to: Option<Secret>,
}

pub(crate) fn apply(
    tx: &Tx<'_>,
    keys: &Keys,
    owner: Uuid,
    changes: &[Change],
    now: Timestamp,
) -> Result<()> {
    for Change { name, to } in changes {
        let Some(secret) = to else {
            stored::delete(tx, owner, name)?;
            continue;
        };
        let sealed = keys.seal(owner, name, secret.reveal().as_bytes());
        stored::put(tx, owner, name, &stored_of(sealed), now)?;
    }
    Ok(())
}

/// The secret in the clear; none where none is set.
pub fn open(db: &Reader<'_>, keys: &Keys, owner: Uuid, name: &str) -> Result<Option<Secret>> {
    let Some(found) = stored::find(db, owner, name)? else { return Ok(None) };
    let broken = || DeskError::Internal(format!("the secret {name} of {owner} is damaged"));
    let sealed = sealed_of(found).ok_or_else(broken)?;
    let plain = keys.open_sealed(owner, name, &sealed).map_err(|_| broken())?;
    String::from_utf8(plain).map(|it| Some(Secret::new(it))).map_err(|_| broken())
}

pub(crate) fn stored_of(it: keys::Sealed) -> Sealed {
    Sealed { key_id: it.key_id, nonce: it.nonce.to_vec(), ciphertext: it.ciphertext }
}

/// None where the row is damaged.
pub(crate) fn sealed_of(it: Sealed) -> Option<keys::Sealed> {
    let nonce = it.nonce.try_into().ok()?;
    Some(keys::Sealed { key_id: it.key_id, nonce, ciphertext: it.ciphertext })
}
