//! A desk with one mailbox, and mails for it.

use connectors::email::{fingerprint::content_key, people::people};
use domain::{
    Timestamp,
    contacts::Contact,
    conversations::Conversation,
    events::Actor,
    ids::{AgentId, ChannelId, ContactId, ConversationId, InboundId, MessageId},
    jobs::JobKind,
    mails::{Fate, Inbound},
    messages::{DeliveryStatus, Direction, MailFacts, Message, MessageType, Sender, SenderType},
};
use storage::{
    Store, contacts,
    conversations::{self, list::Filter},
    inbound::{self, Put},
    jobs, messages,
    search::{
        conversations::{Start, hits},
        query::Query,
    },
};
use tempfile::TempDir;

use crate::{
    Clock, Desk, DeskError, Keys, Options,
    channels::{
        self, ConfigPatch, NewChannel,
        mail_configs::{MailPatch, ServerPatch},
    },
    inbound::{Arrival, Content, take_in},
    messages::append::append,
    options::Secret,
    receive::{Parser, process_with},
};

pub(super) const NOW: Timestamp = Timestamp(1_767_603_600_000);

pub(super) struct Fixture {
    pub desk: Desk,
    pub channel: ChannelId,
    next_uid: std::cell::Cell<u32>,
    _folder: TempDir,
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(MailPatch::default()).await
    }

    /// `patch` is laid over the mailbox desk@example.com.
    pub async fn with(patch: MailPatch) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(storage::Options::new(folder.path())).unwrap();
        let keys = Keys::open(&folder.path().join("keys"), false).unwrap();
        let desk = Desk::new(store, Clock::manual(NOW), keys, Options::new(folder.path()));
        let channel = add_channel(&desk, "desk@example.com", patch).await;
        Self { desk, channel, next_uid: std::cell::Cell::new(1), _folder: folder }
    }

    /// Where the database and the files lie.
    pub fn folder(&self) -> &std::path::Path {
        self.desk.store.files().folder().parent().unwrap()
    }

    /// The numbers of the conversations in which words stand.
    pub async fn search(&self, words: &str) -> Vec<i64> {
        let query = Query::parse(words).unwrap();
        let find = move |db: &storage::Reader<'_>| {
            hits(db, &query, &Filter::default(), Start::Offset(0), 10)
        };
        let found = self.desk.store.read(find).await.unwrap();
        found.hits.iter().map(|it| it.number).collect()
    }

    /// Takes a raw mail into the ledger, as a mailbox does.
    pub async fn take(&self, raw: &[u8]) -> Put {
        self.take_as(raw, false).await
    }

    pub async fn take_as(&self, raw: &[u8], backfill: bool) -> Put {
        let uid = self.next_uid.replace(self.next_uid.get() + 1);
        let file = self.desk.store.files().put(raw).unwrap();
        let arrival = Arrival {
            channel: self.channel,
            source_key: format!("INBOX/1/{uid}"),
            size: raw.len() as u64,
            received_at: self.desk.clock.now(),
            backfill,
            content: Content::Stored { file, content_key: content_key(raw), people: people(raw) },
        };
        let now = self.desk.clock.now();
        let take = move |tx: &storage::Tx<'_>| take_in(tx, &arrival, now);
        self.desk.store.write(take).await.unwrap()
    }

    /// Takes and processes a mail.
    pub async fn receive(&self, raw: impl AsRef<[u8]>) -> Inbound {
        let Put::Pending(id) = self.take(raw.as_ref()).await else { panic!("not new") };
        self.process(id).await
    }

    pub async fn process(&self, id: InboundId) -> Inbound {
        self.process_with(id, connectors::email::parse::parse).await
    }

    pub async fn process_with(&self, id: InboundId, parser: Parser) -> Inbound {
        process_with(&self.desk, id, parser).await.unwrap();
        let row = self.row(id).await;
        let read = move |db: &storage::Reader<'_>| jobs::find(db, JobKind::ProcessInbound, id.0);
        assert_eq!(self.desk.store.read(read).await.unwrap(), None, "its job is left");
        assert_ne!(row.fate, Fate::Pending);
        assert!(row.fate == Fate::Message || row.reason.is_some());
        row
    }

    pub async fn row(&self, id: InboundId) -> Inbound {
        self.desk.store.read(move |db| inbound::find(db, id)).await.unwrap().unwrap()
    }

    /// The message a mail became.
    pub async fn message(&self, row: &Inbound) -> Message {
        let id = row.message_id.unwrap_or_else(|| panic!("no message: {row:?}"));
        self.desk.store.read(move |db| messages::find(db, id)).await.unwrap().unwrap()
    }

    pub async fn conversation(&self, id: ConversationId) -> Conversation {
        self.desk.store.read(move |db| conversations::find(db, id)).await.unwrap().unwrap()
    }

    pub async fn contact(&self, id: ContactId) -> Contact {
        self.desk.store.read(move |db| storage::contacts::find(db, id)).await.unwrap().unwrap()
    }

    /// The conversation a mail went into.
    pub async fn conversation_of(&self, row: &Inbound) -> Conversation {
        let id = row.conversation_id.unwrap_or_else(|| panic!("no conversation: {row:?}"));
        self.conversation(id).await
    }

    /// An answer of the desk that has left, with this Message-ID.
    pub async fn reply(&self, to: ConversationId, message_id: &str) -> Message {
        let (now, mail_id) = (self.desk.clock.now(), message_id.to_owned());
        self.desk
            .store
            .write(move |tx| {
                let mut conversation = conversations::find(tx, to)?.unwrap();
                let actor = Actor::System;
                append(tx, &mut conversation, outbound(&mail_id, now), actor, now)
            })
            .await
            .unwrap()
    }

    pub async fn add_participant(&self, conversation: &Conversation, address: &'static str) {
        let number = conversation.number;
        let add = move |tx: &storage::Tx<'_>| {
            conversations::add_participant(tx, number, address).map_err(DeskError::from)
        };
        self.desk.store.write(add).await.unwrap();
    }

    /// Changes the stored conversation.
    pub async fn change(
        &self,
        id: ConversationId,
        change: impl FnOnce(&mut Conversation) + Send + 'static,
    ) {
        let write = move |tx: &storage::Tx<'_>| {
            let mut it = conversations::find(tx, id)?.unwrap();
            change(&mut it);
            conversations::update(tx, &it).map_err(DeskError::from)
        };
        self.desk.store.write(write).await.unwrap();
    }

    pub async fn block(&self, address: &'static str) {
        let write = move |tx: &storage::Tx<'_>| {
            let address = address.parse().unwrap();
            let id = contacts::find_by_email(tx, &address)?.unwrap();
            let mut it = contacts::find(tx, id)?.unwrap();
            it.blocked = true;
            contacts::update(tx, &it).map_err(DeskError::from)
        };
        self.desk.store.write(write).await.unwrap();
    }
}

pub(super) async fn add_channel(desk: &Desk, address: &str, patch: MailPatch) -> ChannelId {
    let server = || ServerPatch {
        host: Some("mail.example.com".to_owned()),
        username: Some(Some(address.to_owned())),
        password: Some(Some(Secret::new("secret"))),
        ..ServerPatch::default()
    };
    let config = MailPatch {
        address: Some(address.to_owned()),
        imap: Some(server()),
        smtp: Some(server()),
        ..patch
    };
    let kind = domain::channels::ChannelType::Email;
    let config = ConfigPatch::Mail(Box::new(config));
    let new = NewChannel { kind, name: address.to_owned(), config, is_active: true };
    channels::create(desk, AgentId::new(), new, None).await.unwrap().channel.id
}

pub(super) fn outbound(message_id: &str, now: Timestamp) -> Message {
    Message {
        seq: 0,
        id: MessageId::new(),
        conversation_id: ConversationId::new(),
        conversation_number: 0,
        direction: Direction::Outbound,
        kind: MessageType::Text,
        sender: Sender { kind: SenderType::Agent, id: None, name: None },
        text: "an answer".to_owned(),
        html: None,
        quoted: None,
        signature: None,
        attachments: Vec::new(),
        status: Some(DeliveryStatus::Sent),
        error: None,
        send_at: None,
        cancel_if_customer_writes: false,
        mail: Some(MailFacts { message_id: Some(message_id.to_owned()), ..MailFacts::default() }),
        event: None,
        created_at: now,
        sent_at: Some(now),
    }
}

/// A mail with these headers; each call makes another Message-ID unless `headers` has one.
pub(super) fn mail(from: &str, headers: &str, body: &str) -> String {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let id = match headers.contains("Message-ID:") {
        true => String::new(),
        false => format!("Message-ID: <{count}@mails.example>\r\n"),
    };
    let headers = headers.trim_end();
    let headers = if headers.is_empty() { String::new() } else { format!("{headers}\r\n") };
    format!("From: {from}\r\nTo: desk@example.com\r\n{id}{headers}\r\n{body}\r\n")
}
