//! Fills one page from a stream of places.

use super::super::{Cursor, Start};
use crate::{Reader, Result};

/// Beyond this many matches a total that is not kept is not told.
const COUNT_LIMIT: u64 = 10_000;

pub(in super::super) struct Found {
    pub page: Vec<Cursor>,
    pub has_more: bool,
    pub next: Option<Start>,
    pub total: Option<u64>,
}

/// Fills a page from places in order, each with whether it matches.
pub(super) fn collect(
    db: &Reader<'_>,
    start: Start,
    limit: usize,
    count: bool,
    mut next: impl FnMut() -> Result<Option<(Cursor, bool)>>,
) -> Result<Found> {
    let (mut skip, may_count) = match start {
        Start::Offset(offset) => (offset, count),
        Start::After(_) => (0, false),
        Start::Skip { rows, .. } => (rows, false),
    };
    let mut seen = None;
    let mut found = Found { page: Vec::new(), has_more: false, next: None, total: None };
    let mut matched: u64 = 0;
    loop {
        let Some((place, matches)) = next()? else {
            found.total = may_count.then_some(matched);
            break;
        };
        if matches {
            matched += 1;
            if skip > 0 {
                skip -= 1;
                seen = Some(place);
            } else if found.page.len() < limit {
                found.page.push(place);
                seen = Some(place);
            } else {
                found.has_more = true;
                if !may_count || matched > COUNT_LIMIT {
                    break;
                }
            }
        } else if found.page.len() < limit {
            seen = Some(place);
        }
        if db.out_of_time() {
            let at_the_end = next()?.is_none();
            found.has_more |= !at_the_end;
            found.total = (at_the_end && may_count).then_some(matched);
            break;
        }
    }
    found.total = found.total.filter(|it| *it <= COUNT_LIMIT);
    if found.has_more {
        found.next = seen.map(|after| match skip {
            0 => Start::After(after),
            rows => Start::Skip { after, rows },
        });
    }
    Ok(found)
}
