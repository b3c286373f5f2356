//! A message in, bytes of a mail out.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, UNIX_EPOCH},
};

use domain::addresses::EmailAddress;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Attachment as FilePart, Body, MessageBuilder, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use super::{
    addresses::Mailbox,
    attachments,
    bodies::{self, Bodies},
    headers, lines,
};

/// What we send, before it becomes bytes.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    /// Receive the mail; nobody sees them in it.
    pub bcc: Vec<Mailbox>,
    pub reply_to: Option<Mailbox>,
    pub subject: String,
    /// Identifiers with or without angle brackets.
    pub message_id: String,
    pub in_reply_to: Option<String>,
    /// Newest last.
    pub references: Vec<String>,
    pub text: String,
    /// Cleaned before it leaves. Without it, the HTML is made from the text, and the other way round.
    pub html: Option<String>,
    pub attachments: Vec<File>,
    pub quoted: Option<Quoted>,
    /// The token of the mark in the body: see [`super::marker`].
    pub marker: Option<String>,
    /// The signed value of our loop header.
    pub loop_header: Option<String>,
    /// Whether a program wrote it. Then no program should answer (RFC 3834).
    pub auto_submitted: bool,
    /// Milliseconds UTC.
    pub date: i64,
}

#[derive(Debug, Clone)]
pub struct File {
    pub name: String,
    pub mime_type: String,
    pub bytes: Vec<u8>,
    /// Set for an image that the HTML shows as `cid:…`.
    pub content_id: Option<String>,
}

/// The message that is answered.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// The line above it, such as `On 3 March 2026, Ann Lee wrote:`.
    pub attribution: String,
    pub text: String,
    pub html: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub envelope_from: EmailAddress,
    /// Everyone in to, cc and bcc, once.
    pub recipients: Vec<EmailAddress>,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    #[error("the mail has no recipient")]
    NoRecipient,
    #[error("{0} cannot be written to: not an address that mail servers understand")]
    Address(String),
    #[error("the Message-ID is empty or holds characters that mail servers refuse")]
    MessageId,
    #[error("the mail could not be built: {0}")]
    Build(String),
}

pub fn compose(mail: &Outgoing) -> Result<Composed, ComposeError> {
    // The library panics on some input. Ours is clean, and a mail must not end a worker if it is not.
    catch_unwind(AssertUnwindSafe(|| build(mail)))
        .unwrap_or_else(|_| Err(ComposeError::Build("the mail library failed".to_owned())))
}

fn build(mail: &Outgoing) -> Result<Composed, ComposeError> {
    let mut recipients: Vec<EmailAddress> = Vec::new();
    for it in mail.to.iter().chain(&mail.cc).chain(&mail.bcc) {
        if !recipients.contains(&it.address) {
            recipients.push(it.address.clone());
        }
    }
    if recipients.is_empty() {
        return Err(ComposeError::NoRecipient);
    }
    let sent_to = recipients.iter().map(address).collect::<Result<Vec<_>, _>>()?;
    let envelope = Envelope::new(Some(address(&mail.from.address)?), sent_to)
        .map_err(|it| ComposeError::Build(it.to_string()))?;
    let builder = headers(mail, Message::builder().envelope(envelope))?;
    let message = with_attachments(mail, &bodies::make(mail), builder)?;
    Ok(Composed {
        envelope_from: mail.from.address.clone(),
        recipients,
        bytes: message.formatted(),
    })
}

fn headers(mail: &Outgoing, builder: MessageBuilder) -> Result<MessageBuilder, ComposeError> {
    let date = UNIX_EPOCH + Duration::from_millis(u64::try_from(mail.date).unwrap_or(0));
    let id = identifier(&mail.message_id).ok_or(ComposeError::MessageId)?;
    let mut builder = builder
        .from(mailbox(&mail.from)?)
        .subject(lines::line(&mail.subject, 900))
        .message_id(Some(id))
        .date(date);
    for it in &mail.to {
        builder = builder.to(mailbox(it)?);
    }
    for it in &mail.cc {
        builder = builder.cc(mailbox(it)?);
    }
    if let Some(it) = &mail.reply_to {
        builder = builder.reply_to(mailbox(it)?);
    }
    if let Some(id) = mail.in_reply_to.as_deref().and_then(identifier) {
        builder = builder.in_reply_to(id);
    }
    let references = references(&mail.references);
    if !references.is_empty() {
        builder = builder.references(references);
    }
    if let Some(value) = &mail.loop_header {
        builder = builder.raw_header(raw(headers::LOOP_HEADER, value));
    }
    if mail.auto_submitted {
        builder = builder
            .raw_header(raw("Auto-Submitted", "auto-replied"))
            .raw_header(raw("X-Auto-Response-Suppress", "All"));
    }
    Ok(builder)
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), lines::line(value, 500))
}

/// `<id>`. None for what a header cannot carry: encoded, it would no longer match anything.
fn identifier(id: &str) -> Option<String> {
    let id = headers::clean_id(id)?;
    (id.is_ascii() && id.len() <= 250).then(|| format!("<{id}>"))
}

/// The first and the newest nineteen: enough for every mail program, and a header that servers accept.
fn references(ids: &[String]) -> String {
    let ids: Vec<String> = ids.iter().filter_map(|it| identifier(it)).collect();
    let newest = ids.len().saturating_sub(19).max(1);
    let kept: Vec<String> = ids.iter().take(1).chain(ids.iter().skip(newest)).cloned().collect();
    kept.join(" ")
}

fn mailbox(it: &Mailbox) -> Result<lettre::message::Mailbox, ComposeError> {
    // Names are cleaned again here: a CR in one makes the library panic, a NUL loses the header.
    let clean = Mailbox::new(it.address.clone(), it.name.as_deref());
    Ok(lettre::message::Mailbox::new(clean.name, address(&it.address)?))
}

fn address(it: &EmailAddress) -> Result<Address, ComposeError> {
    Address::new(it.local(), it.domain()).map_err(|_| ComposeError::Address(it.to_string()))
}

/// `mixed(related(alternative(text, html), images), files)`, without the layers that are not needed.
fn with_attachments(
    mail: &Outgoing,
    bodies: &Bodies,
    builder: MessageBuilder,
) -> Result<Message, ComposeError> {
    let mut part = MultiPart::alternative_plain_html(bodies.text.clone(), bodies.html.clone());
    let shown = |it: &&File| inline_id(it).is_some_and(|id| bodies.shows(&id));
    let (images, files): (Vec<&File>, Vec<&File>) = mail.attachments.iter().partition(shown);
    if !images.is_empty() {
        part = images.iter().fold(MultiPart::related().multipart(part), |part, it| {
            let id = inline_id(it).unwrap_or_default();
            part.singlepart(file(it, FilePart::new_inline_with_name(id, name(it))))
        });
    }
    if !files.is_empty() {
        part = files.iter().fold(MultiPart::mixed().multipart(part), |part, it| {
            part.singlepart(file(it, FilePart::new(name(it))))
        });
    }
    builder.multipart(part).map_err(|it| ComposeError::Build(it.to_string()))
}

fn name(it: &File) -> String {
    attachments::name(&it.name, &it.mime_type)
}

/// A Content-ID as both header and HTML carry it.
pub(super) fn inline_id(it: &File) -> Option<String> {
    let id = headers::clean_id(it.content_id.as_deref()?)?;
    let safe = |it: char| it.is_ascii_alphanumeric() || "@.-_+$=".contains(it);
    id.chars().all(safe).then_some(id)
}

fn file(it: &File, part: FilePart) -> SinglePart {
    let (main, sub) = it.mime_type.split_once('/').unwrap_or_default();
    let kind = attachments::mime_type(main, sub);
    // These may not be encoded (RFC 2046 §5), and unencoded they would not arrive as they are.
    let kind = match main.to_ascii_lowercase().as_str() {
        "message" | "multipart" => "application/octet-stream",
        _ => kind.as_str(),
    };
    let kind = ContentType::parse(kind)
        .unwrap_or(ContentType::parse("application/octet-stream").expect("a constant"));
    let body = Body::new_with_encoding(it.bytes.clone(), ContentTransferEncoding::Base64)
        .unwrap_or_else(Body::new);
    part.body(body, kind)
}

#[cfg(test)]
mod tests;
