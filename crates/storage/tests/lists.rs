//! Pages of conversations against a plain filter and sort over everything: whatever is asked, each
//! row is seen once, in order, and the totals are right.

#![expect(clippy::unwrap_used, reason = "helpers of a test fail by panicking")]
use std::{sync::Arc, time::Duration};

use domain::{
    Timestamp,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::{Conversation, LastMessage, Status},
    ids::{AgentId, ChannelId, ContactId, ConversationId},
    messages::Direction,
    tags::TagName,
};
use proptest::prelude::*;
use storage::{
    Options, Reader, Store, StoreError, Tx, agents, channels, contacts,
    conversations::{
        self, counts,
        list::{self, Assigned, Condition, Filter, Listed, Sort, Start},
    },
    tags,
};

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const TAGS: [&str; 2] = ["Billing", "urgent"];

#[derive(Debug, Clone)]
struct Made {
    conversation: Conversation,
    tag: Option<&'static str>,
}

struct World {
    store: Store,
    _folder: tempfile::TempDir,
    channels: Vec<(ChannelId, ChannelType)>,
    agents: Vec<AgentId>,
    contacts: Vec<ContactId>,
    made: Vec<Made>,
}

/// Small numbers that choose everything about one conversation.
type Dice = (u8, u8, u8, u8, u8, u8, u16);

fn world(dice: Vec<Dice>) -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(Options::new(folder.path())).unwrap();
    let world = World {
        channels: [ChannelType::Email, ChannelType::Email, ChannelType::Sms]
            .map(|kind| (ChannelId::new(), kind))
            .to_vec(),
        agents: vec![AgentId::new(), AgentId::new()],
        contacts: vec![ContactId::new(), ContactId::new()],
        made: Vec::new(),
        store,
        _folder: folder,
    };
    let (channels, agents, contacts) =
        (world.channels.clone(), world.agents.clone(), world.contacts.clone());
    let made = world
        .store
        .write_blocking(move |tx| {
            people(tx, &channels, &agents, &contacts)?;
            dice.iter().map(|it| one(tx, &channels, &agents, &contacts, *it)).collect()
        })
        .unwrap();
    World { made, ..world }
}

fn people(
    tx: &Tx<'_>,
    channels: &[(ChannelId, ChannelType)],
    agents: &[AgentId],
    contacts: &[ContactId],
) -> Result<(), StoreError> {
    for (id, kind) in channels {
        let channel = Channel {
            id: *id,
            kind: *kind,
            name: "a channel".into(),
            config: serde_json::json!({}),
            is_active: true,
            created_at: NOW,
            updated_at: NOW,
            deleted_at: None,
        };
        channels::insert(tx, &channel)?;
    }
    for (index, id) in agents.iter().enumerate() {
        let agent = domain::agents::Agent {
            id: *id,
            name: format!("Agent {index}"),
            email: format!("agent{index}@example.com").parse().unwrap(),
            role: domain::agents::Role::Agent,
            is_active: true,
            has_password: false,
            last_seen_at: None,
            created_at: NOW,
            updated_at: NOW,
            deleted_at: None,
        };
        agents::insert(tx, &agent, None)?;
    }
    for id in contacts {
        contacts::insert(tx, &Contact::new(*id, NOW))?;
    }
    Ok(())
}

fn one(
    tx: &Tx<'_>,
    channels: &[(ChannelId, ChannelType)],
    agents: &[AgentId],
    contacts: &[ContactId],
    (channel, contact, status, assignee, unread, tag, at): Dice,
) -> Result<Made, StoreError> {
    let channel = channels[usize::from(channel) % channels.len()];
    let contact = contacts[usize::from(contact) % contacts.len()];
    // Few distinct times, so that many rows share one and the number decides.
    let at = NOW.plus_seconds(i64::from(at % 12));
    let mut it = Conversation::open(ConversationId::new(), channel, contact, None, at);
    conversations::insert(tx, &mut it)?;
    if unread % 3 == 0 {
        let last = LastMessage { seq: 1, text: "hi".into(), direction: Direction::Inbound, at };
        it.received(last, at);
    }
    it.status = Status::ALL[usize::from(status) % 4];
    it.spam = status >= 230;
    it.assignee = agents.get(usize::from(assignee) % 3).copied();
    let tag = TAGS.get(usize::from(tag) % 3).copied();
    if let Some(tag) = tag {
        tags::add(tx, &it, &TagName::parse(tag).unwrap(), NOW)?;
    }
    // Counters and tag keys must follow this change too.
    conversations::update(tx, &it)?;
    Ok(Made { conversation: it, tag })
}

fn wanted(world: &World, filter: &Filter, sort: Sort) -> Vec<i64> {
    let mut rows: Vec<&Made> = world
        .made
        .iter()
        .filter(|made| {
            let it = &made.conversation;
            it.spam == filter.spam
                && filter.status.is_none_or(|want| it.status == want)
                && filter.channel_id.is_none_or(|want| it.channel_id == want)
                && filter.channel_kind.is_none_or(|want| it.channel_kind == want)
                && filter.contact_id.is_none_or(|want| it.contact_id == want)
                && filter.unread.is_none_or(|want| (it.unread_count > 0) == want)
                && filter
                    .tag
                    .as_deref()
                    .is_none_or(|want| made.tag.is_some_and(|tag| tag.eq_ignore_ascii_case(want)))
                && filter.assigned.is_none_or(|want| match want {
                    Assigned::To(agent) => it.assignee == Some(agent),
                    Assigned::Nobody => it.assignee.is_none(),
                })
                && (sort != Sort::Waiting || it.waiting_since.is_some())
                && filter.conditions.iter().all(|want| holds(want, made))
        })
        .collect();
    let key = |it: &Conversation| match sort {
        Sort::Waiting => (it.waiting_since.unwrap().0, it.number),
        Sort::Newest | Sort::Oldest => (it.active_at.0, it.number),
    };
    rows.sort_by_key(|it| key(&it.conversation));
    if sort == Sort::Newest {
        rows.reverse();
    }
    rows.iter().map(|it| it.conversation.number).collect()
}

fn holds(condition: &Condition, made: &Made) -> bool {
    let it = &made.conversation;
    let has = |tag: &str| made.tag.is_some_and(|it| it.eq_ignore_ascii_case(tag));
    let assigned = it.assignee.map_or(Assigned::Nobody, Assigned::To);
    match condition {
        Condition::Tag(tag) => has(tag),
        Condition::NotTag(tag) => !has(tag),
        Condition::Statuses(any) => any.contains(&it.status),
        Condition::Channels(any) => any.contains(&it.channel_id),
        Condition::NotChannels(none) => !none.contains(&it.channel_id),
        Condition::Assigned(any) => any.contains(&assigned),
        Condition::NotAssigned(none) => !none.contains(&assigned),
        Condition::Unread(want) => (it.unread_count > 0) == *want,
        Condition::Attachment(want) => !want,
        Condition::Since(at) => it.active_at >= *at,
        Condition::Until(at) => it.active_at < *at,
        Condition::Among(numbers) => numbers.contains_key(&it.number),
    }
}

fn condition(world: &World, dice: u8) -> Option<Condition> {
    let all = [
        Condition::Tag("billing".into()),
        Condition::NotTag("URGENT".into()),
        Condition::NotTag("nothing".into()),
        Condition::Statuses(vec![Status::Open, Status::Resolved]),
        Condition::Channels(vec![world.channels[0].0, world.channels[2].0]),
        Condition::Channels(Vec::new()),
        Condition::NotChannels(vec![world.channels[1].0]),
        Condition::Assigned(vec![Assigned::To(world.agents[0]), Assigned::Nobody]),
        Condition::NotAssigned(vec![Assigned::Nobody]),
        Condition::Unread(true),
        Condition::Attachment(false),
        Condition::Attachment(true),
        Condition::Since(NOW.plus_seconds(4)),
        Condition::Until(NOW.plus_seconds(9)),
        Condition::Among(Arc::new(
            world
                .made
                .iter()
                .map(|it| (it.conversation.number, it.conversation.active_at.0))
                .filter(|(number, _)| number % 2 == 0)
                .collect(),
        )),
    ];
    // Half of the time there is none.
    all.get(usize::from(dice) % (2 * all.len())).cloned()
}

fn page(world: &World, filter: &Filter, sort: Sort, start: Start, limit: usize) -> Listed {
    world.store.read_blocking(|db| list::page(db, filter, sort, start, limit)).unwrap()
}

fn numbers(listed: &Listed) -> Vec<i64> {
    listed.rows.iter().map(|it| it.conversation.number).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn pages_hold_what_a_plain_filter_would_find(
        dice in prop::collection::vec(any::<Dice>(), 0..60),
        asks in prop::collection::vec(any::<(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)>(), 12),
        limit in 1..9_usize,
    ) {
        let world = world(dice);
        for ask in asks {
            let maybe = |it: u8, of: usize| usize::from(it).checked_sub(128).map(|it| it % of);
            let filter = Filter {
                status: maybe(ask.0, 4).map(|it| Status::ALL[it]),
                channel_id: maybe(ask.1, 3).map(|it| world.channels[it].0),
                channel_kind: maybe(ask.2, 3).map(|it| world.channels[it].1),
                tag: maybe(ask.3, 3).map(|it| ["billing", "URGENT", "nothing"][it].to_owned()),
                assigned: maybe(ask.4, 3).map(|it| {
                    world.agents.get(it).map_or(Assigned::Nobody, |id| Assigned::To(*id))
                }),
                unread: maybe(ask.5, 2).map(|it| it == 0),
                contact_id: maybe(ask.6, 2).map(|it| world.contacts[it]),
                spam: ask.7 % 5 == 0,
                conditions: [ask.8, ask.9].iter().filter_map(|it| condition(&world, *it)).collect(),
            };
            let sort = [Sort::Newest, Sort::Oldest, Sort::Waiting][usize::from(ask.7) % 3];
            let want = wanted(&world, &filter, sort);

            let mut by_offset = Vec::new();
            for index in 0.. {
                let offset = u32::try_from(index * limit).unwrap();
                let listed = page(&world, &filter, sort, Start::Offset(offset), limit);
                prop_assert_eq!(listed.total, Some(want.len() as u64), "{:?}", filter);
                by_offset.extend(numbers(&listed));
                prop_assert_eq!(listed.next.is_some(), listed.has_more);
                if !listed.has_more { break }
            }
            prop_assert_eq!(&by_offset, &want, "by offset {:?} {:?}", filter, sort);

            let mut by_cursor = Vec::new();
            let mut start = Start::Offset(0);
            loop {
                let listed = page(&world, &filter, sort, start, limit);
                by_cursor.extend(numbers(&listed));
                match listed.next {
                    Some(next) => start = next,
                    None => break,
                }
            }
            prop_assert_eq!(&by_cursor, &want, "by cursor {:?} {:?}", filter, sort);

            // Without time each page sees one row, and the third page still begins where it should.
            let far = 2 * limit;
            let mut hurried = Vec::new();
            let mut start = Start::Offset(u32::try_from(far).unwrap());
            loop {
                let read = |db: &Reader<'_>| {
                    list::page(&db.within(Duration::ZERO), &filter, sort, start, limit)
                };
                let listed = world.store.read_blocking(read).unwrap();
                hurried.extend(numbers(&listed));
                prop_assert_eq!(listed.next.is_some(), listed.has_more);
                match listed.next {
                    Some(next) => start = next,
                    None => break,
                }
            }
            prop_assert_eq!(&hurried, &want[far.min(want.len())..], "{:?} {:?}", filter, sort);
        }
        let differences = world.store.read_blocking(counts::differences).unwrap();
        prop_assert_eq!(differences, 0);
    }
}
