//! A small world in which random things are done to four conversations.

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
};
use proptest::prelude::*;
use storage::{
    contacts, conversations, deliveries, events, inbound, messages,
    reports::{self, Key},
    visitors::ratings::Rating,
    workspace,
};

use crate::{
    DeskError,
    contacts::{erase, erase_slice},
    conversations::{assign, change, set_status, tags},
    messages::{
        append::{append, append_quietly, import},
        cancel, retry,
    },
    testing::{TestDesk, message},
    visitors::ratings,
};

/// Something done to one of the conversations.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
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
    /// The customer says how it went, or says something else.
    Rate(u8),
    Remove,
}

pub const TAGS: [&str; 2] = ["billing", "vip"];

pub fn deeds() -> impl Strategy<Value = Vec<(usize, Deed, i64)>> {
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
        2 => (1..=5u8).prop_map(Deed::Rate),
        1 => Just(Deed::Remove),
    ];
    prop::collection::vec((0..4usize, deed, 1..40_000i64), 1..40)
}

pub struct World {
    pub desk: TestDesk,
    pub channels: [ChannelId; 2],
    /// The conversation in each place, until it is removed.
    pub places: [Option<ConversationId>; 4],
    pub made: u32,
}

impl World {
    pub async fn open() -> Self {
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

    pub fn ann(&self) -> Caller {
        Caller::Agent { id: self.desk.agent, role: Role::Admin, session: None }
    }

    pub async fn act(&mut self, place: usize, deed: Deed, seconds: i64) {
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
            Deed::Rate(score) => {
                set_status(desk, ann, id, Status::Resolved, None).await.unwrap();
                self.rate(id, score).await;
            }
            Deed::Remove => {
                set_status(desk, ann, id, Status::Resolved, None).await.unwrap();
                self.remove(id).await;
                self.places[place] = None;
            }
        }
    }

    pub async fn begin(&mut self, place: usize) {
        self.begin_with(place, None).await;
    }

    pub async fn begin_with(&mut self, place: usize, known: Option<ContactId>) {
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

    pub async fn receive(&self, id: ConversationId, late: Option<i64>, automatic: bool) {
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

    pub async fn queue(&self, id: ConversationId, sender: SenderType) -> MessageId {
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
    pub async fn settle(&self, id: MessageId, status: DeliveryStatus) {
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

    pub fn pass(&self) {
        self.desk.clock.set(self.desk.clock.now().plus_seconds(7));
    }

    pub async fn answer(&self, id: ConversationId, sender: SenderType) {
        let queued = self.queue(id, sender).await;
        self.pass();
        self.settle(queued, DeliveryStatus::Sent).await;
    }

    pub async fn fail_and_retry(&self, id: ConversationId) {
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
    pub async fn import(&self, id: ConversationId) {
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

    async fn rate(&self, id: ConversationId, score: u8) {
        let now = self.desk.clock.now();
        self.desk
            .write(move |tx| {
                let it = conversations::find(tx, id)?.unwrap();
                ratings::put(tx, &it, it.contact_id, Rating { score, comment: None }, now)
            })
            .await;
    }

    /// The customer is forgotten, with the conversation.
    pub async fn remove(&self, id: ConversationId) {
        let contact =
            self.desk.write(move |tx| Ok(conversations::find(tx, id)?.unwrap().contact_id)).await;
        erase(&self.desk.desk, contact, Actor::System).await.unwrap();
        while !erase_slice(&self.desk.desk, contact).await.unwrap() {}
    }

    /// Every counter that is not zero.
    pub async fn sums(&self) -> BTreeMap<(Key, u32, u16), i64> {
        let read = self.desk.store.read(|db| {
            let mut sums = BTreeMap::new();
            reports::each(db, 0, u32::MAX, |key, quarter, fact, n| {
                sums.insert((*key, quarter.0, fact.code()), n);
            })?;
            Ok::<_, DeskError>(sums)
        });
        read.await.unwrap()
    }

    pub async fn count_anew(&self) {
        self.desk.write(|tx| Ok(reports::begin(tx)?)).await;
        while !self.desk.write(|tx| Ok(reports::catch_up(tx, 2)?)).await {}
    }
}
