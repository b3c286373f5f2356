//! A backup of last week is put in place: nothing goes out again, and what came since is read anew.

use std::{
    collections::BTreeSet,
    time::{SystemTime, UNIX_EPOCH},
};

use connectors::testing::{FakeImap, Script};
use domain::Timestamp;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    app::{Client, Server, connect, deskbell, get, get_all, place, post, run, soon, stdout},
    counting_smtp::CountingSmtp,
};

fn mail(number: u32, reply_to: Option<&str>) -> String {
    let thread = reply_to.map(|it| format!("In-Reply-To: <{it}>\r\n")).unwrap_or_default();
    format!(
        "From: Cora <cora@customer.example>\r\nTo: desk@example.com\r\nSubject: Mail {number}\r\n\
         Message-ID: <{number}@customer.example>\r\n{thread}MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n\
         Text {number}\r\n--x\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; \
         filename=list.csv\r\n\r\nrow {number}\r\n--x--\r\n"
    )
}

/// The mails of the ledger, once all of them are messages.
fn ledger(client: &Client, channel: &str, count: usize) -> Vec<Value> {
    soon("all mail is in", || {
        let mails = get_all(client, &format!("/api/channels/{channel}/mail"));
        let settled = mails.iter().filter(|it| it["fate"] == "message").count();
        (settled >= count).then_some(mails)
    })
}

#[test]
fn an_older_backup_loses_no_mail_and_repeats_none() {
    let (folder, data) = place();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let imap = runtime.block_on(FakeImap::start(Script::new()));
    let smtp = CountingSmtp::start();
    let mut server = Server::start(&data);
    server.set_up();
    let (client, cookie) = (server.client(), server.client().cookie);
    let settings = json!({ "send_delay_seconds": 0 });
    assert_eq!(server.ask("POST", "/api/settings/workspace", Some(&settings)).0, 200);
    let channel = connect(&client, "desk@example.com", imap.port, smtp.port);
    imap.deliver(mail(1, None));
    imap.deliver(mail(2, None));
    let before = ledger(&client, &channel, 2);
    let conversation = before[0]["conversation_id"].as_str().unwrap();
    let reply = json!({ "text": "Before the backup." });
    post(&client, &format!("/api/conversations/{conversation}/messages"), reply);
    soon("the reply is out", || (smtp.taken().len() == 1).then_some(()));
    // What waits at the backup was sent by the life after it.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let next_month = Timestamp(since.as_millis().try_into().unwrap()).plus_seconds(30 * 86_400);
    let waiting = json!({ "text": "Waiting.", "send_at": next_month.to_string() });
    post(&client, &format!("/api/conversations/{conversation}/messages"), waiting);
    soon("the first reply is recorded", || {
        let all = get_all(&client, &format!("/api/conversations/{conversation}/messages"));
        all.iter().any(|it| it["status"] == "sent").then_some(())
    });
    let archive = folder.path().join("backup.tar");
    stdout(&run(deskbell(&data).arg("backup").arg(&archive), ""));

    // A week of work that will be gone: mail in, one of them an answer, and a reply out.
    let answered = smtp.taken()[0].message_id.clone();
    imap.deliver(mail(3, Some(&answered)));
    imap.deliver(mail(4, None));
    imap.skip_uids(5);
    imap.deliver(mail(5, None));
    ledger(&client, &channel, 5);
    let reply = json!({ "text": "After the backup." });
    post(&client, &format!("/api/conversations/{conversation}/messages"), reply);
    soon("the second reply is out", || (smtp.taken().len() == 2).then_some(()));
    assert_eq!(server.end(Signal::TERM), Some(0));

    let restored = folder.path().join("restored");
    stdout(&run(deskbell(&restored).arg("restore").arg(&archive), ""));
    let server = Server::start(&restored);
    assert_eq!(server.sign_in("ann@example.com"), 200);
    let client = server.client_with(&cookie);
    let mails = ledger(&client, &channel, 5);
    let subjects: BTreeSet<_> = mails.iter().map(|it| it["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, BTreeSet::from(["Mail 1", "Mail 2", "Mail 3", "Mail 4", "Mail 5"]));
    assert_eq!(mails.len(), 5, "each once: {mails:?}");
    // The answer is in its thread, the others have one each.
    assert_eq!(get(&client, "/api/conversations")["pagination"]["total"], 4);

    // An attachment of before and one of after open.
    for number in [1, 3] {
        let it = mails.iter().find(|it| it["subject"] == format!("Mail {number}")).unwrap();
        let path = format!("/api/messages/{}", it["message_id"].as_str().unwrap());
        let message = get(&client, &path);
        let file = message["attachments"][0]["id"].as_str().unwrap();
        let answer = client.ask("GET", &format!("/api/attachments/{file}"), None).unwrap();
        assert_eq!((answer.status, &answer.body), (200, &json!(format!("row {number}"))));
    }
    // What waited waits for an admin, and nothing went out again.
    let held = stdout(&run(deskbell(&restored).args(["check", "--quick"]), ""));
    assert!(held.contains("1 jobs are on hold"), "{held}");
    assert_eq!(smtp.taken().len(), 2);
}
