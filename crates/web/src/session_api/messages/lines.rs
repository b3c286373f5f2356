//! What a line of a thread tells, as it is shown.

use domain::{
    conversations::{Priority, Status},
    messages::lines::{Doer, Line, What},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::word;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    by: DoerView,
    #[serde(flatten)]
    what: WhatView,
}

/// Who did it, named as they were named then; no name once they were deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum DoerView {
    Agent { name: Option<String> },
    Customer,
    Rule { name: Option<String> },
    System,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum WhatView {
    /// Who did it is the assignee now.
    Taken,
    Assigned {
        to: Option<String>,
    },
    Unassigned,
    StatusSet {
        #[schema(schema_with = word::<Status>)]
        status: &'static str,
        /// When a snooze ends.
        #[schema(format = DateTime)]
        until: Option<String>,
    },
    /// It is open again by itself.
    SnoozeOver,
    PrioritySet {
        #[schema(schema_with = word::<Priority>)]
        priority: &'static str,
    },
    TagAdded {
        tag: String,
    },
    TagRemoved {
        tag: String,
    },
    Rated {
        score: u8,
        before: Option<u8>,
    },
    /// What the customer says to their rating.
    Commented {
        text: String,
    },
    MergedHere {
        number: i64,
    },
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

impl From<Line> for LineView {
    fn from(it: Line) -> Self {
        Self { by: it.by.into(), what: it.what.into() }
    }
}

impl From<Doer> for DoerView {
    fn from(it: Doer) -> Self {
        match it {
            Doer::Agent { name } => Self::Agent { name },
            Doer::Customer => Self::Customer,
            Doer::Rule { name } => Self::Rule { name },
            Doer::System => Self::System,
        }
    }
}

impl From<What> for WhatView {
    fn from(it: What) -> Self {
        match it {
            What::Taken => Self::Taken,
            What::Assigned { to } => Self::Assigned { to },
            What::Unassigned => Self::Unassigned,
            What::StatusSet { status, until } => {
                let until = until.map(|it| it.to_string());
                Self::StatusSet { status: status.as_str(), until }
            }
            What::SnoozeOver => Self::SnoozeOver,
            What::PrioritySet { priority } => Self::PrioritySet { priority: priority.as_str() },
            What::TagAdded { tag } => Self::TagAdded { tag },
            What::TagRemoved { tag } => Self::TagRemoved { tag },
            What::Rated { score, before } => Self::Rated { score, before },
            What::Commented { text } => Self::Commented { text },
            What::MergedHere { number } => Self::MergedHere { number },
            What::MergedInto { number } => Self::MergedInto { number },
            What::Separated { number } => Self::Separated { number },
            What::SplitTo { number } => Self::SplitTo { number },
            What::SplitFrom { number } => Self::SplitFrom { number },
            What::Mailed { to } => Self::Mailed { to },
            What::NotMailed { reason } => Self::NotMailed { reason },
            What::AddressGiven { address } => Self::AddressGiven { address },
            What::NotSent { reason } => Self::NotSent { reason },
            What::NotSentTo { recipients } => Self::NotSentTo { recipients },
            What::Bounced { reason } => Self::Bounced { reason },
        }
    }
}
