//! The log is emptied when nobody writes, and bounded when many do.

use super::*;

#[test]
fn the_log_is_emptied_when_idle() {
    let desk = Desk::open_with(|it| it.checkpoint.idle = Duration::from_millis(20));
    desk.store.write_blocking(|tx| fill(tx, 200)).unwrap();
    eventually("emptying the log", || desk.store.metrics().wal_bytes == 0);
    assert_eq!(desk.words().len(), 200);
}

#[test]
fn a_long_reader_holds_up_no_write_and_the_log_shrinks_after_it() {
    let desk = Desk::open_with(|it| it.checkpoint = limits());
    let (go, wait) = mpsc::channel::<()>();
    let (began, inside) = mpsc::channel();
    let store = desk.store.clone();
    let reader = std::thread::spawn(move || {
        store.read_blocking::<i64, StoreError>(|db| {
            let count = |db: &crate::Reader<'_>| {
                db.sql().query_row("SELECT count(*) FROM words", [], |row| row.get(0))
            };
            let _: i64 = count(db)?;
            began.send(()).unwrap();
            wait.recv_timeout(Duration::from_secs(60)).unwrap();
            Ok(count(db)?)
        })
    });
    inside.recv_timeout(Duration::from_secs(20)).unwrap();
    let mut slowest = Duration::ZERO;
    for _ in 0..60 {
        let started = Instant::now();
        desk.store.write_blocking(|tx| fill(tx, 20)).unwrap();
        slowest = slowest.max(started.elapsed());
    }
    assert!(slowest < Duration::from_secs(3), "a write took {slowest:?}");
    assert!(desk.store.metrics().wal_bytes > 0);
    go.send(()).unwrap();
    assert_eq!(reader.join().unwrap().unwrap(), 0, "its snapshot held");
    eventually("emptying the log", || desk.store.metrics().wal_bytes == 0);
    assert_eq!(desk.words().len(), 1_200);
}

/// Without a limit, readers that overlap would keep the log from ever starting over. How soon it does
/// is the machine's affair: a reader that gets no turn keeps its snapshot.
#[test]
fn the_log_starts_over_while_somebody_always_reads() {
    let desk = Desk::open_with(|it| it.checkpoint = limits());
    let reading = std::sync::atomic::AtomicBool::new(true);
    let started_over = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while reading.load(std::sync::atomic::Ordering::Relaxed) {
                    let read = desk.store.read_blocking::<(), StoreError>(|db| {
                        Ok(db.sql().query_row("SELECT count(*) FROM words", [], |_| Ok(()))?)
                    });
                    read.unwrap();
                }
            });
        }
        let (begun, mut highest) = (Instant::now(), 0);
        let mut write = || -> Result<bool> {
            desk.store.write_blocking(|tx| fill(tx, 20))?;
            let size = desk.store.metrics().wal_bytes;
            let is_smaller = size < highest;
            highest = highest.max(size);
            Ok(is_smaller && highest >= limits().hard)
        };
        let mut over = write();
        while matches!(over, Ok(false)) && begun.elapsed() < Duration::from_secs(60) {
            over = write();
        }
        // Before any unwrap, or the readers would go on for ever.
        reading.store(false, std::sync::atomic::Ordering::Relaxed);
        over.unwrap()
    });
    assert!(started_over);
}

fn limits() -> crate::CheckpointLimits {
    crate::CheckpointLimits { soft: 256 << 10, hard: 2 << 20, idle: Duration::from_millis(20) }
}
