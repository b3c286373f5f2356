//! Mail that a server takes for some and not for others, and what its sender sees of it.

use domain::{
    agents::Role,
    messages::{
        DeliveryStatus::{Failed, Queued, Sent},
        Unreached,
    },
    policy::Caller,
};
use storage::deliveries::Outcome;

use super::{
    server::{
        Fault::{Close, Reply},
        Verb::{Dot, Rcpt},
    },
    *,
};
use crate::{
    messages::{cancel, retry},
    testing::NOW,
    workers::{MAX_ATTEMPTS, step},
};

const LATER: &str = "450 4.2.0 greylisted";

/// An answer to Bob with a copy to Eve.
async fn to_both(desk: &TestDesk, channel: ChannelId) -> MessageId {
    let talk = desk.conversation(channel, "bob@x.example").await;
    let mut mail = reply(desk, "Hello both", "bob@x.example");
    mail.mail.as_mut().unwrap().cc = vec!["eve@x.example".to_owned()];
    queue(desk, &talk, mail).await
}

async fn unreached(desk: &TestDesk, id: MessageId) -> Vec<Unreached> {
    message(desk, id).await.mail.unwrap().unreached
}

fn ann(desk: &TestDesk) -> Caller {
    Caller::Agent { id: desk.agent, role: Role::Admin, session: None }
}

fn receivers(server: &MailServer) -> Vec<Vec<String>> {
    server.mails().into_iter().map(|it| it.to).collect()
}

#[tokio::test]
async fn who_is_turned_away_for_now_gets_the_same_mail_later_alone() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let id = to_both(&desk, channel).await;
    server.fail([Reply(Rcpt, LATER)]);
    step(&desk).await.unwrap();
    let it = message(&desk, id).await;
    assert_eq!(it.status, Some(Sent));
    assert_eq!(it.error.unwrap(), format!("tried again for bob@x.example: {LATER}"));
    let bob = "bob@x.example".to_owned();
    let waits = Unreached { address: bob.clone(), reason: LATER.to_owned(), pending: true };
    assert_eq!(unreached(&desk, id).await, [waits]);
    assert!(cancel(&desk, ann(&desk), id).await.is_err(), "others have it");
    assert_eq!(conversation(&desk, id).await.waiting_since, None);

    // Each step begins as a start of the server does; the second one meets a lost connection.
    server.fail([Close(Dot)]);
    for attempt in 1..=2 {
        let pause = wait_for_retry(&desk, id).await.since(desk.clock.now());
        assert!(pause >= 0, "attempt {attempt}");
        step(&desk).await.unwrap();
    }
    let eve = "eve@x.example".to_owned();
    assert_eq!(receivers(&server), [vec![eve], vec![bob]]);
    let ids: Vec<_> = server.mails().iter().map(|it| it.message_id()).collect();
    assert_eq!(ids, vec![format!("{id}@desk.example"); 2]);
    let want = [Outcome::Sent, Outcome::Unknown, Outcome::Sent];
    assert_eq!(outcomes(&desk, id).await, want.map(Some));
    let it = message(&desk, id).await;
    assert_eq!((it.status, it.error, it.sent_at), (Some(Sent), None, Some(NOW)));
    assert_eq!(unreached(&desk, id).await, []);
    assert_eq!(job(&desk, id).await, None);
    assert_eq!(told(&desk, id).await, Vec::<String>::new());
    let events = desk.store.read(|db| storage::events::after(db, 0, 1000)).await.unwrap();
    let of = |kind: &str| events.iter().filter(|it| it.kind == kind).count();
    assert_eq!((of("delivery_changed"), of("recipients_changed")), (1, 2), "it was sent once");
}

#[tokio::test]
async fn who_is_never_let_in_is_given_up_and_an_agent_may_send_it_to_them_alone() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let id = to_both(&desk, channel).await;
    for attempt in 1..=MAX_ATTEMPTS {
        server.fail([Reply(Rcpt, LATER)]);
        step(&desk).await.unwrap();
        if attempt < MAX_ATTEMPTS {
            wait_for_retry(&desk, id).await;
        }
    }
    let [lost] = unreached(&desk, id).await.try_into().unwrap();
    assert_eq!(lost.reason, format!("given up after 12 attempts: {LATER}"));
    assert!(!lost.pending);
    assert_eq!(status(&desk, id).await, Sent);
    assert_eq!(job(&desk, id).await, None);
    assert_eq!(told(&desk, id).await.len(), 1);
    assert_eq!(conversation(&desk, id).await.waiting_since, Some(NOW), "Bob waits as before");

    retry(&desk, ann(&desk), id).await.unwrap();
    assert_eq!(conversation(&desk, id).await.waiting_since, None);
    step(&desk).await.unwrap();
    assert_eq!(receivers(&server), [vec!["eve@x.example"], vec!["bob@x.example"]]);
    assert_eq!(unreached(&desk, id).await, []);
    assert!(retry(&desk, ann(&desk), id).await.is_err(), "all have it");
}

#[tokio::test]
async fn a_customer_waits_again_when_the_answer_failed_and_no_more_once_it_left() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let id = queued(&desk, channel).await;
    server.fail([Reply(Rcpt, "550 no such user")]);
    desk.clock.set(NOW.plus_seconds(60));
    step(&desk).await.unwrap();
    let it = conversation(&desk, id).await;
    assert_eq!(status(&desk, id).await, Failed);
    assert_eq!(it.waiting_since, Some(NOW), "since the question, not since the failure");
    assert_eq!(it.first_response_at, None, "nobody has answered");

    desk.clock.set(NOW.plus_seconds(120));
    retry(&desk, ann(&desk), id).await.unwrap();
    assert_eq!(status(&desk, id).await, Queued);
    step(&desk).await.unwrap();
    let it = conversation(&desk, id).await;
    assert_eq!((status(&desk, id).await, it.waiting_since), (Sent, None));
    assert_eq!(it.first_response_at, Some(NOW.plus_seconds(120)));
    assert_eq!(it.first_response_by, Some(desk.agent));
}
