//! What stands in the mail: agents' words, and how an answer finds its way back.

use connectors::email::{
    addresses::Mailbox,
    compose::{self, Composed, File, Outgoing},
    marker,
};
use domain::{
    addresses::EmailAddress,
    mails::MailConfig,
    messages::{Direction, MailFacts},
    workspace::Workspace,
};
use storage::{Reader, StoreError, messages};

use super::Letter;
use crate::{Desk, DeskError, Result, threading};

/// Mails of the conversation looked at to find the one that is continued.
const MAILS: u32 = 20;
const MOST_REFERENCES: usize = 20;

/// Its thread and a Message-ID of its own: the ids of messages are known to the visitor's browser, and
/// who knows a Message-ID can join the thread.
pub(super) fn facts(
    db: &Reader<'_>,
    number: i64,
    config: &MailConfig,
    workspace: &Workspace,
    to: &EmailAddress,
) -> Result<MailFacts> {
    let ours = EmailAddress::parse(&config.address).map_err(|_| {
        DeskError::conflict("the mailbox's own address is not one; correct its settings")
    })?;
    let theirs = |direction: Direction, facts: &MailFacts| {
        let address = Some(to.as_str());
        match direction {
            Direction::Inbound => facts.from_address.as_deref() == address,
            _ => facts.to.iter().any(|it| Some(it.as_str()) == address),
        }
    };
    let mut answered = None;
    for it in messages::newest_mails(db, number, MAILS)? {
        answered = messages::mail(db, it.seq)?.filter(|facts| theirs(it.direction, facts));
        if answered.is_some() {
            break;
        }
    }
    let subject = subject(workspace, config);
    let (in_reply_to, references) = match answered {
        Some(it) => {
            let mut references = it.references;
            references.extend(it.message_id.clone());
            let extra = references.len().saturating_sub(MOST_REFERENCES);
            references.drain(..extra);
            (it.message_id, references)
        }
        None => (None, Vec::new()),
    };
    Ok(MailFacts {
        message_id: Some(format!("{}@{}", uuid::Uuid::new_v4(), ours.domain())),
        subject: Some(if in_reply_to.is_some() { format!("Re: {subject}") } else { subject }),
        in_reply_to,
        references,
        from_name: config.from_name.clone(),
        from_address: Some(config.address.clone()),
        to: vec![to.as_str().to_owned()],
        ..MailFacts::default()
    })
}

/// Nothing in it is the visitor's.
fn subject(workspace: &Workspace, config: &MailConfig) -> String {
    let who = config.from_name.as_deref().unwrap_or(&workspace.name);
    match workspace.locale.split('-').next() {
        Some("de") => format!("Antwort von {who}"),
        Some("id") => format!("Balasan dari {who}"),
        _ => format!("Reply from {who}"),
    }
}

/// The mail, or for a person why there can be none. Blocks.
pub(super) fn compose(
    desk: &Desk,
    letter: &Letter,
    config: &MailConfig,
    facts: &MailFacts,
) -> Result<Result<Composed, String>> {
    let Ok(ours) = EmailAddress::parse(&config.address) else {
        return Ok(Err("the mailbox's own address is not one".to_owned()));
    };
    let name = config.from_name.as_deref().or(Some(&letter.workspace.name));
    let token = threading::reply_token(&desk.keys, &letter.conversation);
    let reply_to = config.plus_addressing.then(|| marker::reply_address(&ours, &token)).flatten();
    let words: Vec<&str> = letter.unseen.iter().map(|it| it.text.trim()).collect();
    let mut text = words.join("\n\n");
    let signature = config.signature.as_deref().or(letter.workspace.signature.as_deref());
    if let Some(signature) = signature.map(str::trim).filter(|it| !it.is_empty()) {
        text.push_str(&format!("\n\n-- \n{signature}"));
    }
    let mut attachments = Vec::new();
    for it in letter.unseen.iter().flat_map(|it| &it.attachments) {
        let Ok(hash) = it.file_hash.parse() else { continue };
        let bytes = match desk.store.files().read(hash) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Err(format!("its attachment {} cannot be read", it.name)));
            }
            Err(error) => return Err(StoreError::from(error).into()),
        };
        let (name, mime_type) = (it.name.clone(), it.mime.clone());
        attachments.push(File { name, mime_type, bytes, content_id: None });
    }
    let last = letter.unseen.last().map_or(0, |it| it.created_at.0);
    let outgoing = Outgoing {
        reply_to: reply_to.map(|it| Mailbox::new(it, name)),
        from: Mailbox::new(ours, name),
        // Without a name: the visitor chose it.
        to: vec![Mailbox::new(letter.to.clone(), None)],
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: facts.subject.clone().unwrap_or_default(),
        message_id: facts.message_id.clone().unwrap_or_default(),
        in_reply_to: facts.in_reply_to.clone(),
        references: facts.references.clone(),
        text,
        html: None,
        attachments,
        quoted: None,
        marker: Some(threading::body_token(&desk.keys, &letter.conversation)),
        loop_header: Some(threading::loop_header(&desk.keys, letter.mailbox.id)),
        auto_submitted: false,
        date: last,
    };
    Ok(compose::compose(&outgoing).map_err(|error| error.to_string()))
}
