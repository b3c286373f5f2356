//! A filter with its names looked up: what is left is keys to compare.

use std::{collections::BTreeMap, sync::Arc};

use domain::{channels::ChannelType, conversations::Status, text};
use rusqlite::{OptionalExtension, Row, params_from_iter, types::Value};
use uuid::Uuid;

use super::{Assigned, Condition, Filter, Sort};
use crate::{Reader, Result, row};

/// `None` in an option asks for nothing; lists are "any of".
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub spam: bool,
    pub statuses: Vec<Status>,
    /// All of them.
    pub tags: Vec<i64>,
    pub without_tags: Vec<i64>,
    pub channels: Option<Vec<Uuid>>,
    pub without_channels: Vec<Uuid>,
    pub assignees: Option<Vec<Option<Uuid>>>,
    pub without_assignees: Vec<Option<Uuid>>,
    pub unread: Option<bool>,
    pub attachment: Option<bool>,
    pub contact: Option<Uuid>,
    /// Milliseconds, this one included.
    pub since: Option<i64>,
    /// Milliseconds, this one not included.
    pub until: Option<i64>,
    pub among: Option<Arc<BTreeMap<i64, i64>>>,
}

impl Wanted {
    /// None when nothing can match: a tag nobody has used, an empty choice.
    pub(crate) fn of(db: &Reader<'_>, filter: &Filter) -> Result<Option<Self>> {
        let mut it = Self {
            spam: filter.spam,
            statuses: filter.status.map_or_else(|| Status::ALL.to_vec(), |it| vec![it]),
            tags: Vec::new(),
            without_tags: Vec::new(),
            channels: filter.channel_id.map(|it| vec![it.0]),
            without_channels: Vec::new(),
            assignees: filter.assigned.map(|it| vec![key(it)]),
            without_assignees: Vec::new(),
            unread: filter.unread,
            attachment: None,
            contact: filter.contact_id.map(|it| it.0),
            since: None,
            until: None,
            among: None,
        };
        if let Some(kind) = filter.channel_kind {
            narrow(&mut it.channels, channels_of(db, kind)?);
        }
        if let Some(name) = &filter.tag {
            let Some(seq) = find_tag(db, name)? else { return Ok(None) };
            it.tags.push(seq);
        }
        for condition in &filter.conditions {
            if !it.add(db, condition)? {
                return Ok(None);
            }
        }
        let empty = it.statuses.is_empty()
            || it.channels.as_ref().is_some_and(Vec::is_empty)
            || it.assignees.as_ref().is_some_and(Vec::is_empty)
            || it.among.as_ref().is_some_and(|it| it.is_empty());
        Ok((!empty).then_some(it))
    }

    /// False when nothing can match any more.
    fn add(&mut self, db: &Reader<'_>, condition: &Condition) -> Result<bool> {
        match condition {
            Condition::Tag(name) => match find_tag(db, name)? {
                Some(seq) if self.tags.contains(&seq) => {}
                Some(seq) => self.tags.push(seq),
                None => return Ok(false),
            },
            Condition::NotTag(name) => self.without_tags.extend(find_tag(db, name)?),
            Condition::Statuses(any) => self.statuses.retain(|it| any.contains(it)),
            Condition::Channels(any) => {
                narrow(&mut self.channels, any.iter().map(|it| it.0).collect());
            }
            Condition::NotChannels(none) => {
                self.without_channels.extend(none.iter().map(|it| it.0));
            }
            Condition::Assigned(any) => {
                narrow(&mut self.assignees, any.iter().copied().map(key).collect());
            }
            Condition::NotAssigned(none) => {
                self.without_assignees.extend(none.iter().copied().map(key));
            }
            Condition::Unread(want) => return Ok(agree(&mut self.unread, *want)),
            Condition::Attachment(want) => return Ok(agree(&mut self.attachment, *want)),
            Condition::Since(at) => {
                self.since = Some(self.since.map_or(at.0, |it| it.max(at.0)));
            }
            Condition::Until(at) => {
                self.until = Some(self.until.map_or(at.0, |it| it.min(at.0)));
            }
            Condition::Among(numbers) => {
                let both = match self.among.take() {
                    None => numbers.clone(),
                    Some(before) => Arc::new(
                        before
                            .iter()
                            .filter(|(number, _)| numbers.contains_key(number))
                            .map(|(number, at)| (*number, *at))
                            .collect(),
                    ),
                };
                self.among = Some(both);
            }
        }
        Ok(true)
    }

    /// Whether a row passes; spam, status, time and what stands in other tables are not looked at.
    pub(super) fn row_matches(&self, row: &Row<'_>) -> Result<bool> {
        let channel: Uuid = row.get("channel_id")?;
        let assignee: Option<Uuid> = row.get("assignee_id")?;
        let unread: u32 = row.get("unread_count")?;
        let contact: Uuid = row.get("contact_id")?;
        Ok(self.channels.as_ref().is_none_or(|it| it.contains(&channel))
            && !self.without_channels.contains(&channel)
            && self.assignees.as_ref().is_none_or(|it| it.contains(&assignee))
            && !self.without_assignees.contains(&assignee)
            && self.unread.is_none_or(|it| it == (unread > 0))
            && self.contact.is_none_or(|it| it == contact))
    }

    /// Whether the conversation's tags and attachments pass, but for a tag that is known to be there.
    pub(super) fn others_match(
        &self,
        db: &Reader<'_>,
        number: i64,
        known_tag: Option<i64>,
    ) -> Result<bool> {
        for tag in self.tags.iter().filter(|it| Some(**it) != known_tag) {
            if !has_tag(db, number, *tag)? {
                return Ok(false);
            }
        }
        for tag in &self.without_tags {
            if has_tag(db, number, *tag)? {
                return Ok(false);
            }
        }
        match self.attachment {
            Some(want) => Ok(has_attachment(db, number)? == want),
            None => Ok(true),
        }
    }

    pub(crate) fn time_matches(&self, at: i64) -> bool {
        self.since.is_none_or(|it| it <= at) && self.until.is_none_or(|it| at < it)
    }

    /// Looks at one conversation, wherever its number comes from. Its time is not looked at.
    pub(crate) fn matches(&self, db: &Reader<'_>, number: i64) -> Result<bool> {
        if self.among.as_ref().is_some_and(|it| !it.contains_key(&number)) {
            return Ok(false);
        }
        let mut stmt = db.sql().prepare_cached(
            "SELECT spam, status, channel_id, assignee_id, unread_count, contact_id
             FROM conversations WHERE number = ?1 AND merged_into IS NULL",
        )?;
        let mut rows = stmt.query([number])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let spam: bool = row.get("spam")?;
        let status: Status = row::parse(row, "status")?;
        Ok(spam == self.spam
            && self.statuses.contains(&status)
            && self.row_matches(row)?
            && self.others_match(db, number, None)?)
    }

    /// The total from the kept counts, where they know all that is asked.
    pub(super) fn kept_total(&self, db: &Reader<'_>, sort: Sort) -> Result<Option<u64>> {
        let unknown = !self.tags.is_empty()
            || !self.without_tags.is_empty()
            || self.attachment.is_some()
            || self.contact.is_some()
            || self.since.is_some()
            || self.until.is_some()
            || self.among.is_some()
            || sort == Sort::Waiting;
        if unknown {
            return Ok(None);
        }
        let mut sql =
            String::from("SELECT COALESCE(SUM(n), 0) FROM conversation_counts WHERE spam = ?");
        let mut bound: Vec<Value> = vec![i64::from(self.spam).into()];
        let mut choose = |column: &str, not: &str, any: Vec<Value>| {
            sql += &format!(" AND {column} {not} IN ({})", vec!["?"; any.len()].join(","));
            bound.extend(any);
        };
        if self.statuses.len() < Status::ALL.len() {
            let any = self.statuses.iter().map(|it| it.as_str().to_owned().into());
            choose("status", "", any.collect());
        }
        let blob = |it: &Uuid| Value::Blob(it.as_bytes().to_vec());
        let or_nobody = |it: &Option<Uuid>| it.as_ref().map_or(Value::Blob(Vec::new()), blob);
        if let Some(any) = &self.channels {
            choose("channel_id", "", any.iter().map(blob).collect());
        }
        if !self.without_channels.is_empty() {
            choose("channel_id", "NOT", self.without_channels.iter().map(blob).collect());
        }
        if let Some(any) = &self.assignees {
            choose("assignee_id", "", any.iter().map(or_nobody).collect());
        }
        if !self.without_assignees.is_empty() {
            choose("assignee_id", "NOT", self.without_assignees.iter().map(or_nobody).collect());
        }
        if let Some(unread) = self.unread {
            choose("unread", "", vec![i64::from(unread).into()]);
        }
        let mut stmt = db.sql().prepare_cached(&sql)?;
        Ok(Some(stmt.query_row(params_from_iter(bound), |row| row.get(0))?))
    }
}

fn key(assigned: Assigned) -> Option<Uuid> {
    match assigned {
        Assigned::To(id) => Some(id.0),
        Assigned::Nobody => None,
    }
}

/// Keeps what both choices allow.
fn narrow<T: PartialEq>(choice: &mut Option<Vec<T>>, any: Vec<T>) {
    match choice {
        Some(before) => before.retain(|it| any.contains(it)),
        None => *choice = Some(any),
    }
}

fn agree(asked: &mut Option<bool>, want: bool) -> bool {
    *asked.get_or_insert(want) == want
}

fn find_tag(db: &Reader<'_>, name: &str) -> Result<Option<i64>> {
    let mut stmt = db.sql().prepare_cached("SELECT seq FROM tags WHERE name_key = ?1")?;
    Ok(stmt.query_row([text::fold(name.trim())], |row| row.get(0)).optional()?)
}

fn has_tag(db: &Reader<'_>, number: i64, tag_seq: i64) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT 1 FROM conversation_tags WHERE conversation_number = ?1 AND tag_seq = ?2",
    )?;
    Ok(stmt.exists([number, tag_seq])?)
}

fn has_attachment(db: &Reader<'_>, number: i64) -> Result<bool> {
    let mut stmt = db.sql().prepare_cached(
        "SELECT 1 FROM messages WHERE conversation_number = ?1 AND has_attachments = 1 LIMIT 1",
    )?;
    Ok(stmt.exists([number])?)
}

fn channels_of(db: &Reader<'_>, kind: ChannelType) -> Result<Vec<Uuid>> {
    let mut stmt = db.sql().prepare_cached("SELECT id FROM channels WHERE type = ?1")?;
    let rows = stmt.query_map([kind.as_str()], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
