//! Jobs run when they are due, once, whatever happens to the server.

mod jumps;

use domain::{
    conversations::{Conversation, Status},
    events::Actor,
    jobs::{JobKind, JobState},
};
use serde_json::json;
use storage::{attachments, conversations, jobs};

use super::*;
use crate::{
    conversations::record,
    testing::{NOW, TestDesk},
};

pub(crate) async fn snoozed(desk: &TestDesk, until: Timestamp) -> Conversation {
    let channel = desk.channel(json!({})).await;
    let mut it = desk.conversation(channel, &format!("{}@x.example", uuid::Uuid::new_v4())).await;
    desk.write(move |tx| {
        let event = it.set_status(Status::Snoozed, Some(until), None, NOW)?.unwrap();
        conversations::update(tx, &it)?;
        record::record(tx, &it, event, Actor::System, NOW)?;
        Ok(it)
    })
    .await
}

async fn status(desk: &Desk, it: &Conversation) -> Status {
    let id = it.id;
    desk.store.read(move |db| conversations::find(db, id)).await.unwrap().unwrap().status
}

async fn summary(desk: &Desk) -> Vec<(JobKind, JobState, u64)> {
    desk.store.read(jobs::summary).await.unwrap()
}

#[tokio::test]
async fn a_snooze_ends_to_the_millisecond() {
    let desk = TestDesk::open().await;
    let it = snoozed(&desk, NOW.plus_seconds(60)).await;
    desk.clock.set(NOW.plus_millis(59_999));
    assert_eq!(step(&desk).await.unwrap(), 0);
    assert_eq!(status(&desk, &it).await, Status::Snoozed);
    desk.clock.set(NOW.plus_seconds(60));
    assert_eq!(step(&desk).await.unwrap(), 1);
    assert_eq!(status(&desk, &it).await, Status::Open);
    assert_eq!(summary(&desk).await, []);
}

#[tokio::test]
async fn running_workers_follow_the_clock_and_what_is_put_in() {
    let desk = TestDesk::open().await;
    let workers = spawn(&desk);
    let mut events = desk.store.events();
    let (later, now) =
        (snoozed(&desk, NOW.plus_seconds(3600)).await, snoozed(&desk, NOW.plus_seconds(1)).await);
    desk.clock.set(NOW.plus_seconds(1));
    let woken = async |events: &mut tokio::sync::broadcast::Receiver<storage::Published>| loop {
        let it = events.recv().await.unwrap();
        let open = matches!(it.event, domain::events::Event::StatusChanged { after, .. } if after == Status::Open);
        if open {
            return it.conversation.unwrap();
        }
    };
    assert_eq!(woken(&mut events).await, now.id);
    assert_eq!(status(&desk, &later).await, Status::Snoozed);
    desk.clock.set(NOW.plus_seconds(3600));
    assert_eq!(woken(&mut events).await, later.id);
    workers.stop().await;
    assert_eq!(summary(&desk).await, []);
}

/// Leases one job of the kind as a start of the server does that then ends. Returns the job as the
/// next start finds it.
async fn crash(desk: &TestDesk, kind: JobKind, now: Timestamp) -> domain::jobs::Job {
    let leased = desk
        .write(move |tx| {
            let none = std::collections::HashSet::new();
            Ok(jobs::lease(tx, &[kind], &none, uuid::Uuid::new_v4(), now, 9)?)
        })
        .await;
    assert_eq!(leased.len(), 1);
    desk.write(move |tx| run::free_orphans(tx, uuid::Uuid::new_v4(), now)).await;
    let subject = leased[0].subject;
    let job = desk.store.read(move |db| jobs::find(db, kind, subject)).await.unwrap().unwrap();
    assert!(job.last_error.as_ref().unwrap().contains("server ended"));
    job
}

#[tokio::test]
async fn what_an_ended_start_had_leased_is_free_at_once_later_after_pauses_then_given_up() {
    let desk = TestDesk::open().await;
    let kind = JobKind::MailNotice;
    desk.write(move |tx| {
        let (subject, payload) = (uuid::Uuid::new_v4(), json!({}));
        let job = jobs::NewJob { kind, subject, payload, lane: "x".to_owned(), run_at: NOW };
        Ok(jobs::put(tx, &job, NOW)?)
    })
    .await;
    let mut now = NOW;
    for count in 1..=MAX_CRASHES {
        let job = crash(&desk, kind, now).await;
        let want = if count < MAX_CRASHES { JobState::Ready } else { JobState::Dead };
        assert_eq!(job.state, want, "crash {count}");
        if count < MAX_CRASHES {
            assert_eq!(job.run_at > now, count > 2, "crash {count}");
            now = job.run_at;
        }
    }
    let other = snoozed(&desk, now).await;
    desk.clock.set(now);
    assert_eq!(step(&desk).await.unwrap(), 1, "the dead job is left alone");
    assert_eq!(status(&desk, &other).await, Status::Open);
}

#[tokio::test]
async fn a_conversation_is_woken_at_last_however_often_that_failed() {
    let desk = TestDesk::open().await;
    let mut now = NOW.plus_seconds(60);
    let it = snoozed(&desk, now).await;
    for count in 1..=MAX_ATTEMPTS + MAX_CRASHES {
        let job = crash(&desk, JobKind::WakeConversation, now).await;
        assert_eq!(job.state, JobState::Ready, "crash {count}");
        assert!(job.run_at.since(now) <= 12 * 60 * 1000, "crash {count}");
        now = job.run_at;
    }
    desk.clock.set(now);
    step(&desk).await.unwrap();
    assert_eq!(status(&desk, &it).await, Status::Open);

    let mut job = domain::jobs::Job { attempts: MAX_ATTEMPTS, ..job_of(JobKind::EraseContact) };
    assert!(next_attempt(&job, NOW).is_some());
    job.kind = JobKind::ProcessInbound;
    assert_eq!(next_attempt(&job, NOW), None, "it is set aside, and can be replayed");
}

fn job_of(kind: JobKind) -> domain::jobs::Job {
    domain::jobs::Job {
        id: domain::ids::JobId::new(),
        kind,
        subject: uuid::Uuid::new_v4(),
        payload: json!({}),
        lane: "x".to_owned(),
        state: JobState::Running,
        run_at: NOW,
        attempts: 1,
        crashes: 0,
        last_error: None,
        created_at: NOW,
    }
}

#[tokio::test]
async fn held_jobs_are_left_alone() {
    let desk = TestDesk::open().await;
    desk.write(|tx| {
        let job = jobs::NewJob {
            kind: JobKind::SendMessage,
            subject: uuid::Uuid::new_v4(),
            payload: json!({}),
            lane: "some".to_owned(),
            run_at: NOW,
        };
        jobs::put(tx, &job, NOW)?;
        Ok(jobs::hold_outside_facing(tx)?)
    })
    .await;
    assert_eq!(step(&desk).await.unwrap(), 0);
    assert_eq!(summary(&desk).await, [(JobKind::SendMessage, JobState::Held, 1)]);
}

#[tokio::test]
async fn housekeeping_keeps_files_that_were_put_again() {
    let desk = TestDesk::open().await;
    let files = desk.store.files().clone();
    let (old, again) = (files.put(b"old").unwrap(), files.put(b"again").unwrap());
    let yesterday = std::time::SystemTime::now() - Duration::from_secs(86_400);
    files.open_file(old).unwrap().set_modified(yesterday).unwrap();
    files.open_file(again).unwrap().set_modified(yesterday).unwrap();
    desk.write(move |tx| {
        for it in [old, again] {
            attachments::refer_to_file(tx, &it.to_string(), 3, NOW)?;
            attachments::release_file(tx, &it.to_string(), NOW)?;
        }
        Ok(())
    })
    .await;
    desk.clock.set(NOW.plus_seconds(86_000));
    housekeeping::keep_house(&desk).await.unwrap();
    assert!(files.read(old).is_ok(), "within the day of a running backup");
    // Somebody uploads the same bytes; the row is yet to come.
    files.put(b"again").unwrap();
    desk.clock.set(NOW.plus_seconds(90_000));
    housekeeping::keep_house(&desk).await.unwrap();
    assert!(files.read(old).is_err());
    assert_eq!(files.read(again).unwrap(), b"again");
}

#[tokio::test]
async fn files_that_never_got_a_row_are_swept_once_a_day() {
    let desk = TestDesk::open().await;
    let files = desk.store.files().clone();
    let put = |bytes: &[u8], hours: u64| {
        let hash = files.put(bytes).unwrap();
        let time = std::time::SystemTime::now() - Duration::from_secs(hours * 3600);
        files.open_file(hash).unwrap().set_modified(time).unwrap();
        hash
    };
    let (abandoned, young, known) = (put(b"old", 25), put(b"young", 23), put(b"known", 25));
    desk.write(move |tx| Ok(attachments::refer_to_file(tx, &known.to_string(), 5, NOW)?)).await;
    housekeeping::keep_house(&desk).await.unwrap();
    assert!(files.read(abandoned).is_err());
    assert!(files.read(young).is_ok() && files.read(known).is_ok());

    let later = put(b"later", 25);
    housekeeping::keep_house(&desk).await.unwrap();
    assert!(files.read(later).is_ok(), "the day is not over");
    desk.clock.set(NOW.plus_seconds(86_400));
    housekeeping::keep_house(&desk).await.unwrap();
    assert!(files.read(later).is_err());
}
