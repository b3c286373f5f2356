//! Reading: a pool of connections that cannot write, each read one snapshot with a deadline.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use r2d2::{Pool, PooledConnection};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{connections, error::StoreError};

/// Database instructions between two looks at the clock: some tens of microseconds.
const INSTRUCTIONS: i32 = 2_000;
/// The same for a query that reads much with each instruction, as a search does.
const FEW_INSTRUCTIONS: i32 = 100;
/// How long a read may wait for a connection before its caller hears `Busy`.
const PATIENCE: Duration = Duration::from_secs(5);
/// Reads that may wait at once; each holds memory and a client's socket.
const WAITING: usize = 4_096;
/// An idle connection's cache is given back after this time.
const IDLE: Duration = Duration::from_secs(120);

/// A snapshot of the database. Queries take `&Reader`; only `storage` can see inside.
///
/// ```compile_fail
/// fn write(db: &storage::Reader<'_>) { also(db) }
/// fn also(_: &storage::Tx<'_>) {}
/// ```
pub struct Reader<'a> {
    connection: &'a Connection,
    budget_ends: Option<Instant>,
    /// When the whole read is ended. The writer has none.
    deadline: Option<Instant>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self { connection, budget_ends: None, deadline: None }
    }

    pub(crate) fn sql(&self) -> &'a Connection {
        self.connection
    }

    /// The same snapshot with a time budget for a walk that can stop half-way.
    pub fn within(&self, budget: Duration) -> Self {
        Self { budget_ends: Some(Instant::now() + budget), ..*self }
    }

    /// What `work` finds, if it does so within `most`; else the engine ends its query. For what
    /// cannot stop half-way, and has another way.
    pub(crate) fn in_time<T>(
        &self,
        most: Duration,
        work: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let Some(deadline) = self.deadline else { return work(self).map(Some) };
        let most = self.time_left().map_or(most, |it| it.min(most));
        if most.is_zero() {
            return Ok(None);
        }
        let end = deadline.min(Instant::now() + most);
        self.connection.progress_handler(FEW_INSTRUCTIONS, Some(move || Instant::now() >= end))?;
        let found = work(self);
        self.connection.progress_handler(INSTRUCTIONS, Some(move || Instant::now() >= deadline))?;
        match found {
            Err(StoreError::Deadline) if Instant::now() < deadline => Ok(None),
            found => found.map(Some),
        }
    }

    /// What is left of the budget, if there is one.
    pub fn time_left(&self) -> Option<Duration> {
        self.budget_ends.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Whether the walk's budget is spent. Without a budget it never is; the deadline of the
    /// whole read ends a query that does not ask.
    pub fn out_of_time(&self) -> bool {
        self.budget_ends.is_some_and(|end| Instant::now() >= end)
    }
}

/// The connections and the queue for them.
pub(crate) struct Readers {
    pool: Pool<SqliteConnectionManager>,
    /// As many permits as connections, so that a flood waits here and not in blocked threads.
    permits: Arc<Semaphore>,
    size: usize,
    waiting: AtomicUsize,
    deadline: Duration,
}

impl Readers {
    pub(crate) fn open(database: &Path, size: u32, deadline: Duration) -> Self {
        let manager = SqliteConnectionManager::file(database)
            .with_flags(connections::reader_flags())
            .with_init(|connection| connections::start_reader(connection));
        let pool = Pool::builder()
            .max_size(size.max(1))
            .min_idle(Some(1))
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(Some(IDLE))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(LogReaders))
            .build_unchecked(manager);
        let size = size.max(1) as usize;
        let permits = Arc::new(Semaphore::new(size));
        Self { pool, permits, size, waiting: AtomicUsize::new(0), deadline }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn in_use(&self) -> usize {
        self.size - self.permits.available_permits().min(self.size)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Waits for a turn: first come, first served.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let _place = Place::take(&self.waiting).ok_or(StoreError::Busy)?;
        match tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(StoreError::Closed),
            Err(_) => Err(StoreError::Busy),
        }
    }

    /// Runs `work` in one read transaction on this thread.
    pub(crate) fn run<T, E>(
        &self,
        budget: Option<Duration>,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let connection = self.pool.get().map_err(|_| StoreError::Busy)?;
        let started = Instant::now();
        let deadline = started + self.deadline;
        let snapshot = Snapshot::begin(connection, deadline)?;
        let mut reader = Reader::new(&snapshot.0);
        reader.deadline = Some(deadline);
        reader.budget_ends = budget.map(|it| started + it);
        // The snapshot must end before the panic goes on, whoever catches it.
        catch_unwind(AssertUnwindSafe(|| work(&reader)))
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }
}

/// Ends its read transaction when dropped, so that it never holds up a checkpoint.
struct Snapshot(PooledConnection<SqliteConnectionManager>);

impl Snapshot {
    fn begin(
        connection: PooledConnection<SqliteConnectionManager>,
        deadline: Instant,
    ) -> Result<Self, StoreError> {
        let late = move || Instant::now() >= deadline;
        connection.progress_handler(INSTRUCTIONS, Some(late))?;
        let snapshot = Self(connection);
        snapshot.0.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        Ok(snapshot)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let cleared = self.0.progress_handler(0, None::<fn() -> bool>);
        let ended = if self.0.is_autocommit() {
            Ok(0)
        } else {
            self.0.prepare_cached("ROLLBACK").and_then(|mut it| it.execute([]))
        };
        if let Err(error) = cleared.and(ended.map(drop)) {
            tracing::error!(%error, "A read could not end its transaction");
        }
    }
}

struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        (before < WAITING).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The pool opens connections on its own threads; their failures belong in our log.
#[derive(Debug)]
struct LogReaders;

impl r2d2::HandleError<rusqlite::Error> for LogReaders {
    fn handle_error(&self, error: rusqlite::Error) {
        tracing::error!(%error, "A reading connection could not be opened");
    }
}
