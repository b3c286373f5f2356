//! Telling another program what a rule saw: queued with the change, sent by a worker, signed.

use connectors::webhooks::{self, Call, CallError};
use domain::{
    Timestamp,
    automations::{Rule, Trigger},
    conversations::Overview,
    ids::{ContactId, ConversationId, MessageId, RuleId},
    jobs::{Job, JobKind},
    messages::Message,
};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use storage::{Reader, Tx, automations, contacts, conversations::overviews, jobs, messages};
use url::Url;
use uuid::Uuid;

use super::{failures, happenings::Happening};
use crate::{Desk, Keys, Result, keys::Purpose, workers::Outcome};

/// Characters of a message that are sent along.
const LONGEST_TEXT: usize = 20_000;

/// What to tell whom. What is told is read when it is sent: a conversation that is gone by then, or
/// whose contact asked to be forgotten, is not told of.
#[derive(Serialize, Deserialize)]
struct Telling {
    rule: RuleId,
    url: Url,
    trigger: String,
    conversation: Option<ConversationId>,
    contact: Option<ContactId>,
    message: Option<MessageId>,
    happened_at: i64,
}

pub(super) fn queue(
    tx: &Tx<'_>,
    rule: &Rule,
    happening: &Happening,
    url: &Url,
    now: Timestamp,
) -> Result<()> {
    let telling = Telling {
        rule: rule.id,
        url: url.clone(),
        trigger: happening.trigger.to_string(),
        conversation: happening.conversation,
        contact: happening.contact,
        message: happening.message,
        happened_at: now.0,
    };
    let payload = serde_json::to_value(telling)
        .map_err(|error| crate::DeskError::Internal(error.to_string()))?;
    let job = jobs::NewJob {
        kind: JobKind::CallWebhook,
        subject: Uuid::now_v7(),
        payload,
        // One after another, and never in front of another rule's.
        lane: format!("webhook {}", rule.id),
        run_at: now,
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// Carries out a [`JobKind::CallWebhook`].
#[tracing::instrument(skip_all, fields(webhook.id = %job.subject))]
pub(crate) async fn run(desk: &Desk, job: &Job) -> Result<Outcome> {
    let Ok(telling) = serde_json::from_value::<Telling>(job.payload.clone()) else {
        return Ok(Outcome::Hopeless("the request cannot be read".to_owned()));
    };
    let (id, rule, url) = (job.subject, telling.rule, telling.url.clone());
    let told = desk.store.read(move |db| document(db, &telling, id)).await?;
    let Some(document) = told else { return Ok(Outcome::Done) };
    let body = document.to_string();
    let sent_at = desk.clock.now().0 / 1000;
    let signature = sign(&secret(&desk.keys, rule), sent_at, &body);
    let call = Call {
        url,
        headers: vec![
            ("user-agent", "Deskbell".to_owned()),
            ("x-deskbell-delivery", id.to_string()),
            ("x-deskbell-signature", format!("t={sent_at},v1={signature}")),
        ],
        body,
    };
    Ok(match webhooks::post(&desk.options.guard, call).await {
        Ok(()) => Outcome::Done,
        Err(CallError::Failed(reason)) => Outcome::Failed(reason),
        Err(CallError::Refused(reason)) => Outcome::Hopeless(reason),
    })
}

/// A telling was given up: the rule counts it as a failure.
pub(crate) fn given_up(tx: &Tx<'_>, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    let Ok(telling) = serde_json::from_value::<Telling>(job.payload.clone()) else { return Ok(()) };
    let Some(rule) = automations::find(tx, telling.rule)? else { return Ok(()) };
    let host = telling.url.host_str().unwrap_or_default();
    failures::count(tx, &rule, &format!("{host} could not be told: {reason}"), now)?;
    Ok(())
}

/// What the receiver checks signatures with. Derived from the master key, so that nothing has to be
/// stored and an admin can look it up again.
pub(super) fn secret(keys: &Keys, rule: RuleId) -> String {
    hex(&keys.sign(Purpose::WebhookSecret, &[rule.0.as_bytes()]))
}

/// HMAC-SHA256 over the time (Unix seconds), a full stop and the body, in hex: a signed request
/// cannot be sent again later without its time telling.
pub(super) fn sign(secret: &str, sent_at: i64, body: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{sent_at}.").as_bytes());
    mac.update(body.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// None when what it is about is gone, or the rule.
fn document(db: &Reader<'_>, it: &Telling, id: Uuid) -> Result<Option<Value>> {
    let Some(rule) = automations::find(db, it.rule)? else { return Ok(None) };
    let conversation = match it.conversation {
        Some(id) => match overviews::find(db, id)? {
            Some(it) => Some(it),
            None => return Ok(None),
        },
        None => None,
    };
    let of = conversation.as_ref().map(|it| it.conversation.contact_id).or(it.contact);
    let Some(contact) = of.map(|it| contacts::find(db, it)).transpose()?.flatten() else {
        return Ok(None);
    };
    let message = it.message.map(|id| messages::find(db, id)).transpose()?.flatten();
    let emails: Vec<&str> = contact.emails.iter().map(|it| it.as_str()).collect();
    let phones: Vec<&str> = contact.phones.iter().map(|it| it.as_str()).collect();
    Ok(Some(json!({
        "id": id,
        "trigger": it.trigger.parse::<Trigger>().map_or(it.trigger.as_str(), |it| it.as_str()),
        "happened_at": Timestamp(it.happened_at).to_string(),
        "rule": { "id": rule.id, "name": rule.name },
        "conversation": conversation.as_ref().map(conversation_document),
        "contact": {
            "id": contact.id, "name": contact.name, "emails": emails, "phones": phones,
            "tags": contact.tags,
        },
        "message": message.as_ref().map(message_document),
    })))
}

fn conversation_document(it: &Overview) -> Value {
    let at = |it: Option<Timestamp>| it.map(|it| it.to_string());
    let conversation = &it.conversation;
    json!({
        "id": conversation.id,
        "number": conversation.number,
        "subject": conversation.subject,
        "status": conversation.status.as_str(),
        "priority": conversation.priority.as_str(),
        "channel_type": conversation.channel_kind.as_str(),
        "channel": { "id": conversation.channel_id, "name": it.channel_name },
        "assigned_agent": conversation.assignee.map(|id| json!({
            "id": id, "name": it.assignee_name,
        })),
        "tags": it.tags,
        "waiting_since": at(conversation.waiting_since),
        "created_at": conversation.created_at.to_string(),
        "updated_at": conversation.updated_at.to_string(),
        "resolved_at": at(conversation.resolved_at),
    })
}

fn message_document(it: &Message) -> Value {
    let text: String = it.text.chars().take(LONGEST_TEXT).collect();
    json!({
        "id": it.id,
        "direction": it.direction.as_str(),
        "type": it.kind.as_str(),
        "sender": { "type": it.sender.kind.as_str(), "id": it.sender.id, "name": it.sender.name },
        "text": text,
        "created_at": it.created_at.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_any_receiver_computes() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
        let want = "49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686";
        assert_eq!(sign("secret", 1_700_000_000, r#"{"a":1}"#), want);
    }
}
