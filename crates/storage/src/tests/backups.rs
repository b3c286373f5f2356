//! Copies: consistent while writes go on, and nothing stale beside them.

use std::fs;

use super::*;

#[test]
fn a_copy_is_one_moment_while_writes_go_on() {
    let desk = Desk::open();
    desk.store.write_blocking(|tx| fill(tx, 3_000)).unwrap();
    let path = desk.folder.path().join("copy.db");
    let writing = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while writing.load(std::sync::atomic::Ordering::Relaxed) {
                // Two rows in one write: a copy with an odd number would be torn.
                desk.store.write_blocking(|tx| fill(tx, 2)).unwrap();
            }
        });
        for _ in 0..3 {
            desk.store.snapshot_to(&path).unwrap();
            let copy = crate::connections::open_reader(&path).unwrap();
            let rows: i64 =
                copy.query_row("SELECT count(*) FROM words", [], |row| row.get(0)).unwrap();
            assert!(rows >= 3_000 && rows % 2 == 0, "{rows} rows");
            assert!(crate::backup::problems(&copy, true).unwrap().is_empty());
        }
        writing.store(false, std::sync::atomic::Ordering::Relaxed);
    });
    let beside = ["copy.db-wal", "copy.db-journal", "copy.db.partial"];
    assert!(beside.iter().all(|it| !desk.folder.path().join(it).exists()));
}

#[test]
fn a_copy_opens_as_a_database_of_its_own() {
    let desk = Desk::open();
    desk.add("copied").unwrap();
    let other = tempfile::tempdir().unwrap();
    desk.store.snapshot_to(&other.path().join("deskbell.db")).unwrap();
    let store = Store::open(Options::new(other.path())).unwrap();
    assert_eq!(words_in(other.path()), ["copied"]);
    store.close_blocking();
}

/// Restored data with the log of its predecessor would show rows the backup never had.
#[test]
fn a_stale_log_is_removed_before_a_restored_database() {
    let desk = Desk::open_with(|it| it.checkpoint.idle = Duration::from_secs(600));
    desk.add("in the backup").unwrap();
    let backup = desk.folder.path().join("backup");
    desk.store.snapshot_to(&backup).unwrap();
    desk.add("later").unwrap();
    let stale = fs::read(desk.folder.path().join("deskbell.db-wal")).unwrap();
    assert!(!stale.is_empty());
    let restored = tempfile::tempdir().unwrap();
    let database = restored.path().join("deskbell.db");
    fs::write(restored.path().join("deskbell.db-wal"), stale).unwrap();
    crate::backup::remove_database(&database).unwrap();
    fs::copy(&backup, &database).unwrap();
    let store = Store::open(Options::new(restored.path())).unwrap();
    assert_eq!(words_in(restored.path()), ["in the backup"]);
    store.close_blocking();
}

#[test]
fn a_failed_copy_leaves_nothing() {
    let desk = Desk::open();
    let nowhere = desk.folder.path().join("missing").join("copy.db");
    assert!(desk.store.snapshot_to(&nowhere).is_err());
    assert!(!nowhere.exists());
}
