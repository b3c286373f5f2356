//! Canned replies: keeping them, filling them in, and what happens when one is used.

mod details;
mod using;

use domain::{
    canned_replies::CannedReply,
    events::{Actor, Event},
    ids::{AgentId, CannedReplyId},
    policy::{self, Action, Caller, Denied, Object},
    text,
};
use storage::{Reader, Tx, canned_replies, events};

pub use details::{AskedActions, Change, New};
pub(crate) use using::use_in;
pub use using::{Rendered, render, shown};

use crate::{
    Desk, DeskError, Result,
    idempotency::{self, Claim},
};

/// Shared ones, and own ones of each agent.
const MOST: u64 = 500;

/// The shared ones and the caller's own, by name; with `search`, those that have all its words.
pub async fn list(desk: &Desk, caller: Caller, search: Option<&str>) -> Result<Vec<CannedReply>> {
    policy::authorize(&caller, Action::UseCannedReplies, Object::Any)?;
    let words = text::fold(search.unwrap_or_default());
    desk.store
        .read(move |db| {
            let mut found = canned_replies::list(db, caller.agent())?;
            found.retain(|it| it.matches(&words));
            Ok(found)
        })
        .await
}

pub async fn find(desk: &Desk, caller: Caller, id: CannedReplyId) -> Result<CannedReply> {
    desk.store.read(move |db| load(db, &caller, Action::UseCannedReplies, id)).await
}

/// Makes one.
///
/// # Errors
/// `Invalid` naming unknown variables, a conflict when the shortcut is taken.
pub async fn create(
    desk: &Desk,
    caller: Caller,
    new: New,
    claim: Option<Claim>,
) -> Result<CannedReply> {
    let author = caller.agent().ok_or(Denied::NotSignedIn)?;
    let now = desk.clock.now();
    let made = new.checked(author, now)?;
    desk.store
        .write(move |tx| {
            let load = |tx: &Tx<'_>, id: uuid::Uuid| {
                load(tx, &caller, Action::UseCannedReplies, CannedReplyId(id))
            };
            idempotency::once(tx, claim.as_ref(), now, load, |tx| {
                refuse_more(tx, made.owner)?;
                refuse_conflicts(tx, &made)?;
                canned_replies::insert(tx, &made)?;
                let event = Event::CannedReplyCreated { reply_id: made.id };
                events::append(tx, None, event, Actor::Agent(author), now)?;
                Ok((made.id.0, made))
            })
        })
        .await
}

/// # Errors
/// As [`create`].
pub async fn update(
    desk: &Desk,
    caller: Caller,
    id: CannedReplyId,
    change: Change,
) -> Result<CannedReply> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let before = load(tx, &caller, Action::ChangeCannedReplies, id)?;
            let mut after = before.clone();
            change.apply(&mut after)?;
            if after == before {
                return Ok(before);
            }
            if after.owner != before.owner {
                refuse_more(tx, after.owner)?;
            }
            refuse_conflicts(tx, &after)?;
            after.updated_at = now;
            canned_replies::update(tx, &after)?;
            let fields = details::changed_fields(&before, &after);
            let event = Event::CannedReplyChanged { reply_id: id, fields };
            events::append(tx, None, event, caller.actor(), now)?;
            Ok(after)
        })
        .await
}

/// Removes one; it is answered as it was.
pub async fn delete(desk: &Desk, caller: Caller, id: CannedReplyId) -> Result<CannedReply> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let it = load(tx, &caller, Action::ChangeCannedReplies, id)?;
            canned_replies::delete(tx, id)?;
            let event = Event::CannedReplyDeleted { reply_id: id, name: it.name.clone() };
            events::append(tx, None, event, caller.actor(), now)?;
            Ok(it)
        })
        .await
}

/// The reply, if `caller` may do `action` to it.
pub(crate) fn load(
    db: &Reader<'_>,
    caller: &Caller,
    action: Action,
    id: CannedReplyId,
) -> Result<CannedReply> {
    const MISSING: DeskError = DeskError::NotFound("canned reply");
    let it = canned_replies::find(db, id)?.ok_or(MISSING)?;
    let object = Object::CannedReply { owner: it.owner, author: it.created_by };
    match policy::authorize(caller, action, object) {
        Ok(()) => Ok(it),
        Err(Denied::NotFound) => Err(MISSING),
        Err(other) => Err(other.into()),
    }
}

fn refuse_more(tx: &Tx<'_>, owner: Option<AgentId>) -> Result<()> {
    if canned_replies::count(tx, owner)? < MOST {
        return Ok(());
    }
    let whose = if owner.is_some() { "of your own" } else { "shared" };
    let message = format!("there are {MOST} canned replies {whose}; delete one first");
    Err(DeskError::conflict(message))
}

/// The shortcut is free, and the actions name an agent there is.
fn refuse_conflicts(tx: &Tx<'_>, it: &CannedReply) -> Result<()> {
    if let Some(shortcut) = &it.shortcut
        && let Some(other) = canned_replies::find_by_shortcut(tx, it.owner, shortcut)?
        && other != it.id
    {
        return Err(DeskError::Conflict {
            message: "another canned reply has this shortcut".to_owned(),
            existing_id: Some(other.0),
        });
    }
    details::check_assignee(tx, &it.actions)
}
