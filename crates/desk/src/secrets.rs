//! Passwords, tokens and keys of others' servers: sealed on the way in, opened only to connect.

use domain::Timestamp;
use storage::{
    Reader, Tx,
    channels::{self, Sealed},
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
            channels::delete_secret(tx, owner, name)?;
            continue;
        };
        let sealed = keys.seal(owner, name, secret.reveal().as_bytes());
        let stored = Sealed {
            key_id: sealed.key_id,
            nonce: sealed.nonce.to_vec(),
            ciphertext: sealed.ciphertext,
        };
        channels::put_secret(tx, owner, name, &stored, now)?;
    }
    Ok(())
}

/// The secret in the clear; none where none is set.
pub fn open(db: &Reader<'_>, keys: &Keys, owner: Uuid, name: &str) -> Result<Option<Secret>> {
    let Some(stored) = channels::secret(db, owner, name)? else { return Ok(None) };
    let broken = || DeskError::Internal(format!("the secret {name} of {owner} is damaged"));
    let sealed = keys::Sealed {
        key_id: stored.key_id,
        nonce: stored.nonce.try_into().map_err(|_| broken())?,
        ciphertext: stored.ciphertext,
    };
    let plain = keys.open_sealed(owner, name, &sealed).map_err(|_| broken())?;
    String::from_utf8(plain).map(|it| Some(Secret::new(it))).map_err(|_| broken())
}
