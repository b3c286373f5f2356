//! The ledger: every mail a server has shown us, and what became of it.

use connectors::email::people::Person;
use domain::{
    Timestamp,
    events::{Actor, Event},
    ids::{ChannelId, InboundId},
    jobs::JobKind,
    mails::{Fate, Inbound},
};
use serde_json::json;
use storage::{
    FileHash, StoreError, Tx, attachments, events,
    inbound::{self, Put},
    jobs,
};

use crate::{Desk, DeskError, Result, audit, channels::existing};

/// A raw mail on its way into the ledger.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub channel: ChannelId,
    /// Where it was seen: folder, UIDVALIDITY and UID.
    pub source_key: String,
    /// Bytes.
    pub size: u64,
    pub received_at: Timestamp,
    pub backfill: bool,
    pub content: Content,
}

#[derive(Debug, Clone)]
pub enum Content {
    /// Its bytes are on disk, fsynced.
    Stored { file: FileHash, content_key: String, people: Vec<Person> },
    /// It stayed on the server, for this reason.
    Left { reason: String },
}

/// Writes an arrival into the ledger with the job that will process it. Only after the commit may
/// anybody be told that we have it.
pub fn take_in(tx: &Tx<'_>, it: &Arrival, now: Timestamp) -> Result<Put> {
    let (file, content_key, people, reason) = match &it.content {
        Content::Stored { file, content_key, people } => {
            (Some(file.to_string()), content_key.clone(), people.as_slice(), None)
        }
        // Nothing is known of its content, so it is like no other.
        Content::Left { reason } => (None, it.source_key.clone(), &[][..], Some(reason.clone())),
    };
    if let Some(file) = &file {
        attachments::refer_to_file(tx, file, it.size, now)?;
    }
    if let (Content::Stored { .. }, Some(left)) =
        (&it.content, inbound::left(tx, it.channel, &it.source_key)?)
    {
        let put = fetched_at_last(tx, left, it, &content_key, now)?;
        name_people(tx, left, people)?;
        return Ok(put);
    }
    let row = Inbound {
        id: InboundId::new(),
        channel_id: it.channel,
        source_key: it.source_key.clone(),
        content_key,
        file_hash: file,
        size: it.size,
        received_at: it.received_at,
        from_address: None,
        subject: None,
        backfill: it.backfill,
        fate: if reason.is_some() { Fate::Quarantined } else { Fate::Pending },
        reason,
        message_id: None,
        conversation_id: None,
        attempts: 0,
        settled_at: None,
    };
    let put = inbound::put(tx, &row)?;
    match put {
        Put::Pending(id) | Put::Duplicate(id) => name_people(tx, id, people)?,
        // What the row in the ledger refers to may be gone: its writer was erased.
        Put::Known => {
            row.file_hash.iter().try_for_each(|it| attachments::release_file(tx, it, now))?;
        }
    }
    if let (Put::Pending(id), Fate::Pending) = (put, row.fate) {
        queue(tx, it.channel, id, now)?;
    }
    Ok(put)
}

/// Notes whom a mail names, so that it is found when one of them is to be forgotten.
fn name_people(tx: &Tx<'_>, id: InboundId, people: &[Person]) -> Result<()> {
    for it in people {
        inbound::people::name(tx, id, it.address.as_str(), it.wrote)?;
    }
    Ok(())
}

/// A mail that was once too large is fetched after all.
fn fetched_at_last(
    tx: &Tx<'_>,
    id: InboundId,
    it: &Arrival,
    content_key: &str,
    now: Timestamp,
) -> Result<Put> {
    let Content::Stored { file, .. } = &it.content else { return Ok(Put::Known) };
    if !inbound::fetched(tx, id, &file.to_string(), content_key)? {
        return Ok(Put::Duplicate(id));
    }
    queue(tx, it.channel, id, now)?;
    Ok(Put::Pending(id))
}

/// Mails of one channel are processed in the order they came, and wait for no other channel.
fn queue(tx: &Tx<'_>, channel: ChannelId, id: InboundId, now: Timestamp) -> Result<()> {
    let job = jobs::NewJob {
        kind: JobKind::ProcessInbound,
        subject: id.0,
        payload: json!({}),
        lane: format!("receive {channel}"),
        run_at: now,
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// Which rows of a ledger: before a row, or so many after the newest.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub before: Option<i64>,
    pub skip: usize,
    pub limit: usize,
}

#[derive(Debug, Clone)]
pub struct Found {
    /// Newest first.
    pub rows: Vec<Inbound>,
    /// [`Page::before`] of the next page.
    pub next: Option<i64>,
    /// None beyond 10,000.
    pub total: Option<u64>,
}

/// A page of a channel's ledger.
pub async fn list(
    desk: &Desk,
    channel: ChannelId,
    fate: Option<Fate>,
    page: Page,
) -> Result<Found> {
    desk.store
        .read(move |db| {
            existing(db, channel)?;
            let limit = u32::try_from(page.skip + page.limit + 1).unwrap_or(u32::MAX);
            let mut rows = inbound::page(db, channel, fate, page.before, limit)?;
            let more = rows.len() > page.skip + page.limit;
            rows.truncate(page.skip + page.limit);
            let next = rows.last().filter(|_| more).map(|(seq, _)| *seq);
            let rows = rows.into_iter().skip(page.skip).map(|(_, it)| it).collect();
            Ok(Found { rows, next, total: inbound::count(db, channel, fate)? })
        })
        .await
}

pub async fn find(desk: &Desk, channel: ChannelId, id: InboundId) -> Result<Inbound> {
    desk.store.read(move |db| of_channel(inbound::find(db, id)?, channel)).await
}

fn of_channel(found: Option<Inbound>, channel: ChannelId) -> Result<Inbound> {
    found.filter(|it| it.channel_id == channel).ok_or(DeskError::NotFound("mail"))
}

/// The bytes as they came.
///
/// # Errors
/// Not found also for a mail that was never fetched.
pub async fn raw(desk: &Desk, channel: ChannelId, id: InboundId, by: Actor) -> Result<Vec<u8>> {
    let row = find(desk, channel, id).await?;
    let hash = row.file_hash.as_deref().and_then(|it| it.parse::<FileHash>().ok());
    let hash = hash.ok_or(DeskError::NotFound("raw mail"))?;
    let files = desk.store.files().clone();
    let read = tokio::task::spawn_blocking(move || files.read(hash)).await;
    match read {
        Ok(Ok(bytes)) => {
            audit::record(desk, Event::MailRead { mail_id: id }, by).await?;
            Ok(bytes)
        }
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(DeskError::NotFound("raw mail"))
        }
        Ok(Err(error)) => Err(StoreError::from(error).into()),
        Err(_) => Err(DeskError::Internal("reading a raw mail failed".to_owned())),
    }
}

/// Has a mail that was set aside or ignored processed again.
///
/// # Errors
/// A conflict for one that needs or allows no second try.
pub async fn replay(desk: &Desk, channel: ChannelId, id: InboundId, by: Actor) -> Result<Inbound> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let row = of_channel(inbound::find(tx, id)?, channel)?;
            let refused = match row.fate {
                Fate::Message => Some("this mail is a message already"),
                Fate::Duplicate => Some("this mail is a copy of another one in the ledger"),
                Fate::Pending => Some("this mail is being processed"),
                Fate::Ignored | Fate::Quarantined if row.file_hash.is_none() => Some(
                    "this mail was not fetched; raise the channel's max_mail_bytes and backfill \
                     the day it came",
                ),
                Fate::Ignored | Fate::Quarantined => None,
            };
            if let Some(message) = refused {
                return Err(DeskError::conflict(message));
            }
            inbound::reopen(tx, id)?;
            queue(tx, channel, id, now)?;
            events::append(tx, None, Event::MailReplayed { mail_id: id }, by, now)?;
            of_channel(inbound::find(tx, id)?, channel)
        })
        .await
}
