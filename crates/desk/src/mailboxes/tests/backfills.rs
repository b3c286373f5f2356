//! Older mail, fetched on request.

use super::*;

/// Claims the job as a worker does, and carries it out.
async fn attempt(desk: &Desk, id: ChannelId, attempts: u32) -> Outcome {
    let find = move |db: &storage::Reader<'_>| jobs::find(db, JobKind::BackfillMail, id.0);
    let mut job = desk.store.read(find).await.unwrap().unwrap();
    job.attempts = attempts;
    backfill::run(desk, &job).await.unwrap()
}

#[tokio::test]
async fn one_mail_that_is_not_handed_over_does_not_end_a_backfill() {
    let (desk, hang_up) = (desk().await, || Act::HangUp);
    // The first UID FETCH of a connection lists, the second asks for the first mail.
    let list = |uids: std::ops::RangeInclusive<u32>| {
        let rows: String =
            uids.map(|it| format!("* {it} FETCH (UID {it} RFC822.SIZE 90)\r\n")).collect();
        Act::Say(format!("{rows}{{tag}} OK done\r\n"))
    };
    let mut script = Script::new();
    for _ in 0..3 {
        script = script.once("UID FETCH", list(1..=3)).once("UID FETCH", hang_up());
    }
    let server = FakeImap::start(script).await;
    let channel = channel(&desk, "desk@example.com", server.port).await;
    for subject in ["stuck", "second", "third"] {
        server.deliver(mail(subject));
    }
    let (since, before) = (Timestamp(0), desk.clock.now());
    backfill::request(&desk, AgentId::new(), channel.id, since, before).await.unwrap();
    let progress = async || {
        let state = channels::find(&desk, channel.id).await.unwrap().backfill.unwrap();
        (state.found, state.read)
    };
    assert_eq!(progress().await, (None, 0));
    assert_eq!(attempt(&desk, channel.id, 1).await, Outcome::Done);
    // Listed anew after each try, counted once.
    assert_eq!(progress().await, (Some(3), 3));
    let rows = ledger(&desk, channel.id).await;
    let fates: Vec<_> = rows.iter().map(|it| it.fate).collect();
    assert_eq!(fates, [Fate::Quarantined, Fate::Pending, Fate::Pending]);
    assert!(rows[0].reason.as_deref().unwrap().contains("still there"));
    // The same request leaves it; another one asks again.
    assert_eq!(attempt(&desk, channel.id, 2).await, Outcome::Done);
    assert_eq!(ledger(&desk, channel.id).await[0].fate, Fate::Quarantined);
    assert_eq!(attempt(&desk, channel.id, 1).await, Outcome::Done);
    assert_eq!(ledger(&desk, channel.id).await[0].fate, Fate::Pending);
}

#[tokio::test]
async fn a_server_that_hands_nothing_over_ends_the_attempt_in_words() {
    let desk = desk().await;
    let refused = FakeImap::start(Script::new().always("greeting", Act::HangUp)).await;
    let channel = channel(&desk, "desk@example.com", refused.port).await;
    let (since, before) = (Timestamp(0), desk.clock.now());
    backfill::request(&desk, AgentId::new(), channel.id, since, before).await.unwrap();
    let Outcome::Failed(reason) = attempt(&desk, channel.id, 1).await else { panic!() };
    assert!(reason.contains("closed the connection"), "{reason}");
    assert!(ledger(&desk, channel.id).await.is_empty());
}

#[tokio::test]
async fn older_mail_comes_when_asked_for_and_once() {
    let (desk, server) = (desk().await, FakeImap::start(Script::new()).await);
    let channel = channel(&desk, "desk@example.com", server.port).await;
    server.deliver(mail("old"));
    look(&desk, &channel).await.unwrap();
    server.deliver(mail("new"));
    backfill_all(&desk, channel.id).await;
    // What came since the last look is the watcher's: it is new.
    look(&desk, &channel).await.unwrap();
    let rows = ledger(&desk, channel.id).await;
    let kinds: Vec<_> = rows.iter().map(|it| (it.source_key.as_str(), it.backfill)).collect();
    assert_eq!(kinds, [("desk@127.0.0.1/INBOX/1/1", true), ("desk@127.0.0.1/INBOX/1/2", false)]);
    let received = Timestamp::parse("2026-07-17T02:44:25Z").unwrap();
    assert_eq!(rows[0].received_at, received);
}
