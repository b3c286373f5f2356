//! Who looks at a conversation and who types, kept in memory and over by itself.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{
    Timestamp,
    events::Audience,
    ids::{AgentId, ConversationId},
    policy::{Action, Caller, Denied},
    presence::{Activity, Presence},
};
use tokio::sync::Notify;

use crate::{Desk, DeskError, Result, conversations::access};

/// More conversations than this nobody looks at; the one opened first is closed.
const OF_ONE_AGENT: usize = 50;

/// One agent at a conversation, as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    pub agent: AgentId,
    pub name: String,
    pub activity: Activity,
    pub since: Timestamp,
}

/// Who is at a conversation by now, for those who may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub conversation: ConversationId,
    pub audience: Audience,
    pub here: Vec<Here>,
}

/// Everybody's presence.
#[derive(Debug, Default)]
pub struct Presences {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    places: HashMap<ConversationId, Place>,
}

#[derive(Debug)]
struct Place {
    audience: Audience,
    people: Vec<Presence>,
    /// What was told last.
    told: Vec<(AgentId, Activity)>,
}

/// Who is at the conversation just now, who came first first.
pub async fn list(desk: &Desk, caller: Caller, id: ConversationId) -> Result<Vec<Here>> {
    desk.store
        .read(move |db| access::load(db, &caller, Action::ReadConversations, id).map(drop))
        .await?;
    Ok(desk.presences.at(id, desk.clock.now()))
}

/// Notes that the caller looks at the conversation or types in it; `None`: not any more. It is over
/// by itself when it is not said again.
pub async fn set(
    desk: &Desk,
    caller: Caller,
    name: String,
    id: ConversationId,
    activity: Option<Activity>,
) -> Result<Vec<Here>> {
    let agent = caller.agent().ok_or(Denied::NotSignedIn)?;
    let found = desk.store.read(move |db| {
        Ok::<_, DeskError>(access::load(db, &caller, Action::ReadConversations, id)?.conversation)
    });
    let audience = Audience::of_conversation(found.await?.assignee);
    let now = desk.clock.now();
    let presences = &desk.presences;
    match activity {
        Some(activity) => presences.put(id, audience, agent, name, activity, now),
        None => presences.remove(id, agent),
    }
    Ok(presences.at(id, now))
}

impl Presences {
    fn at(&self, id: ConversationId, now: Timestamp) -> Vec<Here> {
        self.lock().places.get(&id).map_or_else(Vec::new, |it| it.here(now))
    }

    fn put(
        &self,
        id: ConversationId,
        audience: Audience,
        agent: AgentId,
        name: String,
        activity: Activity,
        now: Timestamp,
    ) {
        let mut inner = self.lock();
        let place = inner.places.entry(id).or_insert_with(|| Place::new(audience));
        place.audience = audience;
        match place.people.iter_mut().find(|it| it.agent == agent) {
            Some(it) => it.renew(activity, now),
            None => place.people.push(Presence::new(agent, name, activity, now)),
        }
        inner.close_oldest(agent);
        drop(inner);
        self.changed.notify_one();
    }

    fn remove(&self, id: ConversationId, agent: AgentId) {
        if let Some(place) = self.lock().places.get_mut(&id) {
            place.people.retain(|it| it.agent != agent);
        }
        self.changed.notify_one();
    }

    /// Returns when somebody said something, or something was over by itself.
    pub async fn changed(&self, desk: &Desk) {
        let next = self.next_change(desk.clock.now());
        let over = async {
            match next {
                Some(at) => desk.clock.wait_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.changed.notified() => {}
            () = over => {}
        }
    }

    fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let inner = self.lock();
        inner.places.values().flat_map(|it| &it.people).map(|it| it.changes_at(now)).min()
    }

    /// Who is where just now, for somebody who begins to listen.
    pub fn all(&self, now: Timestamp) -> Vec<Change> {
        let inner = self.lock();
        let places = inner.places.iter().map(|(id, place)| Change {
            conversation: *id,
            audience: place.audience,
            here: place.here(now),
        });
        places.filter(|it| !it.here.is_empty()).collect()
    }

    /// What is different from what was told before; it counts as told now.
    pub fn take_changes(&self, now: Timestamp) -> Vec<Change> {
        let mut inner = self.lock();
        let mut changes = Vec::new();
        inner.places.retain(|id, place| {
            place.people.retain(|it| it.activity(now).is_some());
            let here = place.here(now);
            let told: Vec<_> = here.iter().map(|it| (it.agent, it.activity)).collect();
            if told != place.told {
                place.told = told;
                changes.push(Change { conversation: *id, audience: place.audience, here });
            }
            !place.people.is_empty()
        });
        changes
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn close_oldest(&mut self, agent: AgentId) {
        let mine =
            |place: &Place| place.people.iter().find(|it| it.agent == agent).map(|it| it.since);
        let all = self.places.iter().filter_map(|(id, it)| Some((mine(it)?, *id)));
        let all: Vec<_> = all.collect();
        if all.len() <= OF_ONE_AGENT {
            return;
        }
        let Some((_, oldest)) = all.into_iter().min() else { return };
        if let Some(place) = self.places.get_mut(&oldest) {
            place.people.retain(|it| it.agent != agent);
        }
    }
}

impl Place {
    fn new(audience: Audience) -> Self {
        Self { audience, people: Vec::new(), told: Vec::new() }
    }

    fn here(&self, now: Timestamp) -> Vec<Here> {
        let here = self.people.iter().filter_map(|it| {
            let (agent, name, since) = (it.agent, it.name.clone(), it.since);
            Some(Here { agent, name, activity: it.activity(now)?, since })
        });
        here.collect()
    }
}
