//! Two contacts that are one person: merged, and taken apart again.

use domain::{
    Timestamp,
    contacts::Contact,
    events::Event,
    ids::ContactId,
    operations::{
        Details, Operation,
        people::{ContactMerge, Described, People, unite},
    },
    policy::Caller,
};
use storage::{
    Reader, Tx, contacts,
    contacts::merging::{self, Moved},
    events, operations,
};

use super::details::{LONGEST_NOTES, MOST_ADDRESSES, MOST_ATTRIBUTES, MOST_TAGS};
use crate::{Desk, DeskError, Result, idempotency::Claim, operations as all_operations};

/// Conversations and messages that move in one transaction.
const MOST_ROWS: u32 = 5_000;
/// A chain of merges longer than this was made by nobody.
const LONGEST_CHAIN: usize = 50;

/// Merges `from` into `into`: addresses, conversations and what they wrote go over, and the id
/// leads there.
///
/// # Errors
/// A conflict when one of them is blocked and the other is not, or when they do not fit together.
#[tracing::instrument(skip_all, fields(contact.id = %from))]
pub async fn merge(
    desk: &Desk,
    caller: Caller,
    from: ContactId,
    into: ContactId,
    claim: Option<Claim>,
) -> Result<Operation> {
    let merging = move |tx: &Tx<'_>, now: Timestamp| {
        if from == into {
            return Err(DeskError::invalid("into", "is this contact itself"));
        }
        let (from, into) = (present(tx, from)?, present(tx, into)?);
        Ok(Details::MergeContacts(merge_in(tx, &caller, &from, into, now)?))
    };
    all_operations::at_once(desk, caller, claim, merging).await
}

fn merge_in(
    tx: &Tx<'_>,
    caller: &Caller,
    from: &Contact,
    mut into: Contact,
    now: Timestamp,
) -> Result<ContactMerge> {
    let was = Described::of(&into);
    refuse(tx, from, &into)?;
    unite(&mut into, from);
    refuse_large(&into)?;
    let Moved { conversations, messages } = merging::move_all(tx, from.id, into.id)?;
    merging::hide(tx, from.id, now)?;
    into.updated_at = now;
    contacts::update(tx, &into)?;
    let event = Event::ContactsMerged { from: from.id, into: into.id };
    events::append(tx, None, event, caller.actor(), now)?;
    let people = People { from: Described::of(from), into: was, became: Described::of(&into) };
    let (from, into) = (from.id, into.id);
    Ok(ContactMerge { from, into, people: Some(Box::new(people)), conversations, messages })
}

fn refuse(tx: &Tx<'_>, from: &Contact, into: &Contact) -> Result<()> {
    if from.blocked != into.blocked {
        let message = "one of these is blocked and the other is not; change that first";
        return Err(DeskError::conflict(message));
    }
    for (kind, id) in &from.external_ids {
        if into.external_ids.get(kind).is_some_and(|other| other != id) {
            let message = format!("both have an identity of the kind {kind}; remove one first");
            return Err(DeskError::conflict(message));
        }
    }
    if merging::size(tx, from.id, MOST_ROWS + 1)? > MOST_ROWS {
        let message = "this contact has too much history to move; merge the other one into it";
        return Err(DeskError::conflict(message));
    }
    Ok(())
}

/// Together they must be what one contact may be.
fn refuse_large(it: &Contact) -> Result<()> {
    let notes = it.notes.as_ref().map_or(0, |it| it.chars().count());
    let limits = [
        ("e-mail addresses", it.emails.len(), MOST_ADDRESSES),
        ("phone numbers", it.phones.len(), MOST_ADDRESSES),
        ("tags", it.tags.len(), MOST_TAGS),
        ("attributes", it.attributes.len(), MOST_ATTRIBUTES),
        ("characters of notes", notes, LONGEST_NOTES),
    ];
    for (what, has, most) in limits {
        if has > most {
            let message = format!("together they would have more than {most} {what}");
            return Err(DeskError::conflict(message));
        }
    }
    Ok(())
}

/// Makes two contacts of one again. What one of them changed since stays with the one that stayed.
pub(crate) fn undo(
    tx: &Tx<'_>,
    caller: &Caller,
    it: &mut ContactMerge,
    now: Timestamp,
) -> Result<()> {
    let Some(people) = it.people.take() else {
        let message = "who was merged has been erased; nothing is left to restore";
        return Err(DeskError::conflict(message));
    };
    let mut into = present(tx, it.into)?;
    let mut from = Contact::new(it.from, Timestamp(people.from.created_at));
    people.part(&mut into, &mut from);
    (into.updated_at, from.updated_at) = (now, now);
    contacts::update(tx, &into)?;
    merging::show(tx, from.id)?;
    contacts::update(tx, &from)?;
    let moved = Moved {
        conversations: std::mem::take(&mut it.conversations),
        messages: std::mem::take(&mut it.messages),
    };
    merging::move_these(tx, into.id, from.id, &moved)?;
    let event = Event::ContactMergeUndone { from: from.id, into: into.id };
    events::append(tx, None, event, caller.actor(), now)?;
    Ok(())
}

/// The contact; one that was merged into another is refused, since who asks may not know.
pub(super) fn present(tx: &Reader<'_>, id: ContactId) -> Result<Contact> {
    if let Some(it) = contacts::find(tx, id)? {
        return Ok(it);
    }
    let Some(into) = leads_to(tx, id)? else { return Err(DeskError::NotFound("contact")) };
    Err(DeskError::Conflict {
        message: "this contact was merged into another; use that one".to_owned(),
        existing_id: Some(into.id.0),
    })
}

/// The contact that this one has become.
pub(crate) fn leads_to(db: &Reader<'_>, mut id: ContactId) -> Result<Option<Contact>> {
    for _ in 0..LONGEST_CHAIN {
        let Some(next) = operations::contact_became(db, id)? else { return Ok(None) };
        if let Some(found) = contacts::find(db, next)? {
            return Ok(Some(found));
        }
        id = next;
    }
    Ok(None)
}
