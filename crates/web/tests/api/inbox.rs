//! Channels, and customers who write on them, without a mail server.

use desk::{DeskError, messages::append::append};
use domain::{
    addresses::EmailAddress,
    channels::{Channel, ChannelType},
    contacts::Contact,
    conversations::Conversation,
    events::Actor,
    ids::{ChannelId, ContactId, ConversationId, MessageId},
    messages::{Attachment, Direction, MailFacts, Message, MessageType, Sender, SenderType},
};
use serde_json::json;
use storage::{Tx, channels, contacts, conversations};

use crate::app::TestApp;

/// What a customer sends.
#[derive(Debug, Clone)]
pub struct Letter {
    pub from: String,
    pub name: Option<String>,
    pub subject: Option<String>,
    pub text: String,
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
}

impl Letter {
    pub fn new(from: &str, text: &str) -> Self {
        Self {
            from: from.to_owned(),
            name: None,
            subject: Some("A question".to_owned()),
            text: text.to_owned(),
            html: None,
            attachments: Vec::new(),
        }
    }
}

impl TestApp {
    pub async fn channel(&self, name: &str) -> ChannelId {
        self.channel_of(ChannelType::Email, name).await
    }

    pub async fn channel_of(&self, kind: ChannelType, name: &str) -> ChannelId {
        let now = self.clock.now();
        let server = json!({ "host": "localhost", "port": 1, "security": "none", "username": "x" });
        let channel = Channel {
            id: ChannelId::new(),
            kind,
            name: name.to_owned(),
            config: json!({
                "address": "desk@shop.example", "from_name": "The Shop", "imap": server,
                "folders": ["INBOX"], "smtp": server, "new_conversation_after_days": null,
                "quote_history": true, "plus_addressing": false, "subject_number": false,
                "max_mail_bytes": 1000, "signature": null,
            }),
            is_active: true,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        let id = channel.id;
        self.write(move |tx| Ok(channels::insert(tx, &channel)?)).await;
        id
    }

    pub async fn change_channel(
        &self,
        id: ChannelId,
        change: impl FnOnce(&mut Channel) + Send + 'static,
    ) {
        self.write(move |tx| {
            let mut channel = channels::find(tx, id)?.unwrap();
            change(&mut channel);
            Ok(channels::update(tx, &channel)?)
        })
        .await;
    }

    /// A customer opens a conversation.
    pub async fn letter(&self, channel: ChannelId, letter: Letter) -> ConversationId {
        let now = self.clock.now();
        self.write(move |tx| {
            let address = EmailAddress::parse(&letter.from).unwrap();
            let contact = match contacts::find_by_email(tx, &address)? {
                Some(id) => id,
                None => {
                    let mut contact = Contact::new(ContactId::new(), now);
                    contact.name.clone_from(&letter.name);
                    contact.emails.push(address);
                    contacts::insert(tx, &contact)?;
                    contact.id
                }
            };
            let kind = channels::find(tx, channel)?.unwrap().kind;
            let id = ConversationId::new();
            let subject = letter.subject.clone();
            let mut it = Conversation::open(id, (channel, kind), contact, subject, now);
            conversations::insert(tx, &mut it)?;
            let subject = it.subject.as_deref();
            storage::search::index::put_conversation(tx, it.number, subject, &[])?;
            receive(tx, &mut it, letter, now)?;
            Ok(it.id)
        })
        .await
    }

    /// The customer writes again.
    pub async fn answer(&self, id: ConversationId, letter: Letter) -> MessageId {
        let now = self.clock.now();
        self.write(move |tx| {
            let mut it = conversations::find(tx, id)?.unwrap();
            desk::messages::cancel_waiting(tx, &mut it, now)?;
            Ok(receive(tx, &mut it, letter, now)?.id)
        })
        .await
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, DeskError> + Send + 'static,
    ) -> T {
        self.desk.store.write(work).await.unwrap()
    }

    /// How many kept totals are wrong.
    pub async fn count_differences(&self) -> u64 {
        let read = self.desk.store.read(conversations::counts::differences);
        read.await.unwrap()
    }
}

fn receive(
    tx: &Tx<'_>,
    conversation: &mut Conversation,
    letter: Letter,
    now: domain::Timestamp,
) -> Result<Message, DeskError> {
    let contact = conversation.contact_id;
    let id = MessageId::new();
    let message = Message {
        seq: 0,
        id,
        conversation_id: conversation.id,
        conversation_number: conversation.number,
        direction: Direction::Inbound,
        kind: MessageType::Text,
        sender: Sender { kind: SenderType::Contact, id: Some(contact.0), name: letter.name },
        text: letter.text,
        html: letter.html,
        quoted: None,
        signature: None,
        attachments: letter.attachments,
        status: None,
        error: None,
        send_at: None,
        cancel_if_customer_writes: false,
        mail: Some(MailFacts {
            message_id: Some(format!("{id}@customers.example")),
            subject: letter.subject,
            from_address: Some(letter.from),
            to: vec!["desk@shop.example".to_owned()],
            ..MailFacts::default()
        }),
        event: None,
        created_at: now,
        sent_at: None,
    };
    append(tx, conversation, message, Actor::Contact(contact), now)
}
