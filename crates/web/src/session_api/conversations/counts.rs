//! The numbers beside the lists.

use desk::conversations::counts::{Counts, Tally};
use domain::channels::ChannelType;
use serde::Serialize;
use utoipa::ToSchema;

use super::views::TagView;
use crate::openapi::word;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountsView {
    all: TallyView,
    mine: TallyView,
    unassigned: TallyView,
    unread: TallyView,
    spam: TallyView,
    channels: Vec<ChannelCount>,
    assignees: Vec<AssigneeCount>,
    tags: Vec<TagView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TallyView {
    total: u64,
    open: u64,
    pending: u64,
    snoozed: u64,
    resolved: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct ChannelCount {
    id: String,
    name: String,
    #[schema(schema_with = word::<ChannelType>)]
    r#type: &'static str,
    counts: TallyView,
}

#[derive(Debug, Serialize, ToSchema)]
struct AssigneeCount {
    id: String,
    name: String,
    counts: TallyView,
}

impl From<Tally> for TallyView {
    fn from(it: Tally) -> Self {
        Self {
            total: it.total(),
            open: it.open,
            pending: it.pending,
            snoozed: it.snoozed,
            resolved: it.resolved,
        }
    }
}

impl From<Counts> for CountsView {
    fn from(it: Counts) -> Self {
        let channels = it.channels.into_iter().map(|(channel, tally)| ChannelCount {
            id: channel.id.to_string(),
            name: channel.name,
            r#type: channel.kind.as_str(),
            counts: tally.into(),
        });
        let assignees = it.assignees.into_iter().map(|(id, name, tally)| AssigneeCount {
            id: id.to_string(),
            name,
            counts: tally.into(),
        });
        Self {
            all: it.all.into(),
            mine: it.mine.into(),
            unassigned: it.unassigned.into(),
            unread: it.unread.into(),
            spam: it.spam.into(),
            channels: channels.collect(),
            assignees: assignees.collect(),
            tags: it.tags.into_iter().map(TagView::from).collect(),
        }
    }
}
