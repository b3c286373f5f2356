//! A canned reply as somebody writes it, before and after it was checked.

use connectors::email::plain::{self, Links};
use domain::{
    Timestamp,
    agents::Agent,
    canned_replies::{Actions, AssignTo, CannedReply, Shortcut},
    conversations::Status,
    ids::{AgentId, CannedReplyId},
    tags::TagName,
    text,
    variables::Template,
};
use storage::{Reader, agents};

use crate::{DeskError, Problems, Result};

const LONGEST_NAME: usize = 120;
const LONGEST_TEXT: usize = 20_000;
/// Bytes.
const LARGEST_HTML: usize = 50_000;
const MOST_TAGS: usize = 10;

#[derive(Debug, Clone, Default)]
pub struct AskedActions {
    pub status: Option<Status>,
    pub tags: Vec<String>,
    pub assign: Option<AssignTo>,
}

#[derive(Debug, Clone)]
pub struct New {
    pub name: String,
    pub shortcut: Option<String>,
    /// May be empty where there is HTML: then it is made from it.
    pub text: String,
    pub html: Option<String>,
    pub shared: bool,
    pub actions: AskedActions,
}

/// What to change; `None` leaves a field as it is, an inner `None` clears it.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<String>,
    pub shortcut: Option<Option<String>>,
    pub text: Option<String>,
    pub html: Option<Option<String>>,
    pub shared: Option<bool>,
    pub actions: Option<AskedActions>,
}

/// The fields that are different now.
pub(super) fn changed_fields(before: &CannedReply, after: &CannedReply) -> Vec<&'static str> {
    let all = [
        ("name", before.name != after.name),
        ("shortcut", before.shortcut != after.shortcut),
        ("text", before.text != after.text),
        ("html", before.html != after.html),
        ("shared", before.owner != after.owner),
        ("actions", before.actions != after.actions),
    ];
    all.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect()
}

impl New {
    pub(super) fn checked(self, author: AgentId, now: Timestamp) -> Result<CannedReply> {
        let mut it = CannedReply {
            id: CannedReplyId::new(),
            name: String::new(),
            shortcut: None,
            owner: Some(author),
            created_by: author,
            text: String::new(),
            html: None,
            actions: Actions::default(),
            use_count: 0,
            last_used_at: None,
            created_at: now,
            updated_at: now,
        };
        let all = Change {
            name: Some(self.name),
            shortcut: Some(self.shortcut),
            text: Some(self.text),
            html: Some(self.html),
            shared: Some(self.shared),
            actions: Some(self.actions),
        };
        all.apply(&mut it)?;
        Ok(it)
    }
}

impl Change {
    /// # Errors
    /// `Invalid` with all that is wrong.
    pub(super) fn apply(self, it: &mut CannedReply) -> Result<()> {
        let mut problems = Problems::default();
        if let Some(name) = self.name {
            let name = problems.check("name", text::line(&name, LONGEST_NAME));
            it.name = name.unwrap_or_default();
        }
        if let Some(shortcut) = self.shortcut {
            let shortcut = shortcut.filter(|it| !it.trim().is_empty());
            it.shortcut = shortcut.and_then(|it| problems.check("shortcut", Shortcut::parse(&it)));
        }
        if let Some(html) = self.html {
            it.html = html.filter(|it| !it.trim().is_empty());
            check_html(&mut problems, it.html.as_deref());
        }
        if let Some(written) = self.text {
            let written = match &it.html {
                Some(html) if written.trim().is_empty() => plain::from_html(html, Links::Show),
                _ => written,
            };
            it.text =
                problems.check("text", text::block(&written, LONGEST_TEXT)).unwrap_or_default();
            if it.text.trim().is_empty() {
                problems.add("text", "must not be empty");
            }
            problems.check("text", Template::parse(&it.text));
        }
        if let Some(shared) = self.shared {
            it.owner = (!shared).then_some(it.created_by);
        }
        if let Some(actions) = self.actions {
            it.actions = actions.checked(&mut problems);
        }
        problems.finish()
    }
}

fn check_html(problems: &mut Problems, html: Option<&str>) {
    let Some(html) = html else { return };
    if html.len() > LARGEST_HTML {
        problems.add("html", format!("must be at most {LARGEST_HTML} bytes long"));
    } else {
        problems.check("html", Template::parse_html(html));
    }
}

impl AskedActions {
    fn checked(self, problems: &mut Problems) -> Actions {
        if self.status == Some(Status::Snoozed) {
            problems.add("actions.status", "a canned reply cannot snooze");
        }
        if self.tags.len() > MOST_TAGS {
            problems.add("actions.tags", format!("at most {MOST_TAGS}"));
            return Actions::default();
        }
        let tags = self.tags.iter().enumerate().filter_map(|(at, it)| {
            problems.check(&format!("actions.tags[{at}]"), TagName::parse(it))
        });
        Actions { tags: tags.collect(), status: self.status, assign: self.assign }
    }
}

/// Refuses to assign to somebody who is not there or cannot work.
pub(super) fn check_assignee(db: &Reader<'_>, actions: &Actions) -> Result<()> {
    let Some(AssignTo::Agent(id)) = actions.assign else { return Ok(()) };
    match agents::find(db, id)?.filter(Agent::can_work) {
        Some(_) => Ok(()),
        None => Err(DeskError::invalid("actions.assign", "there is no such agent at work")),
    }
}
