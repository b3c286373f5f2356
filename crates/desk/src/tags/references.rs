//! Rules, canned replies and views name tags by their words: they follow a tag that is renamed or
//! merged, and who deletes one is told of them.

use domain::{
    Timestamp,
    automations::{Action, Conditions, Rule},
    canned_replies::CannedReply,
    tags::TagName,
    text,
    views::View,
};
use serde_json::Value;
use storage::{Reader, Tx, automations, canned_replies, views};
use uuid::Uuid;

use crate::Result;

domain::words!(
    /// What names a tag.
    UserKind, "user of a tag", {
        Automation => "automation",
        CannedReply => "canned_reply",
        View => "view",
    }
);

/// Something that names a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub kind: UserKind,
    pub id: Uuid,
    pub name: String,
}

/// What names the tag; of what is somebody's own, nothing is told.
pub(super) fn of(db: &Reader<'_>, tag: &str) -> Result<Vec<User>> {
    let key = text::fold(tag);
    let mut found = Vec::new();
    for it in automations::all(db)? {
        if names_in_rule(&it, &key) {
            found.push(User { kind: UserKind::Automation, id: it.id.0, name: it.name });
        }
    }
    for it in canned_replies::all(db)? {
        if it.owner.is_none() && it.actions.tags.iter().any(|tag| tag.key() == key) {
            found.push(User { kind: UserKind::CannedReply, id: it.id.0, name: it.name });
        }
    }
    for it in views::all(db)? {
        if it.shared && is(it.query.tag.as_deref(), &key) {
            found.push(User { kind: UserKind::View, id: it.id.0, name: it.name });
        }
    }
    Ok(found)
}

/// Has all that names the one tag name the other.
pub(super) fn rename(tx: &Tx<'_>, from: &str, to: &TagName, now: Timestamp) -> Result<()> {
    let key = text::fold(from);
    for mut it in automations::all(tx)? {
        if names_in_rule(&it, &key) {
            rename_in_rule(&mut it, &key, to);
            it.updated_at = now;
            automations::update(tx, &it)?;
        }
    }
    for mut it in canned_replies::all(tx)? {
        if rename_in_reply(&mut it, &key, to) {
            canned_replies::update(tx, &it)?;
        }
    }
    for mut it in views::all(tx)? {
        if rename_in_view(&mut it, &key, to) {
            views::update(tx, &it)?;
        }
    }
    Ok(())
}

fn is(name: Option<&str>, key: &str) -> bool {
    name.is_some_and(|it| text::fold(it) == key)
}

fn tag_of(action: &Action) -> Option<&TagName> {
    match action {
        Action::AddTag(tag) | Action::RemoveTag(tag) | Action::AddContactTag(tag) => Some(tag),
        _ => None,
    }
}

fn names_in_rule(it: &Rule, key: &str) -> bool {
    it.actions.iter().filter_map(tag_of).any(|tag| tag.key() == key)
        || replace(&mut it.conditions.document(), key, None)
}

fn rename_in_rule(it: &mut Rule, key: &str, to: &TagName) {
    for action in &mut it.actions {
        if let Action::AddTag(tag) | Action::RemoveTag(tag) | Action::AddContactTag(tag) = action
            && tag.key() == key
        {
            tag.clone_from(to);
        }
    }
    let mut document = it.conditions.document();
    // A name of the same kind is a value as good as the one before.
    if replace(&mut document, key, Some(to.as_str()))
        && let Ok(conditions) = Conditions::parse(&document, "conditions")
    {
        it.conditions = conditions;
    }
}

/// Looks for conditions on this very tag, and has them ask for another. Returns whether there are
/// any. A pattern or a part of a word says nothing about one tag.
fn replace(document: &mut Value, key: &str, to: Option<&str>) -> bool {
    let mut found = false;
    if let Some(Value::Array(rules)) = document.get_mut("rules") {
        for rule in rules {
            found |= replace(rule, key, to);
        }
    }
    let word = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
    let asks_for_tags = matches!(word("field"), "tag" | "contact_tag" | "changed_tag");
    if !asks_for_tags || !matches!(word("operator"), "eq" | "neq" | "in" | "not_in") {
        return found;
    }
    let values = match document.get_mut("value") {
        Some(Value::Array(values)) => values.as_mut_slice(),
        Some(value) => std::slice::from_mut(value),
        None => return found,
    };
    for value in values.iter_mut().filter(|it| is(it.as_str(), key)) {
        found = true;
        if let Some(to) = to {
            *value = to.into();
        }
    }
    found
}

fn rename_in_reply(it: &mut CannedReply, key: &str, to: &TagName) -> bool {
    let tags = &mut it.actions.tags;
    let Some(at) = tags.iter().position(|tag| tag.key() == key) else { return false };
    // Of two that became one, the one is enough.
    if key != to.key() && tags.iter().any(|tag| tag.key() == to.key()) {
        tags.remove(at);
    } else if let Some(tag) = tags.get_mut(at) {
        tag.clone_from(to);
    }
    true
}

fn rename_in_view(it: &mut View, key: &str, to: &TagName) -> bool {
    let names = is(it.query.tag.as_deref(), key);
    if names {
        it.query.tag = Some(to.as_str().to_owned());
    }
    names
}
