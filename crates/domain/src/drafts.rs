//! Drafts: what an agent has begun to write in a conversation, kept until it is sent.

use crate::{
    Timestamp,
    ids::{AgentId, AttachmentId},
};

crate::words!(DraftKind, "kind of draft", {
    Reply => "reply",
    Note => "note",
});

/// There is one for each agent and conversation. Only its agent sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub agent: AgentId,
    pub conversation_number: i64,
    pub kind: DraftKind,
    pub text: String,
    pub html: Option<String>,
    /// As far as they are typed.
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    pub attachments: Vec<AttachmentId>,
    pub version: i64,
    pub updated_at: Timestamp,
}

impl Draft {
    /// The version of what nobody has written yet.
    pub const NONE: i64 = 0;

    pub fn blank(agent: AgentId, conversation_number: i64) -> Self {
        Self {
            agent,
            conversation_number,
            kind: DraftKind::Reply,
            text: String::new(),
            html: None,
            cc: Vec::new(),
            bcc: Vec::new(),
            attachments: Vec::new(),
            version: Self::NONE,
            updated_at: Timestamp(0),
        }
    }

    /// The version after `before`. It comes from the clock, so that a draft begun anew does not
    /// count from where one that was sent began.
    pub fn next_version(before: i64, now: Timestamp) -> i64 {
        now.0.max(before.saturating_add(1))
    }

    /// Puts what was written elsewhere below this, when two conversations become one.
    pub fn join(&mut self, other: Self) {
        let both = |one: &str, two: &str, between: &str| match (one.trim(), two.trim()) {
            ("", _) => two.to_owned(),
            (_, "") => one.to_owned(),
            _ => format!("{one}{between}{two}"),
        };
        self.html = match (self.html.take(), other.html) {
            (Some(one), Some(two)) => Some(both(&one, &two, "")),
            // One was plain text: a mixture would lose what only the text has.
            _ => None,
        };
        self.text = both(&self.text, &other.text, "\n\n");
        self.cc.extend(other.cc);
        self.bcc.extend(other.bcc);
        self.attachments.extend(other.attachments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_only_grow() {
        assert_eq!(Draft::next_version(Draft::NONE, Timestamp(700)), 700);
        assert_eq!(Draft::next_version(700, Timestamp(700)), 701);
        assert_eq!(Draft::next_version(900, Timestamp(700)), 901);
    }

    #[test]
    fn two_drafts_become_one_without_losing_a_word() {
        let draft = |text: &str, html: Option<&str>| Draft {
            text: text.to_owned(),
            html: html.map(str::to_owned),
            ..Draft::blank(AgentId::new(), 1)
        };
        let cases = [
            (
                ("a", Some("<p>a</p>")),
                ("b", Some("<p>b</p>")),
                ("a\n\nb", Some("<p>a</p><p>b</p>")),
            ),
            (("a", Some("<p>a</p>")), ("b", None), ("a\n\nb", None)),
            (("", None), ("b", None), ("b", None)),
            (("a", None), (" ", None), ("a", None)),
        ];
        for (one, two, want) in cases {
            let mut joined = draft(one.0, one.1);
            joined.join(draft(two.0, two.1));
            assert_eq!((joined.text.as_str(), joined.html.as_deref()), want);
        }
    }
}
