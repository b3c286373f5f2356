//! Who wrote: a contact found by the address, or made.

use connectors::email::{addresses::Mailbox, parse::ParsedMail};
use domain::{
    Timestamp,
    addresses::EmailAddress,
    contacts::Contact,
    events::{Actor, Event},
    ids::ContactId,
    text,
};
use storage::{Tx, contacts, events};

use crate::{DeskError, Result};

const MAX_NAME: usize = 200;

/// What a reader is told of a mail whose sender is unclear.
pub(crate) const UNCLEAR: &str = "The sender of this mail is unclear: it may not be who it seems";

pub(super) struct Sender {
    pub contact: Contact,
    pub address: Option<EmailAddress>,
    /// The address is not to be trusted with anybody's thread.
    pub unclear: bool,
    /// Named by `Reply-To` in a mail from our own address: good for a conversation of its own.
    pub by_form: bool,
}

pub(super) fn find_or_make(
    tx: &Tx<'_>,
    mail: &ParsedMail,
    ours: &[EmailAddress],
    now: Timestamp,
) -> Result<Sender> {
    let Some(from) = writer(mail, ours) else {
        let contact = make(tx, "Unknown sender".to_owned(), None, now)?;
        return Ok(Sender { contact, address: None, unclear: true, by_form: false });
    };
    let known = contacts::find_by_email(tx, &from.address)?;
    let (contact, unclear) = match known {
        Some(id) if !mail.ambiguous_from => (known_contact(tx, id, from, now)?, false),
        // An unclear sender is never taken for somebody we know.
        Some(_) => (make(tx, format!("{} (unclear sender)", shown(from)), None, now)?, true),
        None => (make(tx, shown(from), Some(from.address.clone()), now)?, mail.ambiguous_from),
    };
    // Anybody can write in a web form whose customer they are.
    let by_form = mail.from.as_ref().is_none_or(|it| it.address != from.address);
    Ok(Sender { contact, address: Some(from.address.clone()), unclear, by_form })
}

/// Whether somebody wrote from our address past the desk, and a folder shows us the copy.
pub(super) fn is_ours_to_others(mail: &ParsedMail, ours: &[EmailAddress]) -> bool {
    let is_ours = |it: &Mailbox| ours.contains(&it.address);
    let mut receivers = mail.to.iter().chain(&mail.cc).peekable();
    mail.from.as_ref().is_some_and(is_ours)
        && mail.reply_to.iter().all(is_ours)
        && receivers.peek().is_some()
        && !receivers.chain(&mail.delivered_to).any(is_ours)
}

/// Where a mail's writer wants answers (RFC 5322 §3.6.2), if it is not where they wrote from. Only ever
/// an address to write to: it makes and finds no contact.
pub(super) fn wants_answers_at(
    mail: &ParsedMail,
    sender: &Sender,
    ours: &[EmailAddress],
) -> Option<String> {
    let from = mail.from.as_ref().map(|it| &it.address);
    let elsewhere = |it: &&Mailbox| {
        !ours.contains(&it.address)
            && Some(&it.address) != from
            && Some(&it.address) != sender.address.as_ref()
    };
    let wanted = mail.reply_to.iter().find(elsewhere).filter(|_| !sender.unclear);
    wanted.map(|it| it.address.as_str().to_owned())
}

/// Web forms write to a desk in the desk's own name and give the customer as `Reply-To`.
fn writer<'a>(mail: &'a ParsedMail, ours: &[EmailAddress]) -> Option<&'a Mailbox> {
    let from = mail.from.as_ref()?;
    if !ours.contains(&from.address) {
        return Some(from);
    }
    let customer = mail.reply_to.iter().find(|it| !ours.contains(&it.address));
    Some(customer.unwrap_or(from))
}

/// A contact we know by address alone gets the name it signs with.
fn known_contact(tx: &Tx<'_>, id: ContactId, from: &Mailbox, now: Timestamp) -> Result<Contact> {
    let found = contacts::find(tx, id)?;
    // Somebody asked to forget this person a moment ago; soon the address is free.
    let gone = || DeskError::conflict("the sender's contact is being erased");
    let mut contact = found.ok_or_else(gone)?;
    if contact.name.is_none() && from.name.is_some() {
        contact.name = from.name.as_deref().map(|it| text::line_lossy(it, MAX_NAME));
        contact.updated_at = now;
        contacts::update(tx, &contact)?;
        let event = Event::ContactChanged { contact_id: id, fields: vec!["name"] };
        events::append(tx, None, event, Actor::System, now)?;
    }
    Ok(contact)
}

fn make(
    tx: &Tx<'_>,
    name: String,
    address: Option<EmailAddress>,
    now: Timestamp,
) -> Result<Contact> {
    let mut contact = Contact::new(ContactId::new(), now);
    let is_address = address.as_ref().is_some_and(|it| it.as_str() == name);
    contact.name = Some(name).filter(|_| !is_address);
    contact.emails = address.into_iter().collect();
    contacts::insert(tx, &contact)?;
    let event = Event::ContactCreated { contact_id: contact.id };
    events::append(tx, None, event, Actor::System, now)?;
    Ok(contact)
}

/// The name, else the address.
fn shown(from: &Mailbox) -> String {
    let name = from.name.as_deref().map(|it| text::line_lossy(it, MAX_NAME));
    name.filter(|it| !it.is_empty()).unwrap_or_else(|| from.address.as_str().to_owned())
}
