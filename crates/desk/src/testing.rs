//! A desk in a temporary folder with people to write to, for the tests of this crate.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use domain::{
    Timestamp,
    addresses::EmailAddress,
    agents::Role,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::Conversation,
    events::Actor,
    ids::{AgentId, ChannelId, ContactId, ConversationId, MessageId},
    messages::{DeliveryStatus, Direction, MailFacts, Message, MessageType, Sender, SenderType},
    workspace::Workspace,
};
use storage::{Store, Tx, agents, channels, contacts, conversations, workspace};

use tokio::sync::Notify;

use crate::{Clock, Desk, DeskError, Keys, Options, deliver::Failpoint, messages::append::append};

pub const NOW: Timestamp = Timestamp(1_767_600_000_000);

/// A desk with a workspace and one agent, Ann. Its clock stands still until it is moved.
pub struct TestDesk {
    pub desk: Desk,
    pub agent: AgentId,
    _folder: tempfile::TempDir,
}

impl std::ops::Deref for TestDesk {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl TestDesk {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = open_in(&folder);
        let agent = AgentId::new();

        desk.store
            .write(move |tx| {
                workspace::put(tx, &Workspace::new("Example".to_owned(), NOW))?;
                let email = EmailAddress::parse("ann@desk.example").unwrap();
                agents::insert(tx, &new_agent(agent, email), None)
            })
            .await
            .unwrap();
        Self { desk, agent, _folder: folder }
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, DeskError> + Send + 'static,
    ) -> T {
        self.store.write(work).await.unwrap()
    }

    /// An e-mail channel with this configuration.
    pub async fn channel(&self, config: serde_json::Value) -> ChannelId {
        let id = ChannelId::new();
        let channel = Channel {
            id,
            kind: ChannelType::Email,
            name: "Support".to_owned(),
            config,
            is_active: true,
            created_at: NOW,
            updated_at: NOW,
            deleted_at: None,
        };
        self.write(move |tx| Ok(channels::insert(tx, &channel)?)).await;
        id
    }

    /// A conversation with a new contact of this address, who wrote first.
    pub async fn conversation(&self, channel: ChannelId, email: &str) -> Conversation {
        let mut contact = Contact::new(ContactId::new(), NOW);
        contact.emails = vec![EmailAddress::parse(email).unwrap()];
        let mut conversation = Conversation::open(
            ConversationId::new(),
            (channel, ChannelType::Email),
            contact.id,
            Some("Where is my order?".to_owned()),
            NOW,
        );
        let mut question = message(Direction::Inbound, SenderType::Contact, contact.id.0, "Hello?");
        question.mail = Some(MailFacts {
            message_id: Some(format!("question-of-{email}")),
            subject: Some("Where is my order?".to_owned()),
            from_address: Some(email.to_owned()),
            ..MailFacts::default()
        });
        self.write(move |tx| {
            contacts::insert(tx, &contact)?;
            conversations::insert(tx, &mut conversation)?;
            append(tx, &mut conversation, question, Actor::Contact(contact.id), NOW)?;
            Ok(conversation)
        })
        .await
    }

    /// Ann's answer, queued to leave now. The job is for the caller to put.
    pub fn answer(&self, text: &str) -> Message {
        let mut answer = message(Direction::Outbound, SenderType::Agent, self.agent.0, text);
        answer.status = Some(DeliveryStatus::Queued);
        answer.send_at = Some(self.clock.now());
        answer.created_at = self.clock.now();
        answer
    }
}

fn open_in(folder: &tempfile::TempDir) -> Desk {
    let store = Store::open(storage::Options::new(folder.path())).unwrap();
    let keys = Keys::open(&folder.path().join("keys"), false).unwrap();
    Desk::new(store, Clock::manual(NOW), keys, Options::new(folder.path()))
}

fn new_agent(id: AgentId, email: EmailAddress) -> domain::agents::Agent {
    domain::agents::Agent {
        id,
        name: "Ann".to_owned(),
        email,
        role: Role::Admin,
        is_active: true,
        has_password: false,
        last_seen_at: None,
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

pub fn message(direction: Direction, kind: SenderType, sender: uuid::Uuid, text: &str) -> Message {
    Message {
        seq: 0,
        id: MessageId::new(),
        conversation_id: ConversationId::new(),
        conversation_number: 0,
        direction,
        kind: MessageType::Text,
        sender: Sender { kind, id: Some(sender), name: None },
        text: text.to_owned(),
        html: None,
        quoted: None,
        signature: None,
        attachments: Vec::new(),
        status: None,
        error: None,
        send_at: None,
        cancel_if_customer_writes: false,
        mail: None,
        event: None,
        created_at: NOW,
        sent_at: None,
    }
}

/// Where to end the server or let it panic, by place and by the subject of the job.
#[derive(Clone, Default)]
pub struct Failpoints(Arc<Mutex<HashMap<(Failpoint, uuid::Uuid), Failure>>>);

enum Failure {
    Panic,
    /// Tells that the place was reached and goes no further.
    Stop(Arc<Notify>),
}

impl Failpoints {
    /// Each attempt panics there.
    pub fn panic(&self, at: Failpoint, subject: uuid::Uuid) {
        self.0.lock().unwrap().insert((at, subject), Failure::Panic);
    }

    /// The next attempt stops there, as the server does when it is killed; the answer is notified.
    pub fn stop(&self, at: Failpoint, subject: uuid::Uuid) -> Arc<Notify> {
        let reached = Arc::new(Notify::new());
        self.0.lock().unwrap().insert((at, subject), Failure::Stop(reached.clone()));
        reached
    }

    pub async fn reach(&self, at: Failpoint, subject: uuid::Uuid) {
        let found = self.0.lock().unwrap().get(&(at, subject)).map(|it| match it {
            Failure::Panic => None,
            Failure::Stop(reached) => Some(reached.clone()),
        });
        let reached = match found {
            None => return,
            Some(None) => panic!("the failpoint {at:?} was reached"),
            Some(Some(reached)) => reached,
        };
        self.0.lock().unwrap().remove(&(at, subject));
        reached.notify_one();
        std::future::pending().await
    }
}
