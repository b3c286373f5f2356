//! Tests of [`super`].

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
    let mut names: Vec<_> = part.headers.iter().map(|it| it.name.as_str().to_lowercase()).collect();
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
    let names: Vec<_> = got.attachments.iter().map(|it| (it.name.as_str(), it.inline)).collect();
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
