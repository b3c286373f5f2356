//! Automatic replies, and to whom none is sent: an answer to a program, or two an hour to one person,
//! would sooner or later meet another desk that answers just as readily (RFC 3834 §2).

use domain::{
    Timestamp,
    addresses::EmailAddress,
    automations::{Hindrance, Rule},
    canned_replies::CannedReply,
    conversations::Conversation,
    events::Actor,
    ids::CannedReplyId,
    messages::{DeliveryStatus, Direction, Message, Sender, SenderType},
    text,
};
use storage::{Reader, Tx, automations::timers, canned_replies};

use super::{
    plans::Plan,
    scenes::{self, Scene},
};
use crate::{
    DeskError, Result,
    messages::{append::append, send as sending},
    receive::UNCLEAR,
    visitors,
};

/// At most one automatic reply to a person in this time.
const PAUSE_SECONDS: i64 = 3600;

/// Local parts that nobody reads, or that belong to programs.
const DEAF: [&str; 14] = [
    "noreply",
    "no-reply",
    "no_reply",
    "no.reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "mailer-daemon",
    "postmaster",
    "bounce",
    "bounces",
    "daemon",
    "notifications",
    "listserv",
];

/// What would become of a reply.
pub(super) fn plan(db: &Reader<'_>, scene: &Scene, text: &str, now: Timestamp) -> Result<Plan> {
    let Some(overview) = &scene.overview else {
        return Ok(Plan::skipped("there is no conversation", Some(Hindrance::NoConversation)));
    };
    match refusal(db, scene, &overview.conversation, now)? {
        Some(plan) => Ok(plan),
        None => {
            let words = text::preview(text);
            Ok(Plan::done(format!("sends “{words}”")).about(words))
        }
    }
}

fn refusal(
    db: &Reader<'_>,
    scene: &Scene,
    conversation: &Conversation,
    now: Timestamp,
) -> Result<Option<Plan>> {
    let skipped = |why: &str, reason| Plan::skipped(format!("no automatic reply: {why}"), reason);
    let because = |why: &str, reason| Ok(Some(skipped(why, Some(reason))));
    if conversation.spam {
        return because("the conversation is spam", Hindrance::Spam);
    }
    if scene.contact.blocked {
        return because("the contact is blocked", Hindrance::Blocked);
    }
    let inbound = match &scene.message {
        Some(it) if it.direction == Direction::Inbound => Some(it.clone()),
        _ => scenes::newest_inbound(db, conversation.number)?,
    };
    if inbound.as_ref().is_some_and(scenes::is_automatic) {
        return because("a program wrote the last message", Hindrance::Automatic);
    }
    let mail = inbound.as_ref().and_then(|it| it.mail.as_ref());
    if mail.is_some_and(|it| it.remark.as_deref() == Some(UNCLEAR)) {
        return because("it is unclear who wrote the last message", Hindrance::Unclear);
    }
    let mail = match sending::address(db, conversation, &[], &[], false) {
        Ok(addressed) => addressed.mail,
        Err(DeskError::Conflict { message, .. }) => return Ok(Some(skipped(&message, None))),
        Err(error @ (DeskError::NotAvailable(_) | DeskError::NotFound(_))) => {
            return Ok(Some(skipped(&error.to_string(), None)));
        }
        Err(error) => return Err(error),
    };
    if let Some(mail) = mail {
        let to = mail.to.first().map(String::as_str).unwrap_or_default();
        if is_deaf(to) {
            let plan = skipped(&format!("nobody reads {to}"), Some(Hindrance::Unread));
            return Ok(Some(plan.about(to)));
        }
        if mail.from_address.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(to)) {
            return because("the address is our own", Hindrance::Own);
        }
    }
    match timers::last_automatic_reply(db, scene.contact.id)? {
        Some(at) if at.plus_seconds(PAUSE_SECONDS) > now => {
            let why = format!("this person got one at {at}; they get one an hour");
            Ok(Some(skipped(&why, Some(Hindrance::Recent)).about(at.to_string())))
        }
        _ => Ok(None),
    }
}

fn is_deaf(address: &str) -> bool {
    let Ok(address) = EmailAddress::parse(address) else { return true };
    let local = address.as_str().split('@').next().unwrap_or_default().to_lowercase();
    let name = local.split('+').next().unwrap_or_default();
    // Variable envelope senders, such as bounces-7=ann@lists.example.
    DEAF.contains(&name) || name.starts_with("bounce-") || name.starts_with("bounces-")
}

/// Sends `text`, which [`plan`] found nothing against.
pub(super) fn send(
    tx: &Tx<'_>,
    rule: &Rule,
    conversation: &mut Conversation,
    text: String,
    html: Option<String>,
    now: Timestamp,
) -> Result<Message> {
    let addressed = sending::address(tx, conversation, &[], &[], false)?;
    let by_mail = addressed.mail.is_some();
    let mut message = sending::blank(Direction::Outbound, now, addressed.mail);
    message.id = addressed.id;
    message.sender =
        Sender { kind: SenderType::System, id: Some(rule.id.0), name: Some(rule.name.clone()) };
    message.text = text;
    message.html = html;
    message.status = Some(DeliveryStatus::Queued);
    message.send_at = Some(now);
    if let Some(mail) = &mut message.mail {
        mail.automatic = true;
    }
    if !by_mail {
        visitors::leaves_now(&mut message, now);
    }
    let message = append(tx, conversation, message, Actor::Rule(rule.id), now)?;
    if by_mail {
        sending::queue(tx, conversation.channel_id, message.id, now, now)?;
    }
    timers::record_automatic_reply(tx, conversation.contact_id, now)?;
    Ok(message)
}

/// A canned reply that everybody may use.
pub(super) fn canned(db: &Reader<'_>, id: CannedReplyId) -> Result<CannedReply> {
    let shared = canned_replies::find(db, id)?.filter(|it| it.owner.is_none());
    let gone = || DeskError::conflict("the canned reply of its action is gone");
    shared.ok_or_else(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_some_addresses() {
        for deaf in [
            "noreply@x.example",
            "No-Reply+7@x.example",
            "MAILER-DAEMON@x.example",
            "bounces-7=ann@x.example",
            "not an address",
        ] {
            assert!(is_deaf(deaf), "{deaf}");
        }
        for person in ["ann@x.example", "nora.reply@x.example", "bouncer@x.example"] {
            assert!(!is_deaf(person), "{person}");
        }
    }
}
