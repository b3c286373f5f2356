//! Customers.

mod imports;
mod table;

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json},
};
use desk::{
    Desk,
    contacts::{self, Asked, Change, Details, ListStart},
};
use domain::{contacts::Contact, ids::ContactId, policy::Action};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    body::Body,
    csv,
    error::{ApiError, Result},
    idempotency::IdempotencyKey,
    openapi::Created,
    page::{List, Pagination, Paging},
    patch::Patch,
    path::Id,
    query::{Query, yes_or_no},
    routes::Routes,
    session::{Admin, SignedIn},
};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .get("/api/contacts", Action::ReadContacts, list)
        .about("List contacts; for admins all of them as CSV with Accept: text/csv")
        .answers::<List<ContactView>>(200)
        .answers_with(csv::TYPE);
    imports::routes(routes);
    routes.post("/api/contacts", Action::ChangeContacts, create).about("Create a contact");
    routes.get("/api/contacts/{id}", Action::ReadContacts, read).about("Read a contact");
    routes.patch("/api/contacts/{id}", Action::ChangeContacts, update).about("Change a contact");
    routes
        .delete("/api/contacts/{id}", Action::EraseContacts, erase)
        .about("Erase a person and all that belongs to them");
}

#[derive(Deserialize, IntoParams)]
struct Filters {
    search: Option<String>,
    tag: Option<String>,
    blocked: Option<String>,
}

async fn list(
    me: SignedIn,
    request: HttpRequest,
    filters: Query<Filters>,
    paging: Paging,
    desk: Data<Desk>,
) -> Result<HttpResponse> {
    let Filters { search, tag, blocked } = filters.0;
    let blocked = yes_or_no("blocked", blocked.as_deref())?;
    let asked = Asked { search: search.filter(|it| !it.is_empty()), tag, blocked };
    if csv::is_wanted(&request) {
        return table::export(&me, asked, &desk).await;
    }
    let start = match &paging.cursor {
        Some(cursor) => {
            place(cursor).ok_or_else(|| ApiError::invalid("cursor", "not one of this list"))?
        }
        None => ListStart::Offset(paging.offset()),
    };
    let listed = contacts::list(&desk, asked, start, paging.per_page as usize).await?;
    let page = matches!(start, ListStart::Offset(_)).then_some(paging.page);
    Ok(HttpResponse::Ok().json(List {
        data: listed.rows.into_iter().map(ContactView::from).collect(),
        pagination: Pagination {
            page,
            per_page: paging.per_page,
            total: listed.total,
            has_more: listed.has_more,
            next_cursor: listed.next.map(cursor),
        },
    }))
}

fn cursor(place: ListStart) -> String {
    match place {
        ListStart::Offset(rows) => format!("{}.{rows}", i64::MAX),
        ListStart::After(seq) => seq.to_string(),
        ListStart::Skip { after, rows } => format!("{after}.{rows}"),
    }
}

fn place(cursor: &str) -> Option<ListStart> {
    match cursor.split_once('.') {
        Some((after, rows)) => {
            Some(ListStart::Skip { after: after.parse().ok()?, rows: rows.parse().ok()? })
        }
        None => Some(ListStart::After(cursor.parse().ok()?)),
    }
}

async fn read(_: SignedIn, id: Id<ContactId>, desk: Data<Desk>) -> Result<Json<ContactView>> {
    Ok(Json(contacts::find(&desk, id.0).await?.into()))
}

/// A contact as somebody writes it; `email` and `phone` are shorthand for one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewContact {
    name: Option<String>,
    emails: Option<Vec<String>>,
    email: Option<String>,
    phones: Option<Vec<String>>,
    phone: Option<String>,
    external_ids: Option<BTreeMap<String, String>>,
    tags: Option<Vec<String>>,
    notes: Option<String>,
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
    blocked: Option<bool>,
}

impl From<NewContact> for Details {
    fn from(it: NewContact) -> Self {
        let (email, emails) = one_or_several(it.email, it.emails);
        let (phone, phones) = one_or_several(it.phone, it.phones);
        Self {
            name: it.name,
            emails,
            email,
            phones,
            phone,
            external_ids: it.external_ids.unwrap_or_default(),
            tags: it.tags.unwrap_or_default(),
            notes: it.notes,
            attributes: it.attributes.unwrap_or_default(),
            blocked: it.blocked.unwrap_or_default(),
        }
    }
}

/// The one beside several is the first of them.
fn one_or_several(
    one: Option<String>,
    several: Option<Vec<String>>,
) -> (Option<String>, Vec<String>) {
    match several.filter(|it| !it.is_empty()) {
        None => (one, Vec::new()),
        Some(several) => (None, one.into_iter().chain(several).collect()),
    }
}

async fn create(
    me: SignedIn,
    key: IdempotencyKey,
    body: Body<NewContact>,
    desk: Data<Desk>,
) -> Result<Created<ContactView>> {
    let claim = key.claim(&body);
    let contact = contacts::create(&desk, body.value.into(), me.actor(), claim).await?;
    Ok(Created(contact.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ContactPatch {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    emails: Patch<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    email: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    phones: Patch<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    external_ids: Patch<BTreeMap<String, String>>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    tags: Patch<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    notes: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    attributes: Patch<Map<String, Value>>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    blocked: Patch<bool>,
}

impl From<ContactPatch> for Change {
    fn from(it: ContactPatch) -> Self {
        // `null` empties a list as it clears a text.
        Self {
            name: it.name.into_option(),
            emails: it.emails.into_option().map(Option::unwrap_or_default),
            email: it.email.into_option(),
            phones: it.phones.into_option().map(Option::unwrap_or_default),
            phone: it.phone.into_option(),
            external_ids: it.external_ids.into_option().map(Option::unwrap_or_default),
            tags: it.tags.into_option().map(Option::unwrap_or_default),
            notes: it.notes.into_option(),
            attributes: it.attributes.into_option().map(Option::unwrap_or_default),
            blocked: it.blocked.into_option().map(Option::unwrap_or_default),
        }
    }
}

async fn update(
    me: SignedIn,
    id: Id<ContactId>,
    body: Body<ContactPatch>,
    desk: Data<Desk>,
) -> Result<Json<ContactView>> {
    let contact = contacts::update(&desk, id.0, body.value.into(), me.actor()).await?;
    Ok(Json(contact.into()))
}

/// What goes with a contact, not who it was.
#[derive(Serialize, ToSchema)]
struct ErasedView {
    #[schema(value_type = Uuid)]
    id: ContactId,
    result: ErasedCounts,
}

#[derive(Serialize, ToSchema)]
struct ErasedCounts {
    conversations: u64,
    messages: u64,
    attachments: u64,
    mails: u64,
}

async fn erase(me: Admin, id: Id<ContactId>, desk: Data<Desk>) -> Result<Json<ErasedView>> {
    let erased = contacts::erase(&desk, id.0, me.actor()).await?;
    let it = erased.belongings;
    Ok(Json(ErasedView {
        id: erased.id,
        result: ErasedCounts {
            conversations: it.conversations,
            messages: it.messages,
            attachments: it.attachments,
            mails: it.mails,
        },
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ContactView {
    #[schema(value_type = Uuid)]
    id: ContactId,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    emails: Vec<String>,
    phones: Vec<String>,
    external_ids: BTreeMap<String, String>,
    tags: Vec<String>,
    notes: Option<String>,
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    blocked: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<Contact> for ContactView {
    fn from(it: Contact) -> Self {
        let emails: Vec<String> = it.emails.iter().map(ToString::to_string).collect();
        let phones: Vec<String> = it.phones.iter().map(ToString::to_string).collect();
        Self {
            id: it.id,
            name: it.name,
            email: emails.first().cloned(),
            phone: phones.first().cloned(),
            emails,
            phones,
            external_ids: it.external_ids,
            tags: it.tags,
            notes: it.notes,
            attributes: it.attributes,
            blocked: it.blocked,
            created_at: it.created_at.to_string(),
            updated_at: it.updated_at.to_string(),
        }
    }
}
