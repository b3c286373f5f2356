//! A new master key, also when the command is killed on the way.

use connectors::testing::{FakeImap, Script};
use storage::failpoints::VARIABLE;

use crate::app::{Server, connect, deskbell, get, get_all, place, run, soon, stderr, stdout};

const ROTATE: [&str; 2] = ["keys", "rotate"];

#[test]
fn a_rotation_survives_a_kill_at_each_step() {
    let (_folder, data) = place();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let imap = runtime.block_on(FakeImap::start(Script::new()));
    let mut server = Server::start(&data);
    server.set_up();
    connect(&server.client(), "desk@example.com", imap.port, imap.port);
    let cookie = server.client().cookie;

    let refused = run(deskbell(&data).args(ROTATE), "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("another Deskbell"), "{}", stderr(&refused));
    server.end(rustix::process::Signal::TERM);

    for step in ["rotation: key written", "rotation: committed"] {
        let cut = run(deskbell(&data).env(VARIABLE, step).args(ROTATE), "");
        assert_eq!(cut.status.code(), None, "{step}: {}", stderr(&cut));
        assert!(data.join("keys/master.key.next").exists(), "{step}");
        let server = Server::start(&data);
        assert!(!data.join("keys/master.key.next").exists(), "{step}");
        // Mail still comes in, so the password was opened.
        imap.deliver(format!("From: ann@customer.example\r\nSubject: {step}\r\n\r\nHello\r\n"));
        let client = server.client_with(&cookie);
        soon("the mail is there", || {
            let rows = get_all(&client, "/api/conversations");
            rows.iter().any(|it| it["subject"] == step).then_some(())
        });
        assert_eq!(server.end(rustix::process::Signal::TERM), Some(0));
    }

    let told = stdout(&run(deskbell(&data).args(ROTATE), ""));
    assert!(told.contains("1 passwords and keys"), "{told}");
    let server = Server::start(&data);
    let client = server.client_with(&cookie);
    let rows = get(&client, "/api/audit?action=master_key_rotated");
    // The one that was cut off after its commit, and the whole one.
    assert_eq!(rows["data"].as_array().unwrap().len(), 2, "{rows}");
    let logins = imap.heard().into_iter().filter(|it| it.contains("LOGIN"));
    assert!(logins.clone().count() >= 3 && logins.into_iter().all(|it| it.contains("secret")));
}
