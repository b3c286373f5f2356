//! The audit trail, for admins: who did what, when, from where and with which key.

use std::collections::HashMap;

use domain::{
    audit::{Entry, ObjectKind},
    events::{Actor, Event},
    ids::ApiKeyId,
};
use storage::{
    Reader, agents, api_keys, articles, audit, automations, canned_replies, channels,
    conversations, events, tags, views,
};
use uuid::Uuid;

pub use storage::{
    audit::{By, Filter, Place},
    sources::{Source, from},
};

use crate::{Desk, Result};

/// Beyond this many the total is not told.
const COUNTED: u32 = 10_000;

/// An entry with the names its ids have, also those of what was removed.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub entry: Entry,
    pub actor_name: Option<String>,
    /// Never a contact's, nor of what is one agent's own.
    pub object_name: Option<String>,
    pub key_name: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub enum Start {
    Offset(u64),
    After(Place),
}

#[derive(Debug)]
pub struct Listed {
    pub rows: Vec<Shown>,
    pub has_more: bool,
    /// None where there are more than 10,000, or the page was asked for by place.
    pub total: Option<u64>,
}

/// A page of the trail, the newest first.
pub async fn list(desk: &Desk, filter: Filter, start: Start, limit: usize) -> Result<Listed> {
    let (after, offset) = match start {
        Start::Offset(offset) => (None, offset),
        Start::After(place) => (Some(place), 0),
    };
    desk.store
        .read(move |db| {
            let (entries, has_more) = audit::page(db, &filter, after, offset, limit)?;
            let total = match start {
                Start::Offset(_) => Some(audit::count(db, &filter, COUNTED + 1)?),
                Start::After(_) => None,
            };
            let mut names = Names::default();
            let rows = entries.into_iter().map(|it| names.show(db, it)).collect::<Result<_>>()?;
            Ok(Listed { rows, has_more, total: total.filter(|it| *it <= COUNTED.into()) })
        })
        .await
}

/// Notes that somebody takes a copy out of the house; call it before the first byte leaves.
pub async fn record(desk: &Desk, event: Event, actor: Actor) -> Result<()> {
    let now = desk.clock.now();
    desk.store.write(move |tx| events::append(tx, None, event, actor, now)).await?;
    Ok(())
}

/// The few things a page speaks of, each looked up once.
#[derive(Default)]
struct Names(HashMap<(ObjectKind, Uuid), Option<String>>);

impl Names {
    fn show(&mut self, db: &Reader<'_>, entry: Entry) -> Result<Shown> {
        let actor = match entry.actor {
            Actor::Agent(id) => Some((ObjectKind::Agent, id.0)),
            Actor::Rule(id) => Some((ObjectKind::Automation, id.0)),
            Actor::Contact(_) | Actor::System => None,
        };
        let object = entry.object.id.map(|it| (entry.object.kind, it));
        let key = entry.key.map(|it| (ObjectKind::ApiKey, it.0));
        let [actor_name, object_name, key_name] =
            [self.find(db, actor)?, self.find(db, object)?, self.find(db, key)?];
        Ok(Shown { entry, actor_name, object_name, key_name })
    }

    fn find(&mut self, db: &Reader<'_>, of: Option<(ObjectKind, Uuid)>) -> Result<Option<String>> {
        let Some(of) = of else { return Ok(None) };
        if let Some(known) = self.0.get(&of) {
            return Ok(known.clone());
        }
        let name = match of.0 {
            ObjectKind::Agent => agents::name(db, of.1.into())?,
            ObjectKind::Channel => channels::name(db, of.1.into())?,
            ObjectKind::ApiKey => api_keys::find(db, ApiKeyId(of.1))?.map(|it| it.name),
            ObjectKind::Automation => automations::name(db, of.1.into())?,
            ObjectKind::Article => articles::find(db, of.1.into())?.map(|it| it.title),
            ObjectKind::CannedReply => canned_replies::find(db, of.1.into())?
                .filter(|it| it.owner.is_none())
                .map(|it| it.name),
            ObjectKind::Tag => tags::find(db, of.1.into())?.map(|it| it.name),
            ObjectKind::View => {
                views::find(db, of.1.into())?.filter(|it| it.shared).map(|it| it.name)
            }
            ObjectKind::Conversation => {
                conversations::find(db, of.1.into())?.map(|it| format!("#{}", it.number))
            }
            ObjectKind::Contact
            | ObjectKind::Import
            | ObjectKind::Mail
            | ObjectKind::Message
            | ObjectKind::Workspace => None,
        };
        self.0.insert(of, name.clone());
        Ok(name)
    }
}
