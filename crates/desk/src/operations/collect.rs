//! Finding all that match, before anything changes: a change may make it match no more.

use domain::{
    Timestamp,
    ids::OperationId,
    operations::{Bulk, Operation, OperationState, Place},
    policy::Caller,
};
use storage::{
    Reader,
    conversations::list::{self, Condition, Cursor, Start},
    operations,
    search::{conversations as matches, query::Query},
};

use super::actor;
use crate::{
    Desk, Result,
    conversations::{operators, questions::Question},
};

/// Looked for in one turn.
const SLICE: usize = 500;
/// More than this is nobody's daily work; nothing is changed then.
const MOST: u64 = 100_000;

/// One slice. What became active since the operation was asked for is left out: nobody has seen it.
pub(super) async fn collect(desk: &Desk, id: OperationId) -> Result<()> {
    let now = desk.clock.now();
    let found = desk
        .store
        .read(move |db| {
            let Some(it) = operations::find(db, id)? else { return Ok(None) };
            let Some(caller) = actor(db, &it)? else { return Ok(None) };
            let Some(bulk) = it.details.bulk() else { return Ok(None) };
            Ok::<_, crate::DeskError>(Some(numbers(db, &caller, bulk, it.created_at, now)?))
        })
        .await?;
    desk.store
        .write(move |tx| {
            let Some(mut it) = operations::find(tx, id)? else { return Ok(()) };
            if it.state != OperationState::Collecting {
                return Ok(());
            }
            match found {
                None => super::slices::fail(&mut it, super::slices::NO_LONGER, now),
                Some((numbers, place)) => {
                    let mut total = it.total.unwrap_or_default();
                    for number in numbers {
                        total += u64::from(operations::add_item(tx, it.seq, number)?);
                    }
                    it.total = Some(total);
                    go_on(&mut it, place, total, now);
                }
            }
            Ok::<_, crate::DeskError>(operations::update(tx, &it)?)
        })
        .await
}

fn go_on(it: &mut Operation, place: Option<Place>, total: u64, now: Timestamp) {
    if total > MOST {
        let message = format!("more than {MOST} conversations match; nothing was changed");
        super::slices::fail(it, &message, now);
        return;
    }
    if place.is_none() {
        it.state = OperationState::Running;
    }
    if let Some(bulk) = it.details.bulk_mut() {
        bulk.place = place;
    }
}

fn numbers(
    db: &Reader<'_>,
    caller: &Caller,
    bulk: &Bulk,
    asked_at: Timestamp,
    now: Timestamp,
) -> Result<(Vec<i64>, Option<Place>)> {
    let query = bulk.matching.clone().unwrap_or_default();
    let Question { mut filter, search, .. } = Question::parse(&query, caller)?;
    operators::apply(db, caller, &search, &mut filter, now)?;
    filter.conditions.push(Condition::Until(asked_at.plus_millis(1)));
    if search.words.is_empty() {
        let start = match bulk.place {
            Some(Place::Row(key, number)) => Start::After(Cursor { key, number }),
            _ => Start::Offset(0),
        };
        let (found, next) = list::numbers(db, &filter, start, SLICE)?;
        return Ok((found, next.map(|it| Place::Row(it.key, it.number))));
    }
    let Some(words) = Query::of(&search.words) else { return Ok((Vec::new(), None)) };
    let start = match bulk.place {
        Some(Place::Match(message, conversation, contact)) => {
            matches::Start::After(matches::Cursor {
                message_seq: message,
                conversation_number: conversation,
                contact_conversation_number: contact,
            })
        }
        Some(Place::Offset(offset)) => matches::Start::Offset(offset as usize),
        _ => matches::Start::Offset(0),
    };
    let found = matches::hits(db, &words, &filter, start, SLICE)?;
    let place = found.next.map(|it| match it {
        matches::Start::Offset(offset) => Place::Offset(u32::try_from(offset).unwrap_or(u32::MAX)),
        // Nothing is passed over here.
        matches::Start::After(it) | matches::Start::Skip { after: it, .. } => {
            Place::Match(it.message_seq, it.conversation_number, it.contact_conversation_number)
        }
    });
    Ok((found.hits.iter().map(|it| it.number).collect(), place))
}
