//! Leasing: one job a lane, longest due first, and a long queue that delays only itself.

#![expect(clippy::unwrap_used, reason = "helpers of a test fail by panicking")]
use std::collections::HashSet;

use domain::{
    Timestamp,
    jobs::{Job, JobKind},
};
use serde_json::json;
use storage::{Options, Store, jobs};
use tempfile::TempDir;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const KINDS: [JobKind; 2] = [JobKind::SendMessage, JobKind::WakeConversation];

fn open() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Store::open(Options::new(folder.path())).unwrap(), folder)
}

fn put(store: &Store, kind: JobKind, lane: &str, seconds: i64) -> Uuid {
    let subject = Uuid::new_v4();
    put_about(store, kind, subject, lane, seconds);
    subject
}

fn put_about(store: &Store, kind: JobKind, subject: Uuid, lane: &str, seconds: i64) {
    let (lane, run_at) = (lane.to_owned(), NOW.plus_seconds(seconds));
    let job = jobs::NewJob { kind, subject, payload: json!({}), lane, run_at };
    store.write_blocking(move |tx| jobs::put(tx, &job, NOW)).unwrap();
}

fn lease(store: &Store, busy: &[&str], limit: usize) -> Vec<Job> {
    let busy: HashSet<String> = busy.iter().map(|it| (*it).to_owned()).collect();
    let owner = Uuid::new_v4();
    store.write_blocking(move |tx| jobs::lease(tx, &KINDS, &busy, owner, NOW, limit)).unwrap()
}

fn subjects(jobs: &[Job]) -> Vec<Uuid> {
    jobs.iter().map(|it| it.subject).collect()
}

#[test]
fn a_lane_has_one_job_at_a_time_and_the_longest_due_goes_first() {
    let (store, _folder) = open();
    let [second, first] = [-5, -9].map(|it| put(&store, JobKind::SendMessage, "shop", it));
    let other = put(&store, JobKind::WakeConversation, "wake", -7);
    put(&store, JobKind::SendMessage, "later", 1);
    put(&store, JobKind::EraseContact, "not asked for", -9);
    put(&store, JobKind::SendMessage, "busy", -9);
    let leased = lease(&store, &["busy"], 9);
    assert_eq!(subjects(&leased), [first, other]);
    assert_eq!(leased[0].attempts, 1);
    assert!(lease(&store, &["busy", "shop", "wake"], 9).is_empty());
    let done = leased[0].id;
    store.write_blocking(move |tx| jobs::finish(tx, done)).unwrap();
    assert_eq!(subjects(&lease(&store, &["busy", "wake"], 9)), [second]);
}

#[test]
fn a_long_queue_delays_only_itself() {
    let (store, _folder) = open();
    store
        .write_blocking(|tx| {
            (0..1_500).try_for_each(|_| {
                let (kind, lane) = (JobKind::SendMessage, "dead".to_owned());
                let (subject, run_at) = (Uuid::new_v4(), NOW.plus_seconds(-100));
                jobs::put(
                    tx,
                    &jobs::NewJob { kind, subject, payload: json!({}), lane, run_at },
                    NOW,
                )
            })
        })
        .unwrap();
    let alive = put(&store, JobKind::SendMessage, "alive", -1);
    assert_eq!(subjects(&lease(&store, &["dead"], 9)), [alive]);
    assert_eq!(lease(&store, &["dead (another)"], 1).len(), 1);
}

#[test]
fn what_failed_waits_beside_its_lane() {
    let (store, _folder) = open();
    let failed = put(&store, JobKind::SendMessage, "shop", -9);
    let job = lease(&store, &[], 9).remove(0);
    store.write_blocking(move |tx| jobs::retry(tx, job.id, NOW, Some("greylisted"))).unwrap();
    let new = put(&store, JobKind::SendMessage, "shop", -1);
    let both = lease(&store, &[], 9);
    assert_eq!(subjects(&both), [new, failed]);
    assert_eq!(both[1].attempts, 2);
    assert_eq!(both[1].last_error.as_deref(), Some("greylisted"));
}

#[test]
fn a_job_put_anew_while_it_runs_survives_the_end_of_the_run() {
    let (store, _folder) = open();
    let subject = put(&store, JobKind::WakeConversation, "wake", -9);
    let running = lease(&store, &[], 9).remove(0);
    put_about(&store, JobKind::WakeConversation, subject, "wake", 60);
    store
        .write_blocking(move |tx| {
            jobs::postpone(tx, running.id, NOW, "late")?;
            jobs::retry(tx, running.id, NOW, None)?;
            jobs::bury(tx, running.id, "late")?;
            jobs::finish(tx, running.id)
        })
        .unwrap();
    let job = store
        .read_blocking(|db| jobs::find(db, JobKind::WakeConversation, subject))
        .unwrap()
        .unwrap();
    assert_eq!((job.run_at, job.attempts), (NOW.plus_seconds(60), 0));
}
