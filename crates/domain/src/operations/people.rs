//! Two contacts that turned out to be one person: what each was like, and what the one became.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{contacts::Contact, ids::ContactId, phones::PhoneNumber};

/// Holds what people are called and reached by, so an erasure empties it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactMerge {
    pub from: ContactId,
    pub into: ContactId,
    /// None once it was undone or one of the two was erased.
    pub people: Option<Box<People>>,
    pub conversations: Vec<i64>,
    pub messages: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct People {
    pub from: Described,
    pub into: Described,
    pub became: Described,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Described {
    pub name: Option<String>,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub external_ids: BTreeMap<String, String>,
    pub tags: Vec<String>,
    pub notes: Option<String>,
    pub attributes: Map<String, Value>,
    pub blocked: bool,
    pub created_at: i64,
}

impl Described {
    pub fn of(it: &Contact) -> Self {
        Self {
            name: it.name.clone(),
            emails: it.emails.iter().map(ToString::to_string).collect(),
            phones: it.phones.iter().map(|it| it.as_str().to_owned()).collect(),
            external_ids: it.external_ids.clone(),
            tags: it.tags.clone(),
            notes: it.notes.clone(),
            attributes: it.attributes.clone(),
            blocked: it.blocked,
            created_at: it.created_at.0,
        }
    }
}

/// Adds to `it` what `other` has; where both have a value, `it` keeps its own.
pub fn unite(it: &mut Contact, other: &Contact) {
    it.name = it.name.take().or_else(|| other.name.clone());
    it.emails.extend(
        other.emails.iter().filter(|a| !it.emails.contains(a)).cloned().collect::<Vec<_>>(),
    );
    it.phones.extend(
        other.phones.iter().filter(|a| !it.phones.contains(a)).cloned().collect::<Vec<_>>(),
    );
    for (kind, id) in &other.external_ids {
        it.external_ids.entry(kind.clone()).or_insert_with(|| id.clone());
    }
    for tag in &other.tags {
        if !it.tags.iter().any(|known| crate::text::fold(known) == crate::text::fold(tag)) {
            it.tags.push(tag.clone());
        }
    }
    it.notes = match (it.notes.take(), &other.notes) {
        (Some(own), Some(theirs)) => Some(format!("{own}\n\n{theirs}")),
        (own, theirs) => own.or_else(|| theirs.clone()),
    };
    for (name, value) in &other.attributes {
        it.attributes.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

impl People {
    /// Takes from `it`, the one that became both, what came from the other and is still there, and
    /// gives that to `other`.
    pub fn part(&self, it: &mut Contact, other: &mut Contact) {
        let (was, from, became) = (&self.into, &self.from, &self.became);
        if it.name == became.name {
            it.name.clone_from(&was.name);
        }
        if it.notes == became.notes {
            it.notes.clone_from(&was.notes);
        }
        let theirs = |own: &[String], all: &[String], it: &str| {
            all.iter().any(|other| other == it) && !own.iter().any(|other| other == it)
        };
        other.emails =
            it.emails.extract_if(.., |a| theirs(&was.emails, &from.emails, a.as_str())).collect();
        let gone = |a: &mut PhoneNumber| theirs(&was.phones, &from.phones, a.as_str());
        other.phones = it.phones.extract_if(.., gone).collect();
        for (kind, id) in &from.external_ids {
            if was.external_ids.get(kind) != Some(id) && it.external_ids.get(kind) == Some(id) {
                it.external_ids.remove(kind);
                other.external_ids.insert(kind.clone(), id.clone());
            }
        }
        it.tags.retain(|tag| was.tags.contains(tag) || !from.tags.contains(tag));
        for (name, value) in &from.attributes {
            if !was.attributes.contains_key(name) && it.attributes.get(name) == Some(value) {
                it.attributes.remove(name);
            }
        }
        other.name.clone_from(&from.name);
        other.notes.clone_from(&from.notes);
        other.tags.clone_from(&from.tags);
        other.attributes.clone_from(&from.attributes);
        other.blocked = from.blocked;
    }
}
