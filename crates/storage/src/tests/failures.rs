//! When a whole batch is lost, everybody in it is told, and the next one goes on.

use super::*;

type Told = Vec<Result<()>>;

fn desk() -> Desk {
    Desk::open_with(|it| it.batch_time = Duration::from_secs(60))
}

/// Queues an innocent write, the culprit and a second innocent one behind a first write that
/// holds the batch open, and returns what the four were told.
fn batch_with(desk: &Desk, culprit: impl FnOnce(&Tx<'_>) -> Result<()> + Send + 'static) -> Told {
    let (go, held) = hold_writer(&desk.store);
    let store = &desk.store;
    let mut told = run(async {
        let go = async { go.send(()).unwrap() };
        let (first, second, third, ()) = tokio::join!(
            biased;
            store.write(|tx| add(tx, "first")),
            store.write(culprit),
            store.write(|tx| add(tx, "third")),
            go,
        );
        vec![first, second, third]
    });
    told.insert(0, held.join().unwrap());
    told
}

#[test]
fn where_sqlite_ends_the_transaction_everybody_in_it_is_told() {
    let desk = desk();
    desk.add("taken").unwrap();
    let told = batch_with(&desk, |tx| {
        tx.sql().execute("INSERT OR ROLLBACK INTO words (word) VALUES ('taken')", [])?;
        Ok(())
    });
    // Whoever came after the transaction was gone works in the next one.
    let lost = |it: &Result<()>| matches!(it, Err(StoreError::Interrupted));
    assert!(told[..3].iter().all(lost) && told[3].is_ok(), "{told:?}");
    assert_eq!(desk.words(), ["taken", "third"]);
    assert_eq!(desk.store.metrics().failed_commits, 1);
}

#[test]
fn where_the_commit_fails_everybody_in_it_is_told() {
    let desk = desk();
    let told = batch_with(&desk, |tx| {
        let mut refusals = 1;
        let refuse_once = move || {
            refusals -= 1;
            refusals == 0
        };
        tx.sql().commit_hook(Some(refuse_once))?;
        // A job that fails by itself may have seen what is now gone: it is told the same.
        Err(StoreError::Exists)
    });
    assert!(told.iter().all(|it| matches!(it, Err(StoreError::Interrupted))), "{told:?}");
    assert!(desk.words().is_empty());
}

#[test]
fn a_failed_flush_stops_everything_but_reading() {
    let desk = desk();
    desk.add("safe").unwrap();
    let fatal = desk.store.fatal();
    assert!(fatal.borrow().is_none());
    let told = batch_with(&desk, |tx| {
        add(tx, "lost")?;
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
        Err(rusqlite::Error::SqliteFailure(code, None).into())
    });
    assert!(told.iter().all(|it| matches!(it, Err(StoreError::Fatal))), "{told:?}");
    assert!(fatal.borrow().is_some(), "the program is told to stop");
    assert!(matches!(desk.add("more"), Err(StoreError::Fatal)));
    let count = desk.store.read_blocking::<i64, StoreError>(|db| {
        Ok(db.sql().query_row("SELECT count(*) FROM words", [], |row| row.get(0))?)
    });
    assert_eq!(count.unwrap(), 1);
}

#[test]
fn a_foreign_write_lock_is_waited_out() {
    let desk = Desk::open();
    let foreign = crate::connections::open_writer(&desk.database()).unwrap();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (locked, hold) = mpsc::channel::<()>();
    let holder = std::thread::spawn(move || {
        let timeout = hold.recv_timeout(Duration::from_secs(2));
        foreign.execute_batch("COMMIT").unwrap();
        timeout
    });
    let started = Instant::now();
    desk.add("patient").unwrap();
    assert!(started.elapsed() >= Duration::from_millis(1_500));
    drop(locked);
    assert!(holder.join().unwrap().is_err());
    assert_eq!(desk.words(), ["patient"]);
}

#[test]
fn a_command_beside_the_server_writes_without_its_lock() {
    let desk = Desk::open();
    let beside = Store::open_beside(desk.folder.path()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| (0..50).for_each(|_| beside.write_blocking(|tx| fill(tx, 1)).unwrap()));
        scope.spawn(|| (0..50).for_each(|_| desk.store.write_blocking(|tx| fill(tx, 1)).unwrap()));
    });
    beside.close_blocking();
    assert_eq!(desk.words().len(), 100);
}
