//! Words of deleted entries leave the search index.

use super::*;
use crate::search::{index, purge};

/// Whether these letters stand anywhere in the index of messages, seen or not.
fn holds(desk: &Desk, word: &'static str) -> bool {
    let found = desk.store.read_blocking(|db| {
        let mut stmt = db.sql().prepare("SELECT block FROM messages_fts_data")?;
        let mut blocks = stmt.query([])?;
        while let Some(row) = blocks.next()? {
            let block: Vec<u8> = row.get(0)?;
            if block.windows(word.len()).any(|it| it == word.as_bytes()) {
                return Ok(true);
            }
        }
        Ok::<_, StoreError>(false)
    });
    found.unwrap()
}

fn finds(desk: &Desk, word: &'static str) -> u32 {
    let sql = "SELECT COUNT(*) FROM messages_fts WHERE messages_fts MATCH ?1";
    let count = |db: &crate::Reader<'_>| Ok(db.sql().query_row(sql, [word], |row| row.get(0))?);
    desk.store.read_blocking::<_, StoreError>(count).unwrap()
}

/// Purges, with other writes between the slices; tells how many slices it took.
fn purge(desk: &Desk, mut seq: i64) -> usize {
    let mut slices = 0;
    let mut next = Some(purge::Step::FIRST);
    while let Some(step) = next {
        next = desk.store.write_blocking(move |tx| purge::step(tx, step)).unwrap();
        slices += 1;
        assert!(slices < 1_000, "it does not end");
        seq += 1;
        let write = move |tx: &Tx<'_>| index::add_message(tx, seq, "meanwhile", &[]);
        desk.store.write_blocking(write).unwrap();
    }
    slices
}

#[test]
fn words_of_deleted_messages_go_with_a_purge() {
    let desk = Desk::open();
    // Many writes make many segments, of which most merge by themselves.
    for write in 0..40_i64 {
        let fill = move |tx: &Tx<'_>| {
            for row in 0..200 {
                let seq = write * 200 + row + 1;
                let text = match seq {
                    77 => "qqzanzibar and some more".to_owned(),
                    _ => format!("common {} words{}", seq % 1_000, seq * 7_919 % 100_003),
                };
                index::add_message(tx, seq, &text, &[])?;
            }
            Ok::<_, StoreError>(())
        };
        desk.store.write_blocking(fill).unwrap();
    }
    desk.store.write_blocking(|tx| index::delete_message(tx, 77)).unwrap();
    assert_eq!(finds(&desk, "qqzanzibar"), 0);
    assert!(holds(&desk, "qqzanzibar"), "deleting only marks");

    assert!(purge(&desk, 10_000) > 3);
    assert!(!holds(&desk, "qqzanzibar"));
    assert_eq!(finds(&desk, "common"), 7_999);
    // Once all stands in one segment, another one is purged as well.
    desk.store.write_blocking(|tx| index::delete_message(tx, 78)).unwrap();
    purge(&desk, 20_000);
    assert_eq!(finds(&desk, "common"), 7_998);
    assert!(desk.store.integrity(true).unwrap().is_empty());
}

#[test]
fn the_earliest_time_asked_for_counts() {
    use domain::Timestamp;
    let desk = Desk::open();
    let is_due =
        |at: i64| desk.store.read_blocking(move |db| purge::is_due(db, Timestamp(at))).unwrap();
    assert!(!is_due(i64::MAX));
    for at in [700, 100, 500] {
        desk.store.write_blocking(move |tx| purge::ask(tx, Timestamp(at))).unwrap();
    }
    assert_eq!((is_due(99), is_due(100)), (false, true));
    desk.store.write_blocking(purge::done).unwrap();
    assert!(!is_due(i64::MAX));
}
