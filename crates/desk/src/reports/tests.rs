//! The sums after random histories, against those counted anew from what is stored.

use std::collections::BTreeMap;

use domain::{
    addresses::EmailAddress,
    agents::Role,
    business_hours::Week,
    channels::ChannelType,
    contacts::Contact,
    conversations::{Conversation, Status},
    events::{Actor, Event},
    ids::{AgentId, ChannelId, ContactId, ConversationId, InboundId, MessageId},
    mails::{Fate, Inbound},
    messages::{DeliveryStatus, Direction, MailFacts, SenderType},
    policy::Caller,
    reports::Fact,
};
use proptest::prelude::*;
use storage::{
    contacts, conversations, deliveries, events, inbound, messages,
    reports::{self, Key},
    workspace,
};

use crate::{
    DeskError,
    contacts::{erase, erase_slice},
    conversations::{assign, change, merges, set_status, splits, tags},
    messages::{
        append::{append, append_quietly, import},
        cancel, retry,
    },
    operations,
    testing::{TestDesk, message},
};

/// Something done to one of the conversations.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Write {
        late: bool,
    },
    /// A program of the customer's writes.
    WriteAutomatically,
    Import,
    Answer,
    AnswerAutomatically,
    TakeBack,
    FailAndRetry,
    Set(Status),
    Assign(bool),
    Tag(usize),
    Untag(usize),
    Spam(bool),
    Remove,
}

const TAGS: [&str; 2] = ["billing", "vip"];

fn deeds() -> impl Strategy<Value = Vec<(usize, Deed, i64)>> {
    let deed = prop_oneof![
        4 => any::<bool>().prop_map(|late| Deed::Write { late }),
        1 => Just(Deed::WriteAutomatically),
        1 => Just(Deed::Import),
        4 => Just(Deed::Answer),
        1 => Just(Deed::AnswerAutomatically),
        1 => Just(Deed::TakeBack),
        1 => Just(Deed::FailAndRetry),
        3 => Just(Deed::Set(Status::Resolved)),
        2 => prop_oneof![Just(Status::Open), Just(Status::Pending)].prop_map(Deed::Set),
        2 => any::<bool>().prop_map(Deed::Assign),
        2 => (0..2usize).prop_map(Deed::Tag),
        1 => (0..2usize).prop_map(Deed::Untag),
        1 => any::<bool>().prop_map(Deed::Spam),
        1 => Just(Deed::Remove),
    ];
    prop::collection::vec((0..4usize, deed, 1..40_000i64), 1..40)
}

struct World {
    desk: TestDesk,
    channels: [ChannelId; 2],
    /// The conversation in each place, until it is removed.
    places: [Option<ConversationId>; 4],
    made: u32,
}

impl World {
    async fn open() -> Self {
        let desk = TestDesk::open().await;
        desk.write(|tx| {
            let mut it = workspace::find(tx)?.unwrap();
            it.time_zone = "Europe/Berlin".to_owned();
            let day = serde_json::json!([{"from": "08:00", "to": "16:30"}]);
            let week = serde_json::json!({"monday": day, "tuesday": day, "thursday": day});
            let week = serde_json::from_value(week).unwrap();
            it.hours.week = Some(Week::parse(&week).unwrap());
            Ok(workspace::put(tx, &it)?)
        })
        .await;
        let config = || serde_json::json!({"address": "desk@shop.example"});
        let channels = [desk.channel(config()).await, desk.channel(config()).await];
        Self { desk, channels, places: [None; 4], made: 0 }
    }

    fn ann(&self) -> Caller {
        Caller::Agent { id: self.desk.agent, role: Role::Admin, session: None }
    }

    async fn act(&mut self, place: usize, deed: Deed, seconds: i64) {
        self.desk.clock.set(self.desk.clock.now().plus_millis(seconds * 1000 + 1));
        let Some(id) = self.places[place] else { return self.begin(place).await };
        let (desk, ann) = (&self.desk.desk, self.ann());
        match deed {
            Deed::Write { late } => self.receive(id, late.then_some(3_600), false).await,
            Deed::WriteAutomatically => self.receive(id, None, true).await,
            Deed::Import => self.import(id).await,
            Deed::Answer => self.answer(id, SenderType::Agent).await,
            Deed::AnswerAutomatically => self.answer(id, SenderType::System).await,
            Deed::TakeBack => {
                let queued = self.queue(id, SenderType::Agent).await;
                cancel(desk, ann, queued).await.unwrap();
            }
            Deed::FailAndRetry => self.fail_and_retry(id).await,
            Deed::Set(status) => drop(set_status(desk, ann, id, status, None).await.unwrap()),
            Deed::Assign(to) => {
                let to: Option<AgentId> = to.then_some(self.desk.agent);
                assign(desk, ann, id, to).await.unwrap();
            }
            Deed::Tag(tag) => drop(tags::add(desk, ann, id, TAGS[tag]).await.unwrap()),
            Deed::Untag(tag) => drop(tags::remove(desk, ann, id, TAGS[tag]).await),
            Deed::Spam(spam) => {
                let changes = change::Changes { spam: Some(spam), ..Default::default() };
                drop(change(desk, ann, id, changes).await.unwrap());
            }
            Deed::Remove => {
                set_status(desk, ann, id, Status::Resolved, None).await.unwrap();
                self.remove(id).await;
                self.places[place] = None;
            }
        }
    }

    async fn begin(&mut self, place: usize) {
        self.begin_with(place, None).await;
    }

    async fn begin_with(&mut self, place: usize, known: Option<ContactId>) {
        self.made += 1;
        let now = self.desk.clock.now();
        let address = format!("customer{}@example.com", self.made);
        let channel = self.channels[place % 2];
        let made = self.desk.write(move |tx| {
            let mut contact = Contact::new(ContactId::new(), now);
            contact.emails = vec![EmailAddress::parse(&address).unwrap()];
            match &known {
                Some(id) => contact.id = *id,
                None => contacts::insert(tx, &contact)?,
            }
            let (id, kind) = (ConversationId::new(), (channel, ChannelType::Email));
            let mut it = Conversation::open(id, kind, contact.id, None, now);
            conversations::insert(tx, &mut it)?;
            let actor = Actor::Contact(contact.id);
            events::append(tx, Some(&it), Event::ConversationOpened, actor, now)?;
            Ok(id)
        });
        let id = made.await;
        self.places[place] = Some(id);
        self.receive(id, None, false).await;
    }

    async fn receive(&self, id: ConversationId, late: Option<i64>, automatic: bool) {
        let now = self.desk.clock.now();
        self.desk
            .write(move |tx| {
                let mut it = conversations::find(tx, id)?.unwrap();
                let contact = it.contact_id;
                let mut letter = message(Direction::Inbound, SenderType::Contact, contact.0, "Hi");
                letter.created_at = now.plus_seconds(-late.unwrap_or(0)).max(it.created_at);
                letter.mail = Some(MailFacts { automatic, ..MailFacts::default() });
                let actor = Actor::Contact(contact);
                if automatic {
                    append_quietly(tx, &mut it, letter, actor, now)
                } else {
                    append(tx, &mut it, letter, actor, now)
                }
            })
            .await;
    }

    async fn queue(&self, id: ConversationId, sender: SenderType) -> MessageId {
        let (now, agent) = (self.desk.clock.now(), self.desk.agent);
        self.desk
            .write(move |tx| {
                let mut it = conversations::find(tx, id)?.unwrap();
                let mut answer = message(Direction::Outbound, sender, agent.0, "Hello");
                answer.status = Some(DeliveryStatus::Queued);
                answer.created_at = now;
                let actor = match sender {
                    SenderType::Agent => Actor::Agent(agent),
                    _ => Actor::System,
                };
                Ok(append(tx, &mut it, answer, actor, now)?.id)
            })
            .await
    }

    /// As the worker records it.
    async fn settle(&self, id: MessageId, status: DeliveryStatus) {
        let now = self.desk.clock.now();
        self.desk
            .write(move |tx| {
                let it = messages::find(tx, id)?.unwrap();
                let conversation = conversations::find(tx, it.conversation_id)?.unwrap();
                let sent = status == DeliveryStatus::Sent;
                let outcome =
                    if sent { deliveries::Outcome::Sent } else { deliveries::Outcome::Bounced };
                let delivery = deliveries::begin(tx, it.seq, now)?;
                deliveries::finish(tx, delivery, outcome, None, None, now)?;
                messages::set_delivery(tx, it.seq, status, None, sent.then_some(now))?;
                let event = Event::DeliveryChanged { message_id: id, status };
                Ok(events::append(tx, Some(&conversation), event, Actor::System, now)?)
            })
            .await;
    }

    fn pass(&self) {
        self.desk.clock.set(self.desk.clock.now().plus_seconds(7));
    }

    async fn answer(&self, id: ConversationId, sender: SenderType) {
        let queued = self.queue(id, sender).await;
        self.pass();
        self.settle(queued, DeliveryStatus::Sent).await;
    }

    async fn fail_and_retry(&self, id: ConversationId) {
        let queued = self.queue(id, SenderType::Agent).await;
        for status in [DeliveryStatus::Sent, DeliveryStatus::Failed] {
            self.pass();
            self.settle(queued, status).await;
        }
        self.pass();
        retry(&self.desk.desk, self.ann(), queued).await.unwrap();
        self.pass();
        self.settle(queued, DeliveryStatus::Sent).await;
    }

    /// Older mail of the customer, fetched on request.
    async fn import(&self, id: ConversationId) {
        let now = self.desk.clock.now();
        self.desk
            .write(move |tx| {
                let mut it = conversations::find(tx, id)?.unwrap();
                let row = Inbound {
                    id: InboundId::new(),
                    channel_id: it.channel_id,
                    source_key: now.to_string(),
                    content_key: now.to_string(),
                    file_hash: None,
                    size: 1,
                    received_at: now,
                    from_address: None,
                    subject: None,
                    backfill: true,
                    fate: Fate::Pending,
                    reason: None,
                    message_id: None,
                    conversation_id: None,
                    attempts: 0,
                    settled_at: None,
                };
                inbound::put(tx, &row)?;
                let contact = it.contact_id.0;
                let mut letter = message(Direction::Inbound, SenderType::Contact, contact, "Old");
                letter.created_at = now.plus_seconds(-90_000);
                let stored = import(tx, &mut it, letter, now)?;
                let settled = inbound::Settled {
                    fate: Fate::Message,
                    reason: None,
                    message_seq: Some(stored.seq),
                    from_address: None,
                    subject: None,
                };
                Ok(inbound::settle(tx, row.id, &settled, now)?)
            })
            .await;
    }

    /// The customer is forgotten, with the conversation.
    async fn remove(&self, id: ConversationId) {
        let contact =
            self.desk.write(move |tx| Ok(conversations::find(tx, id)?.unwrap().contact_id)).await;
        erase(&self.desk.desk, contact, Actor::System).await.unwrap();
        while !erase_slice(&self.desk.desk, contact).await.unwrap() {}
    }

    /// Every counter that is not zero.
    async fn sums(&self) -> BTreeMap<(Key, u32, u16), i64> {
        let read = self.desk.store.read(|db| {
            let mut sums = BTreeMap::new();
            reports::each(db, 0, u32::MAX, |key, quarter, fact, n| {
                sums.insert((*key, quarter.0, fact.code()), n);
            })?;
            Ok::<_, DeskError>(sums)
        });
        read.await.unwrap()
    }

    async fn count_anew(&self) {
        self.desk.write(|tx| Ok(reports::begin(tx)?)).await;
        while !self.desk.write(|tx| Ok(reports::catch_up(tx, 2)?)).await {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_sums_are_those_that_are_counted_anew(deeds in deeds(), stop in 0..40usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::open().await;
            for (at, (place, deed, seconds)) in deeds.into_iter().enumerate() {
                world.act(place, deed, seconds).await;
                if at == stop {
                    // An operator counts anew, and the desk goes on before that is done.
                    world.desk.write(|tx| Ok(reports::begin(tx)?)).await;
                    world.desk.write(|tx| Ok(reports::catch_up(tx, 1)?)).await;
                }
            }
            while !world.desk.write(|tx| Ok(reports::catch_up(tx, 2)?)).await {}
            let kept = world.sums().await;
            world.count_anew().await;
            let counted = world.sums().await;
            assert!(kept.values().all(|n| *n > 0), "{kept:?}");
            assert_eq!(kept, counted);
        });
    }
}

#[tokio::test]
async fn conversations_of_before_the_figures_are_counted_later() {
    let mut world = World::open().await;
    world.desk.write(|tx| Ok(reports::expect_load(tx)?)).await;
    for place in 0..4 {
        world.act(place, Deed::Answer, 60).await;
        world.act(place, Deed::Answer, 60).await;
        world.act(place, Deed::Set(Status::Resolved), 60).await;
    }
    assert_eq!(world.sums().await.len(), 0);
    world.act(0, Deed::Remove, 60).await;
    let gone = world.sums().await;
    assert!(!gone.is_empty(), "what goes meanwhile is counted before");
    world.desk.write(|tx| Ok(reports::begin(tx)?)).await;
    while !world.desk.write(|tx| Ok(reports::catch_up(tx, 1)?)).await {}
    let sums = world.sums().await;
    assert!(gone.iter().all(|(key, n)| sums[key] >= *n));
    let resolved = sums.iter().filter(|it| it.0.2 == Fact::Resolved.code()).map(|it| it.1);
    assert_eq!(resolved.sum::<i64>(), 4);
    let read = world.desk.store.read(|db| Ok::<_, DeskError>(reports::uncounted(db)?));
    assert_eq!(read.await.unwrap(), 0);
}

#[tokio::test]
async fn merged_and_split_conversations_are_counted_once() {
    let mut world = World::open().await;
    world.act(0, Deed::Answer, 60).await;
    let first = world.places[0].unwrap();
    let contact =
        world.desk.write(move |tx| Ok(conversations::find(tx, first)?.unwrap().contact_id)).await;
    world.begin_with(2, Some(contact)).await;
    let second = world.places[2].unwrap();
    for place in [0, 2] {
        world.act(place, Deed::Tag(place / 2), 60).await;
        world.act(place, Deed::Answer, 60).await;
        world.act(place, Deed::TakeBack, 60).await;
    }
    let apart = world.sums().await;
    let (desk, ann) = (world.desk.desk.clone(), world.ann());
    let merged = merges::merge(&desk, ann, second, first, None).await.unwrap();
    let together = world.sums().await;
    assert_eq!((counted(&apart, Fact::Opened), counted(&together, Fact::Opened)), (2, 1));
    let [before, after] = [&apart, &together].map(|it| counted(it, Fact::Received));
    assert_eq!(before, after, "every message is counted once");
    world.count_anew().await;
    assert_eq!(world.sums().await, together);
    operations::undo(&desk, ann, merged.id).await.unwrap();
    assert_eq!(counted(&world.sums().await, Fact::Opened), 2);

    let newest = move |tx: &storage::Tx<'_>| {
        Ok(messages::newest_written(tx, conversations::find(tx, first)?.unwrap().number)?
            .unwrap()
            .id)
    };
    let message = world.desk.write(newest).await;
    splits::split(&desk, ann, first, message, None, None).await.unwrap();
    world.act(0, Deed::Write { late: false }, 60).await;
    let split = world.sums().await;
    assert_eq!(counted(&split, Fact::Opened), 3);
    world.count_anew().await;
    assert_eq!(world.sums().await, split);
}

fn counted(sums: &BTreeMap<(Key, u32, u16), i64>, fact: Fact) -> i64 {
    let all = sums
        .iter()
        .filter(|((key, _, code), _)| key.tag == reports::ANY_TAG && *code == fact.code());
    all.map(|it| it.1).sum()
}
