//! The binary dies at a named place, and its next start makes good what was cut off there.

use std::fs;

use connectors::testing::{FakeImap, Script};
use rustix::process::Signal;
use serde_json::json;
use storage::failpoints::VARIABLE;

use crate::{
    app::{Server, connect, deskbell, get, get_all, place, post, run, soon, stdout},
    counting_smtp::CountingSmtp,
};

#[test]
fn a_mail_cut_off_on_its_way_in_becomes_one_message() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for at in [
        "mail: on disk, not in the ledger",
        "mail: in the ledger, not read",
        "mail: read, not a message",
    ] {
        let (_folder, data) = place();
        let imap = runtime.block_on(FakeImap::start(Script::new()));
        let mut server = Server::start(&data);
        server.set_up();
        let cookie = server.client().cookie;
        let id = connect(&server.client(), "desk@example.com", imap.port, imap.port);
        assert_eq!(server.end(Signal::TERM), Some(0));

        let server = Server::start_with(&data, &[(VARIABLE, at)]);
        imap.deliver(
            "From: Cora <cora@customer.example>\r\nTo: desk@example.com\r\nSubject: Question\r\n\
             Message-ID: <1@customer.example>\r\n\r\nWhere is my order?\r\n",
        );
        assert_eq!(server.outlive(), None, "{at}");
        assert!(imap.seen().is_empty(), "{at}: nothing is marked before it is kept");

        let server = Server::start(&data);
        let client = server.client_with(&cookie);
        soon(at, || {
            let mails = get_all(&client, &format!("/api/channels/{id}/mail"));
            (mails.first()?["fate"] == "message").then_some(())
        });
        assert_eq!(get_all(&client, &format!("/api/channels/{id}/mail")).len(), 1, "{at}");
        let all = get_all(&client, "/api/conversations");
        assert_eq!(all.len(), 1, "{at}: {all:?}");
        assert_eq!(all[0]["last_message"]["text"], "Where is my order?", "{at}");
    }
}

#[test]
fn a_reply_cut_off_on_its_way_out_keeps_its_name() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // What the server may have taken goes out once more, under the same Message-ID.
    for (at, copies) in
        [("send: leased", 1), ("send: begun", 1), ("send: handed over, not recorded", 2)]
    {
        let (_folder, data) = place();
        let imap = runtime.block_on(FakeImap::start(Script::new()));
        let smtp = CountingSmtp::start();
        let mut server = Server::start(&data);
        server.set_up();
        let cookie = server.client().cookie;
        let channel = connect(&server.client(), "desk@example.com", imap.port, smtp.port);
        let settings = json!({ "send_delay_seconds": 0 });
        assert_eq!(server.ask("POST", "/api/settings/workspace", Some(&settings)).0, 200);
        assert_eq!(server.end(Signal::TERM), Some(0));

        let server = Server::start_with(&data, &[(VARIABLE, at)]);
        let client = server.client_with(&cookie);
        let opening = json!({
            "channel_id": channel, "contact": { "email": "cora@customer.example" },
            "subject": "Order", "text": "It is on its way.",
        });
        // It may die before its answer is out: that is no matter here.
        let _ = client.ask("POST", "/api/conversations", Some(&opening));
        assert_eq!(server.outlive(), None, "{at}");
        assert_eq!(smtp.taken().len(), copies - 1, "{at}");

        smtp.next_life();
        let server = Server::start(&data);
        let client = server.client_with(&cookie);
        let conversation = get_all(&client, "/api/conversations").remove(0);
        let id = conversation["id"].as_str().unwrap();
        soon(at, || {
            let messages = get_all(&client, &format!("/api/conversations/{id}/messages"));
            messages.iter().any(|it| it["status"] == "sent").then_some(())
        });
        let names: Vec<_> = smtp.taken().into_iter().map(|it| it.message_id).collect();
        assert_eq!(names.len(), copies, "{at}: {names:?}");
        assert!(names.iter().all(|it| *it == names[0]), "{at}: {names:?}");
    }
}

#[test]
fn a_backup_cut_off_leaves_no_archive_and_is_made_by_the_next() {
    let (folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    let cookie = server.client().cookie;
    let contact = json!({ "name": "Cora", "email": "cora@customer.example" });
    post(&server.client(), "/api/contacts", contact);
    let archive = folder.path().join("backup.tar");
    let backup = |command: &mut std::process::Command| run(command.arg("backup").arg(&archive), "");
    for at in ["backup: snapshot taken", "backup: written, not named"] {
        let cut = backup(deskbell(&data).env(VARIABLE, at));
        assert_eq!(cut.status.code(), None, "{at}");
        assert!(!archive.exists(), "{at}");
    }
    stdout(&backup(&mut deskbell(&data)));
    let left = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name());
    let left: Vec<_> = left.filter(|it| it.to_string_lossy().starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");

    let restored = folder.path().join("restored");
    stdout(&run(deskbell(&restored).arg("restore").arg(&archive), ""));
    let server = Server::start(&restored);
    let contacts = get(&server.client_with(&cookie), "/api/contacts");
    assert_eq!(contacts["data"][0]["name"], "Cora");
}
