//! A visitor who left is mailed what agents wrote, and what they answer comes back into the chat.

mod absences;
mod retries;

use connectors::email::{fingerprint::content_key, parse::parse, people::people};
use domain::{
    agents::Role,
    channels::ChannelType,
    events::Actor,
    ids::{ChannelId, ConversationId},
    jobs::{Job, JobKind, JobState},
    messages::{DeliveryStatus, Direction, MailFacts, SenderType},
    policy::Caller,
    visitors::PreChatField,
};
use storage::{conversations, jobs, messages};

use super::{
    Identity, history, leaves_now,
    live::{self, Limits, Watchers},
    readings, sessions,
    writing::{self, NewMessage},
};
use crate::{
    channels::{self, ChannelPatch, ConfigPatch, NewChannel, webchat_configs::WebchatPatch},
    deliver::tests::{
        config,
        server::{Fault, Mail, MailServer, Verb},
    },
    inbound::{Arrival, Content, take_in},
    messages::{Draft, append::append, forward, forward::Forward, send},
    testing::{TestDesk, message},
    throttles,
    tokens::Token,
    workers::step,
};

const LEE: &str = "lee@x.example";
/// Nothing of what a visitor chose may stand in a mail to an address they typed.
const CANARY: &str = "URGENT invoice 4711, pay at https://evil.example";

/// A chat with a visitor who typed an address and wrote, and the mailbox behind it.
struct Scene {
    desk: TestDesk,
    server: MailServer,
    mailbox: ChannelId,
    chat: ChannelId,
    token: Token,
    conversation: ConversationId,
}

async fn enter(desk: &TestDesk, channel: ChannelId) -> Token {
    let arrival = sessions::Arrival { channel, token: None, identity: None };
    sessions::enter(desk, arrival).await.unwrap().token
}

impl Scene {
    async fn new() -> Self {
        let desk = TestDesk::open().await;
        let server = MailServer::start().await;
        let mailbox = desk.channel(config(server.port)).await;
        let field = |field: &str| PreChatField {
            field: field.to_owned(),
            label: field.to_owned(),
            required: false,
        };
        let patch = WebchatPatch {
            email_channel_id: Some(Some(mailbox)),
            pre_chat: Some(vec![field("name"), field("email")]),
            ..WebchatPatch::default()
        };
        let (kind, name) = (ChannelType::Webchat, "Chat".to_owned());
        let new = NewChannel { kind, name, config: ConfigPatch::Webchat(patch), is_active: true };
        let chat = channels::create(&desk, desk.agent, new, None).await.unwrap().channel.id;
        let token = enter(&desk, chat).await;
        let pre_chat = [("name", CANARY), ("email", LEE)];
        let pre_chat = pre_chat.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let new = NewMessage {
            text: CANARY.to_owned(),
            client_id: "1".to_owned(),
            pre_chat,
            ..NewMessage::default()
        };
        let written = writing::write(&desk, chat, token.clone(), new).await.unwrap();
        let conversation = written.conversation;
        Self { desk, server, mailbox, chat, token, conversation }
    }

    async fn reply(&self, text: &str) -> domain::messages::Message {
        let (id, role, session) = (self.desk.agent, Role::Admin, None);
        let caller = Caller::Agent { id, role, session };
        let draft = Draft { text: text.to_owned(), ..Draft::default() };
        send(&self.desk, caller, self.conversation, draft, None).await.unwrap()
    }

    async fn after(&self, seconds: u64) -> Vec<Mail> {
        self.desk.clock.advance(std::time::Duration::from_secs(seconds));
        step(&self.desk).await.unwrap();
        self.server.mails()
    }

    async fn job(&self) -> Option<Job> {
        let id = self.conversation;
        let find = move |db: &storage::Reader<'_>| jobs::find(db, JobKind::MailVisitor, id.0);
        self.desk.store.read(find).await.unwrap()
    }

    /// What the thread tells agents.
    async fn told(&self) -> Vec<String> {
        let id = self.conversation;
        let read = move |db: &storage::Reader<'_>| {
            let it = conversations::find(db, id)?.unwrap();
            messages::page(db, it.number, messages::Place::Newest, 50)
        };
        let all = self.desk.store.read(read).await.unwrap();
        all.into_iter().map(|it| it.text).collect()
    }

    /// What the visitor sees.
    async fn seen(&self) -> Vec<String> {
        let page = history::page(&self.desk, self.chat, self.token.clone(), None, 50).await;
        page.unwrap().messages.into_iter().map(|it| it.message.text).collect()
    }

    async fn receive(&self, raw: &str) {
        let file = self.desk.store.files().put(raw.as_bytes()).unwrap();
        let raw = raw.as_bytes();
        let now = self.desk.clock.now();
        let content = Content::Stored { file, content_key: content_key(raw), people: people(raw) };
        let arrival = Arrival {
            channel: self.mailbox,
            source_key: uuid::Uuid::new_v4().to_string(),
            size: raw.len() as u64,
            received_at: now,
            backfill: false,
            content,
        };
        self.desk.write(move |tx| take_in(tx, &arrival, now)).await;
        step(&self.desk).await.unwrap();
    }
}

async fn listener(it: &Scene) -> i64 {
    live::news(&it.desk, it.chat, it.token.clone(), None).await.unwrap().visitor
}

#[tokio::test]
async fn who_left_is_mailed_and_their_answer_comes_back_into_the_chat() {
    let it = Scene::new().await;
    let one = it.reply("It left today.").await;
    assert_eq!(one.status, Some(DeliveryStatus::Sent));
    assert!(it.after(30).await.is_empty(), "the grace is not over");
    it.reply("It arrives tomorrow.").await;
    let [mail] = it.after(31).await.try_into().unwrap();
    assert_eq!(mail.to, [LEE]);
    let got = parse(mail.data.as_bytes()).unwrap();
    assert_eq!(got.subject.as_deref(), Some("Reply from Help"));
    assert!(got.text.starts_with("It left today.\n\nIt arrives tomorrow.\n\n-- \nThe desk"));
    assert!(!mail.data.contains("URGENT") && !mail.data.contains("evil"), "{}", mail.data);
    let id = mail.message_id();
    assert!(!id.contains(&one.id.to_string()), "the browser knows the ids of messages");
    assert!(it.told().await.iter().any(|it| it.contains(LEE) && it.contains("had left")));
    assert!(it.after(3_600).await.len() == 1 && it.job().await.is_none(), "once");

    let answer = format!(
        "From: Lee <{LEE}>\r\nTo: help@desk.example\r\nMessage-ID: <answer@x.example>\r\n\
         In-Reply-To: <{id}>\r\nSubject: Re: Reply from Help\r\n\r\nThanks a lot!\r\n"
    );
    it.receive(&answer).await;
    let all = [CANARY, "It left today.", "It arrives tomorrow.", "Thanks a lot!"];
    assert_eq!(it.seen().await, all);

    it.reply("You are welcome.").await;
    let mails = it.after(61).await;
    let got = parse(mails[1].data.as_bytes()).unwrap();
    assert_eq!(got.subject.as_deref(), Some("Re: Reply from Help"));
    assert_eq!(got.in_reply_to, ["answer@x.example"]);
    assert!(got.text.starts_with("You are welcome.") && !got.text.contains("It left"));
}

#[tokio::test]
async fn only_the_receiver_of_the_mail_gets_back_into_the_chat() {
    let it = Scene::new().await;
    let reply = it.reply("It left today.").await;
    let mails = it.after(61).await;
    let id = mails[0].message_id();
    let mail = |from: &str, cites: &str, number: usize| {
        format!(
            "From: {from}\r\nTo: help@desk.example\r\nMessage-ID: <{number}@x.example>\r\n\
             In-Reply-To: <{cites}>\r\nSubject: Hi\r\n\r\nLet me in\r\n"
        )
    };
    let guessed = format!("{}@desk.example", reply.id);
    it.receive(&mail("eve@x.example", &id, 1)).await;
    it.receive(&mail(LEE, &guessed, 2)).await;
    assert_eq!(it.seen().await, [CANARY, "It left today."]);
    let automatic =
        mail(LEE, &id, 3).replace("Subject:", "Auto-Submitted: auto-replied\r\nSubject:");
    it.receive(&automatic).await;
    assert_eq!(it.seen().await.len(), 2, "a program's answer is for agents");
    let page = history::page(&it.desk, it.chat, it.token.clone(), None, 2).await.unwrap();
    assert_eq!((page.messages.len(), page.has_more), (2, false), "it takes nobody's place");
    it.receive(&mail(LEE, &id, 4)).await;
    assert_eq!(it.seen().await.len(), 3);
}

#[tokio::test]
async fn a_page_of_the_history_shows_what_each_message_alone_would() {
    let it = Scene::new().await;
    let (id, mailbox, now) = (it.conversation, it.mailbox, it.desk.clock.now());
    let statuses = DeliveryStatus::ALL.iter().copied().map(Some).chain([None]);
    let statuses: Vec<_> = statuses.collect();
    it.desk
        .write(move |tx| {
            let number = conversations::find(tx, id)?.unwrap().number;
            let directions =
                [Direction::Inbound, Direction::Outbound, Direction::Note, Direction::Event];
            for n in 0..directions.len() * statuses.len() * 8 {
                let direction = directions[n % directions.len()];
                let status = statuses[n / directions.len() % statuses.len()];
                let bits = n / directions.len() / statuses.len();
                let mut made = message(direction, SenderType::Agent, id.0, "words");
                made.conversation_id = id;
                made.conversation_number = number;
                made.status = status;
                made.sent_at = (bits & 1 != 0).then_some(now);
                made.mail = Some(MailFacts {
                    automatic: bits & 2 != 0,
                    over: (bits & 4 != 0).then_some(mailbox),
                    ..MailFacts::default()
                });
                messages::insert(tx, &mut made)?;
            }
            let shown = storage::visitors::chats::shown_before(tx, number, i64::MAX, 1_000)?;
            for it in messages::page(tx, number, messages::Place::Newest, 1_000)? {
                assert_eq!(shown.contains(&it.seq), history::is_shown(&it), "{it:?}");
            }
            assert!(shown.len() > 20, "{}", shown.len());
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn who_reads_after_a_long_time_has_read_what_is_newest() {
    let it = Scene::new().await;
    let mut all = Vec::new();
    for n in 0..201 {
        all.push(it.reply(&format!("Reply {n}")).await.id);
    }
    let (first, last) = (all[0], all[200]);
    readings::read(&it.desk, it.chat, it.token.clone(), last).await.unwrap();
    let status = async |id| {
        let found = it.desk.store.read(move |db| messages::find(db, id)).await.unwrap();
        found.unwrap().status.unwrap()
    };
    assert_eq!(status(last).await, DeliveryStatus::Read);
    assert_eq!(status(first).await, DeliveryStatus::Sent, "so many are marked and no more");
}

#[tokio::test]
async fn what_is_forwarded_from_a_chat_goes_to_somebody_else_alone() {
    let it = Scene::new().await;
    let answer = it.reply("It left today.").await;
    let (id, role, session) = (it.desk.agent, Role::Admin, None);
    let caller = Caller::Agent { id, role, session };
    let to = "maker@x.example".to_owned();
    let asked = Forward { to, text: Some("Is that so?".to_owned()), ..Forward::default() };
    let sent = forward(&it.desk, caller, answer.id, asked, None).await.unwrap();
    let mails = it.after(30).await;
    assert_eq!((mails.len(), &mails[0].to), (1, &vec!["maker@x.example".to_owned()]));
    assert!(mails[0].data.contains("Is that so?") && mails[0].data.contains("It left today."));
    assert_eq!(it.seen().await, [CANARY, "It left today."], "the visitor does not see it");
    let mails = it.after(31).await;
    assert_eq!((mails.len(), &mails[1].to), (2, &vec![LEE.to_owned()]));
    assert!(!mails[1].data.contains("Is that so?"), "nor in the mail to them");
    let found = it.desk.store.read(move |db| messages::find(db, sent.id)).await.unwrap().unwrap();
    assert_eq!(found.status, Some(DeliveryStatus::Sent));

    // Whoever got it and answers is not in the chat.
    let raw = format!(
        "From: maker@x.example\r\nTo: help@desk.example\r\nMessage-ID: <m@x.example>\r\n\
         In-Reply-To: <{}>\r\nSubject: Re\r\n\r\nIt is so\r\n",
        mails[0].message_id()
    );
    it.receive(&raw).await;
    assert_eq!(it.seen().await.len(), 2);
}

#[tokio::test]
async fn uploads_on_their_way_are_counted() {
    let it = Scene::new().await;
    let begin = || super::files::begin(&it.desk, it.chat, it.token.clone(), "a.txt");
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(begin().await.unwrap());
    }
    assert!(matches!(begin().await, Err(crate::DeskError::TooMany { .. })));
    open.pop();
    let mut one = begin().await.unwrap();
    one.write("x".to_owned()).await.unwrap();
    one.finish(&it.desk).await.unwrap();
    assert!(matches!(begin().await, Err(crate::DeskError::TooMany { .. })), "it waits now");
    open.clear();
    assert!(begin().await.is_ok());
}

#[tokio::test]
async fn who_comes_back_with_the_same_signature_costs_no_write() {
    let it = Scene::new().await;
    let (chat, now) = (it.chat, it.desk.clock.now());
    let keys = it.desk.keys.clone();
    let secret = it
        .desk
        .store
        .read(move |db| crate::secrets::open(db, &keys, chat.0, domain::visitors::IDENTITY_SECRET));
    let secret = secret.await.unwrap().unwrap();
    let arrival = |token: Option<Token>, seconds: i64, name: &str| sessions::Arrival {
        channel: chat,
        token,
        identity: Some(Identity::signed(&secret, chat, "42", name, now.0 / 1000 + seconds)),
    };
    let token = sessions::enter(&it.desk, arrival(None, 3_600, "Lee")).await.unwrap().token;
    let is_known = async |seconds: i64, name: &str| {
        let seen = sessions::look(&it.desk, arrival(Some(token.clone()), seconds, name)).await;
        matches!(seen.unwrap(), sessions::Seen::Known(it) if it.is_verified)
    };
    assert!(is_known(3_600, "Lee").await && is_known(3_700, "Lee").await);
    assert!(!is_known(7_200, "Lee").await, "it holds much longer");
    assert!(!is_known(1_800, "Lee").await, "it ends sooner");
    assert!(!is_known(3_600, "Leonie").await);
}
