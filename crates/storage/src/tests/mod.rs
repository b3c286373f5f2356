//! The engine's promises, each tried on a database in a temporary folder.

mod backups;
mod checkpoints;
mod failures;
mod files;
mod full_disk;
mod opening;
mod purge;
mod reads;
mod upgrades;
mod writes;

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{error::StoreError, options::Options, store::Store, tx::Tx};

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A store with one table of its own, `words (word TEXT UNIQUE)`.
struct Desk {
    store: Store,
    folder: TempDir,
}

impl Desk {
    fn open() -> Self {
        Self::open_with(|_| {})
    }

    fn open_with(change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options::new(folder.path());
        change(&mut options);
        let store = Store::open(options).unwrap();
        store.write_blocking(make_table).unwrap();
        Self { store, folder }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("deskbell.db")
    }

    fn words(&self) -> Vec<String> {
        words_in(self.folder.path())
    }

    fn add(&self, word: &'static str) -> Result<()> {
        self.store.write_blocking(move |tx| add(tx, word))
    }
}

fn make_table(tx: &Tx<'_>) -> Result<()> {
    tx.sql().execute_batch("CREATE TABLE words (word TEXT NOT NULL UNIQUE) STRICT")?;
    Ok(())
}

fn add(tx: &Tx<'_>, word: &str) -> Result<()> {
    tx.sql().prepare_cached("INSERT INTO words (word) VALUES (?1)")?.execute([word])?;
    Ok(())
}

/// Waits for what happens by itself on another thread.
fn eventually(what: &str, happened: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !happened() {
        assert!(Instant::now() < end, "{what} did not happen");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// Adds this many rows of a page or so each.
fn fill(tx: &Tx<'_>, rows: usize) -> Result<()> {
    let mut stmt =
        tx.sql().prepare_cached("INSERT INTO words (word) VALUES (hex(randomblob(1800)))")?;
    (0..rows).try_for_each(|_| stmt.execute([]).map(drop))?;
    Ok(())
}

/// What a connection that is none of the store's sees.
fn words_in(folder: &Path) -> Vec<String> {
    let connection = crate::connections::open_reader(&folder.join("deskbell.db")).unwrap();
    let mut stmt = connection.prepare("SELECT word FROM words ORDER BY rowid").unwrap();
    let words = stmt.query_map([], |row| row.get(0)).unwrap();
    words.collect::<rusqlite::Result<_>>().unwrap()
}

/// Keeps the writer in a job until the returned sender speaks, so that a batch gathers behind it.
fn hold_writer(store: &Store) -> (mpsc::Sender<()>, std::thread::JoinHandle<Result<()>>) {
    let (go, wait) = mpsc::channel();
    let (entered, inside) = mpsc::channel();
    let store = store.clone();
    let held = std::thread::spawn(move || {
        store.write_blocking(move |_| {
            entered.send(()).unwrap();
            wait.recv_timeout(Duration::from_secs(20)).unwrap();
            Ok(())
        })
    });
    inside.recv_timeout(Duration::from_secs(20)).unwrap();
    (go, held)
}
