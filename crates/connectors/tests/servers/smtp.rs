//! Sending: what each answer at each verb means, and that "not sent" is never said of a mail that was taken.

use connectors::{
    email::{
        accounts::{Auth, Secret, Security, SmtpAccount},
        smtp::{Kind, Receipt, SendFailure, SmtpSession, Stage},
    },
    testing::{Act, Certificate, FakeSmtp, Script},
};

use super::{HASTY, in_time, password, patient, server, token};

const MAIL: &[u8] = b"Subject: hi\r\nMessage-ID: <1@mail.test>\r\n\r\n.dot\r\n";
const FROM: &str = "ann@mail.test";
const TO: &str = "bob@mail.test";

fn account(fake: &FakeSmtp, security: Security) -> SmtpAccount {
    let account = SmtpAccount::new(server(fake.port, security), Some(password()));
    SmtpAccount { timeouts: patient(), ..account }
}

async fn send(account: &SmtpAccount) -> Result<Receipt, SendFailure> {
    SmtpSession::connect(account).await?.send(FROM, &[TO], MAIL).await
}

fn say(text: &str) -> Act {
    Act::Say(format!("{text}\r\n"))
}

#[tokio::test]
async fn every_reply_at_every_verb_has_one_meaning() {
    use Kind::{Refused, Retry, Unknown};
    let verbs = [
        ("greeting", Stage::Greeting),
        ("EHLO", Stage::Ehlo),
        ("AUTH", Stage::Auth),
        ("MAIL", Stage::MailFrom),
        ("RCPT", Stage::RcptTo),
        ("DATA", Stage::Data),
        (".", Stage::AfterData),
    ];
    // What happens, the kind before the mail was handed over and after, the code told.
    let replies = [
        ("shutting down", Act::SayAndHangUp("421 bye\r\n".to_owned()), Retry, Retry, Some(421)),
        ("greylisted", say("450 4.2.0 greylisted, try later"), Retry, Retry, Some(450)),
        ("several lines", say("451-try\r\n451 later"), Retry, Retry, Some(451)),
        ("refused", say("550 5.1.1 no such user"), Refused, Refused, Some(550)),
        ("too large", say("552 5.3.4 message too big"), Refused, Refused, Some(552)),
        ("policy", say("554 5.7.1 no"), Refused, Refused, Some(554)),
        ("hangs up", Act::HangUp, Retry, Unknown, None),
        ("not SMTP", say("hello there"), Retry, Unknown, None),
        ("half a line", Act::SayAndHangUp("25".to_owned()), Retry, Unknown, None),
        ("silent", Act::Silence, Retry, Unknown, None),
    ];
    for (verb, stage) in verbs {
        for (name, act, before, after, code) in &replies {
            let name = format!("{name} at {verb}");
            let fake = FakeSmtp::start(Script::new().once(verb, act.clone())).await;
            let mut account = account(&fake, Security::None);
            if *act == Act::Silence {
                account.timeouts.greeting = HASTY;
                account.timeouts.command = HASTY;
                account.timeouts.after_data = HASTY;
            }
            let failure = in_time(&name, send(&account)).await.unwrap_err();
            let kind = if stage == Stage::AfterData { after } else { before };
            assert_eq!((failure.stage, failure.kind), (stage, *kind), "{name}: {failure}");
            assert_eq!(failure.code, *code, "{name}");
            assert_eq!(fake.mails().len(), usize::from(stage == Stage::AfterData), "{name}");
            assert!(!format!("{failure:?} {failure}").contains("hunter2"), "{name}");
        }
    }
}

#[tokio::test]
async fn a_connection_cut_anywhere_never_calls_a_taken_mail_unsent() {
    let fake = FakeSmtp::start(Script::new()).await;
    send(&account(&fake, Security::None)).await.unwrap();
    let whole = fake.said();
    assert!(whole > 100, "a whole session says {whole} bytes");
    for cut in 0..whole {
        let fake = FakeSmtp::start(Script::new().cut_after(cut)).await;
        let sent = in_time(cut, send(&account(&fake, Security::None))).await;
        let taken = !fake.mails().is_empty();
        match sent {
            Ok(_) => assert!(taken, "cut after {cut}: called sent"),
            // Nobody can tell a server that hung up before reading from one that hung up after.
            Err(failure) if failure.kind == Kind::Unknown => {
                assert_eq!(failure.stage, Stage::AfterData, "cut after {cut}: {failure}");
                assert!(fake.heard().contains(&"DATA".to_owned()), "cut after {cut}: {failure}");
            }
            Err(failure) => assert!(!taken, "cut after {cut}: {failure}"),
        }
    }
}

#[tokio::test]
async fn encryption_is_never_left_out() {
    let starttls = || Script::new().start_tls(Certificate::Localhost);
    let cases = [
        ("stripped", Script::new(), Security::StartTls, Stage::StartTls, "does not offer STARTTLS"),
        (
            "refused",
            starttls().once("STARTTLS", say("454 not now")),
            Security::StartTls,
            Stage::StartTls,
            "454 not now",
        ),
        (
            "refused for good",
            starttls().once("STARTTLS", say("554 never")),
            Security::StartTls,
            Stage::StartTls,
            "554 never",
        ),
        (
            "text smuggled in ahead",
            starttls().inject_after_start_tls("250-fake.test\r\n250 AUTH PLAIN\r\n"),
            Security::StartTls,
            Stage::StartTls,
            "before the agreed encryption",
        ),
        (
            "another host's certificate",
            Script::new().start_tls(Certificate::Elsewhere),
            Security::StartTls,
            Stage::StartTls,
            "it is for another host name",
        ),
        (
            "another host's certificate at once",
            Script::new().tls(Certificate::Elsewhere),
            Security::Tls,
            Stage::Connect,
            "it is for another host name",
        ),
        ("no TLS at all", Script::new(), Security::Tls, Stage::Connect, "does not speak TLS"),
    ];
    for (name, script, security, stage, words) in cases {
        let fake = FakeSmtp::start(script).await;
        let failure = in_time(name, send(&account(&fake, security))).await.unwrap_err();
        assert_eq!((failure.stage, failure.kind), (stage, Kind::Retry), "{name}: {failure}");
        assert!(failure.to_string().contains(words), "{name}: {failure}");
        let told = fake.heard().iter().any(|it| it.starts_with("AUTH") || it.starts_with("MAIL"));
        assert!(!told, "{name}: {:?}", fake.heard());
    }
    for (script, security) in [
        (starttls(), Security::StartTls),
        (Script::new().tls(Certificate::Localhost), Security::Tls),
    ] {
        let fake = FakeSmtp::start(script).await;
        assert!(in_time("good", send(&account(&fake, security))).await.is_ok(), "{security:?}");
        assert_eq!(fake.mails().len(), 1);
    }
}

#[tokio::test]
async fn recipients_are_told_apart() {
    let script =
        Script::new().once("RCPT", say("550 no such user")).once("RCPT", say("450 mailbox busy"));
    let fake = FakeSmtp::start(script).await;
    let mut session = SmtpSession::connect(&account(&fake, Security::None)).await.unwrap();
    let receipt = session.send(FROM, &["a@mail.test", "b@mail.test", TO], MAIL).await.unwrap();
    assert_eq!(receipt.accepted, [TO]);
    let refused: Vec<_> =
        receipt.refused.iter().map(|it| (it.address.as_str(), it.kind, it.code)).collect();
    let want = [("a@mail.test", Kind::Refused, Some(550)), ("b@mail.test", Kind::Retry, Some(450))];
    assert_eq!(refused, want);
    assert_eq!(fake.mails()[0].bytes, MAIL, "the doubled dot is undone at the other end");

    let all = Script::new().once("RCPT", say("550 no")).once("RCPT", say("450 later"));
    let fake = FakeSmtp::start(all).await;
    let mut session = SmtpSession::connect(&account(&fake, Security::None)).await.unwrap();
    let failure = session.send(FROM, &["a@mail.test", TO], MAIL).await.unwrap_err();
    assert_eq!((failure.stage, failure.kind), (Stage::RcptTo, Kind::Retry), "one may work later");
    assert_eq!(failure.per_recipient.len(), 2);
    assert!(!fake.heard().contains(&"DATA".to_owned()));
}

#[tokio::test]
async fn the_connection_is_kept_and_replaced_when_it_went_stale() {
    let fake = FakeSmtp::start(Script::new().once("MAIL", say("450 later"))).await;
    let mut session = SmtpSession::connect(&account(&fake, Security::None)).await.unwrap();
    assert!(session.send(FROM, &[TO], MAIL).await.is_err());
    session.send(FROM, &[TO], MAIL).await.unwrap();
    session.send("", &[TO], MAIL).await.unwrap();
    assert_eq!((fake.connections(), fake.mails().len()), (1, 2));
    assert_eq!(fake.mails()[1].from, "");
    assert!(!session.close_when_idle().await, "it was used just now");

    let fake = FakeSmtp::start(Script::new().once("RSET", Act::HangUp)).await;
    let mut session = SmtpSession::connect(&account(&fake, Security::None)).await.unwrap();
    session.send(FROM, &[TO], MAIL).await.unwrap();
    assert_eq!((fake.connections(), fake.mails().len()), (2, 1));

    let mut hasty = account(&fake, Security::None);
    hasty.timeouts.keep = std::time::Duration::ZERO;
    let mut session = SmtpSession::connect(&hasty).await.unwrap();
    assert!(session.close_when_idle().await);
    assert_eq!(fake.heard().last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn only_what_is_needed_is_asked_for() {
    let plain = Script::new().offers(&["AUTH LOGIN"]);
    let fake = FakeSmtp::start(plain).await;
    let mut relay = account(&fake, Security::None);
    relay.auth = None;
    let mut session = SmtpSession::connect(&relay).await.unwrap();
    session.send(FROM, &[TO], MAIL).await.unwrap();
    let failure = session.send(FROM, &["ännchen@mail.test"], MAIL).await.unwrap_err();
    assert_eq!((failure.stage, failure.kind), (Stage::MailFrom, Kind::Refused));
    session.send(FROM, &["bob@münchen.example"], MAIL).await.unwrap();
    let heard = fake.heard();
    assert!(heard.contains(&"MAIL FROM:<ann@mail.test>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<bob@xn--mnchen-3ya.example>".to_owned()), "{heard:?}");

    let fake = FakeSmtp::start(Script::new()).await;
    let mut session = SmtpSession::connect(&account(&fake, Security::None)).await.unwrap();
    session.send(FROM, &["ännchen@mail.test"], "ü\r\n".as_bytes()).await.unwrap();
    let want = "MAIL FROM:<ann@mail.test> SIZE=4 BODY=8BITMIME SMTPUTF8";
    assert!(fake.heard().contains(&want.to_owned()), "{:?}", fake.heard());
    let failure = session.send(FROM, &[TO], &vec![b'x'; 1_000_001]).await.unwrap_err();
    assert_eq!((failure.code, failure.kind), (Some(552), Kind::Refused), "{failure}");

    let before = fake.heard().len();
    let bad = "bob@mail.test>\r\nDATA";
    let failure = session.send(FROM, &[TO, bad], MAIL).await.unwrap_err();
    assert_eq!(failure.per_recipient[0].address, bad);
    assert_eq!(fake.heard().len(), before, "nothing of it was said");
}

#[tokio::test]
async fn signing_in_says_what_to_do() {
    let refused = || {
        let challenge = say("334 eyJzdGF0dXMiOiI0MDAifQ==");
        Script::new().once("AUTH", challenge).once("", say("535 5.7.8 bad token"))
    };
    let cases = [
        ("token", refused(), token(), Some(535), "reconnect the mailbox"),
        (
            "password",
            Script::new().once("AUTH", say("535 no")),
            password(),
            Some(535),
            "app password",
        ),
        ("no way", Script::new().offers(&["AUTH GSSAPI"]), password(), None, "no way to sign in"),
    ];
    for (name, script, auth, code, words) in cases {
        let fake = FakeSmtp::start(script).await;
        let mut account = account(&fake, Security::None);
        account.auth = Some(auth);
        let failure = in_time(name, send(&account)).await.unwrap_err();
        assert_eq!(
            (failure.stage, failure.kind),
            (Stage::Auth, Kind::Refused),
            "{name}: {failure}"
        );
        assert!(failure.stage.is_about_the_server());
        assert_eq!(failure.code, code, "{name}");
        assert!(failure.to_string().contains(words), "{name}: {failure}");
    }
    // Base64 of user name and password, which the server asks for one after the other.
    let login = Script::new()
        .offers(&["AUTH=LOGIN"])
        .once("AUTH", say("334 VXNlcm5hbWU6"))
        .once("YW5U", say("334 UGFzc3dvcmQ6"))
        .once("CGFZCW==", say("235 welcome"));
    let fake = FakeSmtp::start(login).await;
    let mut account = account(&fake, Security::None);
    account.auth =
        Some(Auth::Password { username: "ann".to_owned(), password: Secret::new("pass") });
    send(&account).await.unwrap();
}

#[tokio::test]
async fn only_loopback_may_go_unencrypted_and_metadata_never() {
    let cases = [
        ("192.0.2.1", Security::None, "must be encrypted"),
        ("169.254.169.254", Security::Tls, "never a mail server"),
        ("0.0.0.0", Security::None, "never a mail server"),
        ("224.0.0.1", Security::StartTls, "never a mail server"),
        ("no-such-host.invalid", Security::Tls, "cannot be found"),
    ];
    for (host, security, words) in cases {
        let server = connectors::email::accounts::Server::new(host, 25, security);
        let failure = send(&SmtpAccount::new(server, None)).await.unwrap_err();
        assert_eq!((failure.stage, failure.kind), (Stage::Connect, Kind::Retry), "{host}");
        assert!(failure.to_string().contains(words), "{host}: {failure}");
    }
}
