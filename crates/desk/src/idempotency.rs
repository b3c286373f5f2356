//! Creating once, however often the same request arrives.

use domain::Timestamp;
use storage::{Tx, idempotency};
use uuid::Uuid;

use crate::{DeskError, Result};

/// A request with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who asks: the agent, or the API key.
    pub actor: Uuid,
    pub key: String,
    /// SHA-256 of what is asked for: method, path and body.
    pub fingerprint: [u8; 32],
}

/// Keys are remembered for 24 hours.
const REMEMBERED_SECONDS: i64 = 24 * 3600;

/// Runs `create`, or `load` with the id of what the same request made before.
///
/// # Errors
/// A conflict when the key was used for another request, and what the two closures return.
pub fn once<T>(
    tx: &Tx<'_>,
    claim: Option<&Claim>,
    now: Timestamp,
    load: impl FnOnce(&Tx<'_>, Uuid) -> Result<T>,
    create: impl FnOnce(&Tx<'_>) -> Result<(Uuid, T)>,
) -> Result<T> {
    let Some(claim) = claim else { return Ok(create(tx)?.1) };
    let since = now.plus_seconds(-REMEMBERED_SECONDS);
    if let Some(earlier) = idempotency::find(tx, claim.actor, &claim.key, since)? {
        if earlier.fingerprint != claim.fingerprint {
            let message = "this Idempotency-Key was used for another request; choose a new one";
            return Err(DeskError::conflict(message));
        }
        return load(tx, earlier.object_id);
    }
    let (object_id, it) = create(tx)?;
    let made = idempotency::Earlier { fingerprint: claim.fingerprint, object_id };
    idempotency::record(tx, claim.actor, &claim.key, &made, now)?;
    idempotency::delete_older(tx, since)?;
    Ok(it)
}
