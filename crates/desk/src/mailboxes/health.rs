//! How a channel's folders fare, told to admins without a write for every look.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use storage::channels::{Half, report};

use domain::ids::ChannelId;

use crate::{Desk, DeskError};

/// Unchanged news is written down once a minute at most.
const PAUSE: Duration = Duration::from_secs(60);

/// The state of each folder: working, or why not.
#[derive(Debug, Default)]
pub(super) struct Board {
    folders: BTreeMap<String, Option<String>>,
    told: Option<(Option<String>, Instant)>,
}

impl Board {
    /// Notes a folder's state; the channel's, if it is worth writing down now. A channel works when all
    /// its folders do.
    fn note(
        &mut self,
        folder: &str,
        error: Option<String>,
        now: Instant,
    ) -> Option<Option<String>> {
        self.folders.insert(folder.to_owned(), error);
        let state = self.folders.values().flatten().next().cloned();
        let fresh = |(told, at): &(Option<String>, Instant)| *told == state && now - *at < PAUSE;
        if self.told.as_ref().is_some_and(fresh) {
            return None;
        }
        self.told = Some((state.clone(), now));
        Some(state)
    }
}

/// Tells how a folder fares.
pub(super) async fn tell(
    desk: &Desk,
    channel: ChannelId,
    board: &Mutex<Board>,
    folder: &str,
    error: Option<String>,
) {
    let noted = {
        let mut board = board.lock().expect("nothing panics while it is held");
        board.note(folder, error, Instant::now())
    };
    let Some(state) = noted else { return };
    let now = desk.clock.now();
    let write = move |tx: &storage::Tx<'_>| {
        let outcome = state.as_deref().map_or(Ok(()), Err);
        report(tx, channel, Half::Receive, outcome, now).map_err(DeskError::from)
    };
    if let Err(error) = desk.store.write(write).await {
        tracing::warn!(channel.id = %channel, %error, "A channel's health cannot be kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_works_when_all_folders_do_and_repeats_itself_seldom() {
        let mut board = Board::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let broken = || Some("no such folder".to_owned());
        assert_eq!(board.note("INBOX", None, start), Some(None));
        assert_eq!(board.note("INBOX", None, after(30)), None);
        assert_eq!(board.note("Sent", broken(), after(31)), Some(broken()));
        assert_eq!(board.note("INBOX", None, after(40)), None);
        assert_eq!(board.note("Sent", None, after(41)), Some(None));
        assert_eq!(board.note("Sent", None, after(102)), Some(None));
    }
}
