//! The one transaction in which a mail becomes a message, and everything that follows from it.

use connectors::email::{classify::AUTOMATIC_REPLY, classify::Origin, parse::ParsedMail};
use domain::{
    Timestamp,
    channels::ChannelType,
    conversations::{Conversation, Status},
    events::{Actor, Event},
    ids::{ConversationId, MessageId},
    jobs::JobKind,
    mails::{Fate, Inbound},
    messages::{Attachment, Direction, MailFacts, Message, MessageType, Sender, SenderType},
};
use storage::{Tx, conversations, events, inbound, jobs, search::index};

use super::{
    Item, Settlement, bounces, contacts,
    facts::OurOwn,
    threads::{self, Thread},
};
use crate::{
    Keys, Result,
    messages::{
        append::{append, append_quietly, import},
        cancel_waiting,
    },
};

/// Automatic mails of one address that become messages within an hour; more is a loop.
const MAX_AUTOMATIC: u64 = 20;
const HOUR_SECONDS: i64 = 3600;

pub(super) fn store(
    tx: &Tx<'_>,
    keys: &Keys,
    own: &OurOwn,
    item: Item,
    files: Vec<Attachment>,
    now: Timestamp,
) -> Result<()> {
    let still = inbound::find(tx, item.row.id)?.is_some_and(|it| it.fate == Fate::Pending);
    jobs::remove(tx, JobKind::ProcessInbound, item.row.id.0)?;
    if !still {
        return Ok(());
    }
    let settlement = match &item.origin {
        Origin::OwnCopy => Settlement::ignored("a copy of a mail we sent"),
        Origin::Loop => Settlement::ignored("our own mail came back: a loop"),
        Origin::Bounce(report) => bounces::settle(tx, keys, &item, report, now)?,
        _ => message(tx, keys, own, &item, files, now)?,
    };
    let from = item.mail.from.as_ref().map(|it| it.address.as_str());
    let settled = inbound::Settled {
        fate: settlement.fate,
        reason: settlement.reason.as_deref(),
        message_seq: settlement.message_seq,
        from_address: from,
        subject: item.mail.subject.as_deref(),
    };
    inbound::settle(tx, item.row.id, &settled, now)?;
    Ok(())
}

fn message(
    tx: &Tx<'_>,
    keys: &Keys,
    own: &OurOwn,
    item: &Item,
    files: Vec<Attachment>,
    now: Timestamp,
) -> Result<Settlement> {
    let automatic = match &item.origin {
        Origin::Automatic(reason) => Some(*reason),
        Origin::List => Some("mail of a list"),
        _ => None,
    };
    if let (Origin::Automatic(reason), false) = (&item.origin, item.row.backfill)
        && let Some(from) = &item.mail.from
    {
        let since = now.plus_seconds(-HOUR_SECONDS);
        let address = from.address.as_str();
        if inbound::automatic_since(tx, item.channel.id, address, since)? >= MAX_AUTOMATIC {
            let text = format!("{reason}; more than {MAX_AUTOMATIC} of this sender in an hour");
            return Ok(Settlement::ignored(text));
        }
    }
    if contacts::is_ours_to_others(&item.mail, &own.addresses) {
        return Ok(Settlement::ignored("a copy of a mail sent from our address to somebody else"));
    }
    let sender = contacts::find_or_make(tx, &item.mail, &own.addresses, now)?;
    if sender.contact.blocked {
        return Ok(Settlement::ignored("the sender is blocked"));
    }
    let channel = (item.channel.id, &item.config);
    let thread = threads::find(tx, keys, &item.mail, &sender, channel, item.row.received_at)?;
    let is_report = item.mail.report.is_some() || item.mail.read_receipt;
    let quiet = is_report || matches!(item.origin, Origin::Automatic(AUTOMATIC_REPLY));
    let (mut conversation, joined) = match thread {
        Thread::Join(conversation) => (*conversation, true),
        Thread::Open { .. } if is_report => {
            let reason = format!("{} for no message of ours", automatic.unwrap_or("a report"));
            return Ok(Settlement::ignored(reason));
        }
        Thread::Open { related } => (open(tx, item, &sender, related, now)?, false),
    };
    let unclear = sender.unclear.then(|| contacts::UNCLEAR.to_owned());
    let remark = unclear.or_else(|| automatic.map(|it| format!("This is {it}")));
    let mut message = written(item, &sender, files, automatic.is_some(), remark);
    if let (Some(mail), None) = (&mut message.mail, automatic) {
        mail.reply_to = contacts::wants_answers_at(&item.mail, &sender, &own.addresses);
    }
    let actor = Actor::Contact(sender.contact.id);
    let stored = if item.row.backfill {
        import(tx, &mut conversation, message, now)?
    } else if quiet && joined {
        append_quietly(tx, &mut conversation, message, actor, now)?
    } else {
        if automatic.is_none() {
            cancel_waiting(tx, &mut conversation, now)?;
        }
        append(tx, &mut conversation, message, actor, now)?
    };
    Ok(Settlement::message(stored.seq, automatic.map(str::to_owned)))
}

fn open(
    tx: &Tx<'_>,
    item: &Item,
    sender: &contacts::Sender,
    related: Option<ConversationId>,
    now: Timestamp,
) -> Result<Conversation> {
    let at = item.row.received_at;
    let channel = (item.channel.id, ChannelType::Email);
    let subject = item.mail.subject.clone();
    let id = ConversationId::new();
    let mut it = Conversation::open(id, channel, sender.contact.id, subject, at);
    it.related_id = related;
    if item.row.backfill {
        it.status = Status::Resolved;
        it.resolved_at = Some(at);
    }
    conversations::insert(tx, &mut it)?;
    index::add_conversation(tx, it.number, it.subject.as_deref(), &[])?;
    if !item.row.backfill {
        let actor = Actor::Contact(sender.contact.id);
        events::append(tx, Some(&it), Event::ConversationOpened, actor, now)?;
    }
    Ok(it)
}

fn written(
    item: &Item,
    sender: &contacts::Sender,
    files: Vec<Attachment>,
    automatic: bool,
    remark: Option<String>,
) -> Message {
    let Item { mail, split, row, .. } = item;
    Message {
        seq: 0,
        id: MessageId::new(),
        conversation_id: ConversationId::default(),
        conversation_number: 0,
        direction: Direction::Inbound,
        kind: MessageType::of(&split.text, &files),
        sender: Sender {
            kind: SenderType::Contact,
            id: Some(sender.contact.id.0),
            name: sender.contact.name.clone(),
        },
        text: split.text.clone(),
        html: mail.html.clone(),
        quoted: split.quoted.clone(),
        signature: split.signature.clone(),
        attachments: files,
        status: None,
        error: None,
        send_at: None,
        cancel_if_customer_writes: false,
        mail: Some(facts(mail, row, automatic, remark)),
        event: None,
        created_at: row.received_at,
        sent_at: None,
    }
}

fn facts(mail: &ParsedMail, row: &Inbound, automatic: bool, remark: Option<String>) -> MailFacts {
    let addresses = |list: &[connectors::email::addresses::Mailbox]| {
        list.iter().map(|it| it.address.as_str().to_owned()).collect()
    };
    MailFacts {
        message_id: mail.message_id.clone(),
        in_reply_to: mail.in_reply_to.first().cloned(),
        references: mail.references.clone(),
        subject: mail.subject.clone(),
        from_name: mail.from.as_ref().and_then(|it| it.name.clone()),
        from_address: mail.from.as_ref().map(|it| it.address.as_str().to_owned()),
        to: addresses(&mail.to),
        cc: addresses(&mail.cc),
        bcc: Vec::new(),
        automatic,
        remark,
        inbound_id: Some(row.id),
        reply_to: None,
        unreached: Vec::new(),
        over: None,
    }
}
