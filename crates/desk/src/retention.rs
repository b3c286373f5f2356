//! Keeping conversations no longer than the workspace wants.

use storage::{conversations::removal, inbound, search::purge, workspace};

use crate::{Desk, Result};

/// Rows removed in one transaction.
const SLICE: u32 = 500;

const DAY: i64 = 86_400;
/// When words of removed conversations are gone from the search index, too, in seconds: later than
/// those of an erased person, since merging a large index writes all of it.
const PURGE_AFTER: i64 = 7 * DAY;

/// Removes one slice of what is older than the workspace's retention: resolved conversations and
/// spam in which nothing has happened for so many days, and mails that became no message and were
/// judged so many days ago. Returns true once nothing is left to do.
pub async fn slice(desk: &Desk) -> Result<bool> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let Some(days) = workspace::find(tx)?.and_then(|it| it.retention_days) else {
                return Ok(true);
            };
            let before = now.plus_seconds(-DAY * i64::from(days));
            let slice = removal::slice_untouched_since(tx, before, SLICE, now)?;
            if slice.removed {
                purge::ask(tx, now.plus_seconds(PURGE_AFTER))?;
            }
            if !slice.is_last {
                return Ok(false);
            }
            Ok(inbound::removal::delete_settled_before(tx, before, SLICE, now)? < SLICE)
        })
        .await
}

#[cfg(test)]
mod tests {
    use domain::{Timestamp, conversations::Status};
    use storage::{
        Store,
        conversations::{
            counts::differences,
            list::{Filter, Sort, Start, page},
        },
    };

    use super::*;
    use crate::{Clock, Keys, Options, demo};

    #[test]
    fn what_is_older_than_the_retention_goes_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(storage::Options::new(folder.path())).unwrap();
        demo::fill(
            &store,
            demo::Options { conversations: 300, seed: 3, ..demo::Options::default() },
            |_| {},
        )
        .unwrap();
        let keys = Keys::open(&folder.path().join("keys"), false).unwrap();
        let desk = Desk::new(store, Clock::manual(demo::END), keys, Options::new(folder.path()));
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();

        assert!(runtime.block_on(slice(&desk)).unwrap(), "nothing goes unless it is asked for");
        desk.store
            .write_blocking(|tx| {
                let mut it = workspace::find(tx)?.unwrap();
                it.retention_days = Some(365);
                workspace::put(tx, &it)
            })
            .unwrap();
        let wanted = |spam: bool| {
            move |all: &[(bool, Status, Timestamp)]| {
                let oldest = demo::END.plus_seconds(-365 * 86_400);
                all.iter()
                    .filter(|it| it.0 == spam)
                    .filter(|it| it.2 >= oldest || !(it.0 || it.1 == Status::Resolved))
                    .count()
            }
        };
        let before = all(&desk);
        let mut slices = 0;
        while !runtime.block_on(slice(&desk)).unwrap() {
            slices += 1;
        }
        assert!(slices > 1);
        let after = all(&desk);
        assert!(after.len() < before.len());
        for spam in [false, true] {
            let left = after.iter().filter(|it| it.0 == spam).count();
            assert_eq!(left, wanted(spam)(&before), "spam: {spam}");
        }
        assert_eq!(desk.store.read_blocking(differences).unwrap(), 0);
        assert!(desk.store.integrity(true).unwrap().is_empty());
    }

    fn all(desk: &Desk) -> Vec<(bool, Status, Timestamp)> {
        let mut found = Vec::new();
        for spam in [false, true] {
            let filter = Filter { spam, ..Filter::default() };
            let listed = desk
                .store
                .read_blocking(|db| page(db, &filter, Sort::Newest, Start::Offset(0), 1000))
                .unwrap();
            let rows = listed.rows.into_iter().map(|it| it.conversation);
            found.extend(rows.map(|it| (it.spam, it.status, it.active_at)));
        }
        found
    }
}
