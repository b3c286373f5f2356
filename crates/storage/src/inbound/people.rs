//! Whom a mail names, until it has become a message: its people are then found by the message.

use domain::ids::InboundId;
use rusqlite::params;

use crate::{Result, Tx};

/// Notes an address of a mail's headers.
pub fn name(tx: &Tx<'_>, id: InboundId, address: &str, wrote: bool) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "INSERT INTO inbound_people (address, inbound_seq, wrote)
         SELECT ?2, seq, ?3 FROM inbound WHERE id = ?1
         ON CONFLICT (address, inbound_seq) DO UPDATE SET wrote = excluded.wrote",
    )?;
    stmt.execute(params![id.0, address, wrote])?;
    Ok(())
}

pub(super) fn forget(tx: &Tx<'_>, id: InboundId) -> Result<()> {
    let mut stmt = tx.sql().prepare_cached(
        "DELETE FROM inbound_people
         WHERE inbound_seq = (SELECT seq FROM inbound WHERE id = ?1)",
    )?;
    stmt.execute([id.0])?;
    Ok(())
}
