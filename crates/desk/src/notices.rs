//! What one agent should hear of: raised in the transaction of what happened, shown live, and sent
//! by mail to who is away.

mod mails;
pub(crate) mod mentions;

use domain::{
    Timestamp,
    agents::{Agent, Role},
    conversations::Conversation,
    events::{Actor, Event},
    ids::{AgentId, NoticeId},
    jobs::JobKind,
    notices::{Notice, NoticeKind},
    policy::{self, Action, Caller, Object},
    text,
};
use serde_json::json;
use storage::{Tx, agents, events, jobs, notices};

pub(crate) use mails::send;
pub use storage::notices::Listed;

use crate::{Desk, DeskError, Result, system_mail};

const LONGEST_TEXT: usize = 500;
/// Somebody whose browser just loads anew is not away.
const MAIL_AFTER_SECONDS: i64 = 60;
/// Totals beyond this are not told.
const COUNTED: u32 = 10_000;

/// Tells an agent of something. Nothing happens where the agent cannot work any more.
pub fn raise(
    tx: &Tx<'_>,
    agent: AgentId,
    kind: NoticeKind,
    text: &str,
    conversation: Option<&Conversation>,
    now: Timestamp,
) -> Result<()> {
    match agents::find(tx, agent)?.filter(Agent::can_work) {
        Some(agent) => put(tx, agent.id, kind, text, conversation, now),
        None => Ok(()),
    }
}

/// Tells every admin of something.
pub fn raise_for_admins(
    tx: &Tx<'_>,
    kind: NoticeKind,
    text: &str,
    conversation: Option<&Conversation>,
    now: Timestamp,
) -> Result<()> {
    for admin in agents::list(tx)? {
        if admin.role == Role::Admin && admin.can_work() {
            put(tx, admin.id, kind, text, conversation, now)?;
        }
    }
    Ok(())
}

fn put(
    tx: &Tx<'_>,
    agent: AgentId,
    kind: NoticeKind,
    text: &str,
    conversation: Option<&Conversation>,
    now: Timestamp,
) -> Result<()> {
    let notice = Notice {
        id: NoticeId::new(),
        agent_id: agent,
        kind,
        text: text::line_lossy(text, LONGEST_TEXT),
        conversation_id: conversation.map(|it| it.id),
        created_at: now,
        read_at: None,
    };
    notices::insert(tx, &notice)?;
    let event = Event::NoticeRaised { notice_id: notice.id, agent_id: agent };
    events::append(tx, conversation, event, Actor::System, now)?;
    let job = jobs::NewJob {
        kind: JobKind::MailNotice,
        subject: notice.id.0,
        payload: json!({}),
        lane: system_mail::LANE.to_owned(),
        run_at: now.plus_seconds(MAIL_AFTER_SECONDS),
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// A page of the caller's own notices, the newest first; and how many there are, up to 10,000.
pub async fn list(
    desk: &Desk,
    caller: Caller,
    unread: bool,
    before: Option<i64>,
    offset: u64,
    limit: usize,
) -> Result<(Listed, Option<u64>)> {
    let me = own(&caller)?;
    desk.store
        .read(move |db| {
            let before = before.unwrap_or(i64::MAX);
            let found = notices::page(db, me, unread, before, offset, limit)?;
            let counted = notices::count(db, me, unread, COUNTED + 1)?;
            Ok((found, Some(counted).filter(|it| *it <= COUNTED.into())))
        })
        .await
}

/// Marks one of the caller's notices as read. Somebody else's is not there.
pub async fn mark_read(desk: &Desk, caller: Caller, id: NoticeId) -> Result<Notice> {
    let me = own(&caller)?;
    let now = desk.clock.now();
    desk.write(move |tx| {
        let notice = notices::find(tx, id)?.filter(|it| it.agent_id == me);
        let mut notice = notice.ok_or(DeskError::NotFound("notice"))?;
        if notice.read_at.is_none() {
            notice.read_at = Some(now);
            notices::mark_read(tx, id, now)?;
            jobs::remove(tx, JobKind::MailNotice, id.0)?;
            let event = Event::NoticesRead { agent_id: me, notice_id: Some(id) };
            events::append(tx, None, event, caller.actor(), now)?;
        }
        Ok(notice)
    })
    .await
}

/// Marks all of the caller's notices as read. Returns how many were not.
pub async fn mark_all_read(desk: &Desk, caller: Caller) -> Result<usize> {
    let me = own(&caller)?;
    let now = desk.clock.now();
    desk.write(move |tx| {
        let marked = notices::mark_all_read(tx, me, now)?;
        if marked > 0 {
            let event = Event::NoticesRead { agent_id: me, notice_id: None };
            events::append(tx, None, event, caller.actor(), now)?;
        }
        Ok(marked)
    })
    .await
}

fn own(caller: &Caller) -> Result<AgentId> {
    policy::authorize(caller, Action::ReadOwnAccount, Object::Any)?;
    Ok(caller.agent().ok_or(policy::Denied::NotSignedIn)?)
}

#[cfg(test)]
mod tests;
