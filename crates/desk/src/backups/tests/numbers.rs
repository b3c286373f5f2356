//! Numbers of events after a restore.

use domain::events::{Actor, Event};
use storage::events;

use super::*;
use crate::{
    Clock, Desk, Keys, Options,
    live::happened::{self, Place as Resumed},
};

fn happen(store: &Store, times: usize) -> i64 {
    let work = move |tx: &storage::Tx<'_>| {
        for _ in 0..times {
            events::append(tx, None, Event::AuditExported, Actor::System, NOW)?;
        }
        events::head(tx)
    };
    store.write_blocking::<_, StoreError>(work).unwrap()
}

#[test]
fn who_listened_before_a_restore_begins_anew_whatever_they_had() {
    let place = Place::new();
    let backed_up = happen(&place.store, 10);
    place.back_up();
    let last = happen(&place.store, 10);
    let target = place.folder.path().join("new");
    let archive = place.archive();
    restore(&archive, &target).unwrap();

    let store = Store::open(storage::Options::new(&target)).unwrap();
    // As many as were lost, and more: their numbers must not be taken for those.
    let head = happen(&store, 20);
    let keys = Keys::open(&target.join("other keys"), false).unwrap();
    let asked = async {
        let desk = Desk::new(store, Clock::manual(NOW), keys, Options::new(&target));
        for had in [0, 1, backed_up, backed_up + 5, last] {
            let resumed = happened::resume(&desk, had).await.unwrap();
            assert_eq!(resumed, Resumed::Reset(head), "{had}");
        }
        for had in [head - 10, head] {
            assert_eq!(happened::resume(&desk, had).await.unwrap(), Resumed::After(had));
        }
    };
    tokio::runtime::Runtime::new().unwrap().block_on(asked);
}
