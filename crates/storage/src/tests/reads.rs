//! Reads: a snapshot, no writing, no waiting for the writer, and an end.

use super::*;

fn count(db: &crate::Reader<'_>) -> Result<i64> {
    Ok(db.sql().query_row("SELECT count(*) FROM words", [], |row| row.get(0))?)
}

#[test]
fn a_reader_sees_one_snapshot_while_writes_go_on() {
    let desk = Desk::open();
    desk.add("before").unwrap();
    let writing = desk.store.clone();
    let (first, second) = desk
        .store
        .read_blocking::<_, StoreError>(|db| {
            let first = count(db)?;
            writing.write_blocking(|tx| add(tx, "meanwhile"))?;
            Ok((first, count(db)?))
        })
        .unwrap();
    assert_eq!((first, second), (1, 1));
    assert_eq!(desk.store.read_blocking(count).unwrap(), 2);
}

#[test]
fn reads_go_on_during_a_long_write_and_do_not_see_it() {
    let desk = Desk::open();
    let (go, wait) = mpsc::channel();
    let (wrote, inside) = mpsc::channel();
    let store = desk.store.clone();
    let writer = std::thread::spawn(move || {
        store.write_blocking::<(), StoreError>(move |tx| {
            add(tx, "unfinished")?;
            wrote.send(()).unwrap();
            wait.recv_timeout(Duration::from_secs(20)).unwrap();
            Ok(())
        })
    });
    inside.recv_timeout(Duration::from_secs(20)).unwrap();
    for _ in 0..20 {
        assert_eq!(run(desk.store.read(count)).unwrap(), 0);
    }
    go.send(()).unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(run(desk.store.read(count)).unwrap(), 1);
}

#[test]
fn a_reader_cannot_write() {
    let desk = Desk::open();
    for sql in ["INSERT INTO words (word) VALUES ('x')", "DROP TABLE words", "CREATE TABLE t (a)"] {
        let written =
            desk.store.read_blocking::<_, StoreError>(|db| Ok(db.sql().execute(sql, [])?));
        assert!(matches!(written, Err(StoreError::Database(_))), "{sql}");
    }
    assert!(desk.words().is_empty());
}

const ENDLESS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT count(*) FROM n";

#[test]
fn a_query_past_its_deadline_is_stopped() {
    let desk = Desk::open_with(|it| {
        it.deadline = Duration::from_millis(50);
        it.readers = 1;
    });
    let endless = |db: &crate::Reader<'_>| -> Result<i64> {
        Ok(db.sql().query_row(ENDLESS, [], |row| row.get(0))?)
    };
    assert!(matches!(run(desk.store.read(endless)), Err(StoreError::Deadline)));
    assert_eq!(run(desk.store.read(count)).unwrap(), 0, "the connection is as good as new");
}

#[test]
fn a_walk_knows_when_its_budget_is_spent() {
    let desk = Desk::open();
    let walk = |db: &crate::Reader<'_>| -> Result<bool> { Ok(db.out_of_time()) };
    assert!(!run(desk.store.read(walk)).unwrap());
    assert!(!run(desk.store.read_within(Duration::from_secs(60), walk)).unwrap());
    assert!(run(desk.store.read_within(Duration::ZERO, walk)).unwrap());
    let inner = move |db: &crate::Reader<'_>| walk(&db.within(Duration::ZERO));
    assert!(run(desk.store.read(inner)).unwrap());
}

#[test]
fn a_panicking_read_gives_its_connection_back() {
    let desk = Desk::open_with(|it| it.readers = 1);
    for _ in 0..3 {
        let panics = |_: &crate::Reader<'_>| -> Result<()> { panic!("on purpose") };
        assert!(matches!(run(desk.store.read(panics)), Err(StoreError::Panicked)));
    }
    assert_eq!(run(desk.store.read(count)).unwrap(), 0);
    assert_eq!(desk.store.metrics().readers_in_use, 0);
}

#[test]
fn every_connection_is_set_up() {
    let desk = Desk::open();
    let settings = |sql: &rusqlite::Connection| {
        let get = |name: &str| {
            sql.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).unwrap()
        };
        ["synchronous", "foreign_keys", "trusted_schema", "secure_delete"].map(get)
    };
    let want = [2, 1, 0, 1];
    let read = desk.store.read_blocking::<_, StoreError>(|db| Ok(settings(db.sql())));
    assert_eq!(read.unwrap(), want);
    let written = desk.store.write_blocking::<_, StoreError>(move |tx| Ok(settings(tx.sql())));
    assert_eq!(written.unwrap(), want);
}
