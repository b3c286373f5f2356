//! A customer writes, the desk answers: the binary between the two mailboxes of a real mail server.
//!
//! Where `scripts/mail-server` cannot start one, the test says so and passes; `scripts/test` names
//! what was skipped.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use connectors::email::{
    accounts::{Auth, ImapAccount, Secret, Security, Server as Host, SmtpAccount},
    imap::{Fetched, ImapSession},
    parse::{ParsedMail, parse},
    smtp::SmtpSession,
};
use serde_json::{Value, json};

use crate::app::{Client, PATIENCE, Server, get, place, post, soon};

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

    fn user(&self, user: usize) -> (&str, &str) {
        let user = &self.told["users"][user];
        (user["address"].as_str().unwrap(), user["password"].as_str().unwrap())
    }

    fn host(&self, name: &str) -> Host {
        let port = self.told[name]["port"].as_u64().unwrap();
        Host::new("localhost", port.try_into().unwrap(), Security::None)
    }

    fn auth(&self, user: usize) -> Auth {
        let (address, password) = self.user(user);
        Auth::Password { username: address.to_owned(), password: Secret::new(password) }
    }

    /// One half of a channel's settings.
    fn settings(&self, name: &str, user: usize) -> Value {
        let (address, password) = self.user(user);
        json!({
            "host": "localhost", "port": self.told[name]["port"], "security": "none",
            "username": address, "password": password,
        })
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let folder = self.told["dir"].as_str().unwrap_or_default();
        if !script().arg("stop").arg(folder).status().is_ok_and(|it| it.success()) {
            eprintln!("scripts/mail-server stop failed; it stops by itself after 30 minutes");
        }
    }
}

fn script() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/mail-server"))
}

fn upload(client: &Client, name: &str, text: &str) -> Value {
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/csv\r\n\r\n{text}\r\n--x--\r\n"
    );
    let kind = "multipart/form-data; boundary=x";
    let answer = client.send("POST", "/api/attachments", kind, &body).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["id"].clone()
}

async fn write(mail: &MailServer, subject: &str, headers: &str, text: &str) {
    let (desk, customer) = (mail.user(0).0, mail.user(1).0);
    let account = SmtpAccount::new(mail.host("smtp"), Some(mail.auth(1)));
    let letter = format!(
        "From: Bob <{customer}>\r\nTo: {desk}\r\nSubject: {subject}\r\n{headers}\r\n{text}\r\n"
    );
    SmtpSession::new(account).send(customer, &[desk], letter.as_bytes()).await.unwrap();
}

/// The first mail in the customer's mailbox above `uid`.
async fn read(mail: &MailServer, uid: u32) -> (u32, ParsedMail, String) {
    let account = ImapAccount::new(mail.host("imap"), mail.auth(1));
    let mut session = ImapSession::open(&account).await.unwrap();
    session.select("INBOX").await.unwrap();
    let end = Instant::now() + PATIENCE;
    let uid = loop {
        if let Some(first) = session.uids_after(uid, 10).await.unwrap().first() {
            break first.uid;
        }
        assert!(Instant::now() < end, "no mail came");
        tokio::time::timeout(PATIENCE, session.wait(std::future::pending()))
            .await
            .unwrap()
            .unwrap();
    };
    let Fetched::Mail(raw) = session.fetch(uid).await.unwrap() else { panic!("it is there") };
    session.log_out().await;
    let text = String::from_utf8_lossy(&raw.bytes).into_owned();
    (uid, parse(&raw.bytes).unwrap(), text)
}

#[test]
fn a_customer_is_answered_in_their_thread() {
    let Some(mail) = MailServer::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    let client = server.client();
    let settings = json!({ "send_delay_seconds": 0 });
    let changed = client.ask("POST", "/api/settings/workspace", Some(&settings)).unwrap();
    assert_eq!(changed.status, 200);
    let channel = post(
        &client,
        "/api/channels",
        json!({ "type": "email", "name": "Support", "is_active": true, "config": {
            "address": mail.user(0).0, "from_name": "The Shop", "quote_history": true,
            "imap": mail.settings("imap", 0), "smtp": mail.settings("smtp", 0),
        } }),
    );
    let path = format!("/api/channels/{}", channel["id"].as_str().unwrap());
    // Only what comes from now on is read.
    soon("the mailbox is watched", || {
        (get(&client, &path)["health"]["receive"]["last_success_at"] != Value::Null).then_some(())
    });

    let question = "Message-ID: <question@mail.test>\r\n";
    runtime.block_on(write(&mail, "Where is it?", question, "I ordered on Monday."));
    let conversation = soon("the mail is a conversation", || {
        get(&client, "/api/conversations")["data"].get(0).cloned()
    });
    assert_eq!(conversation["subject"], "Where is it?");
    assert_eq!(conversation["contact"]["email"], mail.user(1).0);
    let id = conversation["id"].as_str().unwrap();

    let attachment = upload(&client, "orders.csv", "a;b\n1;2\n");
    let messages = format!("/api/conversations/{id}/messages");
    let reply = post(
        &client,
        &messages,
        json!({
            "text": "It left today.", "html": "<p>It left <b>today</b>.</p>",
            "attachment_ids": [attachment],
        }),
    );
    let (uid, got, whole) = runtime.block_on(read(&mail, 0));
    assert_eq!(got.subject.as_deref(), Some("Re: Where is it?"), "{whole}");
    assert_eq!(got.from.unwrap().name.as_deref(), Some("The Shop"));
    assert_eq!(got.in_reply_to, ["question@mail.test"]);
    assert_eq!(got.references, ["question@mail.test"]);
    assert!(got.text.starts_with("It left today."), "{}", got.text);
    assert!(got.text.contains("> I ordered on Monday."), "{}", got.text);
    assert!(got.html.unwrap().contains("It left <b>today</b>."));
    assert!(whole.contains("multipart/alternative"), "{whole}");
    assert_eq!(got.attachments.len(), 1);
    assert_eq!(got.attachments[0].name, "orders.csv");
    assert_eq!(got.attachments[0].bytes, b"a;b\n1;2\n");
    soon("the reply is known to have left", || {
        let page = get(&client, &messages);
        let all = page["data"].as_array().unwrap();
        let it = all.iter().find(|it| it["id"] == reply["id"]).unwrap();
        assert_ne!(it["status"], "failed", "{it}");
        (it["status"] == "sent").then_some(())
    });

    // The customer's answer joins the thread, and the next reply goes on with it.
    let answer = format!(
        "Message-ID: <thanks@mail.test>\r\nIn-Reply-To: <{0}>\r\nReferences: <question@mail.test> <{0}>\r\n",
        got.message_id.unwrap()
    );
    runtime.block_on(write(&mail, "Re: Where is it?", &answer, "Thank you!"));
    soon("the answer joins the thread", || {
        let page = get(&client, &messages);
        page["data"].as_array().unwrap().iter().any(|it| it["text"] == "Thank you!").then_some(())
    });
    assert_eq!(get(&client, "/api/conversations")["data"].as_array().unwrap().len(), 1);
    post(&client, &messages, json!({ "text": "You are welcome." }));
    let (_, got, whole) = runtime.block_on(read(&mail, uid));
    assert_eq!(got.in_reply_to, ["thanks@mail.test"], "{whole}");
    assert_eq!(got.references.first().map(String::as_str), Some("question@mail.test"), "{whole}");
    assert_eq!(got.references.last().map(String::as_str), Some("thanks@mail.test"), "{whole}");
}
