//! Which drafts changed just now, for the other windows of who writes them. Kept in memory until it
//! is told: a window that was away asks for its draft when it is back.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::ids::{AgentId, ConversationId};
use tokio::sync::Notify;

/// A draft that is at another version now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftChange {
    pub agent: AgentId,
    pub conversation: ConversationId,
    /// 0: it is gone.
    pub version: i64,
}

#[derive(Debug, Default)]
pub struct DraftNews {
    waiting: Mutex<HashMap<(AgentId, ConversationId), i64>>,
    changed: Notify,
}

impl DraftNews {
    pub fn tell(&self, agent: AgentId, conversation: ConversationId, version: i64) {
        self.lock().insert((agent, conversation), version);
        self.changed.notify_one();
    }

    /// Returns when there is something to tell.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What was not told yet; of each draft only the last.
    pub fn take(&self) -> Vec<DraftChange> {
        let taken = std::mem::take(&mut *self.lock());
        let told = taken.into_iter().map(|((agent, conversation), version)| DraftChange {
            agent,
            conversation,
            version,
        });
        told.collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(AgentId, ConversationId), i64>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_draft_the_last_is_told_once() {
        let news = DraftNews::default();
        let (ann, id) = (AgentId::new(), ConversationId::new());
        for version in [1, 2, 0] {
            news.tell(ann, id, version);
        }
        assert_eq!(news.take(), [DraftChange { agent: ann, conversation: id, version: 0 }]);
        assert_eq!(news.take(), []);
    }
}
