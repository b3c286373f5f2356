//! The numbers beside the lists, from totals that are kept, never counted.

use std::collections::HashMap;

use domain::{
    channels::Channel,
    conversations::Status,
    ids::{AgentId, ChannelId},
    policy::{self, Action, Caller, Object},
    tags::Tag,
};
use storage::{
    Reader, agents, channels,
    conversations::counts::{self, Count},
    tags,
};

use crate::{Desk, Result};

/// How many conversations there are of each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub open: u64,
    pub pending: u64,
    pub snoozed: u64,
    pub resolved: u64,
}

impl Tally {
    fn add(&mut self, it: &Count) {
        let place = match it.status {
            Status::Open => &mut self.open,
            Status::Pending => &mut self.pending,
            Status::Snoozed => &mut self.snoozed,
            Status::Resolved => &mut self.resolved,
        };
        *place += it.n;
    }

    pub fn total(&self) -> u64 {
        self.open + self.pending + self.snoozed + self.resolved
    }
}

/// Everything a sidebar shows. Spam counts in `spam` alone.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    pub all: Tally,
    pub mine: Tally,
    pub unassigned: Tally,
    pub unread: Tally,
    pub spam: Tally,
    /// Every channel there is, and deleted ones that still have conversations.
    pub channels: Vec<(Channel, Tally)>,
    /// Every agent there is, by name.
    pub assignees: Vec<(AgentId, String, Tally)>,
    pub tags: Vec<Tag>,
}

pub async fn counts(desk: &Desk, caller: Caller) -> Result<Counts> {
    policy::authorize(&caller, Action::ReadConversations, Object::Any)?;
    desk.store.read(move |db| read(db, caller.agent())).await
}

/// The totals that change with every message, for those who listen to the live stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    pub all: Tally,
    pub unassigned: Tally,
    pub unread: Tally,
    pub spam: Tally,
    pub assignees: HashMap<AgentId, Tally>,
}

pub async fn totals(desk: &Desk) -> Result<Totals> {
    desk.store
        .read(|db| {
            let mut found = Totals::default();
            for it in counts::all(db)? {
                if it.spam {
                    found.spam.add(&it);
                    continue;
                }
                found.all.add(&it);
                match it.assignee {
                    Some(agent) => found.assignees.entry(agent).or_default().add(&it),
                    None => found.unassigned.add(&it),
                }
                if it.unread {
                    found.unread.add(&it);
                }
            }
            Ok(found)
        })
        .await
}

fn read(db: &Reader<'_>, me: Option<AgentId>) -> Result<Counts> {
    let mut found = Counts { tags: tags::all(db)?, ..Counts::default() };
    let mut of_channels: HashMap<ChannelId, Tally> = HashMap::new();
    let mut of_agents: HashMap<AgentId, Tally> = HashMap::new();
    for it in counts::all(db)? {
        if it.spam {
            found.spam.add(&it);
            continue;
        }
        found.all.add(&it);
        of_channels.entry(it.channel_id).or_default().add(&it);
        match it.assignee {
            Some(agent) => of_agents.entry(agent).or_default().add(&it),
            None => found.unassigned.add(&it),
        }
        if it.assignee.is_some() && it.assignee == me {
            found.mine.add(&it);
        }
        if it.unread {
            found.unread.add(&it);
        }
    }
    for channel in channels::all(db)? {
        let tally = of_channels.remove(&channel.id).unwrap_or_default();
        found.channels.push((channel, tally));
    }
    for (id, tally) in of_channels {
        if let Some(channel) = channels::find(db, id)? {
            found.channels.push((channel, tally));
        }
    }
    for agent in agents::list(db)? {
        let tally = of_agents.remove(&agent.id).unwrap_or_default();
        found.assignees.push((agent.id, agent.name, tally));
    }
    Ok(found)
}
