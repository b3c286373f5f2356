//! Lines of a thread: what happened, told between its messages.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    conversations::{Priority, Status},
    stored,
};

/// What happened and who did it, named as they were named then. Its text is the sentence for mails,
/// exports and programs that know no other words.
///
/// Stored as JSON: a variant or field may be added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub by: Doer,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Doer {
    Agent {
        /// None when they were deleted before.
        name: Option<String>,
    },
    Customer,
    Rule {
        name: Option<String>,
    },
    System,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum What {
    /// Who did it is the assignee now.
    Taken,
    Assigned {
        /// None when they were deleted before.
        to: Option<String>,
    },
    Unassigned,
    StatusSet {
        #[serde(with = "stored::word")]
        status: Status,
        /// When a snooze ends.
        #[serde(with = "stored::optional_instant")]
        until: Option<Timestamp>,
    },
    /// It is open again by itself.
    SnoozeOver,
    PrioritySet {
        #[serde(with = "stored::word")]
        priority: Priority,
    },
    TagAdded {
        tag: String,
    },
    TagRemoved {
        tag: String,
    },
    /// 1 to 5.
    Rated {
        score: u8,
        before: Option<u8>,
    },
    /// What the customer says to their rating.
    Commented {
        text: String,
    },
    /// Another one came in.
    MergedHere {
        number: i64,
    },
    /// This one went into another.
    MergedInto {
        number: i64,
    },
    Separated {
        number: i64,
    },
    /// Later messages went.
    SplitTo {
        number: i64,
    },
    /// This was part of another.
    SplitFrom {
        number: i64,
    },
    /// What a visitor who had left missed.
    Mailed {
        to: Option<String>,
    },
    /// The mail to a visitor who had left was given up.
    NotMailed {
        reason: String,
    },
    /// Whose it is nobody has verified.
    AddressGiven {
        address: String,
    },
    NotSent {
        reason: String,
    },
    /// Others got it.
    NotSentTo {
        /// Each with the reason.
        recipients: String,
    },
    Bounced {
        reason: String,
    },
}

impl What {
    /// Somebody's address that stands in it by itself: where they want to be forgotten, it goes.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Mailed { to } => to.as_deref(),
            Self::AddressGiven { address } => Some(address),
            _ => None,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = &self.by;
        match &self.what {
            What::Taken => write!(f, "{who} took this conversation"),
            What::Assigned { to } => {
                write!(f, "{who} assigned this conversation to {}", agent(to.as_deref()))
            }
            What::Unassigned => write!(f, "{who} unassigned this conversation"),
            What::StatusSet { status: Status::Snoozed, until: Some(until) } => {
                write!(f, "{who} snoozed this conversation until {until}")
            }
            What::StatusSet { status: Status::Open, .. } => {
                write!(f, "{who} reopened this conversation")
            }
            What::StatusSet { status: Status::Resolved, .. } => {
                write!(f, "{who} resolved this conversation")
            }
            What::StatusSet { status, .. } => write!(f, "{who} set this conversation to {status}"),
            What::SnoozeOver => f.write_str("The snooze is over"),
            What::PrioritySet { priority } => write!(f, "{who} set the priority to {priority}"),
            What::TagAdded { tag } => write!(f, "{who} added the tag {tag}"),
            What::TagRemoved { tag } => write!(f, "{who} removed the tag {tag}"),
            What::Rated { score, before: Some(before) } => {
                write!(f, "{who} changed the rating from {before} to {score} of 5")
            }
            What::Rated { score, before: None } => {
                write!(f, "{who} rated this conversation {score} of 5")
            }
            What::Commented { text } => write!(f, "{who} said: “{text}”"),
            What::MergedHere { number } => {
                write!(f, "{who} merged #{number} into this conversation")
            }
            What::MergedInto { number } => {
                write!(f, "{who} merged this conversation into #{number}")
            }
            What::Separated { number } => {
                write!(f, "{who} separated this conversation from #{number}")
            }
            What::SplitTo { number } => write!(f, "{who} moved later messages to #{number}"),
            What::SplitFrom { number } => write!(f, "{who} split this off #{number}"),
            What::Mailed { to: Some(to) } => {
                write!(f, "The visitor had left: this was sent to {to}")
            }
            What::Mailed { to: None } => f.write_str("The visitor had left: this was sent by mail"),
            What::NotMailed { reason } => {
                write!(f, "The answer could not be sent to the visitor by mail: {reason}")
            }
            What::AddressGiven { address } => write!(
                f,
                "The visitor gave the address {address}; nobody has verified that it is theirs"
            ),
            What::NotSent { reason } => write!(f, "A message could not be sent: {reason}"),
            What::NotSentTo { recipients } => {
                write!(f, "A message was not sent to {recipients}")
            }
            What::Bounced { reason } => write!(f, "A message did not arrive: {reason}"),
        }
    }
}

impl fmt::Display for Doer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent { name } => f.write_str(agent(name.as_deref())),
            Self::Customer => f.write_str("The customer"),
            Self::Rule { name: Some(name) } => write!(f, "The rule “{name}”"),
            Self::Rule { name: None } => f.write_str("A rule"),
            Self::System => f.write_str("Deskbell"),
        }
    }
}

fn agent(name: Option<&str>) -> &str {
    name.unwrap_or("A former agent")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn by_ann(what: What) -> Line {
        Line { by: Doer::Agent { name: Some("Ann".to_owned()) }, what }
    }

    #[test]
    fn what_is_stored_is_read_again_and_its_names_stay() {
        let snoozed = What::StatusSet { status: Status::Snoozed, until: Some(Timestamp(0)) };
        let cases = [
            (
                by_ann(snoozed),
                json!({"by": {"kind": "agent", "name": "Ann"}, "kind": "status_set",
                    "status": "snoozed", "until": 0}),
                "Ann snoozed this conversation until 1970-01-01T00:00:00.000Z",
            ),
            (
                Line { by: Doer::Rule { name: None }, what: What::Assigned { to: None } },
                json!({"by": {"kind": "rule", "name": null}, "kind": "assigned", "to": null}),
                "A rule assigned this conversation to A former agent",
            ),
            (
                Line { by: Doer::Customer, what: What::Rated { score: 5, before: Some(2) } },
                json!({"by": {"kind": "customer"}, "kind": "rated", "score": 5, "before": 2}),
                "The customer changed the rating from 2 to 5 of 5",
            ),
            (
                by_ann(What::MergedHere { number: 12 }),
                json!({"by": {"kind": "agent", "name": "Ann"}, "kind": "merged_here",
                    "number": 12}),
                "Ann merged #12 into this conversation",
            ),
            (
                Line { by: Doer::System, what: What::SnoozeOver },
                json!({"by": {"kind": "system"}, "kind": "snooze_over"}),
                "The snooze is over",
            ),
        ];
        for (line, stored, text) in cases {
            assert_eq!(serde_json::to_value(&line).unwrap(), stored);
            assert_eq!(serde_json::from_value::<Line>(stored).unwrap(), line);
            assert_eq!(line.to_string(), text);
        }
    }
}
