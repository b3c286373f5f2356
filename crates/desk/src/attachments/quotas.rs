//! How much agents and visitors may have waiting until a message takes it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::Timestamp;
use storage::{
    Reader,
    attachments::{self, Unclaimed},
};

use super::upload::{UPLOAD_SECONDS, Uploader};
use crate::{DeskError, Result};

/// What one agent may have waiting.
const MOST_WAITING: u64 = 200;
const MOST_WAITING_BYTES: u64 = 250 * 1024 * 1024;
/// Uploads of one agent in a minute.
const MOST_A_MINUTE: u64 = 60;
/// What one visitor, and all of them together, may have waiting.
const MOST_OF_VISITOR: u64 = 20;
const MOST_OF_VISITOR_BYTES: u64 = 50 * 1024 * 1024;
const MOST_OF_VISITORS: u64 = 5_000;
const MOST_OF_VISITORS_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Visitors' uploads on their way: on the disk already, and in no table yet.
#[derive(Debug, Default)]
pub(crate) struct Ways(Mutex<HashMap<i64, Unclaimed>>);

impl Ways {
    /// Of one visitor, and of all.
    fn open(&self, visitor: i64) -> (Unclaimed, Unclaimed) {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.get(&visitor).copied().unwrap_or(NOTHING);
        (own, open.values().fold(NOTHING, |sum, it| plus(sum, *it)))
    }
}

const NOTHING: Unclaimed = Unclaimed { uploads: 0, bytes: 0 };

fn plus(a: Unclaimed, b: Unclaimed) -> Unclaimed {
    Unclaimed { uploads: a.uploads + b.uploads, bytes: a.bytes + b.bytes }
}

/// An upload on its way, until it is dropped.
#[derive(Debug)]
pub(super) struct Way {
    all: Arc<Ways>,
    visitor: i64,
    bytes: u64,
}

impl Way {
    fn begin(all: &Arc<Ways>, visitor: i64) -> Self {
        let mut open = all.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.entry(visitor).or_insert(NOTHING).uploads += 1;
        Self { all: all.clone(), visitor, bytes: 0 }
    }

    pub(super) fn grow(&mut self, bytes: u64) {
        let mut open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = open.get_mut(&self.visitor) {
            it.bytes += bytes;
            self.bytes += bytes;
        }
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        let mut open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = open.get_mut(&self.visitor) {
            it.uploads -= 1;
            it.bytes -= self.bytes;
            if it.uploads == 0 {
                open.remove(&self.visitor);
            }
        }
    }
}

/// Whether one more upload may begin. A visitor's is counted from now on.
///
/// # Errors
/// `TooMany` over the quota.
pub(super) fn begin(
    db: &Reader<'_>,
    ways: &Arc<Ways>,
    uploader: Uploader,
    now: Timestamp,
) -> Result<Option<Way>> {
    let Uploader::Visitor(visitor) = uploader else {
        check(db, uploader, now)?;
        return Ok(None);
    };
    // Before it is counted itself.
    let (own, all) = ways.open(visitor);
    check_visitor(plus(attachments::unclaimed_of_visitors(db, Some(visitor))?, own))?;
    let all = plus(attachments::unclaimed_of_visitors(db, None)?, all);
    if all.uploads >= MOST_OF_VISITORS || all.bytes >= MOST_OF_VISITORS_BYTES {
        return Err(DeskError::TooMany { retry_after_seconds: 600 });
    }
    Ok(Some(Way::begin(ways, visitor)))
}

/// Whether an upload that has come may stay: its uploader's others may have been quicker.
///
/// # Errors
/// `TooMany` over the quota.
pub(super) fn check(db: &Reader<'_>, uploader: Uploader, now: Timestamp) -> Result<()> {
    let uploader = match uploader {
        Uploader::Agent(agent) => agent,
        Uploader::Visitor(visitor) => {
            return check_visitor(attachments::unclaimed_of_visitors(db, Some(visitor))?);
        }
    };
    let waiting = attachments::unclaimed(db, uploader, now.plus_seconds(-UPLOAD_SECONDS))?;
    if waiting.uploads >= MOST_WAITING || waiting.bytes >= MOST_WAITING_BYTES {
        return Err(DeskError::TooMany { retry_after_seconds: 300 });
    }
    let lately = attachments::unclaimed(db, uploader, now.plus_seconds(-60))?;
    if lately.uploads >= MOST_A_MINUTE {
        return Err(DeskError::TooMany { retry_after_seconds: 60 });
    }
    Ok(())
}

fn check_visitor(own: Unclaimed) -> Result<()> {
    if own.uploads >= MOST_OF_VISITOR || own.bytes >= MOST_OF_VISITOR_BYTES {
        return Err(DeskError::TooMany { retry_after_seconds: 300 });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::{ids::AttachmentId, messages::Attachment};

    use super::*;
    use crate::testing::TestDesk;

    #[tokio::test]
    async fn all_visitors_together_have_so_many_waiting() {
        let desk = TestDesk::open().await;
        let now = desk.clock.now();
        desk.write(move |tx| {
            for n in 0..MOST_OF_VISITORS as i64 {
                let it = Attachment {
                    id: AttachmentId::new(),
                    file_hash: "0".repeat(64),
                    name: "a.txt".to_owned(),
                    mime: "text/plain".to_owned(),
                    size: 1,
                    content_id: None,
                    inline: false,
                };
                let until = now.plus_seconds(UPLOAD_SECONDS);
                attachments::insert_visitor_upload(tx, &it, 1_000 + n, until, now)?;
            }
            Ok(())
        })
        .await;
        let ways = desk.uploads.clone();
        let begun =
            desk.store.read(move |db| begin(db, &ways, Uploader::Visitor(1), now).map(drop));
        assert!(matches!(begun.await, Err(DeskError::TooMany { .. })));
        let agent = Uploader::Agent(desk.agent);
        desk.store.read(move |db| check(db, agent, now)).await.unwrap();
    }

    #[test]
    fn what_is_on_its_way_counts_until_it_has_come_or_was_given_up() {
        let ways = Arc::new(Ways::default());
        let (mut one, mut two) = (Way::begin(&ways, 1), Way::begin(&ways, 1));
        let other = Way::begin(&ways, 2);
        one.grow(3);
        two.grow(4);
        let own = Unclaimed { uploads: 2, bytes: 7 };
        assert_eq!(ways.open(1), (own, Unclaimed { uploads: 3, bytes: 7 }));
        drop(one);
        assert_eq!(ways.open(1).0, Unclaimed { uploads: 1, bytes: 4 });
        drop((two, other));
        assert_eq!(ways.open(1), (NOTHING, NOTHING));
        assert!(ways.0.lock().unwrap().is_empty());
    }
}
