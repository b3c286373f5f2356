//! Reports that a mail of ours did not arrive.

use connectors::email::reports::{DeliveryReport, RecipientStatus};
use domain::{
    Timestamp,
    addresses::EmailAddress,
    conversations::Conversation,
    events::{Actor, Event},
    jobs::JobKind,
    messages::{DeliveryStatus, Message, lines::What},
    text,
};
use storage::{
    Reader, Tx, conversations,
    deliveries::{self, Outcome},
    events, jobs, messages,
};

use super::{Item, Settlement, threads};
use crate::{
    Keys, Result,
    conversations::record::{record, tell},
    messages::waiting,
};

const MAX_REASON: usize = 500;

/// Marks the message failed, tells why in its thread, and shows the conversation again: the customer
/// still waits.
pub(super) fn settle(
    tx: &Tx<'_>,
    keys: &Keys,
    item: &Item,
    report: &DeliveryReport,
    now: Timestamp,
) -> Result<Settlement> {
    let Some(message) = reported(tx, keys, item, report)? else {
        return Ok(Settlement::ignored("reports on a mail that we did not send"));
    };
    let Some(mut conversation) = conversations::find_by_number(tx, message.conversation_number)?
    else {
        return Ok(Settlement::ignored("reports on a mail of a deleted conversation"));
    };
    let reason = reason(report);
    let code = report.failed().find_map(|it| reply_code(it.diagnostic.as_deref()?));
    let attempt = deliveries::begin(tx, message.seq, item.row.received_at)?;
    deliveries::finish(tx, attempt, Outcome::Bounced, code, Some(&reason), now)?;
    let bounced = What::Bounced { reason: reason.clone() };
    let line = tell(tx, &conversation, bounced, Actor::System, now)?;
    for address in receivers(report) {
        messages::people::name(tx, line, address.as_str())?;
    }
    if item.row.backfill || !message.status.is_some_and(|it| it.may_become(DeliveryStatus::Failed))
    {
        return Ok(Settlement::message(line, Some("a report of a failed delivery".to_owned())));
    }
    // It may stand in the queue again, when it was unclear whether the first attempt arrived. Others
    // who have not got it yet are tried all the same.
    if message.unreached().iter().all(|it| !it.pending) {
        jobs::remove(tx, JobKind::SendMessage, message.id.0)?;
    }
    messages::set_delivery(tx, message.seq, DeliveryStatus::Failed, Some(&reason), None)?;
    let reopened = waiting::failed(tx, &mut conversation, &message, false, now)?;
    conversations::update(tx, &conversation)?;
    let failed = Event::DeliveryChanged { message_id: message.id, status: DeliveryStatus::Failed };
    events::append(tx, Some(&conversation), failed, Actor::System, now)?;
    if let Some(event) = reopened {
        record(tx, &conversation, event, Actor::System, now)?;
    }
    Ok(Settlement::message(line, Some("a report of a failed delivery".to_owned())))
}

/// The message reported on: by the Message-ID that came back, else by a mark we signed.
fn reported(
    db: &Reader<'_>,
    keys: &Keys,
    item: &Item,
    report: &DeliveryReport,
) -> Result<Option<Message>> {
    if let Some(id) = &report.message_id
        && let Some(message) = messages::find_sent(db, id)?
    {
        return Ok(Some(message));
    }
    let conversation: Option<Conversation> =
        threads::of_tokens(db, keys, &item.mail, &item.config)?;
    match conversation {
        Some(it) => Ok(messages::newest_sent(db, it.number)?),
        None => Ok(None),
    }
}

/// Whom the mail did not reach: the report, raw and told, names them.
fn receivers(report: &DeliveryReport) -> impl Iterator<Item = EmailAddress> {
    report
        .failed()
        .take(10)
        .filter_map(|it| EmailAddress::parse(it.final_recipient.as_deref()?).ok())
}

/// `ann@example.com: 550 5.1.1 no such user`.
fn reason(report: &DeliveryReport) -> String {
    let told = |it: &RecipientStatus| {
        let why = it.diagnostic.as_deref().or(it.status.as_deref()).unwrap_or("refused");
        match &it.final_recipient {
            Some(recipient) => format!("{recipient}: {why}"),
            None => why.to_owned(),
        }
    };
    let all: Vec<String> = report.failed().take(10).map(told).collect();
    text::line_lossy(&all.join("; "), MAX_REASON)
}

/// An SMTP reply code of failure (RFC 5321 §4.2).
fn reply_code(diagnostic: &str) -> Option<i64> {
    diagnostic
        .split(|it: char| !it.is_ascii_alphanumeric() && it != '.')
        .filter(|it| it.len() == 3 && it.starts_with(['4', '5']))
        .find_map(|it| it.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_names_who_and_why() {
        let report = DeliveryReport {
            recipients: vec![
                RecipientStatus {
                    final_recipient: Some("ann@x.example".to_owned()),
                    action: "failed".to_owned(),
                    status: Some("5.1.1".to_owned()),
                    diagnostic: Some("550 5.1.1 no such user".to_owned()),
                },
                RecipientStatus { action: "delivered".to_owned(), ..RecipientStatus::default() },
                RecipientStatus { action: "failed".to_owned(), ..RecipientStatus::default() },
            ],
            message_id: None,
        };
        assert_eq!(reason(&report), "ann@x.example: 550 5.1.1 no such user; refused");
    }

    #[test]
    fn reply_codes_are_found() {
        let cases = [
            ("550 5.1.1 no such user", Some(550)),
            ("host mx said: 452-4.2.2 full", Some(452)),
            ("5.1.1 unknown", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(reply_code(text), want, "{text}");
        }
    }
}
