//! Bytes of a mail in, a message a person can read out. Never panics; what cannot be read is told why.

use mail_parser::HeaderName;

use super::{
    addresses::{self, Mailbox},
    attachments::{self, Attachment},
    clean::MAX_HTML,
    escape::escape,
    flowed,
    headers::{self, Signals},
    lines,
    parts::{self, Part},
    plain::{self, Links},
    reports::{self, DeliveryReport},
};

/// Bytes, as common mail servers allow.
pub const MAX_MAIL: usize = 50 * 1024 * 1024;
pub const MAX_ATTACHMENTS: usize = 200;
/// Bytes of text shown and searched; the raw mail keeps the rest.
const MAX_TEXT: usize = 1024 * 1024;
const MAX_SUBJECT: usize = 500;

/// Why a mail is set aside instead of shown. The words are for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the mail is larger than 50 MB")]
    TooLarge,
    #[error("the mail's parts are nested more than 20 deep")]
    TooDeep,
    #[error("the mail has more than 500 parts")]
    TooManyParts,
    #[error("the mail has more than 200 attachments")]
    TooManyAttachments,
    #[error("this does not start with mail headers")]
    NoHeaders,
    #[error("the mail has no subject, no text and no attachment that could be read")]
    Empty,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedMail {
    /// Identifiers are without brackets, at most 998 bytes.
    pub message_id: Option<String>,
    pub in_reply_to: Vec<String>,
    /// Newest last, the newest 100.
    pub references: Vec<String>,
    pub from: Option<Mailbox>,
    /// See [`addresses::Sender`].
    pub ambiguous_from: bool,
    pub sender: Option<Mailbox>,
    pub reply_to: Vec<Mailbox>,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub delivered_to: Vec<Mailbox>,
    pub subject: Option<String>,
    /// Milliseconds UTC, as the sender claims.
    pub date: Option<i64>,
    /// LF line ends. Empty when the mail has no text.
    pub text: String,
    /// As sent: clean it before anyone sees it.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    pub signals: Signals,
    pub report: Option<DeliveryReport>,
    /// A notice that somebody opened a mail (RFC 8098).
    pub read_receipt: bool,
}

pub fn parse(raw: &[u8]) -> Result<ParsedMail, Unreadable> {
    if raw.len() > MAX_MAIL {
        return Err(Unreadable::TooLarge);
    }
    let root = parts::read(raw)?;
    let headers = &root.headers;
    if headers.is_empty() {
        return Err(Unreadable::NoHeaders);
    }
    let mut content = Content::default();
    content.collect(&root, true)?;
    let sender = addresses::sender(headers);
    let mail = ParsedMail {
        message_id: headers::message_id(headers),
        in_reply_to: headers::ids(headers, &HeaderName::InReplyTo),
        references: headers::ids(headers, &HeaderName::References),
        from: sender.mailbox,
        ambiguous_from: sender.ambiguous,
        sender: addresses::list(headers, &HeaderName::Sender).into_iter().next(),
        reply_to: addresses::list(headers, &HeaderName::ReplyTo),
        to: addresses::list(headers, &HeaderName::To),
        cc: addresses::list(headers, &HeaderName::Cc),
        delivered_to: delivered_to(raw, &root),
        subject: headers::decoded(headers, &HeaderName::Subject, MAX_SUBJECT),
        date: headers::date(headers),
        text: content.text(),
        html: content.html(),
        signals: headers::signals(raw, headers),
        attachments: content.attachments,
        report: content.report,
        read_receipt: content.read_receipt,
    };
    let has_words = !mail.text.is_empty() || mail.subject.is_some();
    if !has_words && mail.attachments.is_empty() && mail.report.is_none() {
        return Err(Unreadable::Empty);
    }
    Ok(mail)
}

fn delivered_to(raw: &[u8], root: &Part<'_>) -> Vec<Mailbox> {
    ["Delivered-To", "X-Original-To", "Envelope-To"]
        .iter()
        .flat_map(|name| headers::texts(raw, &root.headers, name).take(20))
        .filter_map(|it| it.trim_matches(['<', '>', ' ']).parse().ok())
        .map(|it| Mailbox::new(it, None))
        .collect()
}

#[derive(Default)]
struct Content {
    pieces: Vec<Piece>,
    attachments: Vec<Attachment>,
    report: Option<DeliveryReport>,
    read_receipt: bool,
}

/// One stretch of the body, in the forms the sender wrote it in.
#[derive(Default)]
struct Piece {
    plain: String,
    html: String,
}

impl Content {
    fn collect(&mut self, part: &Part<'_>, root: bool) -> Result<(), Unreadable> {
        match part.mime_type.as_str() {
            "multipart/alternative" => {
                let outer = std::mem::take(&mut self.pieces);
                self.collect_children(part)?;
                let inner = std::mem::replace(&mut self.pieces, outer);
                self.pieces.push(merge(inner));
            }
            it if it.starts_with("multipart/") => {
                if it == "multipart/report" {
                    self.report = self.report.take().or_else(|| reports::read(part));
                    let kind = part.parameter("report-type").unwrap_or_default();
                    self.read_receipt |= kind.eq_ignore_ascii_case("disposition-notification");
                }
                self.collect_children(part)?;
            }
            it if root && is_body(it) && !part.disposition().is_some_and(is_attachment) => {
                self.body(part);
            }
            it if is_body(it)
                && part.file_name().is_none()
                && !part.disposition().is_some_and(is_attachment) =>
            {
                self.body(part);
            }
            // What these say has been read into the report.
            "message/delivery-status"
            | "message/disposition-notification"
            | "text/rfc822-headers"
                if !root => {}
            _ => self.attach(part)?,
        }
        Ok(())
    }

    fn collect_children(&mut self, part: &Part<'_>) -> Result<(), Unreadable> {
        part.children.iter().try_for_each(|it| self.collect(it, false))
    }

    fn body(&mut self, part: &Part<'_>) {
        let text = lines::block(&part.text());
        let mut piece = Piece::default();
        if part.mime_type == "text/html" {
            piece.html = text;
        } else if part.parameter("format").is_some_and(|it| it.eq_ignore_ascii_case("flowed")) {
            let delete = part.parameter("delsp").is_some_and(|it| it.eq_ignore_ascii_case("yes"));
            piece.plain = flowed::unfold(&text, delete);
        } else {
            piece.plain = text;
        }
        self.pieces.push(piece);
    }

    fn attach(&mut self, part: &Part<'_>) -> Result<(), Unreadable> {
        if self.attachments.len() >= MAX_ATTACHMENTS {
            return Err(Unreadable::TooManyAttachments);
        }
        let content_id = headers::ids(&part.headers, &HeaderName::ContentId).into_iter().next();
        let disposition = part.disposition();
        let shown = content_id.is_some() || disposition.is_some_and(|it| !is_attachment(it));
        let inline = shown
            && !disposition.is_some_and(is_attachment)
            && part.mime_type.starts_with("image/");
        self.attachments.push(Attachment {
            name: attachments::name(part.file_name().unwrap_or_default(), &part.mime_type),
            mime_type: part.mime_type.clone(),
            content_id,
            inline,
            bytes: part.bytes(),
        });
        Ok(())
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            let text = match piece.plain.trim().is_empty() {
                true => plain::from_html(&piece.html, Links::Hide),
                false => piece.plain.clone(),
            };
            join(&mut out, text.trim_end().trim_start_matches('\n'), "\n\n");
        }
        lines::cut(&out, MAX_TEXT).to_owned()
    }

    /// None unless some part of the body is HTML. Nor where it is larger than could be cleaned: it
    /// would be shown as text anyway, and a thread of such mails would fill the memory.
    fn html(&self) -> Option<String> {
        if self.pieces.iter().all(|it| it.html.trim().is_empty()) {
            return None;
        }
        let mut out = String::new();
        for piece in &self.pieces {
            match piece.html.trim().is_empty() {
                true => join(&mut out, &escape(piece.plain.trim()), "<br>\n"),
                false => join(&mut out, &piece.html, "<br>\n"),
            }
        }
        Some(out).filter(|it| it.len() <= MAX_HTML)
    }
}

/// The forms of one text; a sender of several alternatives means them all to say the same.
fn merge(pieces: Vec<Piece>) -> Piece {
    let mut out = Piece::default();
    for it in pieces {
        join(&mut out.plain, &it.plain, "\n\n");
        join(&mut out.html, &it.html, "<br>\n");
    }
    out
}

fn join(out: &mut String, more: &str, between: &str) {
    if more.trim().is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push_str(between);
    }
    out.push_str(more);
}

fn is_body(mime_type: &str) -> bool {
    matches!(mime_type, "text/plain" | "text/html")
}

fn is_attachment(disposition: &str) -> bool {
    disposition.eq_ignore_ascii_case("attachment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_told_in_words() {
        let parts = |count: usize, kind: &str| {
            let part = format!("--b\r\nContent-Type: {kind}\r\n\r\nx\r\n");
            format!(
                "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
                part.repeat(count)
            )
        };
        let mut deep = "Subject: x\r\n".to_owned();
        for it in 0..30 {
            deep += &format!("Content-Type: multipart/mixed; boundary=b{it}\r\n\r\n--b{it}\r\n");
        }
        let cases = [
            (vec![b'x'; MAX_MAIL + 1], Unreadable::TooLarge),
            (deep.into_bytes(), Unreadable::TooDeep),
            (parts(10_000, "text/plain").into_bytes(), Unreadable::TooManyParts),
            (parts(201, "image/png").into_bytes(), Unreadable::TooManyAttachments),
            (b"".to_vec(), Unreadable::NoHeaders),
            (b"\r\n\r\n\0\0".to_vec(), Unreadable::NoHeaders),
            (b"From: a@b.c\r\n\r\n  \r\n".to_vec(), Unreadable::Empty),
        ];
        for (raw, want) in cases {
            assert_eq!(parse(&raw).err(), Some(want));
        }
    }

    #[test]
    fn a_tower_of_attached_messages_is_one_attachment() {
        let raw = "Subject: x\n".to_owned() + &"Content-Type: message/rfc822\n\n".repeat(200_000);
        let mail = parse(raw.as_bytes()).unwrap();
        assert_eq!(mail.attachments.len(), 1);
        assert_eq!(mail.attachments[0].name, "message.eml");
    }

    #[test]
    fn the_best_text_is_chosen() {
        let cases = [
            ("text/plain", "Hi\r\n\r\nBye", "Hi\n\nBye", None),
            ("text/html", "<p>Hi</p>", "Hi", Some("<p>Hi</p>")),
            (
                "multipart/alternative; boundary=b",
                "--b\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n<i>rich</i>\r\n--b--",
                "plain",
                Some("<i>rich</i>"),
            ),
            (
                "multipart/alternative; boundary=b",
                "--b\r\n\r\n \r\n--b\r\nContent-Type: text/html\r\n\r\n<i>rich</i>\r\n--b--",
                "rich",
                Some("<i>rich</i>"),
            ),
            (
                "multipart/mixed; boundary=b",
                "--b\r\n\r\na<\r\n--b\r\nContent-Type: text/html\r\n\r\n<i>b</i>\r\n--b--",
                "a<\n\nb",
                Some("a&lt;<br>\n<i>b</i>"),
            ),
            ("multipart/mixed; boundary=lost", "still text", "still text", None),
        ];
        for (kind, body, text, html) in cases {
            let raw = format!("Subject: x\r\nContent-Type: {kind}\r\n\r\n{body}\r\n");
            let mail = parse(raw.as_bytes()).unwrap();
            assert_eq!(
                (mail.text.as_str(), mail.html.as_deref().map(str::trim)),
                (text, html),
                "{body}"
            );
        }
    }

    #[test]
    fn headers_are_cleaned() {
        let raw = "Message-ID: < a b@c >\r\nReferences: <1@x> <2@x>\r\n <3@x>\r\nIn-Reply-To: <3@x>\r\n\
            Subject: =?utf-8?q?a=0D=0Ab=00c_e=CC=81?=\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\n\
            Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n\r\nx";
        let mail = parse(raw.as_bytes()).unwrap();
        assert_eq!(mail.message_id.as_deref(), Some("ab@c"));
        assert_eq!(mail.references, ["1@x", "2@x", "3@x"]);
        assert_eq!(mail.in_reply_to, ["3@x"]);
        assert_eq!(mail.subject.as_deref(), Some("a b c é"));
        assert_eq!(mail.date, None);
        assert_eq!(mail.signals.return_path.as_deref(), Some(""));
        assert_eq!(mail.signals.auto_submitted.as_deref(), Some("auto-replied"));
    }
}
