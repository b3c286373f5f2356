//! What a search's operators ask for, with names, days and "me" looked up.

use std::sync::Arc;

use domain::{
    Timestamp,
    addresses::EmailAddress,
    channels::{Channel, ChannelType},
    conversations::Status,
    ids::ChannelId,
    policy::Caller,
    searches::{Search, Test, When, Who, Word},
    text::fold,
    zone::Zone,
};
use storage::{
    Reader, agents, channels,
    conversations::{
        self,
        list::{Assigned, Condition, Filter},
        merged,
    },
    search::{people, query::Query},
    workspace,
};

use crate::Result;

/// Adds what the operators ask for to a filter.
pub(crate) fn apply(
    db: &Reader<'_>,
    caller: &Caller,
    search: &Search,
    filter: &mut Filter,
    now: Timestamp,
) -> Result<()> {
    let mut any_status = Vec::new();
    for asked in &search.conditions {
        match (&asked.test, asked.negated) {
            // Several statuses are a choice: no conversation has two.
            (Test::Status(status), false) => any_status.push(*status),
            (Test::Spam, _) => filter.spam = true,
            (test, negated) => {
                filter.conditions.extend(condition(db, caller, test, negated, now)?);
            }
        }
    }
    if !any_status.is_empty() {
        filter.conditions.push(Condition::Statuses(any_status));
    }
    Ok(())
}

fn condition(
    db: &Reader<'_>,
    caller: &Caller,
    test: &Test,
    negated: bool,
    now: Timestamp,
) -> Result<Option<Condition>> {
    Ok(Some(match test {
        Test::From(who) => {
            let found = match person(who) {
                Some(query) => people::from(db, &query)?,
                None => people::Numbers::new(),
            };
            Condition::Among(Arc::new(found))
        }
        Test::To(who) => to(db, who)?,
        Test::Tag(name) if negated => Condition::NotTag(name.clone()),
        Test::Tag(name) => Condition::Tag(name.clone()),
        Test::Status(status) => {
            let others = Status::ALL.iter().copied().filter(|it| it != status);
            Condition::Statuses(others.collect())
        }
        Test::Channel(name) => {
            let found = channels_named(db, name)?;
            if negated { Condition::NotChannels(found) } else { Condition::Channels(found) }
        }
        Test::Assignee(who) => {
            let found = assignees(db, caller, who)?;
            if negated { Condition::NotAssigned(found) } else { Condition::Assigned(found) }
        }
        Test::Before(when) | Test::After(when) => {
            let at = beginning(db, *when, now)?;
            let before = matches!(test, Test::Before(_)) != negated;
            if before { Condition::Until(at) } else { Condition::Since(at) }
        }
        Test::HasAttachment => Condition::Attachment(!negated),
        Test::Unread => Condition::Unread(!negated),
        Test::Number(number) => {
            let found = conversations::find_by_number(db, *number)?;
            let found = found.map(|it| merged::follow(db, it)).transpose()?.flatten();
            let found = found.map(|it| people::numbered(it.number, it.active_at));
            Condition::Among(Arc::new(found.unwrap_or_default()))
        }
        // It is a field of the filter.
        Test::Spam => return Ok(None),
    }))
}

/// Somebody by address, domain, number or name, as one phrase.
fn person(who: &str) -> Option<Query> {
    let is_prefix = who.ends_with('*') && !who.contains(char::is_whitespace);
    Query::of(&[match is_prefix {
        true => Word::Plain(who.to_owned()),
        false => Word::Phrase(who.to_owned()),
    }])
}

fn to(db: &Reader<'_>, who: &str) -> Result<Condition> {
    let ours: Vec<ChannelId> = channels::all(db)?
        .into_iter()
        .filter(|it| address(it).is_some_and(|it| fold(it) == fold(who)))
        .map(|it| it.id)
        .collect();
    if !ours.is_empty() {
        return Ok(Condition::Channels(ours));
    }
    let exact = EmailAddress::parse(who).map_or_else(|_| fold(who), |it| it.to_string());
    let found = match person(who) {
        Some(query) => people::to(db, &query, &exact)?,
        None => people::Numbers::new(),
    };
    Ok(Condition::Among(Arc::new(found)))
}

fn address(channel: &Channel) -> Option<&str> {
    channel.config.get("address").and_then(|it| it.as_str())
}

/// By type, id, address or name; a part of the name where none is called just so.
fn channels_named(db: &Reader<'_>, name: &str) -> Result<Vec<ChannelId>> {
    let (all, wanted) = (channels::all(db)?, fold(name));
    let kind: Option<ChannelType> = wanted.parse().ok();
    let choose = |test: &dyn Fn(&Channel) -> bool| -> Vec<ChannelId> {
        all.iter().filter(|it| test(it)).map(|it| it.id).collect()
    };
    let exact = choose(&|it| {
        kind == Some(it.kind)
            || it.id.to_string() == wanted
            || fold(&it.name) == wanted
            || address(it).is_some_and(|it| fold(it) == wanted)
    });
    if !exact.is_empty() {
        return Ok(exact);
    }
    Ok(choose(&|it| fold(&it.name).contains(&wanted)))
}

/// By id, address or name; by one of the names where nobody is called just so.
fn assignees(db: &Reader<'_>, caller: &Caller, who: &Who) -> Result<Vec<Assigned>> {
    let name = match who {
        Who::Me => return Ok(caller.agent().map(Assigned::To).into_iter().collect()),
        Who::Nobody => return Ok(vec![Assigned::Nobody]),
        Who::Named(name) => fold(name),
    };
    let all = agents::list(db)?;
    let exact = |it: &&domain::agents::Agent| {
        it.id.to_string() == name || it.email.as_str() == name || fold(&it.name) == name
    };
    let mut found: Vec<Assigned> = all.iter().filter(exact).map(|it| Assigned::To(it.id)).collect();
    if found.is_empty() {
        let partly = all.iter().filter(|it| fold(&it.name).split_whitespace().any(|it| it == name));
        found = partly.map(|it| Assigned::To(it.id)).collect();
    }
    Ok(found)
}

/// When a day begins in the workspace.
fn beginning(db: &Reader<'_>, when: When, now: Timestamp) -> Result<Timestamp> {
    let zone = workspace::find(db)?.and_then(|it| Zone::parse(&it.time_zone).ok());
    let zone = zone.unwrap_or_else(Zone::utc);
    let today = zone.day_of(now);
    let day = match when {
        When::Day(day) => day,
        When::Today => today,
        When::Yesterday => zone.day_of(Timestamp(zone.instant_of(today, 0).0 - 1)),
    };
    Ok(zone.instant_of(day, 0))
}
