//! Every answer comes after its commit was synced: what the system was asked to do, watched.

use std::{
    collections::HashSet,
    fs,
    process::{Command, Stdio},
};

use rustix::process::Signal;
use serde_json::json;

use crate::app::{Server, deskbell, place, post, soon};

const WRITES: usize = 40;

/// The server under `strace`, itself the direct child; none where that is missing or may not watch.
fn watched(trace: &std::path::Path, server: &Command) -> Option<Command> {
    let mut probe = Command::new("strace");
    let probe = probe.args(["-D", "-f", "-o", "/dev/null", "true"]).stderr(Stdio::null());
    if !probe.status().is_ok_and(|it| it.success()) {
        eprintln!("skipped: strace is missing or may not watch other processes here");
        return None;
    }
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-y", "-s", "32", "-o"]).arg(trace);
    command.args(["-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg"]);
    command.arg(server.get_program()).stdin(Stdio::null());
    command.current_dir(server.get_current_dir().unwrap());
    for (name, value) in server.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Some(command)
}

#[test]
fn nothing_is_answered_before_it_is_on_the_disk() {
    let (folder, data) = place();
    let trace = folder.path().join("trace");
    let Some(command) = watched(&trace, &deskbell(&data)) else { return };
    let mut server = Server::spawn(command);
    server.set_up();
    let client = server.client();
    for number in 0..WRITES {
        let contact = json!({ "email": format!("customer{number}@x.example") });
        post(&client, "/api/contacts", contact);
    }
    assert_eq!(server.end(Signal::TERM), Some(0));
    let lines = soon("the trace is whole", || {
        let text = String::from_utf8_lossy(&fs::read(&trace).unwrap()).into_owned();
        text.trim_end().ends_with("+++").then_some(text)
    });

    // One request after another: each answer needs a sync of the log since the one before.
    let (mut synced, mut answers, mut syncing) = (false, 0, HashSet::new());
    for line in lines.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let is_sync = call.contains("fsync") || call.contains("fdatasync");
        if is_sync && call.contains("deskbell.db-wal") && call.contains("<unfinished") {
            syncing.insert(thread.to_owned());
        } else if is_sync && (call.contains("deskbell.db-wal") || syncing.remove(thread)) {
            synced |= call.trim_end().ends_with("= 0");
        } else if call.contains("HTTP/1.1 201") {
            assert!(synced, "answer {answers} came before its sync: {line}");
            (synced, answers) = (false, answers + 1);
        }
    }
    assert!(answers >= WRITES, "{answers} answers were seen");
}
