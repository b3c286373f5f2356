//! Pieces of news as they go over the wire, written once for everybody who gets them.

use std::{collections::HashMap, sync::Arc};

use actix_web::web::Bytes;
use desk::{
    conversations::counts::{Tally, Totals},
    live::{
        drafts::DraftChange,
        happened::{Happened, Page},
        presence::{Change, Here},
    },
    visitors::live::TypingChange,
};
use domain::{
    events::Audience,
    ids::{AgentId, ConversationId},
    presence::Activity,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    openapi::word,
    session_api::{
        conversations::{counts::TallyView, views::ConversationView},
        messages::views::MessageView,
        notices::NoticeView,
    },
};

/// A longer message is not in its event; whoever wants it reads it.
const LONGEST: usize = 16 * 1024;

/// One piece of news, and whom it is for.
#[derive(Debug)]
pub(crate) struct Frame {
    /// None for what is not stored: it is not repeated to who comes back.
    pub seq: Option<i64>,
    pub audience: Audience,
    pub bytes: Bytes,
}

/// What is sent together. Everybody's connection has the same one.
pub(crate) type Batch = Arc<Vec<Frame>>;

#[derive(Serialize)]
struct EventView<'a> {
    /// `kind`, and what else the event says.
    #[serde(flatten)]
    payload: &'a Map<String, Value>,
    at: String,
    actor: ActorView,
    conversation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<&'a ConversationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<NoticeView>,
}

#[derive(Serialize)]
struct ActorView {
    r#type: &'static str,
    id: Option<String>,
}

/// The frames of a page of events.
pub(crate) fn of_page(page: Page) -> Vec<Frame> {
    let conversations: HashMap<ConversationId, ConversationView> =
        page.conversations.into_iter().map(|(id, it)| (id, it.into())).collect();
    page.happened.into_iter().map(|it| of_event(it, &conversations)).collect()
}

fn of_event(
    happened: Happened,
    conversations: &HashMap<ConversationId, ConversationView>,
) -> Frame {
    let Happened { event, audience, message, notice } = happened;
    // What one agent alone hears of says itself what it is about.
    let conversation = match audience {
        Audience::One(_) => None,
        Audience::Whoever(..) => event.conversation.and_then(|it| conversations.get(&it)),
    };
    let mut view = EventView {
        payload: &event.payload,
        at: event.at.to_string(),
        actor: ActorView {
            r#type: event.actor_kind.as_str(),
            id: event.actor_id.map(|it| it.to_string()),
        },
        conversation_id: event.conversation.map(|it| it.to_string()),
        conversation,
        message: message.map(MessageView::from),
        notice: notice.map(NoticeView::from),
    };
    let mut data = json(&view);
    if data.len() > LONGEST {
        view.message = None;
        data = json(&view);
    }
    if data.len() > LONGEST {
        view.conversation = None;
        data = json(&view);
    }
    let bytes = Bytes::from(format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.kind));
    Frame { seq: Some(event.seq), audience, bytes }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HereView {
    agent_id: String,
    name: String,
    #[schema(schema_with = word::<Activity>)]
    activity: &'static str,
    #[schema(format = DateTime)]
    since: String,
}

impl From<Here> for HereView {
    fn from(it: Here) -> Self {
        Self {
            agent_id: it.agent.to_string(),
            name: it.name,
            activity: it.activity.as_str(),
            since: it.since.to_string(),
        }
    }
}

pub(crate) fn of_presence(change: Change) -> Frame {
    #[derive(Serialize)]
    struct View {
        conversation_id: String,
        here: Vec<HereView>,
    }
    let here = change.here.into_iter().map(HereView::from).collect();
    let view = View { conversation_id: change.conversation.to_string(), here };
    Frame { seq: None, audience: change.audience, bytes: unnumbered("presence", &view) }
}

/// A visitor types in their chat, or has stopped.
pub(crate) fn of_visitor_typing(change: TypingChange) -> Frame {
    #[derive(Serialize)]
    struct View {
        conversation_id: String,
        is_typing: bool,
    }
    let TypingChange { conversation, audience, is_typing } = change;
    let view = View { conversation_id: conversation.to_string(), is_typing };
    Frame { seq: None, audience, bytes: unnumbered("visitor_typing", &view) }
}

/// A draft changed in one window of an agent, for the others.
pub(crate) fn of_draft(change: DraftChange) -> Frame {
    #[derive(Serialize)]
    struct View {
        conversation_id: String,
        version: i64,
    }
    let DraftChange { agent, conversation, version } = change;
    let view = View { conversation_id: conversation.to_string(), version };
    Frame { seq: None, audience: Audience::One(agent), bytes: unnumbered("draft", &view) }
}

/// The counters of one agent.
pub(crate) fn of_totals(totals: &Totals, agent: AgentId) -> Frame {
    #[derive(Serialize)]
    struct View {
        all: TallyView,
        mine: TallyView,
        unassigned: TallyView,
        unread: TallyView,
        spam: TallyView,
    }
    let mine: Tally = totals.assignees.get(&agent).copied().unwrap_or_default();
    let view = View {
        all: totals.all.into(),
        mine: mine.into(),
        unassigned: totals.unassigned.into(),
        unread: totals.unread.into(),
        spam: totals.spam.into(),
    };
    Frame { seq: None, audience: Audience::One(agent), bytes: unnumbered("counters", &view) }
}

/// The first lines of every stream: after how many milliseconds a browser should come back.
pub(super) fn greeting(retry_millis: u64) -> Bytes {
    Bytes::from(format!("retry: {retry_millis}\n\n"))
}

/// From here on everything is told as it happens.
pub(super) fn ready(seq: i64) -> Bytes {
    Bytes::from(format!("id: {seq}\nevent: ready\ndata: {{}}\n\n"))
}

/// What happened in between cannot be told: load anew.
pub(super) fn reset(seq: i64) -> Bytes {
    Bytes::from(format!("id: {seq}\nevent: reset\ndata: {{}}\n\n"))
}

pub(super) fn heartbeat() -> Bytes {
    Bytes::from_static(b":\n\n")
}

fn unnumbered(name: &str, view: &impl Serialize) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {}\n\n", json(view)))
}

/// On one line, as JSON is: a line feed in a text is `\n` there.
fn json(view: &impl Serialize) -> String {
    serde_json::to_string(view).expect("views have nothing but texts, numbers and lists of them")
}
