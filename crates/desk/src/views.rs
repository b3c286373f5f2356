//! Views: searches people keep, for themselves or for all, with how many conversations each finds.

use std::time::Duration;

use domain::{
    Timestamp,
    events::Event,
    ids::{AgentId, ViewId},
    policy::{self, Action, Caller, Denied, Object},
    text,
    views::{Query, View},
};
use storage::{Reader, Tx, events, views};

pub use crate::conversations::list::Count;
use crate::{
    Desk, DeskError, Problems, Result,
    conversations::{self, questions::Question},
    idempotency::{self, Claim},
};

const LONGEST_NAME: usize = 120;
/// Shared ones, and own ones of each agent: each is counted whenever somebody looks.
const MOST: u64 = 100;
/// Further than this nobody reads a number beside a name; shown as 999+.
const MOST_COUNTED: usize = 999;
/// For the counts of all views together; each gets its part of what is left.
const COUNTING: Duration = Duration::from_millis(200);

#[derive(Debug, Clone)]
pub struct New {
    pub name: String,
    pub query: Query,
    pub shared: bool,
}

/// What to change; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<String>,
    pub query: Option<Query>,
    pub shared: Option<bool>,
}

#[derive(Debug, Clone)]
pub struct Counted {
    pub view: View,
    pub count: Count,
}

/// The shared ones and the caller's own, in the caller's order.
pub async fn list(desk: &Desk, caller: Caller) -> Result<Vec<Counted>> {
    let agent = signed_in(&caller, Action::UseViews)?;
    let now = desk.clock.now();
    desk.store
        .read_within(COUNTING, move |db| {
            let found = views::visible_to(db, agent)?;
            let all = found.len();
            let counted = found.into_iter().enumerate().map(|(at, view)| {
                let left = u32::try_from(all - at).unwrap_or(u32::MAX);
                let share = db.time_left().unwrap_or(COUNTING) / left;
                count(&db.within(share), &caller, view, now)
            });
            counted.collect()
        })
        .await
}

pub async fn find(desk: &Desk, caller: Caller, id: ViewId) -> Result<View> {
    desk.store.read(move |db| load(db, &caller, Action::UseViews, id)).await
}

/// A view as the caller sees it, with its count.
pub async fn counted(desk: &Desk, caller: Caller, view: View) -> Result<Counted> {
    let now = desk.clock.now();
    desk.store.read_within(COUNTING, move |db| count(db, &caller, view, now)).await
}

/// Makes one.
///
/// # Errors
/// `Invalid` with all that is wrong, a conflict when there are too many.
pub async fn create(desk: &Desk, caller: Caller, new: New, claim: Option<Claim>) -> Result<View> {
    let owner = signed_in(&caller, Action::ChangeViews)?;
    let now = desk.clock.now();
    let mut made = View {
        id: ViewId::new(),
        name: String::new(),
        query: Query::default(),
        owner,
        shared: new.shared,
        created_at: now,
        updated_at: now,
    };
    let Change { name, query, .. } =
        Change { name: Some(new.name), query: Some(new.query), shared: None };
    describe(&mut made, &caller, name, query)?;
    desk.store
        .write(move |tx| {
            let load =
                |tx: &Tx<'_>, id: uuid::Uuid| load(tx, &caller, Action::UseViews, ViewId(id));
            idempotency::once(tx, claim.as_ref(), now, load, |tx| {
                refuse_more(tx, &made)?;
                views::insert(tx, &made)?;
                let event = Event::ViewCreated { view_id: made.id, shared: made.shared };
                events::append(tx, None, event, caller.actor(), now)?;
                Ok((made.id.0, made))
            })
        })
        .await
}

/// # Errors
/// As [`create`], and a conflict when somebody else's shared view is to be hidden from all others.
pub async fn update(desk: &Desk, caller: Caller, id: ViewId, change: Change) -> Result<View> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let before = load(tx, &caller, Action::ChangeViews, id)?;
            let mut after = before.clone();
            describe(&mut after, &caller, change.name, change.query)?;
            after.shared = change.shared.unwrap_or(before.shared);
            if after == before {
                return Ok(before);
            }
            if after.shared != before.shared {
                if caller.agent() != Some(after.owner) {
                    let message = "only its owner can stop sharing a view; you can delete it";
                    return Err(DeskError::conflict(message));
                }
                refuse_more(tx, &after)?;
            }
            let fields = [
                ("name", after.name != before.name),
                ("query", after.query != before.query),
                ("shared", after.shared != before.shared),
            ];
            let fields = fields.into_iter().filter_map(|(name, it)| it.then_some(name)).collect();
            after.updated_at = now;
            views::update(tx, &after)?;
            let event = Event::ViewChanged { view_id: id, shared: after.shared, fields };
            events::append(tx, None, event, caller.actor(), now)?;
            Ok(after)
        })
        .await
}

/// Removes one; it is answered as it was.
pub async fn delete(desk: &Desk, caller: Caller, id: ViewId) -> Result<View> {
    let now = desk.clock.now();
    desk.store
        .write(move |tx| {
            let it = load(tx, &caller, Action::ChangeViews, id)?;
            views::delete(tx, id)?;
            let event = Event::ViewDeleted { view_id: id, shared: it.shared };
            events::append(tx, None, event, caller.actor(), now)?;
            Ok(it)
        })
        .await
}

/// Sets the caller's own order; what is left out comes last.
///
/// # Errors
/// `Invalid` when the caller does not see one of them, or names one twice.
pub async fn set_order(desk: &Desk, caller: Caller, order: Vec<ViewId>) -> Result<()> {
    let agent = signed_in(&caller, Action::UseViews)?;
    desk.store
        .write(move |tx| {
            let visible = views::visible_to(tx, agent)?;
            let mut problems = Problems::default();
            for (at, id) in order.iter().enumerate().take(visible.len() + 1) {
                let field = format!("ids[{at}]");
                if !visible.iter().any(|it| it.id == *id) {
                    problems.add(&field, "there is no such view");
                } else if order[..at].contains(id) {
                    problems.add(&field, "stands here twice");
                }
            }
            problems.finish()?;
            Ok(views::set_order(tx, agent, &order)?)
        })
        .await
}

fn signed_in(caller: &Caller, action: Action) -> Result<AgentId> {
    policy::authorize(caller, action, Object::Any)?;
    Ok(caller.agent().ok_or(Denied::NotSignedIn)?)
}

/// The view, if `caller` may do `action` to it.
fn load(db: &Reader<'_>, caller: &Caller, action: Action, id: ViewId) -> Result<View> {
    const MISSING: DeskError = DeskError::NotFound("view");
    let it = views::find(db, id)?.ok_or(MISSING)?;
    let object = Object::View { owner: it.owner, shared: it.shared };
    match policy::authorize(caller, action, object) {
        Ok(()) => Ok(it),
        Err(Denied::NotFound) => Err(MISSING),
        Err(other) => Err(other.into()),
    }
}

fn describe(
    it: &mut View,
    caller: &Caller,
    name: Option<String>,
    query: Option<Query>,
) -> Result<()> {
    let mut problems = Problems::default();
    if let Some(name) = name {
        let name = problems.check("name", text::line(&name, LONGEST_NAME)).unwrap_or_default();
        if name.trim().is_empty() {
            problems.add("name", "must not be empty");
        }
        it.name = name;
    }
    if let Some(query) = query {
        match Question::parse(&query, caller).and_then(|it| it.order()) {
            Ok(_) => it.query = query,
            Err(DeskError::Invalid(fields)) => {
                for field in fields {
                    problems.add(&format!("query.{}", field.field), field.message);
                }
            }
            Err(other) => return Err(other),
        }
    }
    problems.finish()
}

fn refuse_more(tx: &Tx<'_>, it: &View) -> Result<()> {
    let owner = (!it.shared).then_some(it.owner);
    if views::count(tx, owner)? < MOST {
        return Ok(());
    }
    let whose = if it.shared { "shared" } else { "of your own" };
    Err(DeskError::conflict(format!("there are {MOST} views {whose}; delete one first")))
}

fn count(db: &Reader<'_>, caller: &Caller, view: View, now: Timestamp) -> Result<Counted> {
    let question = Question::parse(&view.query, caller)?;
    let count = conversations::list::count(db, caller, question, MOST_COUNTED, now)?;
    Ok(Counted { view, count })
}
