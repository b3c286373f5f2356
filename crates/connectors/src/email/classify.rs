//! Whether a person wrote a mail. Answers go to people only, and never in circles.

use domain::addresses::EmailAddress;

use super::{
    parse::ParsedMail,
    reports::{self, DeliveryReport, RecipientStatus},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Person,
    /// Why we think that a program wrote it, for a person to read.
    Automatic(&'static str),
    List,
    /// A report that a mail of ours was not delivered to someone.
    Bounce(DeliveryReport),
    /// A copy of what we sent ourselves.
    OwnCopy,
    /// Our own mail, sent back under another name.
    Loop,
}

/// What is ours. Headers from outside are claims: the two functions check them.
pub struct Own<'a> {
    pub addresses: &'a [EmailAddress],
    /// Whether this loop header is one that we signed.
    pub is_our_loop: &'a dyn Fn(&str) -> bool,
    /// Whether we gave this Message-ID to a mail.
    pub is_our_message: &'a dyn Fn(&str) -> bool,
}

/// A mail that claims to be from one of our addresses, without proof, stays a person's: web forms write
/// to a desk in its own name. Nobody may answer such a mail by itself; that is for the caller to see.
pub fn classify(mail: &ParsedMail, own: &Own<'_>) -> Origin {
    if let Some(report) = &mail.report {
        return match report.failed().next() {
            Some(_) => Origin::Bounce(report.clone()),
            None => Origin::Automatic("a delivery notice"),
        };
    }
    if let Some(report) = informal_bounce(mail) {
        return Origin::Bounce(report);
    }
    if mail.read_receipt {
        return Origin::Automatic("a read receipt");
    }
    let from = mail.from.as_ref().map(|it| &it.address);
    let from_us = from.is_some_and(|it| own.addresses.contains(it));
    let signed = mail.signals.loop_header.iter().any(|it| (own.is_our_loop)(it));
    let ours = mail.message_id.as_deref().is_some_and(|it| (own.is_our_message)(it));
    if from_us && (signed || ours) {
        return Origin::OwnCopy;
    }
    let named = |it: &String| EmailAddress::parse(it).is_ok_and(|it| own.addresses.contains(&it));
    if signed || ours || mail.signals.x_loop.iter().any(named) {
        return Origin::Loop;
    }
    if let Some(reason) = automatic(mail) {
        return Origin::Automatic(reason);
    }
    match mail.signals.list_id.is_some() || is(&mail.signals.precedence, &["list"]) {
        true => Origin::List,
        false => Origin::Person,
    }
}

/// The reason given for the answer of a program, such as an absence notice. Other automatic mail may
/// ask somebody to act; this does not.
pub const AUTOMATIC_REPLY: &str = "an automatic reply";

fn automatic(mail: &ParsedMail) -> Option<&'static str> {
    let signals = &mail.signals;
    // RFC 3834 §5: `no` is what a person's mail may say; parameters may follow the word.
    let submitted = signals.auto_submitted.as_deref().and_then(|it| it.split([';', ' ']).next());
    match submitted.map(str::to_ascii_lowercase).as_deref() {
        None | Some("no" | "") => {}
        Some("auto-replied") => return Some(AUTOMATIC_REPLY),
        Some(_) => return Some("an automatic message"),
    }
    if is(&signals.precedence, &["auto_reply", "auto-reply"]) || signals.autoreply {
        return Some(AUTOMATIC_REPLY);
    }
    // Outlook writes a shorter list into what people send; only `All` is a program's word.
    if signals.x_auto_response_suppress.as_deref().is_some_and(suppresses_all) {
        return Some("a message that asks for no automatic answers");
    }
    if signals.list_id.is_none() && is(&signals.precedence, &["bulk", "junk"]) {
        return Some("bulk mail");
    }
    if signals.return_path.as_deref() == Some("") {
        return Some("a message without a return address");
    }
    let subject = mail.subject.as_deref().unwrap_or_default().to_lowercase();
    AUTOREPLY_SUBJECTS.iter().any(|it| subject.starts_with(it)).then_some(AUTOMATIC_REPLY)
}

/// Programs that set no header begin the subject with one of these.
const AUTOREPLY_SUBJECTS: [&str; 22] = [
    "automatic reply:",
    "auto reply:",
    "auto-reply:",
    "autoreply:",
    "out of office:",
    "out of office autoreply",
    "automatische antwort:",
    "abwesenheitsnotiz",
    "abwesend:",
    "automatisch antwoord:",
    "réponse automatique",
    "respuesta automática",
    "resposta automática",
    "risposta automatica",
    "balasan otomatis",
    "jawaban otomatis",
    "automatisk svar:",
    "autosvar:",
    "automaattinen vastaus",
    "automatická odpověď",
    "автоответ",
    "自动回复",
];

/// Exchange (MS-OXCMAIL §2.1.3.2.20): a list of what should not be sent in answer.
fn suppresses_all(value: &str) -> bool {
    value.split([',', ' ', ';']).any(|it| it.eq_ignore_ascii_case("all"))
}

fn is(value: &Option<String>, words: &[&str]) -> bool {
    value.as_deref().is_some_and(|it| words.iter().any(|word| it.trim().eq_ignore_ascii_case(word)))
}

/// Bounces in prose, as old servers write them: from the mail system, to nobody who could answer.
fn informal_bounce(mail: &ParsedMail) -> Option<DeliveryReport> {
    let local = mail.from.as_ref().map(|it| it.address.local()).unwrap_or_default();
    let from_system = matches!(local, "mailer-daemon" | "postmaster" | "mail-daemon" | "mdaemon");
    let failed = !mail.signals.failed_recipients.is_empty();
    let subject = mail.subject.as_deref().unwrap_or_default().to_lowercase();
    let told = FAILURE_SUBJECTS.iter().any(|it| subject.contains(it));
    let null_path = mail.signals.return_path.as_deref() == Some("");
    if !(from_system && (failed || told || null_path) || failed && null_path) {
        return None;
    }
    let attached = mail
        .attachments
        .iter()
        .filter(|it| it.mime_type.starts_with("message/"))
        .find_map(|it| reports::message_id_in(&it.bytes));
    let message_id = attached.or_else(|| message_id_in_text(&mail.text));
    let status = status_code(&mail.text);
    let recipients = match failed {
        true => mail.signals.failed_recipients.clone(),
        false => bounced_address(mail).into_iter().collect(),
    };
    let diagnostic = mail.text.lines().find(|it| status_code(it).is_some()).or(Some(&subject));
    let entry = |recipient: Option<String>| RecipientStatus {
        final_recipient: recipient,
        action: "failed".to_owned(),
        status: status.clone(),
        diagnostic: diagnostic.map(|it| super::lines::line(it, 500)),
    };
    let recipients = match recipients.is_empty() {
        true => vec![entry(None)],
        false => recipients.into_iter().map(|it| entry(Some(it))).collect(),
    };
    Some(DeliveryReport { recipients, message_id })
}

const FAILURE_SUBJECTS: [&str; 12] = [
    "undeliver",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "failure notice",
    "returned mail",
    "mail delivery",
    "unzustellbar",
    "nicht zugestellt",
    "non remis",
    "no se puede entregar",
    "tidak terkirim",
];

fn message_id_in_text(text: &str) -> Option<String> {
    let line = text.lines().find_map(|it| {
        let it = it.trim_start_matches(['>', ' ', '\t']);
        let (name, value) = it.split_once(':')?;
        name.eq_ignore_ascii_case("message-id").then_some(value)
    })?;
    super::headers::clean_id(line.trim())
}

/// The first address in the text that is not the mail system's own.
fn bounced_address(mail: &ParsedMail) -> Option<String> {
    let own = mail.from.as_ref().map(|it| &it.address);
    mail.text
        .split(|it: char| it.is_whitespace() || "<>()[]\"',;:".contains(it))
        .take(2000)
        .filter(|it| it.contains('@'))
        .filter_map(|it| EmailAddress::parse(it.trim_end_matches('.')).ok())
        .find(|it| Some(it) != own)
        .map(|it| it.as_str().to_owned())
}

/// An enhanced status code of failure (RFC 3463), such as `5.1.1`.
fn status_code(text: &str) -> Option<String> {
    text.split(|it: char| !(it.is_ascii_digit() || it == '.'))
        .map(|it| it.trim_end_matches('.'))
        .find(|it| {
            let parts: Vec<&str> = it.split('.').take(4).collect();
            parts.len() == 3
                && matches!(parts[0], "4" | "5")
                && parts[1..].iter().all(|it| (1..=3).contains(&it.len()))
        })
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::parse::parse;

    fn origin(headers: &str, body: &str) -> Origin {
        let raw = format!("{headers}\r\n\r\n{body}\r\n");
        let own = Own {
            addresses: &[EmailAddress::parse("desk@ours.example").unwrap()],
            is_our_loop: &|it| it == "signed",
            is_our_message: &|it| it.ends_with("@ids.ours.example"),
        };
        classify(&parse(raw.as_bytes()).unwrap(), &own)
    }

    #[test]
    fn each_kind_is_recognised() {
        let auto = Origin::Automatic;
        let cases = [
            ("Subject: hi", Origin::Person),
            ("Auto-Submitted: no", Origin::Person),
            ("Auto-Submitted: No (a person)", Origin::Person),
            ("Auto-Submitted: auto-replied; owner=x", auto(AUTOMATIC_REPLY)),
            ("Auto-Submitted: auto-generated", auto("an automatic message")),
            ("Precedence: AUTO_REPLY", auto(AUTOMATIC_REPLY)),
            ("Precedence: bulk", auto("bulk mail")),
            ("Precedence: list", Origin::List),
            ("Precedence: bulk\r\nList-ID: <a.b>", Origin::List),
            ("List-Unsubscribe: <https://x.example/>", Origin::Person),
            ("X-Auto-Response-Suppress: DR, OOF, AutoReply", Origin::Person),
            ("X-Auto-Response-Suppress: All", auto("a message that asks for no automatic answers")),
            ("X-Autoreply: yes", auto(AUTOMATIC_REPLY)),
            ("Return-Path: <>", auto("a message without a return address")),
            ("Subject: Abwesenheitsnotiz: Ihre Anfrage", auto(AUTOMATIC_REPLY)),
            ("X-Deskbell-Loop: forged", Origin::Person),
            ("X-Deskbell-Loop: forged\r\nX-Deskbell-Loop: signed", Origin::Loop),
            ("X-Loop: desk@ours.example", Origin::Loop),
            ("X-Loop: other@x.example", Origin::Person),
            ("Message-ID: <1@ids.ours.example>", Origin::Loop),
        ];
        for (headers, want) in cases {
            assert_eq!(origin(&format!("From: a@x.example\r\n{headers}"), "x"), want, "{headers}");
        }
        let ours = [
            ("Message-ID: <1@ids.ours.example>", Origin::OwnCopy),
            ("X-Deskbell-Loop: signed", Origin::OwnCopy),
            ("X-Deskbell-Loop: forged\r\nReply-To: form@x.example", Origin::Person),
        ];
        for (headers, want) in ours {
            assert_eq!(
                origin(&format!("From: desk@ours.example\r\n{headers}"), "x"),
                want,
                "{headers}"
            );
        }
    }

    #[test]
    fn bounces_in_prose_are_found() {
        let headers = "From: Mail System <MAILER-DAEMON@mx.example>\r\nReturn-Path: <>\r\n\
            Subject: Undelivered Mail Returned to Sender";
        let body = "I could not deliver to <ann@x.example>:\r\n550 5.1.1 no such user.\r\n\r\n\
            --- copy ---\r\nSubject: hi\r\nMessage-ID: <1@ids.ours.example>\r\n";
        let Origin::Bounce(report) = origin(headers, body) else { panic!("no bounce") };
        assert_eq!(report.message_id.as_deref(), Some("1@ids.ours.example"));
        let [it] = report.recipients.as_slice() else { panic!("{:?}", report.recipients) };
        assert_eq!(it.final_recipient.as_deref(), Some("ann@x.example"));
        assert_eq!(it.status.as_deref(), Some("5.1.1"));
        assert_eq!(it.diagnostic.as_deref(), Some("550 5.1.1 no such user."));
        // A postmaster who writes a letter is a person.
        assert_eq!(origin("From: postmaster@x.example\r\nSubject: question", "hi"), Origin::Person);
    }

    #[test]
    fn only_failures_are_bounces() {
        for (action, bounce) in [("failed", true), ("delayed", false), ("delivered", false)] {
            let headers = "From: mailer-daemon@x.example\r\nContent-Type: multipart/report; \
                report-type=delivery-status; boundary=b";
            let body = format!(
                "--b\r\n\r\nSorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
                Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; ann@x.example\r\n\
                Action: {action}\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n\
                Message-ID: <7@ids.ours.example>\r\n--b--"
            );
            let got = origin(headers, &body);
            match (got, bounce) {
                (Origin::Bounce(report), true) => {
                    assert_eq!(report.message_id.as_deref(), Some("7@ids.ours.example"));
                }
                (Origin::Automatic(_), false) => {}
                (got, _) => panic!("{action}: {got:?}"),
            }
        }
    }
}
