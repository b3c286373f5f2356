//! 25 conversations of one status, the most recently active first.

use std::{cell::RefCell, collections::HashMap};

use actix_web::{HttpResponse, web};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::value::RawValue;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use uuid::Uuid;

use crate::Database;

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

#[derive(serde::Deserialize)]
pub struct Wanted {
    status: String,
}

/// The query runs on the worker itself.
pub async fn on_worker(database: web::Data<Database>, wanted: web::Query<Wanted>) -> HttpResponse {
    HttpResponse::Ok().json(read(&database, &wanted.status))
}

/// The query runs in actix's pool of blocking threads.
pub async fn in_pool(database: web::Data<Database>, wanted: web::Query<Wanted>) -> HttpResponse {
    let page = web::block(move || read(&database, &wanted.status)).await.expect("it runs");
    HttpResponse::Ok().json(page)
}

fn read(database: &Database, status: &str) -> Page {
    READER.with_borrow_mut(|it| page(it.get_or_insert_with(|| database.reader()), status))
}

#[derive(Serialize)]
struct Page {
    data: Vec<Row>,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Pagination {
    page: u32,
    per_page: u32,
    total: i64,
    has_more: bool,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Row {
    id: Uuid,
    number: i64,
    subject: Option<String>,
    status: String,
    snoozed_until: Option<String>,
    spam: bool,
    channel_id: Uuid,
    channel_type: String,
    channel: Channel,
    contact_id: Uuid,
    contact: Contact,
    assigned_agent_id: Option<Uuid>,
    assigned_agent: Option<Agent>,
    tags: Vec<String>,
    priority: String,
    unread_count: u32,
    notes: Option<String>,
    attributes: Box<RawValue>,
    last_message: Option<Last>,
    waiting_since: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    resolved_at: Option<String>,
}

#[derive(Serialize)]
struct Channel {
    id: Uuid,
    name: String,
    r#type: String,
}

#[derive(Serialize)]
struct Contact {
    id: Uuid,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

#[derive(Serialize)]
struct Agent {
    id: Uuid,
    name: String,
}

#[derive(Serialize)]
struct Last {
    text: Option<String>,
    direction: Option<String>,
    created_at: Option<String>,
}

const MILLIS: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

fn instant(millis: Option<i64>) -> Option<String> {
    let nanos = i128::from(millis?) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?.format(MILLIS).ok()
}

fn page(db: &Connection, status: &str) -> Page {
    let mut stmt = db
        .prepare_cached(
            "SELECT c.*, contacts.name AS contact_name, contacts.email AS contact_email,
                    contacts.phone AS contact_phone, channels.name AS channel_name,
                    agents.name AS assignee_name
             FROM conversations AS c
             JOIN contacts ON contacts.id = c.contact_id
             JOIN channels ON channels.id = c.channel_id
             LEFT JOIN agents ON agents.id = c.assignee_id
             WHERE c.spam = 0 AND c.status = ?1 ORDER BY c.active_at DESC, c.number DESC LIMIT 26",
        )
        .expect("the query is right");
    let rows = stmt.query_map([status], |row| {
        let channel_id: Uuid = row.get("channel_id")?;
        let channel_type: String = row.get("channel_type")?;
        let contact_id: Uuid = row.get("contact_id")?;
        let assignee: Option<Uuid> = row.get("assignee_id")?;
        let assignee_name: Option<String> = row.get("assignee_name")?;
        let attributes: String = row.get("attributes")?;
        Ok(Row {
            id: row.get("id")?,
            number: row.get("number")?,
            subject: row.get("subject")?,
            status: row.get("status")?,
            snoozed_until: instant(row.get("snoozed_until")?),
            spam: row.get("spam")?,
            channel: Channel {
                id: channel_id,
                name: row.get("channel_name")?,
                r#type: channel_type.clone(),
            },
            channel_id,
            channel_type,
            contact: Contact {
                id: contact_id,
                name: row.get("contact_name")?,
                email: row.get("contact_email")?,
                phone: row.get("contact_phone")?,
            },
            contact_id,
            assigned_agent: assignee.zip(assignee_name).map(|(id, name)| Agent { id, name }),
            assigned_agent_id: assignee,
            tags: Vec::new(),
            priority: row.get("priority")?,
            unread_count: row.get("unread_count")?,
            notes: row.get("notes")?,
            attributes: RawValue::from_string(attributes).expect("it is JSON"),
            last_message: Some(Last {
                text: row.get("last_message_text")?,
                direction: row.get("last_message_direction")?,
                created_at: instant(row.get("last_message_at")?),
            }),
            waiting_since: instant(row.get("waiting_since")?),
            created_at: instant(row.get("created_at")?),
            updated_at: instant(row.get("updated_at")?),
            resolved_at: instant(row.get("resolved_at")?),
        })
    });
    let mut data: Vec<Row> =
        rows.expect("the query runs").collect::<Result<_, _>>().expect("the rows are right");
    let has_more = data.len() > 25;
    data.truncate(25);
    add_tags(db, &mut data);
    let mut stmt = db
        .prepare_cached("SELECT SUM(n) FROM conversation_counts WHERE spam = 0 AND status = ?1")
        .expect("the query is right");
    let total = stmt.query_row([status], |row| row.get::<_, Option<i64>>(0)).expect("it runs");
    let next_cursor = data.last().filter(|_| has_more).map(|it| it.number.to_string());
    let pagination =
        Pagination { page: 1, per_page: 25, total: total.unwrap_or(0), has_more, next_cursor };
    Page { data, pagination }
}

fn add_tags(db: &Connection, rows: &mut [Row]) {
    if rows.is_empty() {
        return;
    }
    let sql = format!(
        "SELECT conversation_number, tags.name FROM conversation_tags
         JOIN tags ON tags.seq = tag_seq WHERE conversation_number IN ({})",
        vec!["?"; rows.len()].join(",")
    );
    let mut stmt = db.prepare_cached(&sql).expect("the query is right");
    let numbers = rusqlite::params_from_iter(rows.iter().map(|it| it.number));
    let found = stmt.query_map(numbers, |row| Ok((row.get(0)?, row.get(1)?)));
    let mut tags: HashMap<i64, Vec<String>> = HashMap::new();
    for it in found.expect("the query runs") {
        let (number, tag): (i64, String) = it.expect("the rows are right");
        tags.entry(number).or_default().push(tag);
    }
    for row in rows {
        row.tags = tags.remove(&row.number).unwrap_or_default();
    }
}
