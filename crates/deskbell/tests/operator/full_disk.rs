//! A full disk: writes are refused with 503, reads go on, and it recovers by itself. Before it is full,
//! mail stays on its server, while all other work goes on.

use std::{collections::HashSet, fs, io::Write, path::Path, process::Command};

use connectors::testing::{FakeImap, Script};
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    app::{Client, Server, connect, get, get_all, post, soon},
    counting_smtp::CountingSmtp,
};

const MEGABYTE: u64 = 1 << 20;

/// A small file system in memory; needs to be root.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|it| it.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: only root can mount the small disk this test needs");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still be ending.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_writes_and_keeps_reads() {
    let Some(disk) = SmallDisk::mount(24) else { return };
    let ballast = disk.0.path().join("ballast");
    let mut server = Server::start(&disk.0.path().join("data"));
    server.set_up();
    let client = server.client();
    assert_eq!(create(&client, 0), 201);

    fill_up(&ballast);
    let first_refused = (1..2_000).find(|it| create(&client, *it) != 201);
    let first_refused = first_refused.expect("the disk is full, and still takes writes");
    for number in 0..5 {
        assert_eq!(create(&client, 5_000 + number), 503);
        let list = client.ask("GET", "/api/contacts?per_page=1", None).unwrap();
        assert_eq!(list.status, 200);
        assert_eq!(list.body["pagination"]["total"], json!(first_refused));
    }
    assert_eq!(client.ask("GET", "/healthz", None).unwrap().status, 200);

    fs::remove_file(&ballast).unwrap();
    assert_eq!(create(&client, 9_000), 201);
    let list = client.ask("GET", "/api/contacts?per_page=1", None).unwrap();
    assert_eq!(list.body["pagination"]["total"], json!(first_refused + 1));
    assert_eq!(server.end(Signal::TERM), Some(0));
}

fn create(client: &Client, number: u32) -> u16 {
    let notes = "x".repeat(2_000);
    let email = format!("contact{number}@example.com");
    let body = json!({ "name": "Contact", "email": email, "notes": notes });
    client.ask("POST", "/api/contacts", Some(&body)).unwrap().status
}

#[test]
fn mail_waits_on_its_server_while_the_disk_is_nearly_full() {
    let Some(disk) = SmallDisk::mount(224) else { return };
    let ballast = disk.0.path().join("ballast");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mailbox = runtime.block_on(FakeImap::start(Script::new()));
    let smtp = CountingSmtp::start();
    let mut server = Server::start(&disk.0.path().join("data"));
    server.set_up();
    let client = server.client();
    let channel = connect(&client, "desk@mail.test", mailbox.port, smtp.port);
    let mails = || get_all(&client, &format!("/api/channels/{channel}/mail"));
    let taken = || mails().iter().filter(|it| it["fate"] == "message").count();

    // Room for a few more mails of a megabyte, not for twelve.
    fill_until(&ballast, disk.0.path(), 70 * MEGABYTE);
    for number in 0..12 {
        mailbox.deliver(large_mail(number));
    }
    let told = soon("the channel says why mail does not come", || {
        let channel = get(&client, &format!("/api/channels/{channel}"));
        channel["health"]["receive"]["last_error"].as_str().map(str::to_owned)
    });
    assert!(told.contains("disk is nearly full"), "{told}");
    soon("what was taken is read", || (mails().len() == taken()).then_some(()));
    let before = taken();
    assert!((1..12).contains(&before), "{before}");
    assert!(free(disk.0.path()) > 56 * MEGABYTE, "{}", free(disk.0.path()));

    answer_and_erase(&client);
    assert_eq!(upload(&client), 503);

    fs::remove_file(&ballast).unwrap();
    // The erased person's mail is gone; of the others each is there once.
    soon("the other mails come by themselves", || (taken() == 11).then_some(()));
    let mails = mails();
    let subjects: HashSet<_> = mails.iter().map(|it| it["subject"].as_str().unwrap()).collect();
    assert_eq!((mails.len(), subjects.len()), (11, 11), "{subjects:?}");
    assert_eq!(upload(&client), 201);
    assert_eq!(server.end(Signal::TERM), Some(0));
}

/// What must be possible all the while: to read, to reply, to delete.
fn answer_and_erase(client: &Client) {
    let conversations = get_all(client, "/api/conversations");
    let id = conversations[0]["id"].as_str().unwrap();
    let path = format!("/api/conversations/{id}/messages");
    post(client, &path, json!({ "text": "Thank you" }));
    let contact = conversations[0]["contact_id"].as_str().unwrap();
    let erased = client.ask("DELETE", &format!("/api/contacts/{contact}"), None).unwrap();
    assert_eq!(erased.status, 200, "{}", erased.body);
}

fn large_mail(number: usize) -> String {
    let line = format!("{number:03} {}\r\n", "x".repeat(71));
    let lines = line.repeat(usize::try_from(MEGABYTE).unwrap() / line.len());
    format!(
        "From: cora{number}@mail.test\r\nTo: desk@mail.test\r\nSubject: Question {number}\r\n\
         Message-ID: <{number}@mail.test>\r\n\r\n{lines}"
    )
}

fn upload(client: &Client) -> u16 {
    let body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n\
                Hello\r\n--x--\r\n";
    client.send("POST", "/api/attachments", "multipart/form-data; boundary=x", body).unwrap().status
}

fn free(disk: &Path) -> u64 {
    storage::space(disk).unwrap().0
}

/// Writes until so much is left.
fn fill_until(path: &Path, disk: &Path, left: u64) {
    let mut file = fs::File::create(path).unwrap();
    while free(disk) > left {
        file.write_all(&vec![1; 1 << 18]).unwrap();
    }
}

/// Writes until nothing fits any more.
fn fill_up(path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    for block in [1 << 20, 4_096] {
        while file.write_all(&vec![1; block]).is_ok() {}
    }
}
