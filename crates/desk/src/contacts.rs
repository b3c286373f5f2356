//! Customers: who they are, and being forgotten.

mod details;
mod erasure;
pub mod imports;
pub(crate) mod merges;

use domain::{
    contacts::Contact,
    events::{Actor, Event},
    ids::ContactId,
};
use storage::{
    Tx, contacts,
    contacts::list::{Filter, Listed},
    events,
    search::query::Query,
};

pub use details::{Change, Details};
pub use storage::contacts::list::Start as ListStart;

pub use merges::merge;

pub use erasure::{Erased, erase, erase_slice};

use crate::{
    Desk, DeskError, Result,
    idempotency::{Claim, once},
};

/// What a page of contacts is asked for with.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub search: Option<String>,
    pub tag: Option<String>,
    pub blocked: Option<bool>,
}

/// How long a list may walk before it answers with a short page.
const WALK: std::time::Duration = std::time::Duration::from_millis(50);

pub async fn list(desk: &Desk, asked: Asked, start: ListStart, limit: usize) -> Result<Listed> {
    let filter = Filter {
        search: asked.search.map(|it| Query::begun(&it)),
        tag: asked.tag,
        blocked: asked.blocked,
    };
    desk.store
        .read_within(WALK, move |db| Ok(contacts::list::page(db, &filter, start, limit)?))
        .await
}

pub async fn find(desk: &Desk, id: ContactId) -> Result<Contact> {
    desk.store
        .read(move |db| {
            if let Some(found) = contacts::find(db, id)? {
                return Ok(found);
            }
            // One that was merged into another is read as that one.
            merges::leads_to(db, id)?.ok_or(DeskError::NotFound("contact"))
        })
        .await
}

/// # Errors
/// A conflict that names the contact who has one of the addresses, phones or ids already.
pub async fn create(
    desk: &Desk,
    details: Details,
    actor: Actor,
    claim: Option<Claim>,
) -> Result<Contact> {
    let now = desk.clock.now();
    desk.write_then(
        move |tx| {
            once(
                tx,
                claim.as_ref(),
                now,
                |tx, id| contacts::find(tx, ContactId(id))?.ok_or(DeskError::NotFound("contact")),
                |tx| {
                    let contact = create_in(tx, details, Some(actor), now)?;
                    Ok((contact.id.0, contact))
                },
            )
        },
        |tx, it| as_it_is(tx, it.id),
    )
    .await
}

/// As [`create`], inside a transaction that also needs the contact. Without `told`, who made it,
/// rules and live streams do not hear of it.
pub fn create_in(
    tx: &Tx<'_>,
    details: Details,
    told: Option<Actor>,
    now: domain::Timestamp,
) -> Result<Contact> {
    let mut contact = Contact::new(ContactId::new(), now);
    details.into_change().apply(tx, &mut contact)?;
    refuse_duplicates(tx, &contact)?;
    contacts::insert(tx, &contact)?;
    if let Some(actor) = told {
        events::append(tx, None, Event::ContactCreated { contact_id: contact.id }, actor, now)?;
    }
    contacts::find(tx, contact.id)?.ok_or(DeskError::NotFound("contact"))
}

/// # Errors
/// As [`create`].
pub async fn update(desk: &Desk, id: ContactId, change: Change, actor: Actor) -> Result<Contact> {
    let now = desk.clock.now();
    let changed = move |tx: &Tx<'_>| update_in(tx, id, change, Some(actor), now);
    desk.write_then(changed, move |tx, ()| as_it_is(tx, id)).await
}

/// As [`update`], inside a transaction that changes more. `told` as for [`create_in`].
fn update_in(
    tx: &Tx<'_>,
    id: ContactId,
    change: Change,
    told: Option<Actor>,
    now: domain::Timestamp,
) -> Result<()> {
    let mut contact = merges::present(tx, id)?;
    let fields = change.fields();
    if fields.is_empty() {
        return Ok(());
    }
    change.apply(tx, &mut contact)?;
    refuse_duplicates(tx, &contact)?;
    contact.updated_at = now;
    contacts::update(tx, &contact)?;
    if let Some(actor) = told {
        events::append(tx, None, Event::ContactChanged { contact_id: id, fields }, actor, now)?;
    }
    Ok(())
}

/// The contact as it now is; tags come back as they were first spelled.
fn as_it_is(tx: &Tx<'_>, id: ContactId) -> Result<Contact> {
    contacts::find(tx, id)?.ok_or(DeskError::NotFound("contact"))
}

fn refuse_duplicates(tx: &Tx<'_>, contact: &Contact) -> Result<()> {
    let taken = |what: &str, by: ContactId| DeskError::Conflict {
        message: format!("another contact has {what} already"),
        existing_id: Some(by.0),
    };
    for address in &contact.emails {
        match contacts::find_by_email(tx, address)? {
            Some(by) if by != contact.id => return Err(taken(address.as_str(), by)),
            _ => {}
        }
    }
    for number in &contact.phones {
        match contacts::find_by_phone(tx, number)? {
            Some(by) if by != contact.id => return Err(taken(number.as_str(), by)),
            _ => {}
        }
    }
    for (kind, value) in &contact.external_ids {
        match contacts::find_by_external_id(tx, kind, value)? {
            Some(by) if by != contact.id => return Err(taken(&format!("this {kind} id"), by)),
            _ => {}
        }
    }
    Ok(())
}
