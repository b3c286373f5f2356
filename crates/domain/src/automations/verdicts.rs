//! What came of a rule and of each of its actions.

use serde::Serialize;

crate::words!(
    /// How a run ended that did more than look.
    RunOutcome, "outcome", {
        Matched => "matched",
        /// It failed, and nothing of it was kept.
        Failed => "failed",
        /// It would have gone round in a circle, or ran too often.
        Stopped => "stopped",
    }
);

crate::words!(
    /// What one action came to.
    Effect, "effect", {
        Done => "done",
        /// It was so already.
        Unchanged => "unchanged",
        /// It was not done, for a good reason.
        Skipped => "skipped",
        Failed => "failed",
    }
);

/// One action and what it came to. Stored as JSON with each run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(serialize_with = "word")]
    pub effect: Effect,
    /// In words, for people.
    pub detail: String,
}

fn word<S: serde::Serializer>(it: &Effect, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(it)
}
