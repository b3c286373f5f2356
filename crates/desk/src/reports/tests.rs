//! The sums after random histories, against those counted anew from what is stored.

mod worlds;

use std::collections::BTreeMap;

use domain::{conversations::Status, reports::Fact};
use proptest::prelude::*;
use storage::{
    conversations, messages,
    reports::{self, Key},
};

use self::worlds::{Deed, World, deeds};
use crate::{
    DeskError,
    conversations::{merges, splits},
    operations,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_sums_are_those_that_are_counted_anew(deeds in deeds(), stop in 0..40usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::open().await;
            for (at, (place, deed, seconds)) in deeds.into_iter().enumerate() {
                world.act(place, deed, seconds).await;
                if at == stop {
                    // An operator counts anew, and the desk goes on before that is done.
                    world.desk.write(|tx| Ok(reports::begin(tx)?)).await;
                    world.desk.write(|tx| Ok(reports::catch_up(tx, 1)?)).await;
                }
            }
            while !world.desk.write(|tx| Ok(reports::catch_up(tx, 2)?)).await {}
            let kept = world.sums().await;
            world.count_anew().await;
            let counted = world.sums().await;
            assert!(kept.values().all(|n| *n > 0), "{kept:?}");
            assert_eq!(kept, counted);
        });
    }
}

#[tokio::test]
async fn conversations_of_before_the_figures_are_counted_later() {
    let mut world = World::open().await;
    world.desk.write(|tx| Ok(reports::expect_load(tx)?)).await;
    for place in 0..4 {
        world.act(place, Deed::Answer, 60).await;
        world.act(place, Deed::Answer, 60).await;
        world.act(place, Deed::Set(Status::Resolved), 60).await;
    }
    assert_eq!(world.sums().await.len(), 0);
    world.act(0, Deed::Remove, 60).await;
    let gone = world.sums().await;
    assert!(!gone.is_empty(), "what goes meanwhile is counted before");
    world.desk.write(|tx| Ok(reports::begin(tx)?)).await;
    while !world.desk.write(|tx| Ok(reports::catch_up(tx, 1)?)).await {}
    let sums = world.sums().await;
    assert!(gone.iter().all(|(key, n)| sums[key] >= *n));
    let resolved = sums.iter().filter(|it| it.0.2 == Fact::Resolved.code()).map(|it| it.1);
    assert_eq!(resolved.sum::<i64>(), 4);
    let read = world.desk.store.read(|db| Ok::<_, DeskError>(reports::uncounted(db)?));
    assert_eq!(read.await.unwrap(), 0);
}

#[tokio::test]
async fn merged_and_split_conversations_are_counted_once() {
    let mut world = World::open().await;
    world.act(0, Deed::Answer, 60).await;
    let first = world.places[0].unwrap();
    let contact =
        world.desk.write(move |tx| Ok(conversations::find(tx, first)?.unwrap().contact_id)).await;
    world.begin_with(2, Some(contact)).await;
    let second = world.places[2].unwrap();
    for place in [0, 2] {
        world.act(place, Deed::Tag(place / 2), 60).await;
        world.act(place, Deed::Answer, 60).await;
        world.act(place, Deed::TakeBack, 60).await;
    }
    world.act(2, Deed::Rate(2), 60).await;
    world.act(2, Deed::Rate(4), 60).await;
    world.act(2, Deed::Set(Status::Open), 60).await;
    let apart = world.sums().await;
    let (desk, ann) = (world.desk.desk.clone(), world.ann());
    let merged = merges::merge(&desk, ann, second, first, None).await.unwrap();
    let together = world.sums().await;
    assert_eq!((counted(&apart, Fact::Opened), counted(&together, Fact::Opened)), (2, 1));
    let [before, after] = [&apart, &together].map(|it| counted(it, Fact::Received));
    assert_eq!(before, after, "every message is counted once");
    let rated = |sums: &BTreeMap<_, _>| [2, 4].map(|it| counted(sums, Fact::Rated(it)));
    assert_eq!((rated(&apart), rated(&together)), ([0, 1], [0, 1]), "the last word counts");
    world.count_anew().await;
    assert_eq!(world.sums().await, together);
    operations::undo(&desk, ann, merged.id).await.unwrap();
    assert_eq!(counted(&world.sums().await, Fact::Opened), 2);

    let newest = move |tx: &storage::Tx<'_>| {
        Ok(messages::newest_written(tx, conversations::find(tx, first)?.unwrap().number)?
            .unwrap()
            .id)
    };
    let message = world.desk.write(newest).await;
    splits::split(&desk, ann, first, message, None, None).await.unwrap();
    world.act(0, Deed::Write { late: false }, 60).await;
    let split = world.sums().await;
    assert_eq!(counted(&split, Fact::Opened), 3);
    world.count_anew().await;
    assert_eq!(world.sums().await, split);
}

fn counted(sums: &BTreeMap<(Key, u32, u16), i64>, fact: Fact) -> i64 {
    let all = sums
        .iter()
        .filter(|((key, _, code), _)| key.tag == reports::ANY_TAG && *code == fact.code());
    all.map(|it| it.1).sum()
}
