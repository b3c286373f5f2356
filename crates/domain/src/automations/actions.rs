//! What a rule does when it matches.

use serde_json::{Map, Value, json};
use url::Url;

use super::Rule;
use crate::{
    conversations::{Priority, Status},
    documents::{Reading, Wrong},
    ids::{AgentId, CannedReplyId},
    tags::TagName,
    text,
    variables::Template,
};

const LONGEST_TEXT: usize = 10_000;
const LONGEST_URL: usize = 2_000;

#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    AddTag(TagName),
    RemoveTag(TagName),
    AddContactTag(TagName),
    SetStatus(Status),
    SetPriority(Priority),
    Snooze {
        minutes: u32,
    },
    /// None takes it from whoever has it.
    AssignAgent(Option<AgentId>),
    /// A private note.
    AddNote {
        text: String,
    },
    SendMessage {
        text: String,
    },
    SendCannedReply(CannedReplyId),
    CallWebhook {
        url: Url,
    },
    /// No later rule looks at what happened.
    Stop,
}

impl Action {
    /// The documented name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AddTag(_) => "add_tag",
            Self::RemoveTag(_) => "remove_tag",
            Self::AddContactTag(_) => "add_contact_tag",
            Self::SetStatus(_) => "set_status",
            Self::SetPriority(_) => "set_priority",
            Self::Snooze { .. } => "snooze",
            Self::AssignAgent(_) => "assign_agent",
            Self::AddNote { .. } => "add_note",
            Self::SendMessage { .. } => "send_message",
            Self::SendCannedReply(_) => "send_canned_reply",
            Self::CallWebhook { .. } => "call_webhook",
            Self::Stop => "stop",
        }
    }

    /// As [`parse_actions`] reads it.
    pub fn document(&self) -> Value {
        let mut document = match self {
            Self::AddTag(tag) | Self::RemoveTag(tag) | Self::AddContactTag(tag) => {
                json!({ "tag": tag.as_str() })
            }
            Self::SetStatus(status) => json!({ "status": status.as_str() }),
            Self::SetPriority(priority) => json!({ "priority": priority.as_str() }),
            Self::Snooze { minutes } => json!({ "minutes": minutes }),
            Self::AssignAgent(agent) => json!({ "agent_id": agent }),
            Self::AddNote { text } | Self::SendMessage { text } => json!({ "text": text }),
            Self::SendCannedReply(id) => json!({ "canned_reply_id": id }),
            Self::CallWebhook { url } => json!({ "url": url.as_str() }),
            Self::Stop => json!({}),
        };
        document["type"] = self.kind().into();
        document
    }
}

/// # Errors
/// Everything that is wrong, by its path below `path`.
pub fn parse_actions(document: &Value, path: &str) -> Result<Vec<Action>, Vec<Wrong>> {
    let mut reading = Reading::default();
    let list = reading.list(document, path, Rule::MOST_ACTIONS).unwrap_or_default();
    if document.as_array().is_some_and(Vec::is_empty) {
        reading.wrong(path, "a rule needs at least one action");
    }
    let mut actions = Vec::with_capacity(list.len());
    for (at, it) in list.iter().enumerate() {
        actions.push(one(&mut reading, it, &format!("{path}[{at}]")));
    }
    reading.finish(actions.into_iter().collect())
}

fn one(reading: &mut Reading, document: &Value, path: &str) -> Option<Action> {
    let Some(object) = document.as_object() else {
        reading.wrong(path, "must be an object");
        return None;
    };
    let kind = reading.text(object, path, "type")?;
    let Some(parameter) = parameter(kind) else {
        let kinds: Vec<&str> = PARAMETERS.iter().map(|(kind, _)| *kind).collect();
        let shown: String = kind.chars().take(60).collect();
        let message = format!("unknown action \"{shown}\"; one of {}", kinds.join(", "));
        reading.wrong(format!("{path}.type"), message);
        return None;
    };
    let known = if parameter == "type" { &["type"][..] } else { &["type", parameter] };
    reading.object(document, path, known)?;
    let found = Found { object, path, parameter };
    match kind {
        "add_tag" => found.tag(reading).map(Action::AddTag),
        "remove_tag" => found.tag(reading).map(Action::RemoveTag),
        "add_contact_tag" => found.tag(reading).map(Action::AddContactTag),
        "set_status" => found.status(reading).map(Action::SetStatus),
        "set_priority" => found.word(reading).map(Action::SetPriority),
        "snooze" => {
            let bounds = (1, Rule::MOST_MINUTES);
            let minutes = reading.number(object, path, "minutes", bounds)?;
            Some(Action::Snooze { minutes })
        }
        "assign_agent" if object.get("agent_id").is_some_and(Value::is_null) => {
            Some(Action::AssignAgent(None))
        }
        "assign_agent" => {
            found.id(reading, "an agent's id, or null").map(|it| Action::AssignAgent(Some(it)))
        }
        "add_note" => found.template(reading).map(|text| Action::AddNote { text }),
        "send_message" => found.template(reading).map(|text| Action::SendMessage { text }),
        "send_canned_reply" => {
            found.id(reading, "a canned reply's id").map(Action::SendCannedReply)
        }
        "call_webhook" => found.url(reading).map(|url| Action::CallWebhook { url }),
        _ => Some(Action::Stop),
    }
}

/// The one parameter each action takes beside its type.
const PARAMETERS: [(&str, &str); 12] = [
    ("add_tag", "tag"),
    ("remove_tag", "tag"),
    ("add_contact_tag", "tag"),
    ("set_status", "status"),
    ("set_priority", "priority"),
    ("snooze", "minutes"),
    ("assign_agent", "agent_id"),
    ("add_note", "text"),
    ("send_message", "text"),
    ("send_canned_reply", "canned_reply_id"),
    ("call_webhook", "url"),
    ("stop", "type"),
];

fn parameter(kind: &str) -> Option<&'static str> {
    PARAMETERS.iter().find(|(it, _)| *it == kind).map(|(_, parameter)| *parameter)
}

/// An action's object and its one parameter.
struct Found<'a> {
    object: &'a Map<String, Value>,
    path: &'a str,
    parameter: &'static str,
}

impl Found<'_> {
    fn field(&self) -> String {
        format!("{}.{}", self.path, self.parameter)
    }

    fn text(&self, reading: &mut Reading) -> Option<&str> {
        reading.text(self.object, self.path, self.parameter)
    }

    fn tag(&self, reading: &mut Reading) -> Option<TagName> {
        let text = self.text(reading)?;
        reading.check(&self.field(), TagName::parse(text))
    }

    fn word<T: std::str::FromStr<Err: ToString>>(&self, reading: &mut Reading) -> Option<T> {
        let text = self.text(reading)?;
        reading.check(&self.field(), text.parse())
    }

    fn status(&self, reading: &mut Reading) -> Option<Status> {
        let status = self.word(reading)?;
        if status == Status::Snoozed {
            reading.wrong(self.field(), "use the action snooze, which says for how long");
            return None;
        }
        Some(status)
    }

    fn id<T: std::str::FromStr>(&self, reading: &mut Reading, what: &str) -> Option<T> {
        let id = self.object.get(self.parameter).and_then(Value::as_str);
        let id = id.and_then(|it| it.parse().ok());
        if id.is_none() {
            reading.wrong(self.field(), format!("must be {what}"));
        }
        id
    }

    fn template(&self, reading: &mut Reading) -> Option<String> {
        let source = self.text(reading)?;
        let text = reading.check(&self.field(), text::block(source, LONGEST_TEXT))?;
        if text.trim().is_empty() {
            reading.wrong(self.field(), "must not be empty");
            return None;
        }
        reading.check(&self.field(), Template::parse(&text))?;
        Some(text)
    }

    fn url(&self, reading: &mut Reading) -> Option<Url> {
        let source = self.text(reading)?;
        if source.len() > LONGEST_URL {
            reading.wrong(self.field(), format!("must be at most {LONGEST_URL} bytes long"));
            return None;
        }
        let url = Url::parse(source).ok().filter(|it| matches!(it.scheme(), "http" | "https"));
        if url.is_none() {
            reading.wrong(self.field(), "must be an address that begins with https://");
        }
        url
    }
}
