//! What an action would come to, before anything is done: asked by the engine, by the guard against
//! circles, and by dry runs.

use connectors::email::escape;
use domain::{
    Timestamp,
    automations::{Action, Done, Effect, Hindrance},
    conversations::Conversation,
    text,
    variables::Template,
};
use storage::{Reader, agents};

use super::{replies, scenes::Scene};
use crate::{DeskError, Result, variables};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub effect: Effect,
    /// In words, what it does or why it does nothing.
    pub detail: String,
    /// See [`Done`].
    pub about: Option<String>,
    pub reason: Option<Hindrance>,
}

impl Plan {
    fn new(effect: Effect, detail: impl Into<String>) -> Self {
        Self { effect, detail: detail.into(), about: None, reason: None }
    }

    pub fn done(detail: impl Into<String>) -> Self {
        Self::new(Effect::Done, detail)
    }

    /// It is so already.
    fn unchanged(detail: impl Into<String>) -> Self {
        Self::new(Effect::Unchanged, detail)
    }

    /// It is not to be done, for a good reason.
    pub fn skipped(detail: impl Into<String>, reason: Option<Hindrance>) -> Self {
        Self { reason, ..Self::new(Effect::Skipped, detail) }
    }

    pub fn failed(error: &DeskError) -> Self {
        Self::new(Effect::Failed, error.to_string())
    }

    pub fn about(self, about: impl Into<String>) -> Self {
        Self { about: Some(about.into()), ..self }
    }

    pub fn of(self, action: &Action) -> Done {
        let Self { effect, detail, about, reason } = self;
        Done { kind: action.kind(), effect, detail, about, reason }
    }
}

/// # Errors
/// What makes the rule fail.
pub(super) fn plan(
    db: &Reader<'_>,
    scene: &Scene,
    action: &Action,
    now: Timestamp,
) -> Result<Plan> {
    match action {
        Action::Stop => return Ok(Plan::done("no later rule looks")),
        Action::AddContactTag(tag) => {
            return Ok(tagging(
                has(&scene.contact.tags, &tag.key()),
                "tags the contact",
                tag.as_str(),
            ));
        }
        Action::CallWebhook { url } => {
            let host = url.host_str().unwrap_or_default();
            return Ok(Plan::done(format!("tells {host}")).about(host));
        }
        _ => {}
    }
    let Some(overview) = &scene.overview else {
        let detail = "there is no conversation with this contact yet";
        return Ok(Plan::skipped(detail, Some(Hindrance::NoConversation)));
    };
    let it = &overview.conversation;
    Ok(match action {
        Action::AddTag(tag) => {
            tagging(has(&overview.tags, &tag.key()), "adds the tag", tag.as_str())
        }
        Action::RemoveTag(tag) => {
            tagging(!has(&overview.tags, &tag.key()), "removes the tag", tag.as_str())
        }
        Action::SetStatus(status) if it.status == *status => {
            Plan::unchanged(format!("the status is {status} already")).about(status.as_str())
        }
        Action::SetStatus(status) => {
            Plan::done(format!("sets the status to {status}")).about(status.as_str())
        }
        Action::SetPriority(priority) if it.priority == *priority => {
            Plan::unchanged(format!("the priority is {priority} already")).about(priority.as_str())
        }
        Action::SetPriority(priority) => {
            Plan::done(format!("sets the priority to {priority}")).about(priority.as_str())
        }
        Action::Snooze { minutes } => {
            Plan::done(format!("snoozes it for {minutes} minutes")).about(minutes.to_string())
        }
        Action::AssignAgent(to) => assigning(db, it, *to)?,
        Action::AddNote { .. } => Plan::done("adds a note"),
        Action::SendMessage { text } => replies::plan(db, scene, &rendered(db, scene, text)?, now)?,
        Action::SendCannedReply(id) => {
            let text = replies::canned(db, *id)?.text;
            replies::plan(db, scene, &rendered(db, scene, &text)?, now)?
        }
        Action::AddContactTag(_) | Action::CallWebhook { .. } | Action::Stop => Plan::unchanged(""),
    })
}

fn has(tags: &[String], key: &str) -> bool {
    tags.iter().any(|it| text::fold(it) == key)
}

fn tagging(is_so: bool, what: &str, tag: &str) -> Plan {
    let plan = match is_so {
        true => Plan::unchanged(format!("{what} {tag}: it is so already")),
        false => Plan::done(format!("{what} {tag}")),
    };
    plan.about(tag)
}

fn assigning(db: &Reader<'_>, it: &Conversation, to: Option<domain::ids::AgentId>) -> Result<Plan> {
    let is_so = it.assignee == to;
    let Some(to) = to else {
        return Ok(match is_so {
            true => Plan::unchanged("it is so assigned already"),
            false => Plan::done("unassigns it"),
        });
    };
    let agent = agents::find(db, to)?;
    if is_so {
        let plan = Plan::unchanged("it is so assigned already");
        return Ok(plan.about(agent.map_or_else(|| to.to_string(), |it| it.name)));
    }
    let agent = agent.filter(|it| it.can_work()).ok_or_else(|| {
        DeskError::conflict("the agent of its action assign_agent is disabled or gone")
    })?;
    Ok(Plan::done(format!("assigns it to {}", agent.name)).about(agent.name))
}

/// A text with its variables filled in.
pub(super) fn rendered(db: &Reader<'_>, scene: &Scene, source: &str) -> Result<String> {
    let template = Template::parse(source).map_err(|it| DeskError::conflict(it.to_string()))?;
    let Some(overview) = &scene.overview else { return Ok(String::new()) };
    Ok(template.render(&variables::of(db, &overview.conversation, None)?))
}

/// As [`rendered`], for HTML: what is filled in stays text.
pub(super) fn rendered_html(db: &Reader<'_>, scene: &Scene, source: &str) -> Result<String> {
    let template = Template::parse_html(source);
    let template = template.map_err(|it| DeskError::conflict(it.to_string()))?;
    let Some(overview) = &scene.overview else { return Ok(String::new()) };
    let values = variables::of(db, &overview.conversation, None)?;
    Ok(template.render_escaped(&values, escape::plain))
}
