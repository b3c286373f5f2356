//! Whole mails: our own fixtures, and a folder of real ones where it is there.
#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its helper functions too"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use connectors::email::{
    classify::{self, Origin, Own},
    clean::{self, Display, RemoteImages},
    marker,
    parse::{ParsedMail, Unreadable, parse},
    quote, rules,
};
use domain::addresses::EmailAddress;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail")
}

fn fixture(name: &str) -> ParsedMail {
    parse(&fs::read(fixtures().join(name).with_extension("eml")).unwrap()).unwrap()
}

fn mails(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.extension().is_some_and(|it| it == "eml"))
        .map(|it| (it.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&it).unwrap()))
        .collect();
    out.sort();
    out
}

fn origin(mail: &ParsedMail) -> Origin {
    let own = Own {
        addresses: &[EmailAddress::parse("desk@ours.example").unwrap()],
        is_our_loop: &|_| false,
        is_our_message: &|it| it.ends_with("@ids.ours.example"),
    };
    classify::classify(mail, &own)
}

fn shown(mail: &ParsedMail) -> String {
    let inline = |id: &str| {
        let found = mail.attachments.iter().position(|it| it.content_id.as_deref() == Some(id));
        found.map(|it| format!("/files/{it}"))
    };
    let display = Display { inline: &inline, remote_images: RemoteImages::Blocked };
    clean::clean(mail.html.as_deref().unwrap_or_default(), &display).html
}

/// A person can see something of it, or is told why not; nothing of it is active.
fn check(name: &str, raw: &[u8]) -> Result<(), Unreadable> {
    let mail = parse(raw)?;
    let readable =
        !mail.text.trim().is_empty() || !mail.attachments.is_empty() || mail.subject.is_some();
    assert!(readable, "{name}: nothing to read");
    assert!(!mail.text.contains(['\0', '\r']), "{name}");
    for it in &mail.attachments {
        assert!(!it.name.is_empty() && !it.name.contains(['/', '\\']), "{name}: {:?}", it.name);
    }
    let split = quote::split(&mail.text);
    let blank = marker::hide(&mail.text).trim().is_empty();
    assert!(blank || !split.text.trim().is_empty(), "{name}: lost its text");
    origin(&mail);
    if let Some(html) = &mail.html {
        let display = Display { inline: &|_| None, remote_images: RemoteImages::Blocked };
        let once = clean::clean(html, &display).html;
        assert_eq!(rules::forbidden(&once), None, "{name}");
        assert_eq!(clean::clean(&once, &display).html, once, "{name}");
    }
    Ok(())
}

/// Cuts and damage anywhere, the same on each run.
fn check_damaged(name: &str, raw: &[u8]) {
    let mut state = raw.iter().fold(0x9e37_79b9_7f4a_7c15u64, |it, byte| {
        (it ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    let mut below = |max: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % max.max(1) as u64) as usize
    };
    for _ in 0..40 {
        let mut damaged = raw[..below(raw.len() + 1)].to_vec();
        let _ = check(&format!("{name} cut to {}", damaged.len()), &damaged);
        damaged = raw.to_vec();
        for _ in 0..=below(10) {
            let at = below(damaged.len());
            damaged[at] = below(256) as u8;
        }
        let _ = check(&format!("{name} damaged"), &damaged);
    }
}

#[test]
fn every_fixture_is_readable_whole_and_survives_damage() {
    let all = mails(&fixtures());
    assert!(all.len() >= 17);
    for (name, raw) in all {
        assert_eq!(check(&name, &raw), Ok(()), "{name}");
        check_damaged(&name, &raw);
    }
}

#[test]
fn every_real_mail_is_readable_or_refused_with_a_reason() {
    let folder = std::env::var_os("DESKBELL_CORPUS").map(PathBuf::from).unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/mail")
    });
    if !folder.is_dir() {
        println!("Skipped: no folder {}", folder.display());
        return;
    }
    for (name, raw) in mails(&folder) {
        if let Err(reason) = check(&name, &raw) {
            assert!(!reason.to_string().is_empty());
            println!("{name}: {reason}");
        }
        check_damaged(&name, &raw);
    }
}

#[test]
fn mail_programs_are_understood() {
    let apple = fixture("apple_inline");
    assert_eq!(apple.text, "The handle came off… \n\nsee here.");
    assert_eq!(apple.attachments[0].name, "IMG_0042.png");
    assert!(apple.attachments[0].inline && apple.attachments[0].bytes.starts_with(b"\x89PNG"));

    let outlook = fixture("outlook_inline");
    let split = quote::split(&outlook.text);
    assert_eq!(split.text, "Grüße, anbei das Logo.\n[cid:image001.png@01DA]");
    assert!(split.quoted.unwrap().contains("Bitte senden"));
    assert!(shown(&outlook).contains("<img width=\"60\" src=\"/files/0\">"), "{}", shown(&outlook));
    assert_eq!(outlook.references.last().map(String::as_str), Some("out1@ids.ours.example"));
    assert_eq!(marker::subject_number(outlook.subject.as_deref().unwrap()), Some(1042));
    assert_eq!(origin(&outlook), Origin::Person);

    let invite = fixture("calendar_invite");
    assert_eq!(invite.text, "You have been invited to a review call.");
    let names: Vec<_> = invite.attachments.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["invite.ics", "invite.ics"]);

    let signed = fixture("pgp_signed");
    let split = quote::split(&signed.text);
    assert_eq!(
        (split.text.as_str(), split.signature.as_deref()),
        ("Is this signature valid?", Some("-- \nAnn"))
    );
    assert_eq!(signed.attachments[0].name, "OpenPGP_signature.asc");

    let flowed = quote::split(&fixture("format_flowed").text);
    assert!(flowed.text.ends_with("although it is really one long line."), "{flowed:?}");
    assert!(flowed.quoted.unwrap().contains("> A question that is also broken."));

    let nested = fixture("nested_message");
    assert_eq!(nested.text, "See the attached mails.");
    assert_eq!(nested.attachments[0].name, "message.eml");
    assert_eq!(parse(&nested.attachments[0].bytes).unwrap().subject.as_deref(), Some("Your order"));
}

#[test]
fn programs_are_told_from_people() {
    let bounce = |name: &str, id: &str, status: &str| {
        let Origin::Bounce(report) = origin(&fixture(name)) else { panic!("{name}") };
        assert_eq!(report.message_id.as_deref(), Some(id), "{name}");
        let failed = report.failed().next().unwrap();
        assert_eq!(failed.final_recipient.as_deref(), Some("ann@customer.example"), "{name}");
        assert_eq!(failed.status.as_deref(), Some(status), "{name}");
        assert!(failed.diagnostic.as_deref().unwrap().contains("550"), "{name}");
    };
    bounce("bounce_dsn", "out7@ids.ours.example", "5.1.1");
    bounce("informal_bounce", "out9@ids.ours.example", "5.2.1");
    for name in ["autoreply_german", "autoreply_indonesian"] {
        assert_eq!(origin(&fixture(name)), Origin::Automatic("an automatic reply"), "{name}");
    }
    assert_eq!(origin(&fixture("list_mail")), Origin::List);
    assert_eq!(origin(&fixture("no_message_id")), Origin::Person);
}

#[test]
fn hostile_and_damaged_mails_are_read_with_care() {
    let two = fixture("two_from");
    assert!(two.ambiguous_from);
    assert_eq!(two.from.unwrap().address.as_str(), "boss@ours.example");

    let utf7 = fixture("utf7");
    assert!(utf7.html.as_deref().unwrap().contains("<script>"), "decoded before it is cleaned");
    assert_eq!(shown(&utf7).split_whitespace().collect::<Vec<_>>(), ["Hello", "world"]);

    let damaged = fixture("broken_base64");
    assert_eq!(damaged.text, "Hello,\n\nthe file is below");
    assert!(damaged.attachments[0].bytes.starts_with(b"%PDF-1.4"));

    assert_eq!(fixture("eight_bit").text, "Die Straße ist zu schmal für das Gerät.");
    assert_eq!(fixture("no_message_id").message_id, None);

    let names = fixture("bad_names");
    assert_eq!(names.subject.as_deref(), Some("Names Bcc: eve@evil.example"));
    let shown: Vec<_> = names.attachments.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(shown, ["x", "invoicefdp.exe", "image.png"]);
}

#[test]
fn large_and_odd_shapes_take_little_time() {
    let header = "From: a@x.example\r\nSubject: x\r\n";
    let shapes = [
        ("headers", format!("{}\r\nhi", "X-A: b\r\n".repeat(100_000) + header)),
        ("recipients", format!("{header}To: {}\r\n\r\nhi", "b@x.example,".repeat(100_000))),
        ("one long line", format!("{header}\r\n{}", "x ".repeat(2_000_000))),
        ("a long name", format!("From: {} <a@x.example>\r\n\r\nhi", "é".repeat(500_000))),
        (
            "boundaries",
            format!(
                "{header}Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
                "--c\r\n".repeat(500_000)
            ),
        ),
        (
            "a long file name",
            format!(
                "{header}Content-Type: image/png; name=\"{}\"\r\n\r\nhi",
                "a\u{301}".repeat(300_000)
            ),
        ),
    ];
    for (name, raw) in shapes {
        let start = Instant::now();
        let _ = check(name, raw.as_bytes());
        // Unoptimised and beside other work; only more than linear work takes this long.
        assert!(start.elapsed() < Duration::from_secs(60), "{name}: {:?}", start.elapsed());
    }
}
