//! Why a rule did what it did to a conversation, or did nothing.

use domain::{
    ids::ConversationId,
    policy::{Action, Caller},
};
use storage::automations::runs::{self, Looks, Run};

use crate::{Desk, Result, conversations::access};

#[derive(Debug)]
pub struct Trace {
    /// Newest first.
    pub runs: Vec<Run>,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
    /// The rules that looked last and did not match.
    pub looks: Option<Looks>,
}

/// A page of what rules did to a conversation, from before the run `before`.
pub async fn trace(
    desk: &Desk,
    caller: Caller,
    id: ConversationId,
    before: Option<i64>,
    limit: usize,
) -> Result<Trace> {
    desk.store
        .read(move |db| {
            let found = access::load(db, &caller, Action::ReadConversations, id)?;
            let number = found.conversation.number;
            let asked = u32::try_from(limit + 1).unwrap_or(u32::MAX);
            let mut all = runs::page(db, number, before, asked)?;
            let more = all.len() > limit;
            all.truncate(limit);
            let next = all.last().filter(|_| more).map(|it| it.seq);
            Ok(Trace { runs: all, next, looks: runs::looks(db, number)? })
        })
        .await
}
