//! Writes: answered when durable, together but each for itself.

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
