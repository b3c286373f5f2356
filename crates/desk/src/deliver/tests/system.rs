//! The desk's own mail.

use std::sync::Arc;

use domain::{agents::Role, jobs::JobState};

use super::{
    server::{Fault, Verb},
    *,
};
use crate::{
    Options,
    agents::{self, NewAgent},
    options::SystemMail,
    testing::NOW,
    workers::step,
};

async fn inviting(server: &MailServer) -> TestDesk {
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
    let (name, email) = ("Eve".to_owned(), "eve@desk.example".to_owned());
    let new = NewAgent { name, email, role: Role::Agent, password: None };
    agents::create(&desk, new, Actor::System, None).await.unwrap();
    desk
}

async fn states(desk: &TestDesk) -> Vec<(JobKind, JobState, u64)> {
    desk.store.read(jobs::summary).await.unwrap()
}

#[tokio::test]
async fn an_invitation_arrives_once_the_server_takes_it() {
    let server = MailServer::start().await;
    let desk = inviting(&server).await;
    server.fail([Fault::Reply(Verb::Mail, "451 later")]);
    step(&desk).await.unwrap();
    assert_eq!(server.mails().len(), 0);
    desk.clock.set(NOW.plus_seconds(60));
    step(&desk).await.unwrap();
    let [mail] = server.mails().try_into().unwrap();
    assert_eq!(mail.to, ["eve@desk.example"]);
    let got = connectors::email::parse::parse(mail.data.as_bytes()).unwrap();
    assert!(got.text.contains("https://desk.example/invitation#"), "{}", got.text);
    assert!(got.signals.auto_submitted.is_some());
    assert_eq!(states(&desk).await, []);
}

#[tokio::test]
async fn a_refused_one_stays_visible_and_one_that_came_too_late_is_not_sent() {
    let server = MailServer::start().await;
    let desk = inviting(&server).await;
    server.fail([Fault::Reply(Verb::Rcpt, "550 no such user")]);
    step(&desk).await.unwrap();
    assert_eq!(states(&desk).await, [(JobKind::SendSystemMail, JobState::Dead, 1)]);

    let server = MailServer::start().await;
    let desk = inviting(&server).await;
    desk.clock.set(NOW.plus_seconds(30 * 86_400));
    step(&desk).await.unwrap();
    assert_eq!((server.connections(), states(&desk).await), (0, vec![]));
}
