//! A channel's passwords and tokens: sealed on the way in, opened only to connect.

use domain::{Timestamp, ids::ChannelId};
use storage::{
    Reader, Tx,
    channels::{self, Sealed},
};

use crate::{DeskError, Keys, Result, keys, options::Secret};

/// A secret to set, or to remove.
#[derive(Debug, Clone)]
pub struct Change {
    /// One of [`domain::mails::SECRETS`].
    pub name: &'static str,
    pub to: Option<Secret>,
}

pub(super) fn apply(
    tx: &Tx<'_>,
    keys: &Keys,
    channel: ChannelId,
    changes: &[Change],
    now: Timestamp,
) -> Result<()> {
    for Change { name, to } in changes {
        let Some(secret) = to else {
            channels::delete_secret(tx, channel.0, name)?;
            continue;
        };
        let sealed = keys.seal(channel.0, name, secret.reveal().as_bytes());
        let stored = Sealed {
            key_id: sealed.key_id,
            nonce: sealed.nonce.to_vec(),
            ciphertext: sealed.ciphertext,
        };
        channels::put_secret(tx, channel.0, name, &stored, now)?;
    }
    Ok(())
}

/// The secret in the clear; none where none is set.
pub fn open(
    db: &Reader<'_>,
    keys: &Keys,
    channel: ChannelId,
    name: &str,
) -> Result<Option<Secret>> {
    let Some(stored) = channels::secret(db, channel.0, name)? else { return Ok(None) };
    let broken =
        || DeskError::Internal(format!("the secret {name} of channel {channel} is damaged"));
    let sealed = keys::Sealed {
        key_id: stored.key_id,
        nonce: stored.nonce.try_into().map_err(|_| broken())?,
        ciphertext: stored.ciphertext,
    };
    let plain = keys.open_sealed(channel.0, name, &sealed).map_err(|_| broken())?;
    String::from_utf8(plain).map(|it| Some(Secret::new(it))).map_err(|_| broken())
}
