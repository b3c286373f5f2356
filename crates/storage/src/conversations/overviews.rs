//! Conversations with the names and tags that a list row shows.

use std::collections::HashMap;

use domain::{contacts::ContactSummary, conversations::Overview, ids::ConversationId};
use rusqlite::{OptionalExtension, Row, ToSql, params_from_iter};

use super::from_columns;
use crate::{
    Reader, Result,
    row::{self, InOrder},
};

const SELECT: &str = concat!(
    "SELECT ",
    columns!(),
    ", contacts.name, contacts.email, contacts.phone, channels.name, agents.name
    FROM conversations
    JOIN contacts ON contacts.id = conversations.contact_id AND contacts.erased_at IS NULL
    JOIN channels ON channels.id = conversations.channel_id
    LEFT JOIN agents ON agents.id = conversations.assignee_id"
);

/// None also when its contact is being erased.
pub fn find(db: &Reader<'_>, id: ConversationId) -> Result<Option<Overview>> {
    let sql = format!("{SELECT} WHERE conversations.id = ?1");
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let Some(mut it) = stmt.query_row([id.0], from_row).optional()? else {
        return Ok(None);
    };
    let number = it.conversation.number;
    it.tags = tags_of(db, &[number])?.remove(&number).unwrap_or_default();
    Ok(Some(it))
}

/// In the order of `numbers`; those of contacts being erased are left out.
pub fn find_all(db: &Reader<'_>, numbers: &[i64]) -> Result<Vec<Overview>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{SELECT} WHERE conversations.number IN ({})", row::placeholders(numbers));
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let rows = stmt.query_map(params_from_iter(row::padded(numbers)), from_row)?;
    let mut found = HashMap::with_capacity(numbers.len());
    for it in rows {
        let it = it?;
        found.insert(it.conversation.number, it);
    }
    let mut tags = tags_of(db, numbers)?;
    let in_order = numbers.iter().filter_map(|number| {
        let mut it = found.remove(number)?;
        it.tags = tags.remove(number).unwrap_or_default();
        Some(it)
    });
    Ok(in_order.collect())
}

fn tags_of(db: &Reader<'_>, numbers: &[i64]) -> Result<HashMap<i64, Vec<String>>> {
    let sql = format!(
        "SELECT conversation_number, tags.name FROM conversation_tags
         JOIN tags ON tags.seq = conversation_tags.tag_seq
         WHERE conversation_number IN ({}) AND tags.name <> ''
         ORDER BY conversation_number, tag_seq",
        row::placeholders(numbers)
    );
    let mut stmt = db.sql().prepare_cached(&sql)?;
    let ids = row::padded(numbers);
    let mut rows = stmt.query(params_from_iter(ids.map(|it| -> &dyn ToSql { it })))?;
    let mut tags: HashMap<i64, Vec<String>> = HashMap::new();
    while let Some(row) = rows.next()? {
        tags.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(tags)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Overview> {
    let mut row = InOrder::new(row);
    let conversation = from_columns(&mut row)?;
    Ok(Overview {
        contact: ContactSummary {
            id: conversation.contact_id,
            name: row.get()?,
            email: row.get()?,
            phone: row.get()?,
        },
        conversation,
        channel_name: row.get()?,
        assignee_name: row.get()?,
        tags: Vec::new(),
    })
}
