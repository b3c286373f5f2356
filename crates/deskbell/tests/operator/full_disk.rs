//! A full disk: writes are refused with 503, reads go on, and it recovers by itself.

use std::{fs, path::Path, process::Command};

use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::app::{Client, Server};

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

/// Writes until nothing fits any more.
fn fill_up(path: &Path) {
    use std::io::Write;
    let mut file = fs::File::create(path).unwrap();
    for block in [1 << 20, 4_096] {
        while file.write_all(&vec![1; block]).is_ok() {}
    }
}
