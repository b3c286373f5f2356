//! What an action would come to, before anything is done: asked by the engine, by the guard against
//! circles, and by dry runs.

use connectors::email::escape;
use domain::{
    Timestamp, automations::Action, conversations::Conversation, text, variables::Template,
};
use storage::{Reader, agents};

use super::{replies, scenes::Scene};
use crate::{DeskError, Result, variables};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// In words, what it does.
    Do(String),
    /// It is so already.
    Nothing(String),
    /// It is not to be done, for a good reason.
    Skip(String),
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
        Action::Stop => return Ok(Plan::Do("no later rule looks".to_owned())),
        Action::AddContactTag(tag) => {
            return Ok(tagging(
                has(&scene.contact.tags, &tag.key()),
                "tags the contact",
                tag.as_str(),
            ));
        }
        Action::CallWebhook { url } => {
            let host = url.host_str().unwrap_or_default();
            return Ok(Plan::Do(format!("tells {host}")));
        }
        _ => {}
    }
    let Some(overview) = &scene.overview else {
        return Ok(Plan::Skip("there is no conversation with this contact yet".to_owned()));
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
            Plan::Nothing(format!("the status is {status} already"))
        }
        Action::SetStatus(status) => Plan::Do(format!("sets the status to {status}")),
        Action::SetPriority(priority) if it.priority == *priority => {
            Plan::Nothing(format!("the priority is {priority} already"))
        }
        Action::SetPriority(priority) => Plan::Do(format!("sets the priority to {priority}")),
        Action::Snooze { minutes } => Plan::Do(format!("snoozes it for {minutes} minutes")),
        Action::AssignAgent(to) => assigning(db, it, *to)?,
        Action::AddNote { .. } => Plan::Do("adds a note".to_owned()),
        Action::SendMessage { text } => replies::plan(db, scene, &rendered(db, scene, text)?, now)?,
        Action::SendCannedReply(id) => {
            let text = replies::canned(db, *id)?.text;
            replies::plan(db, scene, &rendered(db, scene, &text)?, now)?
        }
        Action::AddContactTag(_) | Action::CallWebhook { .. } | Action::Stop => {
            Plan::Nothing(String::new())
        }
    })
}

fn has(tags: &[String], key: &str) -> bool {
    tags.iter().any(|it| text::fold(it) == key)
}

fn tagging(is_so: bool, what: &str, tag: &str) -> Plan {
    match is_so {
        true => Plan::Nothing(format!("{what} {tag}: it is so already")),
        false => Plan::Do(format!("{what} {tag}")),
    }
}

fn assigning(db: &Reader<'_>, it: &Conversation, to: Option<domain::ids::AgentId>) -> Result<Plan> {
    if it.assignee == to {
        return Ok(Plan::Nothing("it is so assigned already".to_owned()));
    }
    let Some(to) = to else { return Ok(Plan::Do("unassigns it".to_owned())) };
    let agent = agents::find(db, to)?.filter(|it| it.can_work()).ok_or_else(|| {
        DeskError::conflict("the agent of its action assign_agent is disabled or gone")
    })?;
    Ok(Plan::Do(format!("assigns it to {}", agent.name)))
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
