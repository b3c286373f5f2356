//! Opening: one server for a folder, and nothing made in place of what is lost.

use std::{fs, os::unix::fs::PermissionsExt};

use super::*;
use crate::error::OpenError;

fn reopen(folder: &Path) -> Result<Store, OpenError> {
    Store::open(Options::new(folder))
}

/// A folder with a closed database of one word.
fn closed() -> TempDir {
    let desk = Desk::open();
    desk.add("kept").unwrap();
    let Desk { store, folder } = desk;
    store.close_blocking();
    folder
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let folder = closed();
    let store = reopen(folder.path()).unwrap();
    assert_eq!(words_in(folder.path()), ["kept"]);
    store.close_blocking();
    assert!(!folder.path().join("deskbell.db.new").exists());
}

#[test]
fn a_second_server_is_refused_until_the_first_ends() {
    let desk = Desk::open();
    let Err(error) = reopen(desk.folder.path()) else { panic!("two servers") };
    assert!(
        matches!(&error, OpenError::Locked { process: Some(it), .. } if *it == std::process::id())
    );
    assert!(error.to_string().contains("stop it first"));
    desk.add("unaffected").unwrap();
    let Desk { store, folder } = desk;
    store.close_blocking();
    reopen(folder.path()).unwrap().close_blocking();
}

#[test]
fn others_read_beside_the_server() {
    let desk = Desk::open();
    desk.add("seen").unwrap();
    let beside = Store::open_read_only(desk.folder.path()).unwrap();
    let seen = beside.read_blocking::<i64, StoreError>(|db| {
        Ok(db.sql().query_row("SELECT count(*) FROM words", [], |row| row.get(0))?)
    });
    assert_eq!(seen.unwrap(), 1);
    assert!(matches!(beside.write_blocking(|tx| add(tx, "no")), Err(StoreError::Closed)));
    assert!(beside.integrity(true).unwrap().is_empty());
    drop(beside);
    desk.add("still writing").unwrap();
}

#[test]
fn a_folder_without_a_database_is_not_filled_by_a_command() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Store::open_read_only(folder.path()), Err(OpenError::Missing(_))));
    assert!(matches!(Store::open_beside(folder.path()), Err(OpenError::Missing(_))));
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn only_the_owner_can_read() {
    let desk = Desk::open();
    desk.store.files().put(b"private").unwrap();
    let data = desk.folder.path().join("data");
    reopen(&data).unwrap().close_blocking();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(data.clone()), 0o700);
    assert_eq!(mode(data.join("deskbell.db")), 0o600);
    assert_eq!(mode(data.join("deskbell.lock")), 0o600);
    assert_eq!(mode(data.join("files")), 0o700);
    assert_eq!(mode(desk.folder.path().join("deskbell.db-wal")), 0o600);
}

#[test]
fn damage_is_refused_and_left_as_it_is() {
    let whole = {
        let folder = closed();
        fs::read(folder.path().join("deskbell.db")).unwrap()
    };
    let flip_pages = |from: usize| {
        let mut bytes = whole.clone();
        bytes[from..from + 2_000].fill(0x5a);
        bytes
    };
    let cases = [
        ("no bytes", Vec::new()),
        ("some text", b"not a database".to_vec()),
        ("cut inside the header", whole[..60].to_vec()),
        ("cut after a page", whole[..4_096].to_vec()),
        ("a page short", whole[..whole.len() - 4_096].to_vec()),
        ("header overwritten", flip_pages(0)),
        ("schema overwritten", flip_pages(100)),
        ("a later page overwritten", flip_pages(4_096 * 3)),
    ];
    for (name, bytes) in cases {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("deskbell.db");
        fs::write(&database, &bytes).unwrap();
        let Err(error) = reopen(folder.path()) else { panic!("{name}: opened") };
        assert!(matches!(error, OpenError::Damaged { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains("deskbell restore"), "{name}");
        assert_eq!(fs::read(&database).unwrap(), bytes, "{name}: touched");
    }
}

#[test]
fn a_log_without_its_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("deskbell.db-wal"), [1; 5_000]).unwrap();
    let Err(error) = reopen(folder.path()) else { panic!("opened") };
    assert!(matches!(error, OpenError::Orphan { .. }));
    assert!(!folder.path().join("deskbell.db").exists());
}

#[test]
fn a_foreign_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("deskbell.db");
    let foreign = rusqlite::Connection::open(&database).unwrap();
    foreign.execute_batch("CREATE TABLE theirs (a)").unwrap();
    foreign.close().unwrap();
    assert!(matches!(reopen(folder.path()), Err(OpenError::Foreign(_))));
}

#[test]
fn an_interrupted_first_start_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["deskbell.db.new", "deskbell.db.new-wal"] {
        fs::write(folder.path().join(name), b"half").unwrap();
    }
    reopen(folder.path()).unwrap().close_blocking();
    assert!(!folder.path().join("deskbell.db.new").exists());
}

#[test]
fn a_torn_log_keeps_the_commits_before_the_tear() {
    let desk = Desk::open_with(|it| it.checkpoint.idle = Duration::from_secs(600));
    let numbers = 0..40;
    for number in numbers.clone() {
        desk.store.write_blocking(move |tx| add(tx, &number.to_string())).unwrap();
    }
    let all: Vec<String> = numbers.map(|it| it.to_string()).collect();
    // What a crash leaves; copied, since SQLite has the originals open.
    let database = fs::read(desk.database()).unwrap();
    let log = fs::read(desk.folder.path().join("deskbell.db-wal")).unwrap();
    drop(desk);
    for cut in (1..10).map(|tenth| log.len() * tenth / 10) {
        for garble in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("deskbell.db"), &database).unwrap();
            let mut torn = log.clone();
            if garble {
                torn[cut] ^= 0xff;
            } else {
                torn.truncate(cut);
            }
            fs::write(folder.path().join("deskbell.db-wal"), torn).unwrap();
            let store = reopen(folder.path()).unwrap();
            let table = store.read_blocking::<i64, StoreError>(|db| {
                let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'words'";
                Ok(db.sql().query_row(sql, [], |row| row.get(0))?)
            });
            if table.unwrap() == 1 {
                assert!(all.starts_with(&words_in(folder.path())));
            }
            assert!(store.integrity(true).unwrap().is_empty());
            store.close_blocking();
        }
    }
}
