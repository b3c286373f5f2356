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

crate::words!(
    /// Why an automatic reply is not sent, or an action cannot be tried.
    Hindrance, "reason", {
        NoConversation => "no_conversation",
        Spam => "spam",
        Blocked => "blocked",
        /// A program wrote the last message.
        Automatic => "automatic",
        /// It is unclear who wrote the last message.
        Unclear => "unclear",
        /// Nobody reads the address.
        Unread => "unread",
        /// The address is our own.
        Own => "own",
        /// They got one within the hour.
        Recent => "recent",
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
    /// For telling it in other words than `detail`: the tag, status, priority, agent, minutes, host or
    /// text it is about, of an assignment none for nobody; of what is skipped, what hinders it.
    pub about: Option<String>,
    #[serde(serialize_with = "optional_word")]
    pub reason: Option<Hindrance>,
}

fn optional_word<S: serde::Serializer>(
    it: &Option<Hindrance>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    it.map(Hindrance::as_str).serialize(serializer)
}

fn word<S: serde::Serializer>(it: &Effect, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(it)
}
