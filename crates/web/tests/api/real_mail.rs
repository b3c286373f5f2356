//! A real mailbox, watched by running workers. Where no mail server can be started the test says so
//! and passes; `scripts/test` names what was skipped.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use connectors::email::{
    accounts::{Auth, Secret, Security, Server, SmtpAccount},
    smtp::SmtpSession,
};
use desk::{Clock, workers};
use domain::events::Event;
use serde_json::{Value, json};
use tokio::{sync::broadcast::Receiver, time::timeout};

use crate::app::TestApp;

/// How long a mail may take from the server's acceptance to the inbox.
const IN_TIME: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(60);

struct MailServer(Value);

impl MailServer {
    fn start() -> Option<Self> {
        let started = script().args(["start"]).stderr(Stdio::inherit()).output().unwrap();
        if started.status.code() == Some(3) {
            eprintln!("skipped: no real mail server can be started here");
            return None;
        }
        assert!(started.status.success(), "scripts/mail-server failed");
        Some(Self(serde_json::from_slice(&started.stdout).unwrap()))
    }

    fn config(&self) -> Value {
        let user = &self.0["users"][0];
        let server = |name: &str| {
            json!({
                "host": "localhost", "port": self.0[name]["port"], "security": "none",
                "username": user["address"], "password": user["password"],
            })
        };
        json!({ "address": user["address"], "imap": server("imap"), "smtp": server("smtp") })
    }

    async fn send(&self, raw: &str) {
        let port = u16::try_from(self.0["smtp"]["port"].as_u64().unwrap()).unwrap();
        let user = &self.0["users"][0];
        let address = user["address"].as_str().unwrap();
        let auth = Auth::Password {
            username: address.to_owned(),
            password: Secret::new(user["password"].as_str().unwrap()),
        };
        let server = Server::new("localhost", port, Security::None);
        let mut session = SmtpSession::new(SmtpAccount::new(server, Some(auth)));
        let sent = session.send("ann@customer.example", &[address], raw.as_bytes()).await;
        sent.unwrap();
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let stopped = script().arg("stop").arg(self.0["dir"].as_str().unwrap()).status();
        if !stopped.is_ok_and(|it| it.success()) {
            eprintln!("scripts/mail-server stop failed; it stops by itself after 30 minutes");
        }
    }
}

fn script() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/mail-server"))
}

async fn received(events: &mut Receiver<storage::Published>) {
    let next = async {
        while !matches!(events.recv().await.unwrap().event, Event::MessageReceived { .. }) {}
    };
    timeout(PATIENCE, next).await.expect("the mail arrives");
}

fn mail(subject: &str) -> String {
    format!(
        "From: Ann <ann@customer.example>\r\nTo: desk\r\nSubject: {subject}\r\n\
         Message-ID: <{subject}@customer.example>\r\n\r\nHello\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_in_the_inbox_within_two_seconds() {
    let Some(server) = MailServer::start() else { return };
    let app = TestApp::spawn_on(Clock::system()).await;
    let admin = app.admin().await;
    let mut events = app.desk.store.events();
    let workers = workers::spawn(&app.desk);
    let body = json!({ "type": "email", "name": "Support", "config": server.config() });
    let made = admin.post("/api/channels", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/api/channels/{}", made.body["id"].as_str().unwrap());

    let tested = admin.post_nothing(&format!("{path}/test")).await;
    assert_eq!((tested.status, &tested.body["ok"]), (200, &json!(true)), "{}", tested.text);

    // The first may still find the watcher on its way; the second is announced by IDLE.
    server.send(&mail("first")).await;
    received(&mut events).await;
    server.send(&mail("second")).await;
    let accepted = Instant::now();
    received(&mut events).await;
    let list = admin.get("/api/conversations").await;
    assert!(accepted.elapsed() < IN_TIME, "{:?}", accepted.elapsed());
    let subjects: Vec<_> =
        list.body["data"].as_array().unwrap().iter().map(|it| &it["subject"]).collect();
    assert_eq!(subjects, ["second", "first"]);

    let health = admin.get(&path).await.body["health"].clone();
    assert_eq!(health["status"], "ok", "{health}");
    let ledger = admin.get(&format!("{path}/mail")).await.body;
    assert_eq!(ledger["pagination"]["total"], 2);
    workers.stop().await;
}
