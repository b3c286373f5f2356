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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::email::{marker, parse::parse, parts};

    fn outgoing() -> Outgoing {
        let mailbox = |it: &str, name| Mailbox::new(EmailAddress::parse(it).unwrap(), name);
        Outgoing {
            from: mailbox("desk@ours.example", Some("Desk, Ünit")),
            to: vec![mailbox("ann@x.example", Some("Ann"))],
            cc: vec![mailbox("bob@x.example", None)],
            bcc: vec![mailbox("secret@x.example", None), mailbox("ann@x.example", None)],
            reply_to: Some(mailbox("desk+tok1@ours.example", None)),
            subject: "Ihre Größe".to_owned(),
            message_id: "1@ids.ours.example".to_owned(),
            in_reply_to: Some("<q@x.example>".to_owned()),
            references: vec!["p@x.example".to_owned(), "q@x.example".to_owned()],
            text: "Hello Ann,\n\nbye".to_owned(),
            html: None,
            attachments: Vec::new(),
            quoted: None,
            marker: Some("mark1234".to_owned()),
            loop_header: Some("signed".to_owned()),
            auto_submitted: false,
            date: 1_760_000_000_000,
        }
    }

    /// The names of the mail's own headers, in lower case and sorted.
    fn names(bytes: &[u8]) -> Vec<String> {
        let part = parts::read(bytes).unwrap();
        let mut names: Vec<_> =
            part.headers.iter().map(|it| it.name.as_str().to_lowercase()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_sent_reads_as_it_was_written() {
        let mail = outgoing();
        let sent = compose(&mail).unwrap();
        let to: Vec<_> = sent.recipients.iter().map(EmailAddress::as_str).collect();
        assert_eq!(to, ["ann@x.example", "bob@x.example", "secret@x.example"]);
        assert!(!String::from_utf8_lossy(&sent.bytes).contains("secret"));
        assert_eq!(
            names(&sent.bytes),
            [
                "cc",
                "content-type",
                "date",
                "from",
                "in-reply-to",
                "message-id",
                "mime-version",
                "references",
                "reply-to",
                "subject",
                "to",
                "x-deskbell-loop"
            ]
        );
        let got = parse(&sent.bytes).unwrap();
        assert_eq!(got.from, Some(mail.from));
        assert!(!got.ambiguous_from);
        assert_eq!((got.to, got.cc), (mail.to, mail.cc));
        assert_eq!(got.subject.as_deref(), Some("Ihre Größe"));
        assert_eq!(got.message_id.as_deref(), Some("1@ids.ours.example"));
        assert_eq!(
            (got.references, got.in_reply_to),
            (mail.references, vec!["q@x.example".to_owned()])
        );
        assert_eq!(got.date, Some(mail.date));
        assert_eq!(got.text, "Hello Ann,\n\nbye\n\n[ref:mark1234]");
        assert_eq!(marker::find("", got.html.as_deref()).as_deref(), Some("mark1234"));
        assert_eq!(got.signals.loop_header, ["signed"]);
    }

    #[test]
    fn automatic_mail_says_so() {
        let sent = compose(&Outgoing { auto_submitted: true, ..outgoing() }).unwrap();
        let got = parse(&sent.bytes).unwrap().signals;
        assert_eq!(got.auto_submitted.as_deref(), Some("auto-replied"));
        assert_eq!(got.x_auto_response_suppress.as_deref(), Some("All"));
    }

    #[test]
    fn html_is_cleaned_and_files_arrive_unchanged() {
        let file = |name: &str, kind: &str, id: Option<&str>| File {
            name: name.to_owned(),
            mime_type: kind.to_owned(),
            bytes: b"one\ntwo\r\n\0\xff".to_vec(),
            content_id: id.map(str::to_owned),
        };
        let sent = compose(&Outgoing {
            text: String::new(),
            html: Some("<p>See <a href='https://x.example/'>this</a> <img src='cid:i@x'><script>x</script></p>".to_owned()),
            attachments: vec![
                file("größe\r\nX: y.png", "image/png", Some("i@x")),
                file("../a.csv", "text/csv", None),
                file("m.eml", "message/rfc822", None),
                file("unused.png", "image/png", Some("unused@x")),
            ],
            quoted: Some(Quoted {
                attribution: "On 3 March 2026, Ann <b> wrote:".to_owned(),
                text: "old\n> older".to_owned(),
                html: Some("old<img src='https://t.example/x.gif'><style>x</style>".to_owned()),
            }),
            ..outgoing()
        })
        .unwrap();
        let got = parse(&sent.bytes).unwrap();
        assert_eq!(
            got.text,
            "See this <https://x.example/>\n\n[ref:mark1234]\n\nOn 3 March 2026, Ann <b> wrote:\n> old\n>> older"
        );
        let html = got.html.unwrap();
        assert!(html.contains("<img src=\"cid:i@x\">") && html.contains("Ann &lt;b&gt; wrote"));
        assert!(!html.contains("script") && !html.contains("t.example"));
        let names: Vec<_> =
            got.attachments.iter().map(|it| (it.name.as_str(), it.inline)).collect();
        assert_eq!(
            names,
            [("größe X: y.png", true), ("a.csv", false), ("m.eml", false), ("unused.png", false)]
        );
        assert_eq!(got.attachments[0].content_id.as_deref(), Some("i@x"));
        assert!(got.attachments.iter().all(|it| it.bytes == b"one\ntwo\r\n\0\xff"));
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        let nobody = Outgoing { to: vec![], cc: vec![], bcc: vec![], ..outgoing() };
        assert_eq!(compose(&nobody), Err(ComposeError::NoRecipient));
        for id in ["", "< >", "ü@x"] {
            let mail = Outgoing { message_id: id.to_owned(), ..outgoing() };
            assert_eq!(compose(&mail), Err(ComposeError::MessageId), "{id}");
        }
    }

    proptest! {
        #[test]
        fn no_text_adds_a_header(
            odd in "(\\PC|[\r\n\u{0}\t\"\\\\<>@,;:]|\r\nBcc: e@x\\.y|=\\?utf-8\\?q\\?=0D=0ABcc\\?=){0,12}",
            which in 0..8usize,
        ) {
            let mut mail = outgoing();
            match which {
                0 => mail.from.name = Some(odd),
                1 => mail.to[0].name = Some(odd),
                2 => mail.subject = odd,
                3 => mail.in_reply_to = Some(odd),
                4 => mail.references = vec![odd],
                5 => mail.loop_header = Some(odd),
                6 => mail.text = odd,
                _ => mail.attachments = vec![File {
                    name: odd.clone(), mime_type: odd.clone(), bytes: vec![1], content_id: Some(odd),
                }],
            }
            let sent = compose(&mail).unwrap();
            let expected = ["cc", "content-type", "date", "from", "in-reply-to", "message-id", "mime-version",
                "references", "reply-to", "subject", "to", "x-deskbell-loop"];
            for name in names(&sent.bytes) {
                prop_assert!(expected.contains(&name.as_str()), "{}", name);
            }
            let got = parse(&sent.bytes).unwrap();
            prop_assert_eq!(got.from.unwrap().address, mail.from.address);
            prop_assert_eq!(got.to.len(), 1);
            prop_assert!(sent.bytes.split(|it| *it == b'\n').all(|it| it.len() <= 999));
        }
    }
}
