//! A full disk: writes are refused, reads go on, and it recovers by itself.

use std::{fs, process::Command};

use super::*;
use crate::error::OpenError;

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
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_writes_keeps_reads_and_recovers() {
    let Some(disk) = SmallDisk::mount(12) else { return };
    let store = Store::open(Options::new(disk.0.path())).unwrap();
    store.write_blocking(make_table).unwrap();
    let ballast = disk.0.path().join("ballast");
    fs::write(&ballast, vec![1; 6 << 20]).unwrap();
    let mut kept = 0;
    let refused = loop {
        match store.write_blocking(|tx| fill(tx, 20)) {
            Ok(()) => kept += 20,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full), "{refused:?}");
    assert!(kept > 0);
    for _ in 0..5 {
        let count = store.read_blocking::<i64, StoreError>(|db| {
            Ok(db.sql().query_row("SELECT count(*) FROM words", [], |row| row.get(0))?)
        });
        assert_eq!(count.unwrap(), kept, "all that was answered, and no more");
        assert!(matches!(store.write_blocking(|tx| fill(tx, 100)), Err(StoreError::Full)));
        let full = store.files().put(&vec![7; 4 << 20]).map_err(StoreError::from);
        assert!(matches!(full, Err(StoreError::Full)));
        assert!(matches!(store.snapshot_to(&disk.0.path().join("copy")), Err(StoreError::Full)));
    }
    assert!(store.fatal().borrow().is_none(), "a full disk is no reason to stop");
    fs::remove_file(&ballast).unwrap();
    store.write_blocking(|tx| fill(tx, 20)).unwrap();
    assert!(store.integrity(true).unwrap().is_empty());
    store.close_blocking();
    assert_eq!(words_in(disk.0.path()).len() as i64, kept + 20);
}

#[test]
fn an_upgrade_needs_room_for_its_copy() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    crate::opening::create_at(&disk.0.path().join("deskbell.db"), 0).unwrap();
    let opened = Store::open(Options::new(disk.0.path()));
    assert!(matches!(opened, Err(OpenError::NoSpace { .. })));
}
