//! Replies to a visitor who left: what agents wrote and they have not seen, in one mail.
//!
//! Nobody has verified the address. So the mail holds nothing but an agent's words under a subject of
//! ours, its Message-ID is told to nobody but its receiver, and there is a limit to how many one address
//! gets: a chat is no way to have us write to somebody else.

mod letters;
mod outcomes;

use connectors::email::{
    compose::Composed,
    smtp::{Kind, Stage},
};
use domain::{
    Timestamp,
    addresses::EmailAddress,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::Conversation,
    ids::{ChannelId, ConversationId},
    jobs::{Job, JobKind, JobState},
    messages::{MailFacts, Message},
    workspace::Workspace,
};
use serde_json::json;
use storage::{
    Reader, Tx, channels, contacts, conversations, deliveries, jobs, messages,
    visitors::{
        self as stored,
        chats::{self, Chat},
    },
    workspace,
};

pub(crate) use outcomes::given_up;

use crate::{
    Desk, DeskError, Result,
    channels::{accounts, mail_config, send_lane, webchat_config},
    deliver::{self, Route},
    throttles,
    workers::Outcome,
};
use outcomes::End;

/// A visitor who reads along has so long to see an answer.
const GRACE_SECONDS: i64 = 60;
/// Somebody who is there and does not look is looked for again after as long as they must have left,
/// within these bounds: a connection that broke is noticed only by what cannot be sent.
const AGAIN_SECONDS: [i64; 2] = [10, 120];
/// After so long nobody sits before a page that is merely open.
const FORGOTTEN_SECONDS: i64 = 1_800;
/// Messages in one mail.
const MOST_MESSAGES: u32 = 30;
/// Mails to one address, and over one mailbox, in an hour.
const MOST_TO_ADDRESS: u32 = 6;
const MOST_OF_CHANNEL: u32 = 500;
const HOUR_SECONDS: i64 = 3_600;

/// Sees to it that what was written just now is mailed unless its visitor sees it in time.
pub(crate) fn expect(tx: &Tx<'_>, conversation: &Conversation, now: Timestamp) -> Result<()> {
    if conversation.channel_kind != ChannelType::Webchat {
        return Ok(());
    }
    let waiting = jobs::find(tx, JobKind::MailVisitor, conversation.id.0)?;
    // One held after a restore waits for an admin, whatever is written in between.
    if waiting.is_some_and(|it| matches!(it.state, JobState::Ready | JobState::Held)) {
        return Ok(());
    }
    let Some(channel) = channels::find(tx, conversation.channel_id)? else { return Ok(()) };
    let config = webchat_config(&channel)?;
    let Some(mailbox) = config.email_channel_id else { return Ok(()) };
    let grace = GRACE_SECONDS.min(config.email_after_seconds.into());
    let job = jobs::NewJob {
        kind: JobKind::MailVisitor,
        subject: conversation.id.0,
        payload: json!({}),
        lane: send_lane(mailbox),
        run_at: now.plus_seconds(grace),
    };
    Ok(jobs::put(tx, &job, now)?)
}

/// Whether replies to the visitors of a chat go out over this mailbox.
pub(crate) fn go_over(db: &Reader<'_>, it: &Conversation, mailbox: ChannelId) -> Result<bool> {
    if it.channel_kind != ChannelType::Webchat {
        return Ok(false);
    }
    let Some(channel) = channels::find(db, it.channel_id)? else { return Ok(false) };
    Ok(webchat_config(&channel)?.email_channel_id == Some(mailbox))
}

/// Everything a mail is made of.
struct Letter {
    conversation: Conversation,
    mailbox: Channel,
    to: EmailAddress,
    /// Of the mail that was begun, if one was: it is repeated as it was.
    begun: Option<MailFacts>,
    /// Whether an attempt of this job was made.
    is_tried: bool,
    /// Browsers that may show the answer instead.
    readers: Vec<i64>,
    /// How long they must have left.
    absence_seconds: i64,
    /// Oldest first.
    unseen: Vec<Message>,
    workspace: Workspace,
}

/// Carries out a job of kind `MailVisitor`.
pub(crate) async fn send(desk: &Desk, job: &Job) -> Result<Outcome> {
    let (id, since) = (ConversationId(job.subject), job.created_at);
    let Some(letter) = desk.store.read(move |db| load(db, id, since)).await? else {
        return Ok(Outcome::Done);
    };
    let now = desk.clock.now();
    if let Some(at) = returns_at(desk, &letter, now) {
        return Ok(Outcome::Later { at, reason: "the visitor may still be there".to_owned() });
    }
    let (to, channel) = (letter.to.clone(), letter.mailbox.id);
    // A mail is counted once, however often its server refuses it for now.
    if !letter.is_tried && !desk.store.write(move |tx| count(tx, &to, channel, now)).await? {
        tracing::warn!(channel.id = %channel, "So many chat replies by mail that they wait");
        let at = now.plus_seconds(HOUR_SECONDS);
        return Ok(Outcome::Later { at, reason: "too many mails in an hour".to_owned() });
    }
    hand_over(desk, job, letter).await
}

/// Counts a mail. False when it is one too many.
fn count(tx: &Tx<'_>, to: &EmailAddress, mailbox: ChannelId, now: Timestamp) -> Result<bool> {
    let (to, mailbox) = (to.as_str(), mailbox.to_string());
    let within = throttles::within_hourly_limit;
    Ok(within(tx, "chat mail to", to, MOST_TO_ADDRESS, now)?
        && within(tx, "chat mail of", &mailbox, MOST_OF_CHANNEL, now)?)
}

/// None when nothing is to be mailed: all was seen, or there is no address or no mailbox.
fn load(db: &Reader<'_>, id: ConversationId, since: Timestamp) -> Result<Option<Letter>> {
    let Some(conversation) = conversations::find(db, id)? else { return Ok(None) };
    let found = contacts::find(db, conversation.contact_id)?;
    let Some(contact) = found.filter(|it| !it.blocked) else { return Ok(None) };
    let Some(chat) = channels::find(db, conversation.channel_id)? else { return Ok(None) };
    let config = webchat_config(&chat)?;
    let Some(mailbox) = config.email_channel_id else { return Ok(None) };
    let mailbox = channels::find(db, mailbox)?.filter(|it| it.is_active && it.deleted_at.is_none());
    let Some(mailbox) = mailbox else { return Ok(None) };

    let readers = chats::of_conversation(db, conversation.number)?;
    let seen = readers.iter().map(|it| it.read_seq.max(it.mailed_seq)).max().unwrap_or(0);
    let unseen = unseen(db, conversation.number, seen)?;
    let Some(last) = unseen.last().filter(|_| !conversation.spam) else { return Ok(None) };
    let tries = deliveries::of_message(db, last.seq)?;
    let is_tried = tries.iter().any(|it| it.started_at >= since);
    let current = address(db, &contact, &readers)?;
    // While it is tried it goes where it went first, which is what it says of itself. One that was given
    // up may go elsewhere: whoever corrects an address wants it to.
    let begun = last.mail.clone().and_then(|it| Some((receiver(&it)?, it)));
    let begun = begun.filter(|(to, _)| is_tried || current.as_ref() == Some(to));
    let (to, begun) = match begun {
        Some((to, facts)) => (Some(to), Some(facts)),
        None => (current, None),
    };
    let Some(to) = to else { return Ok(None) };
    let workspace = workspace::find(db)?.ok_or(DeskError::NotFound("workspace"))?;
    let readers = readers.into_iter().map(|it| it.visitor_seq).collect();
    let absence_seconds = config.email_after_seconds.into();
    Ok(Some(Letter {
        conversation,
        mailbox,
        to,
        begun,
        is_tried,
        readers,
        absence_seconds,
        unseen,
        workspace,
    }))
}

/// Their contact's address, or else one that was typed.
fn address(db: &Reader<'_>, contact: &Contact, readers: &[Chat]) -> Result<Option<EmailAddress>> {
    let mut address = contact.emails.first().cloned();
    for it in readers {
        if address.is_some() {
            break;
        }
        let visitor = stored::find(db, it.visitor_seq)?;
        address = visitor.and_then(|it| EmailAddress::parse(&it.email?).ok());
    }
    Ok(address)
}

fn receiver(facts: &MailFacts) -> Option<EmailAddress> {
    EmailAddress::parse(facts.to.first()?).ok()
}

/// What agents wrote, and nobody else: a rule would answer whatever address a stranger typed.
fn unseen(db: &Reader<'_>, number: i64, seen: i64) -> Result<Vec<Message>> {
    let seqs = chats::left_by_agents(db, number, seen, MOST_MESSAGES)?;
    let mut unseen = messages::find_all(db, &seqs)?;
    // A mail that was begun is repeated as it was: what came since goes with the next one.
    let begun = unseen.iter().position(|it| it.mail.is_some());
    if let Some(at) = begun {
        unseen.truncate(at + 1);
    }
    Ok(unseen)
}

/// When to look again whether they have gone; none when they have.
fn returns_at(desk: &Desk, letter: &Letter, now: Timestamp) -> Option<Timestamp> {
    // A page may stay open over night, and who asked waits for an answer all the same.
    let forgotten_at = letter.unseen.first().and_then(|it| it.sent_at);
    let forgotten_at = forgotten_at.map(|it| it.plus_seconds(FORGOTTEN_SECONDS));
    let [least, most] = AGAIN_SECONDS;
    let each = letter.readers.iter().filter_map(|it| match desk.watchers.away_since(*it) {
        None if forgotten_at.is_some_and(|at| at <= now) => None,
        None => Some(now.plus_seconds(letter.absence_seconds.clamp(least, most))),
        Some(since) => Some(since.plus_seconds(letter.absence_seconds)).filter(|at| *at > now),
    });
    each.max()
}

async fn hand_over(desk: &Desk, job: &Job, letter: Letter) -> Result<Outcome> {
    let account = match accounts::smtp(desk, &letter.mailbox).await {
        Ok(account) => account,
        Err(accounts::AccountError::Desk(error)) => return Err(error),
        Err(error) => return Ok(Outcome::Failed(error.to_string())),
    };
    let mailbox = letter.mailbox.id;
    let Some(begun) = begin(desk, job, letter).await? else { return Ok(Outcome::Done) };
    let Begun { delivery, seq, conversation, composed } = begun;
    let composed = match composed {
        Ok(composed) => composed,
        Err(reason) => {
            let end = End { delivery, seq, conversation, result: Err((Kind::Refused, reason)) };
            return outcomes::keep(desk, job, mailbox, end).await;
        }
    };
    let result = match deliver::transmit(desk, Route::Channel(mailbox), account, &composed).await {
        Ok(receipt) => Ok(receipt.code),
        Err(failure) => {
            if failure.stage == Stage::Auth {
                desk.mail_tokens.forget(mailbox);
            }
            let about_server = failure.stage.is_about_the_server();
            let kind = if about_server { Kind::Retry } else { failure.kind };
            Err((kind, deliver::reason(&failure)))
        }
    };
    outcomes::keep(desk, job, mailbox, End { delivery, seq, conversation, result }).await
}

struct Begun {
    delivery: i64,
    /// The last message in it.
    seq: i64,
    conversation: ConversationId,
    composed: Result<Composed, String>,
}

/// Fixes the mail's Message-ID and writes down that an attempt begins; durable before a byte goes out.
async fn begin(desk: &Desk, job: &Job, letter: Letter) -> Result<Option<Begun>> {
    let (since, now) = (job.created_at, desk.clock.now());
    let config = mail_config(&letter.mailbox)?;
    let Some(last) = letter.unseen.last() else { return Ok(None) };
    let (seq, conversation) = (last.seq, letter.conversation.id);
    let (number, to) = (letter.conversation.number, letter.to.clone());
    let (facts_config, before) = (config.clone(), letter.begun.clone());
    let workspace = letter.workspace.clone();
    let begun = desk.store.write(move |tx| {
        let facts = match before {
            Some(facts) => facts,
            None => letters::facts(tx, number, &facts_config, &workspace, &to)?,
        };
        messages::set_mail(tx, seq, &facts)?;
        conversations::add_participant(tx, number, to.as_str())?;
        Ok::<_, DeskError>((outcomes::begin(tx, seq, since, now)?, facts))
    });
    let (delivery, facts) = begun.await?;
    let desk = desk.clone();
    let composing = move || letters::compose(&desk, &letter, &config, &facts);
    let composed = tokio::task::spawn_blocking(composing).await;
    let composed =
        composed.map_err(|_| DeskError::Internal("composing a mail panicked".to_owned()))??;
    Ok(Some(match delivery {
        Ok(delivery) => Begun { delivery, seq, conversation, composed },
        Err((delivery, reason)) => Begun { delivery, seq, conversation, composed: Err(reason) },
    }))
}
