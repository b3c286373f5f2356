//! Against a real Dovecot and Postfix, started by `scripts/mail-server`. Where they cannot be installed the test says
//! so and passes; `scripts/test` names what was skipped.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests, too, fail by panicking")]

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use connectors::email::{
    accounts::{Auth, ImapAccount, Secret, Security, Server, SmtpAccount},
    check::check,
    imap::{Fetched, ImapSession, RawMail, Waited},
    problems::Problem,
    smtp::{Kind, SmtpSession, Stage},
};
use domain::Timestamp;
use serde_json::Value;

struct MailServer {
    told: Value,
}

impl MailServer {
    fn start() -> Option<Self> {
        let started = script()
            .args(["start", "--mailboxes", "2"])
            .stderr(Stdio::inherit())
            .output()
            .expect("bash runs");
        if started.status.code() == Some(3) {
            eprintln!("skipped: no real mail server can be started here");
            return None;
        }
        assert!(started.status.success(), "scripts/mail-server failed");
        Some(Self { told: serde_json::from_slice(&started.stdout).expect("one line of JSON") })
    }

    fn server(&self, name: &str, security: Security) -> Server {
        let port = self.told[name]["port"].as_u64().and_then(|it| it.try_into().ok());
        let extra_ca = self.told["ca"].as_str().map(Into::into);
        Server { extra_ca, ..Server::new("localhost", port.expect("a port"), security) }
    }

    fn address(&self, user: usize) -> &str {
        self.told["users"][user]["address"].as_str().expect("an address")
    }

    fn auth(&self, user: usize) -> Auth {
        let password = self.told["users"][user]["password"].as_str().expect("a password");
        let username = self.address(user).to_owned();
        Auth::Password { username, password: Secret::new(password) }
    }

    fn imap(&self, name: &str, security: Security, user: usize) -> ImapAccount {
        ImapAccount::new(self.server(name, security), self.auth(user))
    }

    fn smtp(&self, name: &str, security: Security) -> SmtpAccount {
        SmtpAccount::new(self.server(name, security), Some(self.auth(0)))
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let stopped =
            script().arg("stop").arg(self.told["dir"].as_str().unwrap_or_default()).status();
        if !stopped.is_ok_and(|it| it.success()) {
            eprintln!("scripts/mail-server stop failed; it stops by itself after 30 minutes");
        }
    }
}

fn script() -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/mail-server");
    Command::new(path)
}

fn mail(to: &str, subject: &str, text: &str) -> Vec<u8> {
    format!(
        "From: Box <box1@mail.test>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@mail.test>\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

async fn fetch(session: &mut ImapSession, uid: u32) -> RawMail {
    match session.fetch(uid).await.unwrap() {
        Fetched::Mail(mail) => mail,
        other => panic!("{other:?}"),
    }
}

/// Waits until the folder has a mail above `uid`, as a mailbox watcher does.
async fn next_mail(session: &mut ImapSession, uid: u32) -> u32 {
    loop {
        if let Some(first) = session.uids_after(uid, 10).await.unwrap().first() {
            return first.uid;
        }
        let waited = session.wait(std::future::pending()).await.unwrap();
        assert_eq!(waited, Waited::Changed);
    }
}

fn now() -> Timestamp {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    Timestamp(i64::try_from(millis).unwrap())
}

/// One test, so that the servers start once.
#[tokio::test]
async fn mail_goes_out_and_comes_in() {
    let Some(server) = MailServer::start() else { return };
    tokio::time::timeout(Duration::from_secs(120), async {
        arrives_and_is_read(&server).await;
        every_security_works(&server).await;
        many_recipients_are_told_apart(&server).await;
        refusals_are_told_in_words(&server).await;
        the_check_names_every_step(&server).await;
    })
    .await
    .expect("a real server answers within two minutes");
}

async fn arrives_and_is_read(server: &MailServer) {
    let mut inbox = ImapSession::open(&server.imap("imap", Security::StartTls, 1)).await.unwrap();
    assert!(inbox.can_idle());
    let folder = inbox.select("INBOX").await.unwrap();
    assert_eq!(folder.exists, 0);
    assert_eq!(inbox.uids_after(0, 10).await.unwrap(), []);

    let mut smtp = SmtpSession::connect(&server.smtp("smtp", Security::StartTls)).await.unwrap();
    let to = server.address(1);
    let text = ".\r\n..two dots\r\nbare\nline ends\r\nend";
    let started = now();
    let receipt = smtp.send("box1@mail.test", &[to], &mail(to, "first", text)).await.unwrap();
    assert_eq!(receipt.accepted, [to]);
    assert!(receipt.refused.is_empty());

    let uid = next_mail(&mut inbox, 0).await;
    let first = fetch(&mut inbox, uid).await;
    let whole = String::from_utf8(first.bytes.clone()).unwrap();
    assert!(whole.contains("Message-ID: <first@mail.test>\r\n"), "{whole}");
    assert!(whole.ends_with("\r\n\r\n.\r\n..two dots\r\nbare\r\nline ends\r\nend\r\n"), "{whole}");
    let received = first.received_at.unwrap();
    assert!(received.since(started).abs() < 60_000, "{received} after {started}");

    // The same connection sends again, also after a pause.
    assert!(smtp.is_connected());
    smtp.send("", &[to], &mail(to, "second", "hi")).await.unwrap();
    let second = next_mail(&mut inbox, uid).await;
    assert!(second > uid);
    assert_eq!(inbox.uids_after(0, 1).await.unwrap()[0].uid, uid, "the lowest come first");
    assert_eq!(inbox.uids_after(second, 10).await.unwrap(), []);
    assert_eq!(inbox.fetch(second + 100).await.unwrap(), Fetched::Gone);

    let minute = |it: i64| started.plus_seconds(it * 60);
    let dates =
        [(minute(-1), minute(1), 2), (minute(-60), minute(-1), 0), (minute(2), minute(60), 0)];
    for (since, before, want) in dates {
        let found = inbox.uids_between(since, before).await.unwrap();
        assert_eq!(found.len(), want, "{since} to {before}");
    }
    assert_eq!(inbox.wait(std::future::ready(())).await.unwrap(), Waited::Cancelled);
    assert!(inbox.is_usable());

    let mut small = server.imap("imaps", Security::Tls, 1);
    small.max_mail_bytes = 100;
    let mut session = ImapSession::open(&small).await.unwrap();
    let again = session.select("INBOX").await.unwrap();
    assert_eq!(again.uid_validity, folder.uid_validity);
    assert_eq!(again.uid_next, Some(second + 1));
    assert!(matches!(session.fetch(uid).await.unwrap(), Fetched::TooLarge { size } if size > 100));
    assert!(session.is_usable());
    session.log_out().await;
    inbox.log_out().await;
    smtp.close().await;
}

async fn every_security_works(server: &MailServer) {
    let imap = [("imap", Security::None), ("imap", Security::StartTls), ("imaps", Security::Tls)];
    for (name, security) in imap {
        let mut session = ImapSession::open(&server.imap(name, security, 0)).await.unwrap();
        let folders = session.folders().await.unwrap();
        let sent = folders.iter().find(|it| it.name == "Sent").unwrap();
        assert_eq!(sent.purpose, Some("sent"));
        assert!(session.select("Archive").await.is_ok());
        let missing = session.select("Entwürfe \"quoted\"").await.unwrap_err();
        assert!(matches!(missing.problem, Problem::NoFolder(_)), "{missing}");
        assert!(session.is_usable(), "a clean refusal leaves the session usable");
        session.log_out().await;
    }
    let smtp = [("smtp", Security::None), ("smtp", Security::StartTls), ("smtps", Security::Tls)];
    for (name, security) in smtp {
        let mut session = SmtpSession::connect(&server.smtp(name, security)).await.unwrap();
        session.close().await;
        assert!(!session.is_connected());
    }
}

async fn many_recipients_are_told_apart(server: &MailServer) {
    let mut smtp = SmtpSession::new(server.smtp("smtps", Security::Tls));
    let (known, unknown) = (server.address(1), "nobody@mail.test");
    let mail = mail(known, "third", "hi");
    let receipt = smtp.send("box1@mail.test", &[unknown, known], &mail).await.unwrap();
    assert_eq!(receipt.accepted, [known]);
    assert_eq!(receipt.refused[0].address, unknown);
    assert_eq!((receipt.refused[0].kind, receipt.refused[0].code), (Kind::Refused, Some(550)));

    let failure = smtp.send("box1@mail.test", &[unknown], &mail).await.unwrap_err();
    assert_eq!((failure.stage, failure.kind), (Stage::RcptTo, Kind::Refused));
    assert_eq!(failure.per_recipient.len(), 1);

    let large = vec![b'x'; 32 * 1024 * 1024];
    let failure = smtp.send("box1@mail.test", &[known], &large).await.unwrap_err();
    assert_eq!(
        (failure.stage, failure.kind, failure.code),
        (Stage::MailFrom, Kind::Refused, Some(552))
    );
    assert!(smtp.send("box1@mail.test", &[known], &mail).await.is_ok(), "and the session goes on");
}

async fn refusals_are_told_in_words(server: &MailServer) {
    let wrong =
        Auth::Password { username: server.address(0).to_owned(), password: Secret::new("no") };
    let mut imap = server.imap("imaps", Security::Tls, 0);
    imap.auth = wrong.clone();
    let error = ImapSession::open(&imap).await.unwrap_err();
    assert_eq!(error.problem, Problem::PasswordRefused);
    assert!(error.to_string().contains("refused the password"), "{error}");
    assert!(error.needs_a_person());

    let mut smtp = server.smtp("smtps", Security::Tls);
    smtp.auth = Some(wrong);
    let failure = SmtpSession::connect(&smtp).await.err().unwrap();
    assert_eq!(
        (failure.stage, failure.kind, failure.code),
        (Stage::Auth, Kind::Refused, Some(535))
    );

    let mut stranger = server.imap("imaps", Security::Tls, 0);
    stranger.server.extra_ca = None;
    let error = ImapSession::open(&stranger).await.unwrap_err();
    assert!(matches!(error.problem, Problem::Certificate(_)), "{error}");

    let plain_port = server.imap("imap", Security::Tls, 0);
    let error = ImapSession::open(&plain_port).await.unwrap_err();
    assert!(matches!(error.problem, Problem::Tls(_)), "{error}");
}

async fn the_check_names_every_step(server: &MailServer) {
    let mut imap = server.imap("imap", Security::StartTls, 0);
    imap.folders = vec!["INBOX".to_owned(), "Support".to_owned(), "Archive".to_owned()];
    let steps = check(&imap, &server.smtp("smtp", Security::StartTls)).await;
    let told: Vec<(&str, bool)> = steps.iter().map(|it| (it.name.as_str(), it.ok)).collect();
    let want = [
        ("IMAP: find the server", true),
        ("IMAP: connect", true),
        ("IMAP: encrypt", true),
        ("IMAP: sign in", true),
        ("IMAP: folder INBOX", true),
        ("IMAP: folder Support", false),
        ("IMAP: folder Archive", true),
        ("SMTP: find the server", true),
        ("SMTP: connect", true),
        ("SMTP: encrypt", true),
        ("SMTP: sign in", true),
    ];
    assert_eq!(told, want);
    assert!(steps[5].detail.contains("There are: "), "{}", steps[5].detail);
}
