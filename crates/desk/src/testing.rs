//! A desk in a temporary folder with people to write to, for the tests of this crate.

use domain::{
    Timestamp,
    addresses::EmailAddress,
    agents::Role,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::Conversation,
    events::Actor,
    ids::{AgentId, ChannelId, ContactId, ConversationId, MessageId},
    messages::{Direction, MailFacts, Message, MessageType, Sender, SenderType},
    workspace::Workspace,
};
use storage::{Store, Tx, agents, channels, contacts, conversations, workspace};

use crate::{Clock, Desk, DeskError, Keys, Options, messages::append::append};

pub const NOW: Timestamp = Timestamp(1_767_600_000_000);

/// A desk with a workspace and one agent, Ann. Its clock stands still until it is moved.
pub struct TestDesk {
    pub desk: Desk,
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

        desk.store
            .write(move |tx| {
                workspace::put(tx, &Workspace::new("Example".to_owned(), NOW))?;
                let email = EmailAddress::parse("ann@desk.example").unwrap();
                agents::insert(tx, &new_agent(AgentId::new(), email), None)
            })
            .await
            .unwrap();
        Self { desk, _folder: folder }
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
        created_at: NOW,
        sent_at: None,
    }
}
