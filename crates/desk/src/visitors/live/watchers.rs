//! Everybody who has a chat open: in memory, found by conversation.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use domain::{
    Timestamp,
    conversations::Conversation,
    events::Audience,
    ids::{ChannelId, ContactId, ConversationId},
    presence::Activity,
};
use tokio::sync::Notify;

use super::{
    News,
    limits::{Limits, Refusal},
    signals::{Moment, OVER, STORED, Signal, TYPING, Woken},
};
use crate::{Desk, live::presence::Change};

/// Typing is over when it is not said again.
const TYPING_MILLIS: i64 = 8_000;
/// Who left longer ago is not remembered, once there are many: no channel waits longer than a day
/// before it sends a reply by mail.
const LEFT_MILLIS: i64 = 24 * 3_600_000;
const MANY_LEFT: usize = 20_000;

/// Whether a visitor types, for the agents who may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypingChange {
    pub conversation: ConversationId,
    pub audience: Audience,
    pub is_typing: bool,
}

#[derive(Debug, Default)]
pub struct Watchers {
    inner: Mutex<Inner>,
    typing_changed: Notify,
    /// Since when streams are taken in: before that nobody can say who was there.
    started: OnceLock<Timestamp>,
}

#[derive(Debug, Default)]
struct Inner {
    last_id: u64,
    is_over: bool,
    moment: Moment,
    open: HashMap<u64, Open>,
    visitors: HashMap<i64, HashSet<u64>>,
    networks: HashMap<String, usize>,
    channels: HashMap<ChannelId, usize>,
    /// Whose streams hear of a conversation.
    conversations: HashMap<ConversationId, HashSet<u64>>,
    left: HashMap<i64, Timestamp>,
    /// With how many in `left` it is worth looking for old ones again.
    many_left: usize,
    /// Visitors who type, by conversation.
    types: HashMap<ConversationId, Typing>,
    /// Agents who type, by conversation.
    agents: HashMap<ConversationId, String>,
}

#[derive(Debug)]
struct Open {
    visitor: i64,
    channel: ChannelId,
    network: String,
    /// None before anything is followed.
    conversations: Option<Vec<ConversationId>>,
    /// None until they write.
    contact: Option<ContactId>,
    signal: Arc<Signal>,
}

#[derive(Debug)]
struct Typing {
    audience: Audience,
    until: Timestamp,
    told: bool,
}

/// Somebody with a chat open, until this is dropped.
pub struct Watcher {
    id: u64,
    signal: Arc<Signal>,
    desk: Desk,
}

impl Watchers {
    /// Takes in a visitor who was just let in.
    ///
    /// # Errors
    /// When there are as many streams as may be, or the server stops.
    pub fn enter(
        desk: &Desk,
        visitor: i64,
        channel: ChannelId,
        network: String,
        limits: Limits,
    ) -> Result<Watcher, Refusal> {
        let mut inner = desk.watchers.lock();
        if inner.is_over {
            return Err(Refusal::Stopping);
        }
        let own = inner.visitors.get(&visitor).map_or(0, HashSet::len);
        let near = inner.networks.get(&network).copied().unwrap_or(0);
        if own >= limits.of_one_visitor || near >= limits.of_one_network {
            return Err(Refusal::TooManyOfOne);
        }
        let of_channel = inner.channels.get(&channel).copied().unwrap_or(0);
        if of_channel >= limits.of_one_channel || inner.open.len() >= limits.of_everybody {
            // After an outage all come back, while their old streams still look alive.
            let own = inner.visitors.get(&visitor).and_then(|own| own.iter().min().copied());
            let oldest = own.ok_or(Refusal::TooMany)?;
            if let Some(open) = inner.leave(oldest, desk.clock.now()) {
                open.signal.raise(OVER);
            }
        }
        inner.last_id += 1;
        let id = inner.last_id;
        let signal = Arc::new(Signal::default());
        inner.visitors.entry(visitor).or_default().insert(id);
        *inner.networks.entry(network.clone()).or_default() += 1;
        *inner.channels.entry(channel).or_default() += 1;
        inner.left.remove(&visitor);
        let kept = signal.clone();
        let (conversations, contact) = (None, None);
        let it = Open { visitor, channel, network, conversations, contact, signal: kept };
        inner.open.insert(id, it);
        Ok(Watcher { id, signal, desk: desk.clone() })
    }

    pub fn count(&self) -> usize {
        self.lock().open.len()
    }

    pub(super) fn moment(&self) -> Moment {
        self.lock().moment
    }

    /// Something happened in a conversation.
    pub fn tell(&self, conversation: ConversationId) {
        let mut inner = self.lock();
        inner.moment.of_some += 1;
        for id in inner.conversations.get(&conversation).into_iter().flatten() {
            if let Some(it) = inner.open.get(id) {
                it.signal.raise(STORED);
            }
        }
    }

    /// So much happened that nobody knows where.
    pub fn tell_all(&self) {
        let mut inner = self.lock();
        inner.moment.of_all += 1;
        inner.open.values().for_each(|it| it.signal.raise(STORED));
    }

    /// A visitor wrote: all their streams hear of it, also of a conversation they did not know yet.
    pub fn wrote(&self, visitor: i64, conversation: ConversationId) {
        let mut inner = self.lock();
        inner.moment.of_all += 1;
        for id in inner.visitors.get(&visitor).into_iter().flatten() {
            if let Some(it) = inner.open.get(id) {
                it.signal.raise(STORED);
            }
        }
        if let Some(it) = inner.types.get_mut(&conversation) {
            it.until = Timestamp(0);
        }
        drop(inner);
        self.typing_changed.notify_one();
    }

    /// A channel is not what it was: its visitors look whether they may still listen. Their streams
    /// go on meanwhile, or thousands would come back at once.
    pub fn tell_channel(&self, channel: ChannelId) {
        let mut inner = self.lock();
        inner.moment.of_all += 1;
        let all = inner.open.values().filter(|it| it.channel == channel);
        all.for_each(|it| it.signal.raise(STORED));
    }

    /// Ends the streams of a customer, whichever browser they use.
    pub fn end_contact(&self, contact: ContactId) {
        self.raise_for(contact, OVER);
    }

    /// Something happened to who a customer is.
    pub fn tell_contact(&self, contact: ContactId) {
        self.raise_for(contact, STORED);
    }

    fn raise_for(&self, contact: ContactId, flag: u8) {
        let mut inner = self.lock();
        inner.moment.of_some += 1;
        let all = inner.open.values().filter(|it| it.contact == Some(contact));
        all.for_each(|it| it.signal.raise(flag));
    }

    /// Ends all streams and takes nobody in any more: the server stops.
    pub fn end(&self) {
        let mut inner = self.lock();
        inner.is_over = true;
        inner.open.values().for_each(|it| it.signal.raise(OVER));
    }

    /// Streams are taken in from now on.
    pub(super) fn start(&self, now: Timestamp) {
        let _ = self.started.set(now);
    }

    /// Since when a visitor has no stream open, at the latest; `None` while they have one.
    pub fn away_since(&self, visitor: i64) -> Option<Timestamp> {
        let inner = self.lock();
        if inner.visitors.contains_key(&visitor) {
            return None;
        }
        let started = self.started.get().copied().unwrap_or(Timestamp(0));
        Some(inner.left.get(&visitor).copied().unwrap_or(started))
    }

    /// Notes that a visitor types in their conversation, or has stopped.
    pub(super) fn types(
        &self,
        visitor: i64,
        conversation: &Conversation,
        is_typing: bool,
        now: Timestamp,
    ) {
        let mut inner = self.lock();
        // Who has no stream open cannot be seen to be there.
        if !inner.visitors.contains_key(&visitor) {
            return;
        }
        let audience = Audience::of_conversation(conversation.assignee);
        let until = if is_typing { now.plus_millis(TYPING_MILLIS) } else { Timestamp(0) };
        let new = Typing { audience, until, told: false };
        let it = inner.types.entry(conversation.id).or_insert(new);
        (it.audience, it.until) = (audience, until);
        drop(inner);
        self.typing_changed.notify_one();
    }

    /// Returns when a visitor began to type or stopped.
    pub async fn typing_changed(&self, desk: &Desk) {
        let next = self.lock().types.values().filter(|it| it.told).map(|it| it.until).min();
        let over = async {
            match next {
                Some(at) => desk.clock.wait_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.typing_changed.notified() => {}
            () = over => {}
        }
    }

    /// What is different from what was told before; it counts as told now.
    pub fn take_typing(&self, now: Timestamp) -> Vec<TypingChange> {
        let mut changes = Vec::new();
        self.lock().types.retain(|conversation, it| {
            let is_typing = it.until > now;
            if is_typing != it.told {
                it.told = is_typing;
                let (conversation, audience) = (*conversation, it.audience);
                changes.push(TypingChange { conversation, audience, is_typing });
            }
            is_typing
        });
        changes
    }

    /// Hears which agents are where: visitors see that one types.
    pub fn agents_are(&self, changes: &[Change]) {
        let mut inner = self.lock();
        for change in changes {
            let typing = change.here.iter().find(|it| it.activity == Activity::Typing);
            let before = match typing {
                Some(it) => inner.agents.insert(change.conversation, it.name.clone()),
                None => inner.agents.remove(&change.conversation),
            };
            if before.is_some() == typing.is_some() {
                continue;
            }
            for id in inner.conversations.get(&change.conversation).into_iter().flatten() {
                if let Some(it) = inner.open.get(id) {
                    it.signal.raise(TYPING);
                }
            }
        }
    }

    /// What a panicking thread left behind is still a valid map.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Takes a stream out of all that is counted; none if it is out already.
    fn leave(&mut self, id: u64, now: Timestamp) -> Option<Open> {
        let open = self.open.remove(&id)?;
        self.forget(id, open.conversations.as_deref().unwrap_or_default());
        if let Some(own) = self.visitors.get_mut(&open.visitor) {
            own.remove(&id);
            if own.is_empty() {
                self.visitors.remove(&open.visitor);
                self.left.insert(open.visitor, now);
            }
        }
        let of_network = self.networks.get_mut(&open.network).map(|it| {
            *it -= 1;
            *it
        });
        if of_network == Some(0) {
            self.networks.remove(&open.network);
        }
        let of_channel = self.channels.get_mut(&open.channel).map(|it| {
            *it -= 1;
            *it
        });
        if of_channel == Some(0) {
            self.channels.remove(&open.channel);
        }
        if self.left.len() > self.many_left.max(MANY_LEFT) {
            self.left.retain(|_, at| now.since(*at) < LEFT_MILLIS);
            self.many_left = 2 * self.left.len();
        }
        Some(open)
    }

    fn forget(&mut self, id: u64, conversations: &[ConversationId]) {
        for it in conversations {
            if let Some(all) = self.conversations.get_mut(it) {
                all.remove(&id);
                if all.is_empty() {
                    self.conversations.remove(it);
                }
            }
        }
    }
}

impl Watcher {
    /// Hears of the conversations in the news and of their customer from now on, and of no others.
    /// What happened between the look and this would be missed: then it is woken to look again.
    pub fn follow(&self, news: &News) {
        let mut inner = self.desk.watchers.lock();
        let now = inner.moment;
        let Some(open) = inner.open.get_mut(&self.id) else { return };
        let is_known = open.contact == news.contact;
        open.contact = news.contact;
        if open.conversations.as_ref() == Some(&news.conversations) && is_known {
            return;
        }
        let before = open.conversations.replace(news.conversations.clone());
        inner.forget(self.id, &before.unwrap_or_default());
        for it in &news.conversations {
            inner.conversations.entry(*it).or_default().insert(self.id);
        }
        let follows_some = !news.conversations.is_empty() || news.contact.is_some();
        let missed_some = follows_some && news.asked.of_some != now.of_some;
        if missed_some || news.asked.of_all != now.of_all {
            self.signal.raise(STORED);
        }
    }

    /// The agent who types in one of the conversations, if one does.
    pub fn typing_agent(&self) -> Option<String> {
        let inner = self.desk.watchers.lock();
        let open = inner.open.get(&self.id)?;
        open.conversations.iter().flatten().find_map(|it| inner.agents.get(it).cloned())
    }

    /// Returns when there is something to look at.
    pub async fn woken(&self) -> Woken {
        self.signal.raised().await
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let now = self.desk.clock.now();
        let mut inner = self.desk.watchers.lock();
        inner.leave(self.id, now);
    }
}
