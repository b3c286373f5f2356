//! Contacts as a table.

use actix_web::{HttpResponse, web::Data};
use desk::{
    Desk, audit,
    contacts::{self, Asked, ListStart},
};
use domain::{
    addresses::EmailAddress,
    contacts::Contact,
    events::Event,
    phones::PhoneNumber,
    policy::{Action, Object},
};
use serde_json::Value;

use crate::{csv, error::Result, session::SignedIn};

const COLUMNS: [&str; 11] = [
    "id",
    "name",
    "emails",
    "phones",
    "tags",
    "notes",
    "blocked",
    "external_ids",
    "attributes",
    "created_at",
    "updated_at",
];
/// Between several values in one cell.
const BETWEEN: &str = "; ";

/// All contacts that match, the newest first. That somebody took them is audited before they leave.
pub(super) async fn export(me: &SignedIn, asked: Asked, desk: &Data<Desk>) -> Result<HttpResponse> {
    me.may(Action::MoveContacts, Object::Any)?;
    audit::record(desk, Event::ContactsExported, me.actor()).await?;
    let inner = desk.clone();
    let read = move |place: Option<ListStart>| {
        let (desk, asked) = (inner.clone(), asked.clone());
        async move {
            let start = place.unwrap_or(ListStart::After(i64::MAX));
            let listed = contacts::list(&desk, asked, start, csv::PAGE).await?;
            Ok((listed.rows.into_iter().map(cells).collect(), listed.next))
        }
    };
    let header = COLUMNS.map(str::to_owned).to_vec();
    Ok(csv::download(desk, &me.0, "contacts.csv", header, read))
}

fn cells(it: Contact) -> Vec<String> {
    let emails: Vec<_> = it.emails.iter().map(EmailAddress::as_str).collect();
    let phones: Vec<_> = it.phones.iter().map(PhoneNumber::as_str).collect();
    let ids: Vec<_> = it.external_ids.iter().map(|(kind, id)| format!("{kind}:{id}")).collect();
    let attributes = match it.attributes.is_empty() {
        true => String::new(),
        false => Value::Object(it.attributes).to_string(),
    };
    vec![
        it.id.to_string(),
        it.name.unwrap_or_default(),
        emails.join(BETWEEN),
        phones.join(BETWEEN),
        it.tags.join(BETWEEN),
        it.notes.unwrap_or_default(),
        it.blocked.to_string(),
        ids.join(BETWEEN),
        attributes,
        it.created_at.to_string(),
        it.updated_at.to_string(),
    ]
}
