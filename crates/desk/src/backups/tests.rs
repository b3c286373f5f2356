//! Backup and restore on real folders.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use domain::{
    Timestamp,
    jobs::{JobKind, JobState},
};
use storage::{Store, StoreError, attachments, jobs};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

mod damage;
mod numbers;

const NOW: Timestamp = Timestamp(1_780_000_000_000);

struct Place {
    folder: TempDir,
    store: Store,
}

impl Place {
    /// A desk with two files, a key, and one job of each sort.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(storage::Options::new(folder.path().join("data"))).unwrap();
        let place = Self { folder, store };
        fs::create_dir(place.data().join("keys")).unwrap();
        fs::write(place.data().join("keys/master.key"), "c2VjcmV0").unwrap();
        place.put_file(b"first");
        place.put_file(b"second");
        place.put_job(JobKind::SendMessage);
        place.put_job(JobKind::WakeConversation);
        place
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("backup.tar")
    }

    fn put_file(&self, bytes: &[u8]) {
        let (hash, size) = (self.store.files().put(bytes).unwrap(), bytes.len() as u64);
        self.write(move |tx| attachments::refer_to_file(tx, &hash.to_string(), size, NOW));
    }

    fn put_job(&self, kind: JobKind) {
        let job = jobs::NewJob {
            kind,
            subject: Uuid::now_v7(),
            payload: serde_json::json!({}),
            lane: "test".to_owned(),
            run_at: NOW,
        };
        self.write(move |tx| jobs::put(tx, &job, NOW));
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&storage::Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write_blocking(work).unwrap()
    }

    fn back_up(&self) -> Summary {
        write(&self.store, &self.data(), &self.archive(), NOW).unwrap()
    }
}

fn job_counts(store: &Store) -> BTreeMap<(String, String), u64> {
    let rows = store.read_blocking(jobs::summary).unwrap();
    rows.into_iter().map(|(kind, state, n)| ((kind.to_string(), state.to_string()), n)).collect()
}

fn names_in(archive: &Path) -> Vec<String> {
    let mut tar = tar::Archive::new(fs::File::open(archive).unwrap());
    let entries = tar.entries().unwrap();
    entries.map(|it| it.unwrap().path().unwrap().display().to_string()).collect()
}

#[test]
fn what_comes_back_is_what_was_there_and_nothing_goes_out() {
    let place = Place::new();
    let summary = place.back_up();
    assert_eq!(summary.manifest.missing_files, Vec::<String>::new());
    let mode = fs::metadata(place.archive()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // After the backup: must not come back.
    place.put_job(JobKind::SendMessage);

    let target = place.folder.path().join("new");
    let restored = restore(&place.archive(), &target).unwrap();
    assert_eq!(restored.held_jobs, 1);
    assert!(!is_interrupted(&target));
    let mut names: Vec<_> = fs::read_dir(&target)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["deskbell.db", "files", "keys"]);
    assert_eq!(fs::read_to_string(target.join("keys/master.key")).unwrap(), "c2VjcmV0");

    let store = Store::open(storage::Options::new(&target)).unwrap();
    assert_eq!(store.integrity(true).unwrap(), Vec::<String>::new());
    let of = |kind: JobKind, state: JobState| (kind.to_string(), state.to_string());
    let want = BTreeMap::from([
        (of(JobKind::SendMessage, JobState::Held), 1),
        (of(JobKind::WakeConversation, JobState::Ready), 1),
    ]);
    assert_eq!(job_counts(&store), want);
    for bytes in [&b"first"[..], b"second"] {
        assert_eq!(store.files().read(storage::FileHash::of(bytes)).unwrap(), bytes);
    }

    assert_eq!(store.write_blocking(jobs::release_held).unwrap(), 1);
    let released = of(JobKind::SendMessage, JobState::Ready);
    assert_eq!(job_counts(&store).get(&released), Some(&1));
}

#[test]
fn a_backup_under_load_is_one_moment() {
    let place = Place::new();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut rounds = 0;
            while !stop.load(Ordering::Relaxed) {
                // Always two at a time: a snapshot in between would show an odd number.
                place.write(|tx| {
                    for kind in [JobKind::EraseContact, JobKind::WakeConversation] {
                        let job = jobs::NewJob {
                            kind,
                            subject: Uuid::now_v7(),
                            payload: serde_json::json!({}),
                            lane: "load".to_owned(),
                            run_at: NOW,
                        };
                        jobs::put(tx, &job, NOW)?;
                    }
                    Ok(())
                });
                place.put_file(format!("file {rounds}").as_bytes());
                rounds += 1;
            }
            rounds
        });
        for round in 0..3 {
            let archive = place.folder.path().join(format!("{round}.tar"));
            let summary = write(&place.store, &place.data(), &archive, NOW).unwrap();
            assert_eq!(summary.manifest.missing_files, Vec::<String>::new());
            let target = place.folder.path().join(format!("restored-{round}"));
            restore(&archive, &target).unwrap();
            let store = Store::open(storage::Options::new(&target)).unwrap();
            let counts = job_counts(&store);
            let ready = |kind: JobKind| {
                counts.get(&(kind.to_string(), JobState::Ready.to_string())).copied().unwrap_or(0)
            };
            assert_eq!(ready(JobKind::EraseContact) + 1, ready(JobKind::WakeConversation));
            let files = store.read_blocking(attachments::referenced_files).unwrap();
            for name in files {
                store.files().read(name.parse().unwrap()).unwrap();
            }
        }
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 0);
    });
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let place = Place::new();
    place.back_up();
    for leftover in ["deskbell.db", "deskbell.db-wal", "note.txt"] {
        let target = place.folder.path().join(format!("used-{leftover}"));
        fs::create_dir(&target).unwrap();
        fs::write(target.join(leftover), "stale").unwrap();
        let error = restore(&place.archive(), &target).unwrap_err();
        assert!(matches!(error, BackupError::NotEmpty(_)), "{leftover}: {error}");
        assert_eq!(fs::read_to_string(target.join(leftover)).unwrap(), "stale");
    }
    let error = write(&place.store, &place.data(), &place.archive(), NOW).unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error}");
}

#[test]
fn only_one_backup_is_written_at_a_time() {
    let place = Place::new();
    let lock = fs::File::open(place.data()).unwrap();
    lock.lock().unwrap();
    let error = write(&place.store, &place.data(), &place.archive(), NOW).unwrap_err();
    assert!(matches!(error, BackupError::Running), "{error}");
    drop(lock);
    place.back_up();
    // Also one that goes into the data folder itself.
    write(&place.store, &place.data(), &place.data().join("inside.tar"), NOW).unwrap();
}

#[test]
fn what_a_cut_off_backup_left_goes_with_the_next() {
    let place = Place::new();
    let left = |name: &str| {
        let path = place.folder.path().join(name);
        fs::create_dir(&path).unwrap();
        fs::write(path.join("archive.tar"), b"half").unwrap();
        path
    };
    let (abandoned, foreign) = (left(".deskbell-backup-dead"), left("deskbell-backup-mine"));
    let in_use = left(".deskbell-backup-alive");
    let lock = fs::File::open(&in_use).unwrap();
    lock.lock().unwrap();
    place.back_up();
    assert!(!abandoned.exists());
    assert!(foreign.exists() && in_use.join("archive.tar").exists());
}

#[test]
fn a_lost_file_is_named_and_the_rest_is_saved() {
    let place = Place::new();
    let (lost, spoiled) = (storage::FileHash::of(b"first"), storage::FileHash::of(b"second"));
    place.store.files().delete(lost).unwrap();
    fs::write(place.store.files().path(spoiled), "other bytes").unwrap();
    let mut missing = place.back_up().manifest.missing_files;
    let mut want = vec![lost.to_string(), spoiled.to_string()];
    missing.sort();
    want.sort();
    assert_eq!(missing, want);
    restore(&place.archive(), &place.folder.path().join("new")).unwrap();
}

#[test]
fn an_interrupted_restore_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!is_interrupted(folder.path()));
    fs::create_dir(folder.path().join("restoring")).unwrap();
    assert!(is_interrupted(folder.path()));
}

#[test]
fn scheduled_backups_come_in_time_and_old_ones_go() {
    let place = Place::new();
    let schedule = Schedule {
        every: std::time::Duration::from_secs(3_600),
        keep: 2,
        folder: place.folder.path().join("backups"),
    };
    assert_eq!(schedule.next(NOW).unwrap(), NOW);
    for hour in 0..4 {
        let now = NOW.plus_seconds(hour * 3_600);
        schedule.run(&place.store, &place.data(), now).unwrap();
        assert_eq!(schedule.next(now).unwrap(), now.plus_seconds(3_600));
    }
    fs::write(schedule.folder.join("mine.tar"), "kept").unwrap();
    let mut names: Vec<_> = fs::read_dir(&schedule.folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let want =
        ["deskbell-2026-05-28T22-26-40Z.tar", "deskbell-2026-05-28T23-26-40Z.tar", "mine.tar"];
    assert_eq!(names, want);
    // A clock set back must not put the next backup off.
    assert_eq!(schedule.next(NOW).unwrap(), NOW.plus_seconds(3_600));
}
