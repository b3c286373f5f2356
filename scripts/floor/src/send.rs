//! Storing a reply durably: one writer that commits what waits together, as Deskbell's does.

use std::sync::mpsc::{Receiver, Sender, channel};

use actix_web::{HttpResponse, web};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use uuid::Uuid;

#[derive(Deserialize)]
pub struct Reply {
    text: String,
}

#[derive(Serialize)]
struct Stored {
    id: Uuid,
    seq: i64,
    text: String,
}

struct Order {
    number: i64,
    text: String,
    done: oneshot::Sender<Stored>,
}

pub struct Writer(Sender<Order>);

impl Writer {
    pub fn start(database: &str) -> Self {
        let db = Connection::open(database).expect("the database opens");
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000;",
        )
        .expect("pragmas are known");
        db.set_prepared_statement_cache_capacity(64);
        let (sender, receiver) = channel();
        std::thread::spawn(move || run(&db, &receiver));
        Self(sender)
    }
}

pub async fn message(
    number: web::Path<i64>,
    reply: web::Json<Reply>,
    writer: web::Data<Writer>,
) -> HttpResponse {
    let (done, stored) = oneshot::channel();
    let order = Order { number: *number, text: reply.into_inner().text, done };
    writer.0.send(order).expect("the writer runs");
    HttpResponse::Created().json(stored.await.expect("the writer answers"))
}

/// Takes everything that waits, commits once, then answers all.
fn run(db: &Connection, orders: &Receiver<Order>) {
    while let Ok(first) = orders.recv() {
        let mut batch = vec![first];
        batch.extend(orders.try_iter().take(255));
        db.prepare_cached("BEGIN IMMEDIATE").expect("it is SQL").execute([]).expect("it begins");
        let stored: Vec<Stored> = batch.iter().map(|it| store(db, it)).collect();
        db.prepare_cached("COMMIT").expect("it is SQL").execute([]).expect("it commits");
        for (order, stored) in batch.into_iter().zip(stored) {
            let _ = order.done.send(stored);
        }
    }
}

fn store(db: &Connection, order: &Order) -> Stored {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        db.prepare_cached(sql).expect("the SQL is right").execute(values).expect("it runs")
    };
    let id = Uuid::now_v7();
    let now = i64::try_from(id.get_timestamp().map_or(0, |it| it.to_unix().0)).unwrap_or(0) * 1000;
    let (channel, spam, status, assignee, unread): (Uuid, bool, String, Option<Uuid>, bool) = db
        .prepare_cached(
            "SELECT channel_id, spam, status, assignee_id, unread_count > 0 FROM conversations
             WHERE number = ?1",
        )
        .expect("the SQL is right")
        .query_row([order.number], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .expect("the conversation is there");
    run(
        "INSERT INTO messages (id, conversation_number, direction, type, sender_type, sender_id,
             text, status, send_at, created_at)
         VALUES (?1, ?2, 'outbound', 'text', 'agent', ?3, ?4, 'queued', ?5, ?5)",
        params![id, order.number, assignee, order.text, now],
    );
    let seq = db.last_insert_rowid();
    run(
        "INSERT INTO message_mails (message_seq, message_id, message_key, subject, from_address)
         VALUES (?1, ?2, ?1, 'Re: hello', 'support@northwind.example')",
        params![seq, id.to_string()],
    );
    run(
        "INSERT INTO messages_fts (rowid, text, attachments) VALUES (?1, ?2, '')",
        params![seq, order.text],
    );
    run(
        "UPDATE conversations SET message_count = message_count + 1, last_message_seq = ?2,
             last_message_text = ?3, last_message_direction = 'outbound', last_message_at = ?4,
             active_at = ?4, waiting_since = NULL, updated_at = ?4 WHERE number = ?1",
        params![order.number, seq, order.text, now],
    );
    run(
        "UPDATE conversation_tags SET active_at = ?2 WHERE conversation_number = ?1",
        params![order.number, now],
    );
    let assignee_key: &[u8] = assignee.as_ref().map_or(&[], |it| it.as_bytes());
    for change in [-1, 1] {
        run(
            "INSERT INTO conversation_counts (spam, status, channel_id, assignee_id, unread, n)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (spam, status, channel_id, assignee_id, unread) DO UPDATE SET n = n + ?6",
            params![spam, status, channel, assignee_key, unread, change],
        );
    }
    run(
        "INSERT INTO events (kind, conversation_number, actor_type, payload, created_at)
         VALUES ('message_queued', ?1, 'agent', '{}', ?2)",
        params![order.number, now],
    );
    run(
        "INSERT INTO jobs (id, kind, subject_id, lane, state, run_at, created_at)
         VALUES (?1, 'send_message', ?1, 'bench', 'ready', 4102444800000, ?2)",
        params![id, now],
    );
    Stored { id, seq, text: order.text.clone() }
}
