//! Pages of contacts, the newest first.

use domain::{contacts::Contact, text};
use rusqlite::params;

use super::{complete, from_row};
use crate::{
    Reader, Result,
    search::{people, query::Query},
};

/// Beyond this many matches the total is not told.
const COUNT_LIMIT: u64 = 10_000;

#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Some(None) is a search with nothing to look for: it finds nothing.
    pub search: Option<Option<Query>>,
    /// A tag's name in any case.
    pub tag: Option<String>,
    pub blocked: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Offset(u64),
    /// After the contact with this place.
    After(i64),
    /// The time was up before the page that was asked for began: so many matches are still to be
    /// passed over.
    Skip {
        after: i64,
        rows: u64,
    },
}

#[derive(Debug)]
pub struct Listed {
    pub rows: Vec<Contact>,
    pub has_more: bool,
    pub next: Option<Start>,
    /// None where there are more than 10,000, or counting took too long.
    pub total: Option<u64>,
}

pub fn page(db: &Reader<'_>, filter: &Filter, start: Start, limit: usize) -> Result<Listed> {
    let mut listed = Listed { rows: Vec::new(), has_more: false, next: None, total: None };
    let expression = match &filter.search {
        Some(None) => return Ok(Listed { total: Some(0), ..listed }),
        Some(Some(query)) => people::contact_expression(db, query)?,
        None => String::new(),
    };
    let source = source(filter);
    let (before, mut skip, may_count) = match start {
        Start::Offset(offset) => (i64::MAX, offset, true),
        Start::After(seq) => (seq, 0, false),
        Start::Skip { after, rows } => (after, rows, false),
    };
    let mut seen = None;
    let tag = filter.tag.as_deref().map(|it| text::fold(it.trim()));
    let mut stmt = db.sql().prepare_cached(&source)?;
    let mut rows = stmt.query(params![before, expression, tag])?;
    let mut matched: u64 = 0;
    while let Some(row) = rows.next()? {
        if filter.blocked.is_none_or(|want| row.get("blocked") == Ok(want)) {
            matched += 1;
            if skip > 0 {
                skip -= 1;
                seen = Some(row.get("seq")?);
            } else if listed.rows.len() < limit {
                seen = Some(row.get("seq")?);
                let (seq, it) = from_row(row)?;
                listed.rows.push(complete(db, seq, it)?);
            } else {
                listed.has_more = true;
            }
        } else if listed.rows.len() < limit {
            seen = Some(row.get("seq")?);
        }
        if listed.has_more && (!may_count || matched > COUNT_LIMIT) {
            break;
        }
        if db.out_of_time() {
            break;
        }
    }
    // Read to the end, unless one of the two limits stopped it.
    let at_the_end = rows.next()?.is_none();
    if may_count && matched <= COUNT_LIMIT && at_the_end {
        listed.total = Some(matched);
    }
    listed.has_more |= !at_the_end;
    if listed.has_more {
        listed.next = seen.map(|after| match skip {
            0 => Start::After(after),
            rows => Start::Skip { after, rows },
        });
    }
    Ok(listed)
}

/// ?1 is the place to go on from, ?2 the search, ?3 the tag.
fn source(filter: &Filter) -> String {
    let mut sql = String::from("SELECT contacts.* FROM ");
    sql += match filter.search {
        Some(_) => {
            "contacts_fts JOIN contacts ON contacts.seq = contacts_fts.rowid
             WHERE contacts_fts MATCH ?2 AND contacts_fts.rowid < ?1"
        }
        None => "contacts WHERE contacts.seq < ?1 AND ?2 = ''",
    };
    sql += " AND contacts.erased_at IS NULL";
    sql += match filter.tag {
        Some(_) => {
            " AND EXISTS (SELECT 1 FROM contact_tags JOIN tags ON tags.seq = tag_seq
             WHERE contact_seq = contacts.seq AND name_key = ?3)"
        }
        None => " AND ?3 IS NULL",
    };
    sql += match filter.search {
        Some(_) => " ORDER BY contacts_fts.rowid DESC",
        None => " ORDER BY contacts.seq DESC",
    };
    sql
}
