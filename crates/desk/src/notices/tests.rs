//! Who hears of what, and who gets a mail of it.

use std::sync::Arc;

use domain::{ids::ConversationId, jobs::JobState};
use serde_json::json;

use super::*;
use crate::{
    Options,
    agents::{self as people, Changes, NewAgent},
    deliver::tests::server::{Fault, MailServer, Verb},
    messages::{self, draft::Draft},
    options::SystemMail,
    testing::{NOW, TestDesk},
    workers::step,
};

struct Fixture {
    desk: TestDesk,
    conversation: ConversationId,
    ben: AgentId,
}

impl Fixture {
    /// Ann, Ben who is away, and a server that takes mail.
    async fn open(server: &MailServer) -> Self {
        let mut desk = TestDesk::open().await;
        let mut options = Options::clone(&desk.options);
        options.public_url = Some("https://desk.example".parse().unwrap());
        options.system_mail = Some(SystemMail {
            from_name: "Deskbell".to_owned(),
            from_address: "noreply@desk.example".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: server.port,
            security: "none".to_owned(),
            username: None,
            password: None,
        });
        desk.desk.options = Arc::new(options);
        let new = NewAgent {
            name: "Ben".to_owned(),
            email: "ben@desk.example".to_owned(),
            role: Role::Agent,
            password: Some(crate::options::Secret::new("a long enough password")),
        };
        let ben = people::create(&desk, new, Actor::System, None).await.unwrap().0.id;
        let channel = desk.channel(json!({})).await;
        let conversation = desk.conversation(channel, "cora@customer.example").await.id;
        Self { desk, conversation, ben }
    }

    fn caller(&self, id: AgentId) -> Caller {
        Caller::Agent { id, role: Role::Agent, session: None }
    }

    async fn note(&self, by: AgentId, text: &str) {
        let draft = Draft { text: text.to_owned(), private: true, ..Draft::default() };
        let caller = self.caller(by);
        messages::send(&self.desk, caller, self.conversation, draft, None).await.unwrap();
    }

    async fn unread(&self, of: AgentId) -> Vec<Notice> {
        list(&self.desk, self.caller(of), true, None, 0, 10).await.unwrap().0.rows
    }
}

#[tokio::test]
async fn a_mention_tells_the_agent_and_mails_who_is_away() {
    let server = MailServer::start().await;
    let it = Fixture::open(&server).await;
    it.note(it.desk.agent, "@ann @ben could one of us call them back?").await;
    assert!(it.unread(it.desk.agent).await.is_empty(), "nobody mentions themselves");
    let [notice] = it.unread(it.ben).await.try_into().unwrap();
    assert_eq!((notice.kind, notice.conversation_id), (NoticeKind::Mention, Some(it.conversation)));
    assert!(notice.text.starts_with("Ann mentioned you in #1: @ann @ben could"), "{}", notice.text);

    step(&it.desk).await.unwrap();
    assert_eq!(server.mails().len(), 0, "not at once");
    it.desk.clock.set(NOW.plus_seconds(MAIL_AFTER_SECONDS));
    step(&it.desk).await.unwrap();
    let [mail] = server.mails().try_into().unwrap();
    assert_eq!(mail.to, ["ben@desk.example"]);
    let got = connectors::email::parse::parse(mail.data.as_bytes()).unwrap();
    assert_eq!(got.subject.as_deref(), Some("You were mentioned at Example"));
    let link = format!("https://desk.example/inbox/{}", it.conversation);
    assert!(got.text.contains(&notice.text) && got.text.contains(&link), "{}", got.text);
}

#[tokio::test]
async fn who_is_here_or_has_read_it_gets_no_mail() {
    let server = MailServer::start().await;
    let it = Fixture::open(&server).await;
    it.note(it.desk.agent, "@ben one").await;
    let [notice] = it.unread(it.ben).await.try_into().unwrap();
    mark_read(&it.desk, it.caller(it.ben), notice.id).await.unwrap();
    assert!(it.unread(it.ben).await.is_empty());
    let ben = it.ben;
    it.desk.write(move |tx| Ok(agents::touch(tx, ben, NOW)?)).await;
    it.note(it.desk.agent, "@ben two").await;
    it.desk.clock.set(NOW.plus_seconds(MAIL_AFTER_SECONDS));
    step(&it.desk).await.unwrap();
    assert_eq!(server.connections(), 0);
    let left = it.desk.store.read(jobs::summary).await.unwrap();
    assert!(left.iter().all(|(kind, ..)| *kind != JobKind::MailNotice), "{left:?}");
    assert_eq!(mark_all_read(&it.desk, it.caller(it.ben)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_refused_mail_stays_visible_and_the_disabled_hear_nothing() {
    let server = MailServer::start().await;
    let it = Fixture::open(&server).await;
    server.fail([Fault::Reply(Verb::Rcpt, "550 no such user")]);
    it.note(it.desk.agent, "@ben").await;
    it.desk.clock.set(NOW.plus_seconds(MAIL_AFTER_SECONDS));
    step(&it.desk).await.unwrap();
    let jobs = it.desk.store.read(jobs::summary).await.unwrap();
    assert!(jobs.contains(&(JobKind::MailNotice, JobState::Dead, 1)), "{jobs:?}");

    let changes = Changes { is_active: Some(false), ..Changes::default() };
    people::change(&it.desk, it.ben, changes, Actor::System).await.unwrap();
    it.note(it.desk.agent, "@ben again").await;
    let ben = it.ben;
    it.desk
        .write(move |tx| {
            raise(tx, ben, NoticeKind::RuleDisabled, "Rule 1 went in a circle", None, NOW)
        })
        .await;
    assert_eq!(it.unread(it.ben).await.len(), 1, "only the one of before");
}

#[tokio::test]
async fn admins_hear_what_is_for_admins_and_nobody_reads_anothers() {
    let server = MailServer::start().await;
    let it = Fixture::open(&server).await;
    it.desk
        .write(|tx| raise_for_admins(tx, NoticeKind::RuleDisabled, "Rule 1 is off", None, NOW))
        .await;
    let [notice] = it.unread(it.desk.agent).await.try_into().unwrap();
    assert!(it.unread(it.ben).await.is_empty());
    let stolen = mark_read(&it.desk, it.caller(it.ben), notice.id).await;
    assert!(matches!(stolen, Err(DeskError::NotFound("notice"))), "{stolen:?}");
    assert_eq!(it.unread(it.desk.agent).await.len(), 1);
}
