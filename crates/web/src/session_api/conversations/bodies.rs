//! What may be sent about a conversation.

use desk::{
    conversations::{
        change::Changes,
        open::{Opening, With},
    },
    messages::Draft,
};
use domain::{
    Timestamp,
    conversations::{Priority, Status},
    ids::{AgentId, AttachmentId, ChannelId, ContactId},
};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    error::{ApiError, Result},
    openapi::{optional_word, word},
    parse,
    patch::Patch,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    #[schema(value_type = Uuid)]
    channel_id: ChannelId,
    #[schema(value_type = Option<Uuid>)]
    contact_id: Option<ContactId>,
    contact: Option<Described>,
    subject: Option<String>,
    text: String,
    html: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    assigned_agent_id: Option<AgentId>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    attachment_ids: Option<Vec<AttachmentId>>,
    #[serde(default)]
    cc: Option<Vec<String>>,
    #[serde(default)]
    bcc: Option<Vec<String>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Described {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

impl Open {
    pub(super) fn into_opening(self) -> Result<Opening> {
        let with = match (self.contact_id, self.contact) {
            (Some(id), None) => With::Known(id),
            (None, Some(it)) => With::Described { name: it.name, email: it.email, phone: it.phone },
            (None, None) => {
                return Err(ApiError::invalid("contact_id", "give this, or a contact"));
            }
            (Some(_), Some(_)) => {
                return Err(ApiError::invalid("contact", "give this or contact_id, not both"));
            }
        };
        Ok(Opening {
            channel: self.channel_id,
            with,
            subject: self.subject,
            assignee: self.assigned_agent_id,
            tags: self.tags.unwrap_or_default(),
            first: Draft {
                text: self.text,
                html: self.html,
                attachments: self.attachment_ids.unwrap_or_default(),
                cc: self.cc.unwrap_or_default(),
                bcc: self.bcc.unwrap_or_default(),
                ..Draft::default()
            },
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    subject: Patch<String>,
    #[serde(default)]
    #[schema(schema_with = optional_word::<Priority>)]
    priority: Patch<PriorityWord>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    notes: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    attributes: Patch<Map<String, Value>>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    unread: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    spam: Patch<bool>,
}

struct PriorityWord(Priority);

impl<'de> Deserialize<'de> for PriorityWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse::word(deserializer).map(Self)
    }
}

impl From<Change> for Changes {
    fn from(it: Change) -> Self {
        let priority = it.priority.into_option();
        Self {
            subject: it.subject.into_option(),
            priority: priority.map(|it| it.map_or(Priority::Normal, |it| it.0)),
            notes: it.notes.into_option(),
            attributes: it.attributes.into_option().map(Option::unwrap_or_default),
            unread: it.unread.into_option().map(Option::unwrap_or_default),
            spam: it.spam.into_option().map(Option::unwrap_or_default),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetStatus {
    #[serde(deserialize_with = "parse::word")]
    #[schema(schema_with = word::<Status>)]
    pub status: Status,
    #[serde(default, deserialize_with = "parse::optional_time")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Timestamp>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tagged {
    pub tag: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Assign {
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    agent_id: Patch<AgentId>,
}

impl Assign {
    /// `null` unassigns; left out it is a mistake.
    pub(super) fn into_agent(self) -> Result<Option<AgentId>> {
        let missing = || ApiError::invalid("agent_id", "is missing; null unassigns");
        self.agent_id.into_option().ok_or_else(missing)
    }
}
