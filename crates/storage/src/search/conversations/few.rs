//! Matches among the few conversations that a filter leaves.

use std::cmp::Reverse;

use super::{Hit, Hits, OfContacts, Place, Start, newest_message, subject};
use crate::{Reader, Result, conversations::list::wanted::Wanted, search::query::Query};

/// Asking each of more conversations would take longer than going through the matches.
pub(super) const MOST: usize = 200;
const MOST_MESSAGES: u64 = 1_000;

/// Whether the conversations have so few messages that each can be asked for.
pub(super) fn is_quick(db: &Reader<'_>, numbers: &[i64]) -> Result<bool> {
    let mut stmt =
        db.sql().prepare_cached("SELECT message_count FROM conversations WHERE number = ?1")?;
    let mut messages: u64 = 0;
    for number in numbers {
        messages += stmt.query_row([number], |row| row.get::<_, u64>(0))?;
        if messages > MOST_MESSAGES {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn hits(
    db: &Reader<'_>,
    query: &Query,
    wanted: &Wanted,
    numbers: &[i64],
    offset: usize,
    limit: usize,
) -> Result<Hits> {
    let of_contacts = OfContacts::read(db, query)?;
    let mut hits = Vec::new();
    for number in numbers {
        let (number, mut found) = (*number, newest_message(db, query, wanted, *number, 0)?);
        let others = [
            (Place::Subject, subject(db, query, number)?),
            (Place::Contact, of_contacts.at(number)),
        ];
        for (place, at) in others {
            if let Some(at) = at
                && wanted.time_matches(at)
                && found.is_none_or(|it| at > it.at)
            {
                found = Some(Hit { number, place, at });
            }
        }
        hits.extend(found);
    }
    hits.sort_by_key(|it| Reverse((it.at, it.number)));
    let total = hits.len();
    let hits: Vec<Hit> = hits.into_iter().skip(offset).take(limit).collect();
    let end = offset + hits.len();
    let next = (end < total).then_some(Start::Offset(end));
    Ok(Hits { hits, next, total: Some(total as u64) })
}
