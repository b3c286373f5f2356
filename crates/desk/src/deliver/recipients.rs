//! Recipients a mail has not reached though it reached others: tried again, alone, or given up.

use connectors::email::smtp::{Kind, RecipientFailure};
use domain::{
    Timestamp,
    events::{Actor, Event},
    messages::{DeliveryStatus, Message, Unreached, lines::What},
    text,
};
use storage::{Tx, conversations, events, messages};

use crate::{
    Result,
    conversations::record::{record, tell},
    messages::waiting,
};

const MAX_REASON: usize = 500;
/// Recipients named in a reason.
const NAMED: usize = 10;

/// Those who are to get it now, where others have it already.
pub(super) fn pending(message: &Message) -> Option<Vec<String>> {
    if message.status == Some(DeliveryStatus::Queued) {
        return None;
    }
    let pending = message.unreached().iter().filter(|it| it.pending);
    Some(pending.map(|it| it.address.clone()).collect())
}

/// What the server's answer to one recipient means: tried again if there is a next time.
pub(super) fn judged(it: &RecipientFailure, again: Result<Timestamp, String>) -> Unreached {
    let said = said(it);
    let (pending, reason) = match (it.kind, again) {
        (Kind::Refused, _) => (false, said),
        (_, Ok(_)) => (true, said),
        (_, Err(given_up)) => (false, format!("{given_up}: {said}")),
    };
    Unreached { address: it.address.clone(), reason, pending }
}

/// Writes down who has not got it after an attempt, beside those given up before, and tells the
/// thread of those given up now.
pub(super) fn keep(
    tx: &Tx<'_>,
    message: &Message,
    left: Vec<Unreached>,
    now: Timestamp,
) -> Result<()> {
    let lost: Vec<Unreached> = left.iter().filter(|it| !it.pending).cloned().collect();
    let mut all = message.unreached().to_vec();
    all.retain(|it| !it.pending && left.iter().all(|other| other.address != it.address));
    all.extend(left);
    messages::set_unreached(tx, message.seq, &all)?;
    let status = match message.status {
        Some(status) if status.may_become(DeliveryStatus::Sent) => DeliveryStatus::Sent,
        Some(status) => status,
        None => return Ok(()),
    };
    if status == DeliveryStatus::Failed {
        return Ok(());
    }
    let first = (message.sent_at.is_none()).then_some(now);
    messages::set_delivery(tx, message.seq, status, in_words(&all).as_deref(), first)?;
    let Some(mut conversation) = conversations::find(tx, message.conversation_id)? else {
        return Ok(());
    };
    let message_id = message.id;
    let event = match message.status == Some(status) {
        true => Event::RecipientsChanged { message_id },
        false => Event::DeliveryChanged { message_id, status },
    };
    events::append(tx, Some(&conversation), event, Actor::System, now)?;
    if lost.is_empty() {
        return Ok(());
    }
    let recipients = text::line_lossy(&named(&lost), MAX_REASON);
    let line = tell(tx, &conversation, What::NotSentTo { recipients }, Actor::System, now)?;
    for it in &lost {
        messages::people::name(tx, line, &it.address)?;
    }
    // A copy to a colleague that fails leaves nobody waiting.
    let receivers = message.mail.as_ref().map_or(&[][..], |it| &it.to);
    if !lost.iter().any(|it| receivers.contains(&it.address)) {
        return Ok(());
    }
    let reopened = waiting::failed(tx, &mut conversation, message, true, now)?;
    conversations::update(tx, &conversation)?;
    match reopened {
        Some(event) => record(tx, &conversation, event, Actor::System, now),
        None => Ok(()),
    }
}

/// `not sent to ann@x.example: 550 …; tried again for eve@x.example: 450 …`.
fn in_words(all: &[Unreached]) -> Option<String> {
    let some = |pending: bool, words: &str| {
        let of_it: Vec<Unreached> =
            all.iter().filter(|it| it.pending == pending).cloned().collect();
        (!of_it.is_empty()).then(|| format!("{words} {}", named(&of_it)))
    };
    let parts: Vec<String> =
        [some(false, "not sent to"), some(true, "tried again for")].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| text::line_lossy(&parts.join("; "), MAX_REASON))
}

fn named(recipients: &[Unreached]) -> String {
    let one = |it: &Unreached| format!("{}: {}", it.address, it.reason);
    recipients.iter().take(NAMED).map(one).collect::<Vec<_>>().join("; ")
}

/// `550 no such user`.
pub(super) fn said(it: &RecipientFailure) -> String {
    let said = match it.code {
        Some(code) => format!("{code} {}", it.message),
        None => it.message.clone(),
    };
    text::line_lossy(&said, MAX_REASON)
}
