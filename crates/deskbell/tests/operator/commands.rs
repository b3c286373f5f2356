//! Commands and signals, each tried on a data folder of its own.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use crate::app::{PASSWORD, Server, deskbell, place, run, stderr, stdout};

#[test]
fn an_empty_folder_becomes_a_desk_and_survives_a_kill() {
    let (_folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    assert_eq!(server.sign_in("ann@example.com"), 200);
    assert_eq!(server.end(Signal::KILL), None);

    let server = Server::start(&data);
    assert_eq!(server.sign_in("ann@example.com"), 200);
    let started = Instant::now();
    assert_eq!(server.end(Signal::TERM), Some(0));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let (_folder, data) = place();
    let server = Server::start(&data);
    let second = run(&mut deskbell(&data), "");
    assert_eq!(second.status.code(), Some(1));
    assert!(stderr(&second).contains("another Deskbell"), "{}", stderr(&second));
    assert_eq!(server.ask("GET", "/healthz", None).0, 200);
    let health = stdout(&run(
        deskbell(&data).env("DESKBELL_LISTEN", &server.address).args(["check", "--health"]),
        "",
    ));
    assert!(health.contains("answers"), "{health}");
}

#[test]
fn accounts_are_made_beside_the_server_and_passwords_come_from_standard_input() {
    let (_folder, data) = place();
    let server = Server::start(&data);
    let create = ["admin", "create", "--email", "bob@example.com", "--name", "Bob"];
    let made = stdout(&run(deskbell(&data).args(create), &format!("{PASSWORD}\n")));
    assert!(made.contains("bob@example.com"), "{made}");
    assert_eq!(server.sign_in("bob@example.com"), 200);

    let weak = run(deskbell(&data).args(create), "short\n");
    assert_eq!(weak.status.code(), Some(1));
    assert!(stderr(&weak).contains("password"), "{}", stderr(&weak));
    let none = run(deskbell(&data).args(create), "");
    assert!(stderr(&none).contains("standard input"), "{}", stderr(&none));

    let reset = ["admin", "reset-password", "--email", "bob@example.com"];
    stdout(&run(deskbell(&data).args(reset), "another long password\n"));
    assert_eq!(server.sign_in("bob@example.com"), 401);
    let list = stdout(&run(deskbell(&data).args(["admin", "list"]), ""));
    assert!(list.contains("bob@example.com\tadmin\tactive\tBob"), "{list}");
}

#[test]
fn a_backup_of_a_running_server_restores_elsewhere() {
    let (folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    let archive = folder.path().join("desk.tar");
    let written = stdout(&run(deskbell(&data).arg("backup").arg(&archive), ""));
    assert!(written.contains("Wrote"), "{written}");
    let into_use = run(deskbell(&data).arg("restore").arg(&archive), "");
    assert_eq!(into_use.status.code(), Some(1), "restored over a desk in use");

    let elsewhere = folder.path().join("new");
    stdout(&run(deskbell(&elsewhere).arg("restore").arg(&archive), ""));
    let sound = stdout(&run(deskbell(&elsewhere).arg("check"), ""));
    assert!(sound.contains("sound"), "{sound}");
    let restored = Server::start(&elsewhere);
    assert_eq!(restored.sign_in("ann@example.com"), 200);
}

#[test]
fn a_demo_is_made_in_an_empty_folder_only() {
    let (_folder, data) = place();
    let demo = ["demo", "--conversations", "40", "--seed", "7"];
    let made = stdout(&run(deskbell(&data).args(demo), ""));
    assert!(made.contains("40 conversations"), "{made}");
    let sound = stdout(&run(deskbell(&data).arg("check"), ""));
    assert!(sound.contains("sound"), "{sound}");
    let rebuild = ["check", "--rebuild-counters", "--rebuild-search", "--rebuild-aggregates"];
    let rebuilt = stdout(&run(deskbell(&data).args(rebuild), ""));
    assert!(
        rebuilt.contains("search index")
            && rebuilt.contains("figures")
            && rebuilt.contains("sound"),
        "{rebuilt}"
    );
    assert_eq!(run(deskbell(&data).args(demo), "").status.code(), Some(1));
}

#[test]
fn a_damaged_database_is_reported() {
    let (_folder, data) = place();
    Server::start(&data).end(Signal::TERM);
    let path = data.join("deskbell.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4_096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    for command in ["check", "serve"] {
        let output = run(deskbell(&data).arg(command), "");
        let told = format!("{}{}", stderr(&output), String::from_utf8_lossy(&output.stdout));
        assert_eq!(output.status.code(), Some(1), "{command}: {told}");
        assert!(told.contains("restore"), "{command}: {told}");
    }
}

#[test]
fn no_secret_reaches_the_log() {
    let (folder, data) = place();
    let mut server = Server::start_with(
        &data,
        &[
            ("DESKBELL_LOG__LEVEL", "trace"),
            ("DESKBELL_METRICS__TOKEN", "canary-metrics-token"),
            ("DESKBELL_SMTP__HOST", "127.0.0.1"),
            ("DESKBELL_SMTP__FROM", "desk@example.com"),
            ("DESKBELL_SMTP__PASSWORD", "canary-smtp-password"),
        ],
    );
    let token = server.setup_token();
    server.set_up_with(&token);
    let cookie = server.client().cookie.unwrap();
    assert_eq!(server.ask("GET", "/api/auth/me", None).0, 200);
    // This one ends the session, but it stood in requests before.
    assert_eq!(server.sign_in("ann@example.com"), 200);
    let archive = folder.path().join("desk.tar");
    stdout(&run(deskbell(&data).arg("backup").arg(&archive), ""));
    let log = server.end_and_read_log();
    assert!(log.contains("TRACE"), "the log is not as talkative as this test needs");
    let session = cookie.split_once('=').unwrap().1;
    let key = std::fs::read_to_string(data.join("keys/master.key")).unwrap();
    for secret in
        ["canary-metrics-token", "canary-smtp-password", PASSWORD, &token, session, key.trim()]
    {
        assert!(!secret.is_empty() && !log.contains(secret), "{secret} stands in the log");
    }
}

#[test]
fn a_key_that_opens_nothing_stops_the_start() {
    let (_folder, data) = place();
    let mut server = Server::start(&data);
    server.set_up();
    let mail = json!({ "host": "127.0.0.1", "port": 1, "security": "none", "username": "desk",
        "password": "secret" });
    let body = json!({ "type": "email", "name": "Support",
        "config": { "address": "desk@shop.example", "imap": mail, "smtp": mail } });
    assert_eq!(server.ask("POST", "/api/channels", Some(&body)).0, 201);
    server.end(Signal::TERM);
    let (_other_folder, other) = place();
    Server::start(&other).end(Signal::TERM);
    let key = data.join("keys/master.key");
    std::fs::copy(other.join("keys/master.key"), &key).unwrap();
    for told in ["not the one", "master.key"] {
        let output = run(deskbell(&data).arg("serve"), "");
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
        // The second time there is none at all.
        std::fs::remove_file(&key).unwrap_or_default();
    }
}

#[test]
fn a_wrong_value_stops_the_start_and_names_its_key() {
    let (_folder, data) = place();
    let cases = [
        ("DESKBELL_LISTEN", "0.0.0.0:0", "allow_http"),
        ("DESKBELL_BACKUP__EVERY", "often", "backup.every"),
        ("DESKBELL_NONSENSE", "1", "DESKBELL_NONSENSE"),
    ];
    for (name, value, want) in cases {
        let output = run(deskbell(&data).env(name, value), "");
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(stderr(&output).contains(want), "{name}: {}", stderr(&output));
        assert!(!data.exists(), "{name}");
    }
    let missing = run(deskbell(&data).args(["--config", "/nowhere.toml"]), "");
    let told = stderr(&missing);
    assert_eq!(told.matches("No such file").count(), 1, "{told}");
}

#[test]
fn the_help_names_every_command() {
    let (_folder, data) = place();
    let help = stdout(&run(deskbell(&data).arg("--help"), ""));
    for command in ["serve", "admin", "check", "backup", "restore", "demo", "DESKBELL_DATA"] {
        assert!(help.contains(command), "{command}");
    }
}
