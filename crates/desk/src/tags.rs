//! Tags themselves: what admins call them and how they look, merging and deleting them. Agents make
//! a tag by using it.

mod references;
mod settling;

use domain::{
    audit,
    events::Event,
    ids::TagId,
    jobs::JobKind,
    policy::{self, Action, Caller, Object},
    tags::{Tag, TagName, parse_color},
};
use serde_json::json;
use storage::{Reader, Tx, events, jobs, tags};

pub use references::{User, UserKind};
pub(crate) use settling::run;

use self::settling::{settle, target};
use crate::{
    Desk, DeskError, Problems, Result,
    idempotency::{self, Claim},
};

/// More than this nobody chooses from.
const MOST: u64 = 1_000;
/// Further than this nobody is told a number.
const MOST_COUNTED: u32 = 10_000;

/// A tag, and how many have it; `None` where there are more than anybody counts, or nobody asked.
#[derive(Debug, Clone)]
pub struct Used {
    pub tag: Tag,
    pub conversations: Option<u32>,
    pub contacts: Option<u32>,
}

impl Used {
    /// A tag when nobody asked how many have it.
    pub fn uncounted(tag: Tag) -> Self {
        Self { tag, conversations: None, contacts: None }
    }
}

/// What to change; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<String>,
    pub color: Option<String>,
}

/// Every tag there is, by name.
pub async fn list(desk: &Desk, caller: Caller) -> Result<Vec<Tag>> {
    policy::authorize(&caller, Action::ReadConversations, Object::Any)?;
    desk.store.read(|db| Ok(tags::all(db)?)).await
}

/// How many have each of these tags, a page of them.
pub async fn usage(desk: &Desk, caller: Caller, of: Vec<Tag>) -> Result<Vec<Used>> {
    policy::authorize(&caller, Action::ReadConversations, Object::Any)?;
    desk.store.read(|db| of.into_iter().map(|tag| counted(db, tag)).collect()).await
}

/// A tag with what names it: shared rules, canned replies and views.
pub async fn find(desk: &Desk, caller: Caller, id: TagId) -> Result<(Used, Vec<User>)> {
    policy::authorize(&caller, Action::ReadConversations, Object::Any)?;
    desk.store
        .read(move |db| {
            let tag = load(db, id)?;
            let users = references::of(db, &tag.name)?;
            Ok((counted(db, tag)?, users))
        })
        .await
}

/// Makes a tag before anybody uses it.
///
/// # Errors
/// A conflict naming the tag that is called so already.
pub async fn create(
    desk: &Desk,
    caller: Caller,
    name: &str,
    color: Option<&str>,
    claim: Option<Claim>,
) -> Result<Used> {
    policy::authorize(&caller, Action::ManageTags, Object::Any)?;
    let now = desk.clock.now();
    let mut problems = Problems::default();
    let name = problems.check("name", TagName::parse(name));
    let color = checked_color(&mut problems, color);
    problems.finish()?;
    let name = name.ok_or_else(|| DeskError::invalid("name", "is missing"))?;
    desk.store
        .write(move |tx| {
            let load = |tx: &Tx<'_>, id: uuid::Uuid| counted(tx, load(tx, TagId(id))?);
            idempotency::once(tx, claim.as_ref(), now, load, |tx| {
                refuse_taken(tx, &name, None)?;
                if tags::count(tx)? >= MOST {
                    let message = format!("there are {MOST} tags; delete or merge some first");
                    return Err(DeskError::conflict(message));
                }
                let color = match color {
                    Some(color) => color,
                    None => tags::next_color(tx)?.to_owned(),
                };
                let name = name.as_str().to_owned();
                let tag = Tag { id: TagId::new(), name, color, created_at: now };
                tags::insert(tx, &tag)?;
                let event = Event::TagCreated { tag_id: tag.id };
                events::append(tx, None, event, caller.actor(), now)?;
                Ok((tag.id.0, counted(tx, tag)?))
            })
        })
        .await
}

/// Renames or colours a tag, everywhere at once.
///
/// # Errors
/// A conflict naming the tag that is called so already: these two can be merged.
#[tracing::instrument(skip_all, fields(tag.id = %id))]
pub async fn update(desk: &Desk, caller: Caller, id: TagId, change: Change) -> Result<Used> {
    policy::authorize(&caller, Action::ManageTags, Object::Any)?;
    let now = desk.clock.now();
    let mut problems = Problems::default();
    let name = change.name.as_deref().and_then(|it| problems.check("name", TagName::parse(it)));
    let color = checked_color(&mut problems, change.color.as_deref());
    problems.finish()?;
    desk.store
        .write(move |tx| {
            let before = load(tx, id)?;
            let mut after = before.clone();
            if let Some(name) = &name {
                refuse_taken(tx, name, Some(id))?;
                after.name = name.as_str().to_owned();
            }
            if let Some(color) = color {
                after.color = color;
            }
            if after != before {
                tags::update(tx, &after)?;
                if let Some(name) = name.filter(|_| after.name != before.name) {
                    settle(tx, id, None, now)?;
                    references::rename(tx, &before.name, &name, now)?;
                }
                let shown = |it: &Tag| json!({ "name": it.name, "color": it.color });
                let changes = audit::differences(&shown(&before), &shown(&after));
                let event = Event::TagChanged { tag_id: id, changes };
                events::append(tx, None, event, caller.actor(), now)?;
            }
            counted(tx, after)
        })
        .await
}

/// Deletes a tag: nothing has it any more. It is answered as it was.
#[tracing::instrument(skip_all, fields(tag.id = %id))]
pub async fn delete(desk: &Desk, caller: Caller, id: TagId) -> Result<Used> {
    policy::authorize(&caller, Action::ManageTags, Object::Any)?;
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let it = load(tx, id)?;
            refuse_expected(tx, id)?;
            let was = counted(tx, it.clone())?;
            tags::hide(tx, id)?;
            settle(tx, id, None, now)?;
            let event = Event::TagDeleted { tag_id: id, name: it.name };
            events::append(tx, None, event, caller.actor(), now)?;
            Ok(was)
        })
        .await
}

/// Merges a tag into another: what had the one has the other. Answers the one that stays.
#[tracing::instrument(skip_all, fields(tag.id = %id))]
pub async fn merge(desk: &Desk, caller: Caller, id: TagId, into: TagId) -> Result<Used> {
    policy::authorize(&caller, Action::ManageTags, Object::Any)?;
    if id == into {
        return Err(DeskError::invalid("into", "is this tag itself"));
    }
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let from = load(tx, id)?;
            let stays = tags::find(tx, into)?
                .ok_or_else(|| DeskError::invalid("into", "there is no such tag"))?;
            refuse_expected(tx, id)?;
            tags::hide(tx, id)?;
            settle(tx, id, Some(into), now)?;
            if let Ok(name) = TagName::parse(&stays.name) {
                references::rename(tx, &from.name, &name, now)?;
            }
            let (name, into_name) = (from.name, stays.name.clone());
            let event = Event::TagsMerged { from: id, into, name, into_name };
            events::append(tx, None, event, caller.actor(), now)?;
            counted(tx, stays)
        })
        .await
}

/// What is still on its way to this tag would be lost with it.
fn refuse_expected(tx: &Tx<'_>, id: TagId) -> Result<()> {
    if !jobs::of_kind(tx, JobKind::SettleTag)?.iter().any(|it| target(it) == Some(id)) {
        return Ok(());
    }
    let message = "another tag is still being merged into this one; try again in a moment";
    Err(DeskError::conflict(message))
}

fn load(db: &Reader<'_>, id: TagId) -> Result<Tag> {
    tags::find(db, id)?.ok_or(DeskError::NotFound("tag"))
}

fn counted(db: &Reader<'_>, tag: Tag) -> Result<Used> {
    let (conversations, contacts) = tags::usage(db, tag.id, MOST_COUNTED + 1)?;
    let told = |it: u32| (it <= MOST_COUNTED).then_some(it);
    Ok(Used { tag, conversations: told(conversations), contacts: told(contacts) })
}

fn checked_color(problems: &mut Problems, color: Option<&str>) -> Option<String> {
    let color = color?;
    let parsed = parse_color(color);
    if parsed.is_none() {
        problems.add("color", "write it as #rrggbb");
    }
    parsed
}

fn refuse_taken(tx: &Tx<'_>, name: &TagName, but: Option<TagId>) -> Result<()> {
    match tags::find_by_name(tx, name)? {
        Some(other) if Some(other.id) != but => Err(DeskError::Conflict {
            message: format!("the tag “{}” is there already; merge the two instead", other.name),
            existing_id: Some(other.id.0),
        }),
        _ => Ok(()),
    }
}
