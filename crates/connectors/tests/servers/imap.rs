//! Reading: a server that is cut off, lies about sizes or answers the wrong question costs one session, never a mail.

use std::time::Duration;

use connectors::{
    email::{
        accounts::{Auth, ImapAccount, Secret, Security},
        imap::{Fetched, ImapSession, Waited},
        problems::{MailError, Problem},
    },
    testing::{Act, Certificate, FakeImap, Script},
};
use domain::Timestamp;

use super::{HASTY, in_time, password, patient, server, token};

const MAIL: &[u8] = b"Subject: hi\r\n\r\nA mail with {3}\r\nbraces and \"quotes (\r\n";

fn account(fake: &FakeImap, security: Security) -> ImapAccount {
    let account = ImapAccount::new(server(fake.port, security), password());
    ImapAccount { timeouts: patient(), ..account }
}

fn say(text: &str) -> Act {
    Act::Say(format!("{text}\r\n"))
}

/// Everything a watcher does once: the mails it got whole.
async fn read_all(account: &ImapAccount) -> Result<Vec<Vec<u8>>, MailError> {
    let mut session = ImapSession::open(account).await?;
    session.folders().await?;
    session.select("INBOX").await?;
    let mut mails = Vec::new();
    for info in session.uids_after(0, 100).await? {
        if let Fetched::Mail(mail) = session.fetch(info.uid).await? {
            mails.push(mail.bytes);
        }
    }
    session.wait(std::future::ready(())).await?;
    session.log_out().await;
    Ok(mails)
}

#[tokio::test]
async fn a_connection_cut_anywhere_is_an_error_and_nothing_worse() {
    let fake = FakeImap::start(Script::new()).await;
    fake.deliver(MAIL);
    assert_eq!(read_all(&account(&fake, Security::None)).await.unwrap(), [MAIL]);
    assert_eq!(fake.seen(), [] as [u32; 0], "flags belong to people's mail programs");
    let whole = fake.said();
    assert!(whole > 600, "a whole session says {whole} bytes");
    // The goodbye is nobody's loss, so the last bytes may be missing.
    let goodbye = "* BYE bye\r\nD00 OK done\r\n".len();
    for cut in 0..whole {
        let fake = FakeImap::start(Script::new().cut_after(cut)).await;
        fake.deliver(MAIL);
        match in_time(cut, read_all(&account(&fake, Security::None))).await {
            Ok(mails) => {
                assert_eq!(mails, [MAIL], "cut after {cut}");
                assert!(cut >= whole - goodbye, "cut after {cut} of {whole}");
            }
            Err(error) => assert!(matches!(error.problem, Problem::Closed(_)), "{cut}: {error}"),
        }
    }
}

#[tokio::test]
async fn every_odd_answer_ends_the_session_in_words() {
    let verbs = ["CAPABILITY", "LOGIN", "LIST", "SELECT", "UID FETCH", "IDLE"];
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(100_000));
    let answers = [
        ("says goodbye", Act::SayAndHangUp("* BYE maintenance\r\n".to_owned()), "maintenance"),
        ("hangs up", Act::HangUp, "closed the connection"),
        ("answers another question", say("Z9 OK done"), "not asked"),
        ("claims four gigabytes", say("* 1 FETCH (UID 1 BODY[] {4294967295}"), "size limit"),
        ("claims more", say("* 1 FETCH (UID 1 BODY[] {99999999999999}"), "size limit"),
        ("nests without end", Act::Say(deep), "nested too deeply"),
        ("never ends its line", Act::Say("* OK ".repeat(200_000)), "an endless line"),
        ("speaks HTTP", say("HTTP/1.1 400 Bad Request"), "makes no sense"),
        ("calls it bad", say("{tag} BAD what?"), "what?"),
        ("is silent", Act::Silence, "did not answer in time"),
    ];
    for verb in verbs {
        for (name, act, words) in &answers {
            let name = format!("{name} at {verb}");
            let fake = FakeImap::start(Script::new().once(verb, act.clone())).await;
            fake.deliver(MAIL);
            let mut account = account(&fake, Security::None);
            if *act == Act::Silence {
                account.timeouts.command = HASTY;
                account.timeouts.listing = HASTY;
            }
            let error = in_time(&name, read_all(&account)).await.unwrap_err();
            assert!(error.to_string().contains(words), "{name}: {error}");
            assert!(error.to_string().len() < 500, "{name}: {error}");
            // Whatever happened, the next session reads everything.
            let again = in_time(&name, read_all(&account)).await.unwrap();
            assert_eq!(again, [MAIL], "{name}");
        }
    }
}

#[tokio::test]
async fn a_session_is_not_used_after_trouble_or_a_dropped_call() {
    let fake = FakeImap::start(Script::new().once("LIST", say("Z9 OK done"))).await;
    let mut session = ImapSession::open(&account(&fake, Security::None)).await.unwrap();
    session.folders().await.unwrap_err();
    assert!(!session.is_usable());
    let error = session.select("INBOX").await.unwrap_err();
    assert!(matches!(error.problem, Problem::Closed(_)), "{error}");

    let mut session = ImapSession::open(&account(&fake, Security::None)).await.unwrap();
    session.select("INBOX").await.unwrap();
    let dropped = tokio::time::timeout(HASTY, session.wait(std::future::pending())).await;
    assert!(dropped.is_err() && !session.is_usable(), "a dropped wait ends the session");

    let fake = FakeImap::start(Script::new().once("SELECT", say("{tag} NO not yours"))).await;
    let mut session = ImapSession::open(&account(&fake, Security::None)).await.unwrap();
    let error = session.select("Private").await.unwrap_err();
    assert_eq!(error.problem, Problem::NoFolder("Private".to_owned()));
    assert!(session.select("INBOX").await.is_ok(), "a clean refusal leaves it usable");
}

#[tokio::test]
async fn encryption_is_never_left_out() {
    let starttls = || Script::new().start_tls(Certificate::Localhost);
    let preauth = say("* PREAUTH welcome back");
    let cases = [
        ("stripped", Script::new(), Security::StartTls, "does not offer STARTTLS"),
        (
            "refused",
            starttls().once("STARTTLS", say("{tag} NO not now")),
            Security::StartTls,
            "does not offer STARTTLS",
        ),
        (
            "signed in already",
            starttls().once("greeting", preauth.clone()),
            Security::StartTls,
            "no greeting",
        ),
        (
            "signed in already, plain",
            Script::new().once("greeting", preauth),
            Security::None,
            "no greeting",
        ),
        (
            "text smuggled in ahead",
            starttls().inject_after_start_tls("* CAPABILITY IMAP4rev1\r\nD1 OK done\r\n"),
            Security::StartTls,
            "before the agreed encryption",
        ),
        (
            "another host's certificate",
            Script::new().start_tls(Certificate::Elsewhere),
            Security::StartTls,
            "it is for another host name",
        ),
        ("no TLS at all", Script::new(), Security::Tls, "does not speak TLS"),
    ];
    for (name, script, security, words) in cases {
        let fake = FakeImap::start(script).await;
        let error = in_time(name, read_all(&account(&fake, security))).await.unwrap_err();
        assert!(error.to_string().contains(words), "{name}: {error}");
        let heard = fake.heard();
        assert!(!heard.iter().any(|it| it.contains("LOGIN")), "{name}: {heard:?}");
    }
    for (script, security) in [
        (starttls(), Security::StartTls),
        (Script::new().tls(Certificate::Localhost), Security::Tls),
    ] {
        let fake = FakeImap::start(script).await;
        fake.deliver(MAIL);
        assert_eq!(read_all(&account(&fake, security)).await.unwrap(), [MAIL], "{security:?}");
    }
}

#[tokio::test]
async fn signing_in_uses_what_fits_and_says_what_to_do() {
    let no = |verb, text: &str| Script::new().once(verb, say(&format!("{{tag}} NO {text}")));
    let cases = [
        ("wrong", no("LOGIN", "[AUTHENTICATIONFAILED] no"), password(), Problem::PasswordRefused),
        (
            "down",
            no("LOGIN", "[UNAVAILABLE] try again"),
            password(),
            Problem::Refused("[UNAVAILABLE] try again".to_owned()),
        ),
        ("token", no("AUTHENTICATE", "no"), token(), Problem::TokenRefused),
        (
            "no tokens",
            Script::new().offers(&["AUTH=PLAIN"]),
            token(),
            Problem::NoSignIn("it does not accept access tokens"),
        ),
    ];
    for (name, script, auth, want) in cases {
        let fake = FakeImap::start(script).await;
        let mut account = account(&fake, Security::None);
        account.auth = auth;
        let error = in_time(name, ImapSession::open(&account)).await.unwrap_err();
        let both = (error.problem.clone(), want.clone());
        match both {
            // The parser may keep or drop a code it knows.
            (Problem::Refused(text), Problem::Refused(_)) => assert!(text.contains("try again")),
            (got, want) => assert_eq!(got, want, "{name}"),
        }
    }
    let fake = FakeImap::start(Script::new()).await;
    let mut account = account(&fake, Security::None);
    account.auth = token();
    ImapSession::open(&account).await.unwrap();
    account.auth =
        Auth::Password { username: "ann".to_owned(), password: Secret::new("pässwörd") };
    ImapSession::open(&account).await.unwrap();
    account.auth = Auth::Password { username: "a\"b".to_owned(), password: Secret::new("c\\d") };
    ImapSession::open(&account).await.unwrap();
    let heard = fake.heard().join("\n");
    for want in [
        "AUTHENTICATE XOAUTH2\ndXNlcj1hbm5AbWFpbC50ZXN0AWF1dGg9QmVhcmVyIHlhMjkudG9rZW4BAQ==",
        "AUTHENTICATE PLAIN\nAGFubgBww6Rzc3fDtnJk",
        r#"LOGIN "a\"b" "c\\d""#,
    ] {
        assert!(heard.contains(want), "{want} in {heard}");
    }
}

#[tokio::test]
async fn uids_are_the_cursor() {
    let fake = FakeImap::start(Script::new()).await;
    let mut session = ImapSession::open(&account(&fake, Security::None)).await.unwrap();
    assert_eq!(session.select("INBOX").await.unwrap().uid_next, Some(1));
    let first = fake.deliver(MAIL);
    fake.skip_uids(500);
    let second = fake.deliver("short");
    session.select("INBOX").await.unwrap();
    let uids = |list: Vec<connectors::email::imap::MailInfo>| -> Vec<u32> {
        list.into_iter().map(|it| it.uid).collect()
    };
    assert_eq!(uids(session.uids_after(0, 100).await.unwrap()), [first, second]);
    assert_eq!(uids(session.uids_after(0, 1).await.unwrap()), [first]);
    assert_eq!(uids(session.uids_after(first, 100).await.unwrap()), [second]);
    assert_eq!(uids(session.uids_after(second, 100).await.unwrap()), [] as [u32; 0]);
    assert_eq!(uids(session.uids_after(u32::MAX, 100).await.unwrap()), [] as [u32; 0]);
    assert_eq!(session.fetch(first + 1).await.unwrap(), Fetched::Gone);
    assert_eq!(fake.seen(), [] as [u32; 0], "reading marks nothing");

    let day = |text: &str| Timestamp::parse(text).unwrap();
    let (from, to) = (day("2026-07-17T02:44:25Z"), day("2026-07-17T02:44:26Z"));
    assert_eq!(uids(session.uids_between(from, to).await.unwrap()), [first, second]);
    assert_eq!(
        uids(session.uids_between(to, day("2026-08-01T00:00:00Z")).await.unwrap()),
        [] as [u32; 0]
    );
    let search = fake.heard().into_iter().find(|it| it.contains("SEARCH")).unwrap();
    assert!(search.ends_with("UID SEARCH 1:2 SINCE 16-Jul-2026 BEFORE 19-Jul-2026"), "{search}");

    fake.change_uid_validity(77);
    let anew = session.select("INBOX").await.unwrap();
    assert_eq!((anew.uid_validity, anew.uid_next), (77, Some(3)));
    assert_eq!(uids(session.uids_after(0, 100).await.unwrap()), [1, 2]);
}

#[tokio::test]
async fn a_large_mail_is_reported_and_not_fetched() {
    let fake = FakeImap::start(Script::new()).await;
    let uid = fake.deliver(vec![b'x'; 300_000]);
    let mut account = account(&fake, Security::None);
    account.max_mail_bytes = 200_000;
    let mut session = ImapSession::open(&account).await.unwrap();
    session.select("INBOX").await.unwrap();
    assert_eq!(session.uids_after(0, 10).await.unwrap()[0].size, 300_000);
    assert_eq!(session.fetch(uid).await.unwrap(), Fetched::TooLarge { size: 300_000 });
    assert!(session.is_usable());
    assert!(!fake.heard().iter().any(|it| it.contains("BODY")));

    // A server that understates the size is cut off, and the mail still counts as reported.
    let lie = say("* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n{tag} OK done");
    let fake = FakeImap::start(Script::new().once("UID FETCH", lie)).await;
    let uid = fake.deliver(vec![b'x'; 300_000]);
    account.server.port = fake.port;
    let mut session = ImapSession::open(&account).await.unwrap();
    session.select("INBOX").await.unwrap();
    assert_eq!(session.fetch(uid).await.unwrap(), Fetched::TooLarge { size: 10 });
    assert!(!session.is_usable());

    // One without a text is neither gone nor read: saying either would lose it.
    let size = say("* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n{tag} OK done");
    let empty = say("* 1 FETCH (UID 1 BODY[] NIL)\r\n{tag} OK done");
    let script = Script::new().once("UID FETCH", size).once("UID FETCH", empty);
    let fake = FakeImap::start(script).await;
    fake.deliver(MAIL);
    account.server.port = fake.port;
    let mut session = ImapSession::open(&account).await.unwrap();
    session.select("INBOX").await.unwrap();
    let error = session.fetch(1).await.unwrap_err();
    assert!(error.to_string().contains("without its text"), "{error}");
}

#[tokio::test]
async fn waiting_ends_with_mail_time_or_the_callers_wish() {
    let with_idle: &[&str] = &["IDLE"];
    for (offers, word) in [(with_idle, "IDLE"), (&[], "NOOP")] {
        let fake = FakeImap::start(Script::new().offers(offers)).await;
        let mut account = account(&fake, Security::None);
        account.timeouts.idle = if offers.is_empty() { HASTY } else { Duration::from_secs(10) };
        account.timeouts.poll = HASTY;
        let mut session = ImapSession::open(&account).await.unwrap();
        assert_eq!(session.can_idle(), !offers.is_empty());
        session.select("INBOX").await.unwrap();
        assert_eq!(session.wait(std::future::ready(())).await.unwrap(), Waited::Cancelled);
        let deliver = async {
            tokio::task::yield_now().await;
            fake.deliver(MAIL);
            std::future::pending().await
        };
        let waited = in_time(word, session.wait(deliver)).await.unwrap();
        assert_eq!(waited, Waited::Changed, "{word}");
        assert_eq!(
            session.wait(std::future::pending()).await.unwrap(),
            Waited::Changed,
            "until looked at"
        );
        assert_eq!(session.uids_after(0, 10).await.unwrap().len(), 1);
        assert!(fake.heard().iter().any(|it| it.ends_with(word)), "{word}: {:?}", fake.heard());
    }

    let fake = FakeImap::start(Script::new()).await;
    let mut account = account(&fake, Security::None);
    account.timeouts.idle = HASTY;
    let mut session = ImapSession::open(&account).await.unwrap();
    session.select("INBOX").await.unwrap();
    for _ in 0..2 {
        assert_eq!(session.wait(std::future::pending()).await.unwrap(), Waited::Timeout);
    }
    assert_eq!(fake.heard().iter().filter(|it| *it == "DONE").count(), 2);
}
