//! From a draft to the bytes of a mail.

use connectors::email::{
    addresses::Mailbox,
    compose::{self, Composed, File, Outgoing, Quoted},
    escape::escape,
    marker,
};
use domain::{
    addresses::EmailAddress,
    messages::{Attachment, Message, SenderType},
    zone::Zone,
};

use storage::StoreError;

use super::Draft;
use crate::{Desk, DeskError, Result, threading};

/// A history longer than this is left out of the HTML; the text is quoted anyway. Bytes.
const MAX_QUOTED_HTML: usize = 200_000;
const MAX_QUOTED_TEXT: usize = 50_000;

/// The mail, or for a person why there can be none.
pub(super) async fn compose(desk: &Desk, draft: Draft) -> Result<Result<Composed, String>> {
    let desk = desk.clone();
    // Files are read and encoded: not for a thread that others wait for.
    let task = tokio::task::spawn_blocking(move || {
        let mut outgoing = match outgoing(&desk, &draft) {
            Ok(outgoing) => outgoing,
            Err(reason) => return Ok(Err(reason)),
        };
        for it in &draft.message.attachments {
            match read(&desk, it)? {
                Ok(file) => outgoing.attachments.push(file),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(compose::compose(&outgoing).map_err(|error| error.to_string()))
    });
    task.await.map_err(|_| DeskError::Internal("composing a mail panicked".to_owned()))?
}

/// Where a mailbox has no name of its own, customers hear from a person; or from the company, where
/// nobody wrote.
fn who(draft: &Draft) -> Option<&str> {
    match draft.message.sender.kind {
        SenderType::Agent => draft.message.sender.name.as_deref(),
        _ => Some(&draft.workspace.name),
    }
}

fn outgoing(desk: &Desk, draft: &Draft) -> Result<Outgoing, String> {
    let Draft { message, conversation, channel, config, .. } = draft;
    let mail = message.mail.as_ref().ok_or("it has no recipient")?;
    let message_id = mail.message_id.clone().ok_or("it has no Message-ID")?;
    let ours = parse(mail.from_address.as_deref().unwrap_or(&config.address))?;
    let from_name = mail.from_name.as_deref().or(config.from_name.as_deref());
    let from_name = from_name.or_else(|| who(draft)).filter(|it| !it.is_empty());
    let reply_to = config
        .plus_addressing
        .then(|| marker::reply_address(&ours, &threading::reply_token(&desk.keys, conversation)))
        .flatten();
    let (text, html) = bodies(draft);
    Ok(Outgoing {
        reply_to: reply_to.map(|it| Mailbox::new(it, from_name)),
        from: Mailbox::new(ours, from_name),
        to: mailboxes(draft, &mail.to)?,
        cc: mailboxes(draft, &mail.cc)?,
        bcc: mailboxes(draft, &mail.bcc)?,
        subject: mail.subject.clone().unwrap_or_default(),
        message_id,
        in_reply_to: mail.in_reply_to.clone(),
        references: mail.references.clone(),
        text,
        html,
        attachments: Vec::new(),
        quoted: draft.answered.as_ref().map(|it| quoted(draft, it)),
        marker: Some(threading::body_token(&desk.keys, conversation)),
        loop_header: Some(threading::loop_header(&desk.keys, channel.id)),
        auto_submitted: matches!(message.sender.kind, SenderType::Ai | SenderType::System),
        // The same in each attempt, as the Message-ID is.
        date: message.send_at.unwrap_or(message.created_at).0,
    })
}

/// What was written, the signature, and what a forward shows.
fn bodies(draft: &Draft) -> (String, Option<String>) {
    let Draft { message, config, workspace, .. } = draft;
    let signature = config.signature.as_deref().or(workspace.signature.as_deref());
    let mut text = message.text.clone();
    let mut html = message.html.clone();
    let mut add = |more: &str| {
        text.push_str(&format!("\n\n{more}"));
        if let Some(html) = &mut html {
            html.push_str(&format!("<br><br><div>{}</div>", escape(more)));
        }
    };
    if let Some(signature) = signature.map(str::trim).filter(|it| !it.is_empty()) {
        // The line that mail programs know a signature by (RFC 3676 §4.3).
        add(&format!("-- \n{signature}"));
    }
    if let Some(forwarded) = &message.quoted {
        add(forwarded);
    }
    (text, html)
}

fn mailboxes(draft: &Draft, addresses: &[String]) -> Result<Vec<Mailbox>, String> {
    let contact = draft.contact.as_ref();
    let one = |text: &String| {
        let address = parse(text)?;
        let name =
            contact.filter(|it| it.emails.contains(&address)).and_then(|it| it.name.as_deref());
        Ok(Mailbox::new(address, name))
    };
    addresses.iter().map(one).collect()
}

fn parse(address: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(address).map_err(|_| format!("{address} is not an e-mail address"))
}

fn quoted(draft: &Draft, answered: &Message) -> Quoted {
    let mail = answered.mail.as_ref();
    let name = answered.sender.name.as_deref().or(mail.and_then(|it| it.from_name.as_deref()));
    let who = name.or(mail.and_then(|it| it.from_address.as_deref())).unwrap_or("somebody");
    let day = Zone::parse(&draft.workspace.time_zone)
        .map_or_else(|_| String::new(), |it| it.day_in_words(answered.created_at));
    let mut text = answered.text.clone();
    if let Some(older) = &answered.quoted {
        text.push_str(&format!("\n\n{older}"));
    }
    Quoted {
        attribution: format!("On {day}, {who} wrote:"),
        text: text.chars().take(MAX_QUOTED_TEXT).collect(),
        html: answered.html.clone().filter(|it| it.len() <= MAX_QUOTED_HTML),
    }
}

/// The file, or why there is none for this mail. What else keeps us from it is no fault of the mail.
fn read(desk: &Desk, it: &Attachment) -> Result<Result<File, String>> {
    let missing = || Ok(Err(format!("its attachment {} cannot be read", it.name)));
    let Ok(hash) = it.file_hash.parse() else { return missing() };
    let bytes = match desk.store.files().read(hash) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return missing(),
        Err(error) => return Err(StoreError::from(error).into()),
    };
    Ok(Ok(File {
        name: it.name.clone(),
        mime_type: it.mime.clone(),
        bytes,
        content_id: it.content_id.clone().filter(|_| it.inline),
    }))
}
