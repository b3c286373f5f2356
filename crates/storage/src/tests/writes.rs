//! Writes: answered when durable, together but each for itself.

use domain::Timestamp;

use super::*;

#[test]
fn a_write_is_answered_only_after_its_commit() {
    let desk = Desk::open();
    for word in ["one", "two", "three"] {
        desk.add(word).unwrap();
        assert_eq!(desk.words().last().map(String::as_str), Some(word));
    }
}

#[test]
fn a_failing_and_a_panicking_write_harm_no_neighbour() {
    let desk = Desk::open();
    let commits = desk.store.metrics().commits;
    let (go, held) = hold_writer(&desk.store);
    let store = &desk.store;
    let before = store.write(|tx| add(tx, "before"));
    let fails = store.write(|tx| {
        add(tx, "half")?;
        add(tx, "half")
    });
    let panics = store.write::<(), StoreError>(|tx| {
        add(tx, "doomed")?;
        panic!("on purpose")
    });
    let after = store.write(|tx| add(tx, "after"));
    let go = async { go.send(()).unwrap() };
    let (before, fails, panics, after, ()) =
        run(async { tokio::join!(before, fails, panics, after, go) });
    assert!(before.is_ok() && after.is_ok());
    assert!(matches!(fails, Err(StoreError::Exists)));
    assert!(matches!(panics, Err(StoreError::Panicked)));
    held.join().unwrap().unwrap();
    assert_eq!(desk.words(), ["before", "after"]);
    assert!(desk.store.metrics().commits - commits <= 2, "they shared a commit");
}

/// An error type with a defect of its own.
#[derive(Debug)]
struct Explosive;

impl From<StoreError> for Explosive {
    fn from(_: StoreError) -> Self {
        panic!("on purpose")
    }
}

#[test]
fn a_write_that_cannot_even_be_answered_harms_no_neighbour() {
    let desk = Desk::open();
    let (go, held) = hold_writer(&desk.store);
    let store = desk.store.clone();
    let bad =
        std::thread::spawn(move || store.write_blocking::<(), Explosive>(|_| panic!("on purpose")));
    eventually("queueing", || desk.store.metrics().queue_length == 1);
    let store = desk.store.clone();
    let good = std::thread::spawn(move || store.write_blocking(|tx| add(tx, "good")));
    eventually("queueing", || desk.store.metrics().queue_length == 2);
    go.send(()).unwrap();
    held.join().unwrap().unwrap();
    assert!(bad.join().is_err());
    good.join().unwrap().unwrap();
    desk.add("after").unwrap();
    assert_eq!(desk.words(), ["good", "after"]);
}

#[test]
fn many_writers_share_commits_and_all_are_kept() {
    let desk = Desk::open();
    let before = desk.store.metrics();
    let (go, held) = hold_writer(&desk.store);
    run(async {
        let write = |number| {
            let store = desk.store.clone();
            tokio::spawn(
                async move { store.write(move |tx| add(tx, &format!("word {number}"))).await },
            )
        };
        let writes: Vec<_> = (0..200).map(write).collect();
        until_queued(&desk.store, 200).await;
        go.send(()).unwrap();
        for it in writes {
            it.await.unwrap().unwrap();
        }
    });
    held.join().unwrap().unwrap();
    let after = desk.store.metrics();
    assert_eq!(desk.words().len(), 200);
    assert_eq!(after.writes - before.writes, 201);
    assert!(after.commits - before.commits < 100, "{} commits", after.commits - before.commits);
    assert!(after.largest_batch > 1);
    assert_eq!(after.queue_length, 0);
}

async fn until_queued(store: &Store, writes: usize) {
    let store = store.clone();
    let wait = move || eventually("queueing", || store.metrics().queue_length == writes);
    tokio::task::spawn_blocking(wait).await.unwrap();
}

#[test]
fn a_full_queue_answers_at_once() {
    let desk = Desk::open_with(|it| it.queue = 2);
    let (go, held) = hold_writer(&desk.store);
    run(async {
        let (one, two, three) = (
            desk.store.write(|tx| add(tx, "one")),
            desk.store.write(|tx| add(tx, "two")),
            desk.store.write(|tx| add(tx, "three")),
        );
        let refused = async {
            let refused = three.await;
            go.send(()).unwrap();
            refused
        };
        let (one, two, refused) = tokio::join!(biased; one, two, refused);
        one.unwrap();
        two.unwrap();
        assert!(matches!(refused, Err(StoreError::Busy)));
    });
    held.join().unwrap().unwrap();
    assert_eq!(desk.words(), ["one", "two"]);
}

#[test]
fn a_write_goes_on_when_its_caller_left() {
    let desk = Desk::open();
    let (go, held) = hold_writer(&desk.store);
    run(async {
        let left = desk.store.write(|tx| add(tx, "left"));
        let timeout = Duration::from_millis(1);
        assert!(tokio::time::timeout(timeout, left).await.is_err());
    });
    go.send(()).unwrap();
    held.join().unwrap().unwrap();
    desk.add("next").unwrap();
    assert_eq!(desk.words(), ["left", "next"]);
}

#[test]
fn a_part_of_a_write_fails_alone() {
    let desk = Desk::open();
    let failed = desk.store.write_blocking::<bool, StoreError>(|tx| {
        add(tx, "kept")?;
        let part = tx.savepoint(|tx| {
            tx.wake_jobs(Timestamp(0));
            add(tx, "undone")?;
            tx.savepoint(|tx| add(tx, "inner"))?;
            add(tx, "kept")
        });
        tx.savepoint(|tx| add(tx, "also kept"))?;
        Ok(part.is_err())
    });
    assert!(failed.unwrap());
    assert_eq!(desk.words(), ["kept", "also kept"]);
}

#[test]
fn what_a_write_publishes_is_heard_after_its_commit_alone() {
    let desk = Desk::open();
    let mut events = desk.store.events();
    let jobs = desk.store.alarm().listen();
    let event = |seq| domain::events::Recorded { seq, ..recorded() };
    desk.store
        .write_blocking::<(), StoreError>(move |tx| {
            tx.publish(event(1));
            Err(StoreError::Interrupted)
        })
        .unwrap_err();
    desk.store
        .write_blocking::<(), StoreError>(move |tx| {
            tx.publish(event(2));
            let undone = tx.savepoint::<(), StoreError>(|tx| {
                tx.publish(event(3));
                Err(StoreError::Interrupted)
            });
            assert!(undone.is_err());
            tx.wake_jobs(Timestamp(0));
            add(tx, "published")
        })
        .unwrap();
    assert_eq!(events.try_recv().unwrap().seq, 2);
    assert!(events.try_recv().is_err());
    assert!(jobs.has_changed().unwrap());
}

fn recorded() -> domain::events::Recorded {
    domain::events::Recorded {
        seq: 0,
        event: domain::events::Event::ConversationOpened,
        conversation: None,
        actor: domain::events::Actor::System,
        at: domain::Timestamp(0),
    }
}

#[test]
fn a_closed_store_has_done_what_was_asked_and_does_no_more() {
    let desk = Desk::open();
    let (go, held) = hold_writer(&desk.store);
    let store = desk.store.clone();
    let (last, closing) = run(async {
        let last = tokio::spawn({
            let store = store.clone();
            async move { store.write(|tx| add(tx, "last")).await }
        });
        until_queued(&store, 1).await;
        let closing = tokio::spawn(store.close());
        go.send(()).unwrap();
        (last.await.unwrap(), closing.await)
    });
    held.join().unwrap().unwrap();
    last.unwrap();
    closing.unwrap();
    assert_eq!(desk.words(), ["last"]);
    assert_eq!(desk.store.metrics().wal_bytes, 0, "the log was emptied");
    assert!(matches!(desk.add("more"), Err(StoreError::Closed)));
}

#[test]
fn a_load_is_durable_and_undoes_what_fails() {
    let desk = Desk::open();
    desk.store
        .bulk::<(), StoreError>(|load| {
            for part in 0..3 {
                load.transaction(|tx| {
                    (0..1_000).try_for_each(|row| add(tx, &format!("{part}/{row}")))
                })?;
            }
            let failed = load.transaction(|tx| {
                add(tx, "undone")?;
                add(tx, "0/0")
            });
            assert!(matches!(failed, Err(StoreError::Exists)));
            Ok(())
        })
        .unwrap();
    assert_eq!(desk.words().len(), 3_000);
    let synchronous = desk.store.write_blocking::<i64, StoreError>(|tx| {
        Ok(tx.sql().query_row("PRAGMA synchronous", [], |row| row.get(0))?)
    });
    assert_eq!(synchronous.unwrap(), 2, "FULL again");
    desk.add("after").unwrap();
}
