//! The index a filter is read from.

use uuid::Uuid;

use super::super::{Sort, wanted::Wanted};

/// More streams than this cost more than the rows they leave out.
const MOST_CHANNELS: usize = 16;

/// What was merged into another stands as spam, and is in no list.
const MERGED_OUT: &str = "c.spam = 1 AND c.merged_into IS NULL";

/// One index, and what of a filter it decides by itself beside status and spam.
pub(super) struct Source {
    pub from: &'static str,
    pub condition: &'static str,
    /// One stream of rows is read for each of these values and each status; none binds nothing.
    pub bounds: Vec<Option<Bound>>,
    pub key: &'static str,
    pub number: &'static str,
    pub status: &'static str,
    pub decides: Decides,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decides {
    Nothing,
    Tag(i64),
    Contact,
    Assignee,
    Channels,
    Unread,
}

#[derive(Clone, Copy)]
pub(super) enum Bound {
    Id(Uuid),
    Seq(i64),
}

impl Source {
    pub fn choose(wanted: &Wanted, sort: Sort) -> Self {
        if sort == Sort::Waiting {
            return Self::waiting(wanted.spam);
        }
        if let Some(seq) = wanted.tags.first() {
            return Self::tag(*seq, wanted.spam);
        }
        if let Some(contact) = wanted.contact {
            return Self::contact(contact, wanted.spam);
        }
        if wanted.spam {
            let from = "conversations AS c INDEXED BY conversations_spam";
            return Self::conversations(from, MERGED_OUT, vec![None], Decides::Nothing);
        }
        match (wanted.assignees.as_deref(), wanted.channels.as_deref(), wanted.unread) {
            (Some([assignee]), ..) => Self::assignee(*assignee),
            (_, Some(ids), _) if ids.len() <= MOST_CHANNELS => Self::channels(ids),
            (_, _, Some(true)) => Self::conversations(
                "conversations AS c INDEXED BY conversations_unread",
                "c.spam = 0 AND c.unread_count > 0",
                vec![None],
                Decides::Unread,
            ),
            _ => {
                let from = "conversations AS c INDEXED BY conversations_status";
                Self::conversations(from, "c.spam = 0", vec![None], Decides::Nothing)
            }
        }
    }

    fn conversations(
        from: &'static str,
        condition: &'static str,
        bounds: Vec<Option<Bound>>,
        decides: Decides,
    ) -> Self {
        Self {
            from,
            condition,
            bounds,
            key: "c.active_at",
            number: "c.number",
            status: "c.status",
            decides,
        }
    }

    fn waiting(spam: bool) -> Self {
        let condition = match spam {
            true => "c.spam = 1 AND c.waiting_since IS NOT NULL",
            false => "c.spam = 0 AND c.waiting_since IS NOT NULL",
        };
        let from = "conversations AS c";
        Self {
            key: "c.waiting_since",
            ..Self::conversations(from, condition, vec![None], Decides::Nothing)
        }
    }

    fn tag(seq: i64, spam: bool) -> Self {
        let from = "conversation_tags AS t INDEXED BY conversation_tags_tag
             JOIN conversations AS c ON c.number = t.conversation_number";
        let condition = match spam {
            true => "t.tag_seq = ?1 AND t.spam = 1",
            false => "t.tag_seq = ?1 AND t.spam = 0",
        };
        Self {
            key: "t.active_at",
            number: "t.conversation_number",
            status: "t.status",
            ..Self::conversations(from, condition, vec![Some(Bound::Seq(seq))], Decides::Tag(seq))
        }
    }

    fn contact(id: Uuid, spam: bool) -> Self {
        let condition = match spam {
            true => "c.contact_id = ?1 AND c.spam = 1 AND c.merged_into IS NULL",
            false => "c.contact_id = ?1 AND c.spam = 0",
        };
        let from = "conversations AS c INDEXED BY conversations_contact";
        Self::conversations(from, condition, vec![Some(Bound::Id(id))], Decides::Contact)
    }

    fn assignee(assignee: Option<Uuid>) -> Self {
        let (condition, bound) = match assignee {
            Some(id) => ("c.spam = 0 AND c.assignee_id = ?1", Some(Bound::Id(id))),
            None => ("c.spam = 0 AND c.assignee_id IS NULL", None),
        };
        let from = "conversations AS c INDEXED BY conversations_assignee";
        Self::conversations(from, condition, vec![bound], Decides::Assignee)
    }

    fn channels(ids: &[Uuid]) -> Self {
        let bounds = ids.iter().map(|it| Some(Bound::Id(*it))).collect();
        let from = "conversations AS c INDEXED BY conversations_channel";
        let condition = "c.spam = 0 AND c.channel_id = ?1";
        Self::conversations(from, condition, bounds, Decides::Channels)
    }
}
