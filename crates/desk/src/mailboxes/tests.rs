//! Mailboxes on a scripted server.

mod backfills;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use connectors::testing::{Act, FakeImap, Script};
use domain::{
    Timestamp,
    channels::{Channel, ChannelType, Health},
    events::Actor,
    ids::{AgentId, ChannelId},
    jobs::JobKind,
    mails::{Fate, Inbound, Security},
};
use storage::{channels as rows, inbound, jobs};
use tokio::sync::watch;

use super::{
    backfill,
    folders::{Memory, Trouble, Watched, session, watch as watch_folder},
    health::Board,
};
use crate::{
    Desk,
    channels::{
        self, ChannelPatch, ConfigPatch, NewChannel,
        mail_configs::{MailPatch, ServerPatch},
    },
    options::Secret,
    testing::TestDesk,
    workers::Outcome,
};

/// The day after the scripted server received all its mails.
const TODAY: &str = "2026-07-18T09:00:00Z";
const PATIENCE: Duration = Duration::from_secs(30);

async fn desk() -> TestDesk {
    let desk = TestDesk::open().await;
    desk.clock.set(Timestamp::parse(TODAY).unwrap());
    desk
}

/// A channel made long ago, so that only what arrives from now on is new.
async fn channel(desk: &Desk, address: &str, port: u16) -> Channel {
    let server = || ServerPatch {
        host: Some("127.0.0.1".to_owned()),
        port: Some(port),
        security: Some(Security::None),
        username: Some(Some("desk".to_owned())),
        password: Some(Some(Secret::new("secret"))),
        ..ServerPatch::default()
    };
    let config = MailPatch {
        address: Some(address.to_owned()),
        imap: Some(server()),
        smtp: Some(server()),
        max_mail_bytes: Some(10_000),
        ..MailPatch::default()
    };
    let config = ConfigPatch::Mail(Box::new(config));
    let new =
        NewChannel { kind: ChannelType::Email, name: address.to_owned(), config, is_active: true };
    let made = channels::create(desk, AgentId::new(), new, None).await.unwrap();
    desk.clock.advance(Duration::from_secs(2 * 3600));
    made.channel
}

/// Connects, takes what is new, and leaves.
async fn look(desk: &Desk, channel: &Channel) -> Result<(), Trouble> {
    look_with(desk, channel, &mut Memory::default()).await
}

async fn look_with(desk: &Desk, channel: &Channel, memory: &mut Memory) -> Result<(), Trouble> {
    let (_stop, stopped) = watch::channel(true);
    session(&watched(desk, channel), memory, &stopped).await
}

fn watched(desk: &Desk, channel: &Channel) -> Watched {
    Watched {
        desk: desk.clone(),
        channel: channel.clone(),
        folder: "INBOX".to_owned(),
        board: Arc::new(Mutex::new(Board::default())),
    }
}

/// The ledger, oldest first.
async fn ledger(desk: &Desk, id: ChannelId) -> Vec<Inbound> {
    let read = move |db: &storage::Reader<'_>| inbound::page(db, id, None, None, 1000);
    let rows = desk.store.read(read).await.unwrap();
    rows.into_iter().rev().map(|(_, it)| it).collect()
}

async fn health(desk: &Desk, id: ChannelId) -> Health {
    desk.store.read(move |db| rows::health(db, id)).await.unwrap()
}

fn mail(subject: &str) -> String {
    format!(
        "From: ann@customer.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x.example>\r\n\
         \r\nHello\r\n"
    )
}

/// Asks for all older mail and carries the request out.
async fn backfill_all(desk: &Desk, id: ChannelId) {
    let (since, before) = (Timestamp(0), desk.clock.now());
    backfill::request(desk, AgentId::new(), id, since, before).await.unwrap();
    let again = backfill::request(desk, AgentId::new(), id, since, before).await;
    assert!(again.is_err(), "one at a time");
    let find = move |db: &storage::Reader<'_>| jobs::find(db, JobKind::BackfillMail, id.0);
    let job = desk.store.read(find).await.unwrap().unwrap();
    assert_eq!(backfill::run(desk, &job).await.unwrap(), Outcome::Done);
}

/// Waits for what another task brings about.
async fn until<F: Future<Output = bool>>(desk: &Desk, what: &str, done: impl Fn() -> F) {
    let mut rung = desk.store.alarm().listen();
    let waiting = async {
        while !done().await {
            // News of the store wakes us; what it does not tell of is looked at again soon.
            let _ = tokio::time::timeout(Duration::from_millis(20), rung.changed()).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

#[tokio::test]
async fn a_new_mailbox_begins_with_what_comes_next() {
    let (desk, server) = (desk().await, FakeImap::start(Script::new()).await);
    let channel = channel(&desk, "desk@example.com", server.port).await;
    server.deliver(mail("old"));
    look(&desk, &channel).await.unwrap();
    assert!(ledger(&desk, channel.id).await.is_empty());
    server.deliver(mail("one"));
    server.skip_uids(10);
    server.deliver(mail("two"));
    look(&desk, &channel).await.unwrap();
    look(&desk, &channel).await.unwrap();
    let sources: Vec<_> =
        ledger(&desk, channel.id).await.into_iter().map(|it| (it.source_key, it.fate)).collect();
    let want =
        [("desk@127.0.0.1/INBOX/1/2", Fate::Pending), ("desk@127.0.0.1/INBOX/1/13", Fate::Pending)];
    assert_eq!(sources, want.map(|(key, fate)| (key.to_owned(), fate)));
    assert!(server.seen().is_empty(), "nobody asked for marks");
    assert!(health(&desk, channel.id).await.receive_ok_at.is_some());
}

#[tokio::test]
async fn a_mailbox_numbered_anew_loses_nothing_and_repeats_nothing() {
    let (desk, server) = (desk().await, FakeImap::start(Script::new()).await);
    let channel = channel(&desk, "desk@example.com", server.port).await;
    look(&desk, &channel).await.unwrap();
    server.deliver(mail("one"));
    look(&desk, &channel).await.unwrap();
    server.deliver(mail("two"));
    server.change_uid_validity(2);
    look(&desk, &channel).await.unwrap();
    look(&desk, &channel).await.unwrap();
    let fates: Vec<_> = ledger(&desk, channel.id).await.into_iter().map(|it| it.fate).collect();
    assert_eq!(fates, [Fate::Pending, Fate::Duplicate, Fate::Pending]);
}

#[tokio::test]
async fn a_cut_at_any_byte_loses_nothing_and_repeats_nothing() {
    let whole = FakeImap::start(Script::new()).await;
    let desk = desk().await;
    let mut channel = channel(&desk, "desk@example.com", whole.port).await;
    let fill = |server: &FakeImap, round: usize| {
        for part in ["one", "two"] {
            server.deliver(mail(&format!("{part}-{round}")));
        }
        server.change_uid_validity(u32::try_from(round).unwrap() + 1);
    };
    fill(&whole, 0);
    look(&desk, &channel).await.unwrap();
    let said = whole.said();
    let mut failed = 0;
    for (round, cut) in (0..said).step_by(29).enumerate() {
        let cutting = FakeImap::start(Script::new().cut_after(cut)).await;
        let good = FakeImap::start(Script::new()).await;
        fill(&cutting, round + 1);
        fill(&good, round + 1);
        let before = ledger(&desk, channel.id).await.len();
        channel.config["imap"]["port"] = cutting.port.into();
        failed += usize::from(look(&desk, &channel).await.is_err());
        channel.config["imap"]["port"] = good.port.into();
        look(&desk, &channel).await.unwrap();
        let all = ledger(&desk, channel.id).await;
        let new: Vec<_> = all[before..].iter().map(|it| it.fate).collect();
        assert_eq!(new, [Fate::Pending, Fate::Pending], "cut after {cut} bytes");
    }
    assert!(failed > 10, "{failed} looks failed");
}

#[tokio::test]
async fn a_mail_that_is_not_handed_over_holds_up_no_other() {
    let (desk, server) = (desk().await, FakeImap::start(Script::new()).await);
    let channel = channel(&desk, "desk@example.com", server.port).await;
    look(&desk, &channel).await.unwrap();
    let stuck = server.deliver(mail("stuck"));
    server.deliver(mail("next"));
    let mut memory = Memory { failures: 0, stuck: Some((stuck, 3)) };
    look_with(&desk, &channel, &mut memory).await.unwrap();
    let rows = ledger(&desk, channel.id).await;
    assert_eq!((rows[0].fate, rows[1].fate), (Fate::Quarantined, Fate::Pending));
    assert!(rows[0].reason.as_deref().unwrap().contains("still there"));
}

#[tokio::test]
async fn failures_to_fetch_a_mail_are_counted_across_connections() {
    let desk = desk().await;
    let good = FakeImap::start(Script::new()).await;
    let mut channel = channel(&desk, "desk@example.com", good.port).await;
    look(&desk, &channel).await.unwrap();
    // The first UID FETCH lists, the second asks for the mail.
    let list = "* 1 FETCH (UID 1 RFC822.SIZE 90)\r\n{tag} OK done\r\n";
    let mut memory = Memory::default();
    for failures in 1..=3 {
        let script = Script::new()
            .once("UID FETCH", Act::Say(list.to_owned()))
            .once("UID FETCH", Act::HangUp);
        let server = FakeImap::start(script).await;
        server.deliver(mail("stuck"));
        channel.config["imap"]["port"] = server.port.into();
        assert!(look_with(&desk, &channel, &mut memory).await.is_err());
        assert_eq!(memory.stuck, Some((1, failures)));
    }
    good.deliver(mail("stuck"));
    good.deliver(mail("next"));
    channel.config["imap"]["port"] = good.port.into();
    look_with(&desk, &channel, &mut memory).await.unwrap();
    let fates: Vec<_> = ledger(&desk, channel.id).await.into_iter().map(|it| it.fate).collect();
    assert_eq!(fates, [Fate::Quarantined, Fate::Pending]);
}

#[tokio::test]
async fn a_mail_beyond_the_limit_is_named_and_fetched_when_the_limit_allows() {
    let (desk, server) = (desk().await, FakeImap::start(Script::new()).await);
    let channel = channel(&desk, "desk@example.com", server.port).await;
    look(&desk, &channel).await.unwrap();
    server.deliver(mail(&"large".repeat(4000)));
    look(&desk, &channel).await.unwrap();
    let [row] = ledger(&desk, channel.id).await.try_into().unwrap();
    assert_eq!((row.fate, row.file_hash), (Fate::Quarantined, None));
    assert!(row.reason.unwrap().contains("more than this channel takes"));
    assert!(!server.heard().iter().any(|it| it.contains("BODY")), "it was fetched");
    let refused =
        crate::inbound::replay(&desk, channel.id, row.id, Actor::System).await.unwrap_err();
    assert!(refused.to_string().contains("max_mail_bytes"), "{refused}");

    let config = MailPatch { max_mail_bytes: Some(1_000_000), ..MailPatch::default() };
    let patch = ChannelPatch {
        config: Some(ConfigPatch::Mail(Box::new(config))),
        ..ChannelPatch::default()
    };
    channels::update(&desk, AgentId::new(), channel.id, patch).await.unwrap();
    backfill_all(&desk, channel.id).await;
    let [row] = ledger(&desk, channel.id).await.try_into().unwrap();
    assert_eq!(row.fate, Fate::Pending);
    assert!(row.file_hash.is_some());
}

#[tokio::test]
async fn a_refused_password_is_told_in_words_and_success_clears_it() {
    let desk = desk().await;
    let refuse = Act::Say("{tag} NO [AUTHENTICATIONFAILED] no\r\n".to_owned());
    let server =
        FakeImap::start(Script::new().once("LOGIN", refuse.clone()).once("AUTHENTICATE", refuse))
            .await;
    let channel = channel(&desk, "desk@example.com", server.port).await;
    let (stop, stopped) = watch::channel(false);
    let watching = tokio::spawn(watch_folder(watched(&desk, &channel), stopped));
    let failed = || async { health(&desk, channel.id).await.receive_error.is_some() };
    until(&desk, "an error in the health", failed).await;
    let error = health(&desk, channel.id).await.receive_error.unwrap();
    assert!(error.contains("refused the password"), "{error}");
    stop.send_replace(true);
    watching.await.unwrap();
    look(&desk, &channel).await.unwrap();
    assert_eq!(health(&desk, channel.id).await.receive_error, None);
}

#[tokio::test]
async fn mailboxes_are_watched_as_channels_come_change_and_go() {
    let desk = desk().await;
    let silent = FakeImap::start(Script::new().always("greeting", Act::Silence)).await;
    let server = FakeImap::start(Script::new()).await;
    channel(&desk, "slow@example.com", silent.port).await;
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(super::run(desk.desk.clone(), stopped));
    until(&desk, "the silent server is called", || async { silent.connections() == 1 }).await;

    // A mailbox that does not answer delays no other, and a new channel needs no restart.
    let id = channel(&desk, "desk@example.com", server.port).await.id;
    let ready = || async { server.heard().iter().any(|it| it.ends_with("IDLE")) };
    until(&desk, "the new mailbox is watched", ready).await;
    server.deliver(mail("one"));
    until(&desk, "the mail is here", || async { ledger(&desk, id).await.len() == 1 }).await;

    let change = |is_active| ChannelPatch { is_active: Some(is_active), ..ChannelPatch::default() };
    channels::update(&desk, AgentId::new(), id, change(false)).await.unwrap();
    channels::update(&desk, AgentId::new(), id, change(true)).await.unwrap();
    until(&desk, "a new connection", || async { server.connections() == 2 }).await;
    stop.send_replace(true);
    tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap();
}

#[tokio::test]
async fn another_user_is_another_mailbox() {
    let (desk, server) = (desk().await, FakeImap::start(Script::new()).await);
    let before = channel(&desk, "desk@example.com", server.port).await;
    look(&desk, &before).await.unwrap();
    let other = FakeImap::start(Script::new()).await;
    other.deliver(mail("long there"));
    other.change_uid_validity(9);
    let imap = ServerPatch {
        port: Some(other.port),
        username: Some(Some("other".to_owned())),
        password: Some(Some(Secret::new("secret"))),
        ..ServerPatch::default()
    };
    let config = MailPatch { imap: Some(imap), ..MailPatch::default() };
    let patch = ChannelPatch {
        config: Some(ConfigPatch::Mail(Box::new(config))),
        ..ChannelPatch::default()
    };
    let after = channels::update(&desk, AgentId::new(), before.id, patch).await.unwrap().channel;
    look(&desk, &after).await.unwrap();
    assert!(ledger(&desk, before.id).await.is_empty(), "old mail of another mailbox came as new");
}
