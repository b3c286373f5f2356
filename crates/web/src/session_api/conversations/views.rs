//! Conversations as they are shown.

use desk::conversations::{
    find::Assignment,
    list::Row,
    snippets::{Field, Snippet},
};
use domain::{
    channels::ChannelType,
    contacts::ContactSummary,
    conversations::{LastMessage, Overview, Priority, Status},
    messages::Direction,
    tags::Tag,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::openapi::word;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationView {
    id: String,
    number: i64,
    subject: Option<String>,
    #[schema(schema_with = word::<Status>)]
    status: &'static str,
    #[schema(format = DateTime)]
    snoozed_until: Option<String>,
    spam: bool,
    channel_id: String,
    #[schema(schema_with = word::<ChannelType>)]
    channel_type: &'static str,
    channel: ChannelView,
    contact_id: String,
    contact: ContactView,
    assigned_agent_id: Option<String>,
    assigned_agent: Option<NamedView>,
    tags: Vec<String>,
    #[schema(schema_with = word::<Priority>)]
    priority: &'static str,
    unread_count: u32,
    notes: Option<String>,
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    last_message: Option<LastMessageView>,
    #[schema(format = DateTime)]
    waiting_since: Option<String>,
    related_conversation_id: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    #[schema(format = DateTime)]
    resolved_at: Option<String>,
    /// Only where words were searched for and found in kept text.
    snippet: Option<SnippetView>,
}

/// An extract in parts, so that nobody has to look for marks inside a customer's text.
#[derive(Debug, Serialize, ToSchema)]
struct SnippetView {
    #[schema(schema_with = word::<Field>)]
    field: &'static str,
    message_id: Option<String>,
    parts: Vec<PartView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PartView {
    text: String,
    marked: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelOfConversation)]
struct ChannelView {
    id: String,
    name: String,
    #[schema(schema_with = word::<ChannelType>)]
    r#type: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactOfConversation)]
pub(crate) struct ContactView {
    id: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NamedView {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LastMessageView {
    text: String,
    #[schema(schema_with = word::<Direction>)]
    direction: &'static str,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Overview> for ConversationView {
    fn from(overview: Overview) -> Self {
        let Overview { conversation: it, contact, channel_name, assignee_name, tags } = overview;
        let assigned_agent_id = it.assignee.map(|it| it.to_string());
        Self {
            id: it.id.to_string(),
            number: it.number,
            subject: it.subject,
            status: it.status.as_str(),
            snoozed_until: it.snoozed_until.map(|it| it.to_string()),
            spam: it.spam,
            channel_id: it.channel_id.to_string(),
            channel_type: it.channel_kind.as_str(),
            channel: ChannelView {
                id: it.channel_id.to_string(),
                name: channel_name,
                r#type: it.channel_kind.as_str(),
            },
            contact_id: it.contact_id.to_string(),
            contact: contact.into(),
            assigned_agent: assigned_agent_id
                .clone()
                .map(|id| NamedView { id, name: assignee_name }),
            assigned_agent_id,
            tags,
            priority: it.priority.as_str(),
            unread_count: it.unread_count,
            notes: it.notes,
            attributes: it.attributes,
            last_message: it.last_message.map(LastMessageView::from),
            waiting_since: it.waiting_since.map(|it| it.to_string()),
            related_conversation_id: it.related_id.map(|it| it.to_string()),
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
            resolved_at: it.resolved_at.map(|it| it.to_string()),
            snippet: None,
        }
    }
}

impl From<ContactSummary> for ContactView {
    fn from(it: ContactSummary) -> Self {
        Self { id: it.id.to_string(), name: it.name, email: it.email, phone: it.phone }
    }
}

impl From<Row> for ConversationView {
    fn from(it: Row) -> Self {
        Self { snippet: it.snippet.map(SnippetView::from), ..it.overview.into() }
    }
}

impl From<Snippet> for SnippetView {
    fn from(it: Snippet) -> Self {
        let parts = it.parts.into_iter();
        Self {
            field: it.field.as_str(),
            message_id: it.message.map(|it| it.to_string()),
            parts: parts.map(|it| PartView { text: it.text, marked: it.marked }).collect(),
        }
    }
}

impl From<LastMessage> for LastMessageView {
    fn from(it: LastMessage) -> Self {
        Self { text: it.text, direction: it.direction.as_str(), created_at: it.at.to_string() }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagView {
    id: String,
    name: String,
    color: String,
}

impl From<Tag> for TagView {
    fn from(it: Tag) -> Self {
        Self { id: it.id.to_string(), name: it.name, color: it.color }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AssignmentView {
    agent: NamedView,
    /// `null` where Deskbell itself assigned it.
    assigned_by: Option<NamedView>,
    #[schema(format = DateTime)]
    assigned_at: String,
    #[schema(format = DateTime)]
    unassigned_at: Option<String>,
}

impl From<Assignment> for AssignmentView {
    fn from(it: Assignment) -> Self {
        let by_name = it.by_name;
        Self {
            agent: NamedView { id: it.agent.to_string(), name: Some(it.agent_name) },
            assigned_by: it.by.map(|id| NamedView { id: id.to_string(), name: by_name }),
            assigned_at: it.assigned_at.to_string(),
            unassigned_at: it.unassigned_at.map(|it| it.to_string()),
        }
    }
}
