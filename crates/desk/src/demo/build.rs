//! One conversation of the demo workspace after another, written with its end already known.

use domain::{
    Timestamp,
    addresses::EmailAddress,
    channels::ChannelType,
    contacts::Contact,
    conversations::{Conversation, LastMessage, Priority, Status},
    events::{Actor, Event},
    ids::{AgentId, ContactId, ConversationId, MessageId},
    messages::{DeliveryStatus, Direction, MailFacts, Message, MessageType, Sender, SenderType},
    phones::PhoneNumber,
    tags::TagName,
    text,
};
use fastrand::Rng;
use storage::{Tx, attachments, contacts, conversations, events, messages, search, tags};
use uuid::Uuid;

use super::{
    Cast, Options,
    files::Files,
    layouts::Layouts,
    phrases::{CITIES, FIRST_NAMES, LAST_NAMES, NOTES, PRODUCTS, TOPICS, Topic},
};
use crate::DeskError;

/// A UUIDv7 of that time, the same for the same seed.
pub(super) fn id(at: Timestamp, random: &mut Rng) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(at.0).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

pub(super) struct Builder {
    people: Vec<(ContactId, String, String)>,
    /// About one customer for every three conversations.
    wanted_people: usize,
    next_seq: i64,
    files: Files,
    layouts: Layouts,
}

impl Builder {
    pub(super) fn new(options: Options, files: Files) -> Self {
        let wanted_people = usize::try_from(options.conversations / 3 + 1).unwrap_or(usize::MAX);
        Self {
            people: Vec::new(),
            wanted_people,
            next_seq: 1,
            files,
            layouts: Layouts::new(options.seed),
        }
    }

    /// Writes one conversation that began at `at`, with its contact if it is a new customer.
    pub(super) fn conversation(
        &mut self,
        tx: &Tx<'_>,
        cast: &Cast,
        at: Timestamp,
        random: &mut Rng,
    ) -> Result<(), DeskError> {
        let (contact_id, name, address) = self.customer(tx, at, random)?;
        let (channel_id, channel_address) =
            cast.channels[random.usize(..cast.channels.len())].clone();
        let topic = &TOPICS[random.usize(..TOPICS.len())];
        let facts = Facts {
            product: PRODUCTS[random.usize(..PRODUCTS.len())],
            order: format!("NW-{}", random.u32(100_000..999_999)),
            city: CITIES[random.usize(..CITIES.len())],
        };
        let subject = facts.fill(topic.subject);
        let id = ConversationId(id(at, random));
        let mut it = Conversation::open(
            id,
            (channel_id, ChannelType::Email),
            contact_id,
            Some(subject.clone()),
            at,
        );
        let agent = cast.agents[random.usize(..cast.agents.len())];
        it.priority = priority(random);

        let mut thread = Vec::new();
        let mut now = at;
        // Two to eight messages, five on average.
        let length = 2 + random.usize(..7);
        for position in 0..length {
            let written = script(topic, position, length, random);
            let message = facts.message(written, agent, contact_id, now, random);
            let last = LastMessage {
                seq: self.next_seq,
                text: text::preview(&message.text),
                direction: message.direction,
                at: now,
            };
            self.next_seq += 1;
            match message.direction {
                Direction::Inbound => drop(it.received(last, now)),
                Direction::Outbound => it.replied(last, Some(agent), now),
                Direction::Note | Direction::Event => it.noted(last, now),
            }
            thread.push(message);
            now = now.plus_seconds(random.i64(120..40_000));
            if now >= cast.end {
                break;
            }
        }
        end(&mut it, agent, now.min(cast.end), cast.end, random)?;

        conversations::insert(tx, &mut it)?;
        if let Some(resolved_at) = it.resolved_at {
            let (before, after) = (Status::Open, it.status);
            let by = it.resolved_by;
            conversations::record_status_change(tx, it.number, before, after, by, resolved_at)?;
        }
        let mut tag_names = vec![topic.tag.to_owned()];
        if random.u8(..) < 20 {
            tag_names.push("vip".to_owned());
        }
        for tag in &tag_names {
            let tag = TagName::parse(tag).expect("the topics' tags are words");
            tags::add(tx, &it, &tag, at)?;
        }
        search::index::add_conversation(tx, it.number, Some(&subject), &tag_names)?;
        if it.assignee.is_some() {
            conversations::record_assignment(tx, it.number, it.assignee, None, at)?;
        }
        let mail = ThreadMail { subject, address, name, channel_address };
        for (position, mut message) in thread.into_iter().enumerate() {
            message.conversation_id = it.id;
            message.conversation_number = it.number;
            message.mail = mail.facts_of(&message);
            message.html = self.layouts.of(&message, &facts, &mail.name);
            message.attachments = self.files.of(&message, position == 0);
            messages::insert(tx, &mut message)?;
            for it in &message.attachments {
                attachments::attach(tx, message.seq, it, message.created_at)?;
            }
        }
        events::append(tx, Some(&it), Event::ConversationOpened, Actor::Contact(contact_id), at)?;
        Ok(())
    }

    /// A returning customer, or a new one while there are too few.
    fn customer(
        &mut self,
        tx: &Tx<'_>,
        at: Timestamp,
        random: &mut Rng,
    ) -> Result<(ContactId, String, String), DeskError> {
        let is_new = self.people.is_empty()
            || (self.people.len() < self.wanted_people && random.u8(..) < 90);
        if !is_new {
            return Ok(self.people[random.usize(..self.people.len())].clone());
        }
        let first = FIRST_NAMES[random.usize(..FIRST_NAMES.len())];
        let last = LAST_NAMES[random.usize(..LAST_NAMES.len())];
        let number = self.people.len() + 1;
        let mut contact = Contact::new(ContactId(id(at, random)), at);
        let name = format!("{first} {last}");
        let address = format!(
            "{}.{}{number}@customers.example",
            first.to_lowercase(),
            last.to_lowercase().replace(' ', "")
        );
        contact.name = Some(name.clone());
        contact.emails.push(EmailAddress::parse(&address).expect("the names make an address"));
        if random.bool() {
            contact.phones.push(PhoneNumber::stored(format!("+62812{:08}", number)));
        }
        contacts::insert(tx, &contact)?;
        let person = (contact.id, name, address);
        self.people.push(person.clone());
        Ok(person)
    }
}

fn priority(random: &mut Rng) -> Priority {
    match random.u8(..100) {
        0..5 => Priority::Urgent,
        5..15 => Priority::High,
        15..25 => Priority::Low,
        _ => Priority::Normal,
    }
}

/// Old conversations are nearly all resolved, recent ones still move.
fn end(
    it: &mut Conversation,
    agent: AgentId,
    now: Timestamp,
    last: Timestamp,
    random: &mut Rng,
) -> Result<(), DeskError> {
    let days_old = last.since(it.active_at) / 86_400_000;
    let dice = random.u8(..100);
    let is_over = if days_old > 14 { dice < 97 } else { dice < 40 };
    if is_over || random.u8(..100) < 60 {
        it.assignee = Some(agent);
    }
    if is_over {
        it.unread_count = 0;
        it.set_status(Status::Resolved, None, Some(agent), now)?;
    } else if dice >= 98 {
        it.spam = true;
    } else if dice >= 90 {
        it.set_status(Status::Pending, None, None, now)?;
    }
    if it.assignee.is_some() && random.bool() {
        it.unread_count = 0;
    }
    Ok(())
}

/// One thing said, and by whom.
struct Written {
    direction: Direction,
    text: String,
}

fn script(topic: &Topic, position: usize, length: usize, random: &mut Rng) -> Written {
    let mut pick = |from: &[&'static str]| from[random.usize(..from.len())];
    let (direction, text) = match position {
        0 => {
            let (one, two) = (pick(topic.opening), pick(topic.opening));
            (Direction::Inbound, format!("Hello,\n\n{one} {two}"))
        }
        _ if position + 1 == length && length > 2 => {
            (Direction::Inbound, pick(topic.closing).into())
        }
        2 if length > 5 => (Direction::Note, pick(NOTES).to_owned()),
        _ if position % 2 == 1 => {
            (Direction::Outbound, format!("Hello {{name}},\n\n{}", pick(topic.answer)))
        }
        _ => (Direction::Inbound, pick(topic.opening).into()),
    };
    Written { direction, text }
}

pub(super) struct Facts {
    pub product: &'static str,
    pub order: String,
    pub city: &'static str,
}

impl Facts {
    fn fill(&self, text: &str) -> String {
        text.replace("{product}", self.product)
            .replace("{order}", &self.order)
            .replace("{city}", self.city)
            .replace(" {name}", "")
    }

    fn message(
        &self,
        written: Written,
        agent: AgentId,
        contact: ContactId,
        at: Timestamp,
        random: &mut Rng,
    ) -> Message {
        let is_outbound = written.direction == Direction::Outbound;
        let (kind, sender) = match written.direction {
            Direction::Inbound => (SenderType::Contact, contact.0),
            _ => (SenderType::Agent, agent.0),
        };
        Message {
            seq: 0,
            id: MessageId(id(at, random)),
            conversation_id: ConversationId(Uuid::nil()),
            conversation_number: 0,
            direction: written.direction,
            kind: MessageType::Text,
            sender: Sender { kind, id: Some(sender), name: None },
            text: self.fill(&written.text),
            html: None,
            quoted: None,
            signature: None,
            attachments: Vec::new(),
            status: is_outbound.then_some(DeliveryStatus::Sent),
            error: None,
            send_at: None,
            cancel_if_customer_writes: false,
            mail: None,
            event: None,
            created_at: at,
            sent_at: is_outbound.then_some(at),
        }
    }
}

/// What the mails of one thread share.
struct ThreadMail {
    subject: String,
    address: String,
    name: String,
    channel_address: String,
}

impl ThreadMail {
    fn facts_of(&self, message: &Message) -> Option<MailFacts> {
        let (domain, from_name, from, to) = match message.direction {
            Direction::Inbound => {
                ("customers.example", Some(self.name.clone()), &self.address, &self.channel_address)
            }
            Direction::Outbound => {
                ("northwind.example", None, &self.channel_address, &self.address)
            }
            Direction::Note | Direction::Event => return None,
        };
        Some(MailFacts {
            message_id: Some(format!("{}@{domain}", message.id)),
            subject: Some(self.subject.clone()),
            from_name,
            from_address: Some(from.clone()),
            to: vec![to.clone()],
            ..MailFacts::default()
        })
    }
}
