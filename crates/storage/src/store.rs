//! The handle everybody holds: reads from a pool, writes through one queue.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::Ordering,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::{broadcast, oneshot, watch};

use crate::{
    backup,
    bulk::Load,
    connections, disk,
    error::{OpenError, StoreError},
    files::Files,
    jobs::Alarm,
    lock::{self, Lock},
    migrate, opening,
    options::Options,
    orders::{Order, Work},
    readers::{Reader, Readers},
    shared::Shared,
    sources,
    tx::{Published, Tx},
    writer::Writer,
};

/// The data of one workspace. Cloning it is cheap.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub shared: Arc<Shared>,
    pub readers: Readers,
    files: Files,
    /// None when opened for reading only.
    orders: Option<SyncSender<Order>>,
    pub capacity: usize,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the folder for serving: makes what is missing, upgrades what is old.
    ///
    /// # Errors
    /// Each says what to do; nothing is changed then.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        opening::require_sqlite()?;
        let folder = &options.folder;
        let failed = |source| OpenError::File { path: options.folder.clone(), source };
        disk::create_private(folder).map_err(failed)?;
        disk::refuse_network(folder)?;
        let lock = lock::acquire(folder)?;
        // The full path, since SQLite would read one that begins with `file:` as a URI.
        let database = folder.canonicalize().map_err(failed)?.join("deskbell.db");
        if !opening::is_there(&database)? {
            opening::create(&database)?;
        }
        let mut connection = opening::open_existing(&database)?;
        migrate::upgrade(&mut connection, &database)?;
        let files = Files::open(folder.join("files")).map_err(failed)?;
        Self::start(&options, database, files, connection, Some(lock))
    }

    /// Opens an existing folder for reading, beside a serving process or without one.
    ///
    /// # Errors
    /// As `open`; also if the schema is another.
    pub fn open_read_only(folder: &Path) -> Result<Self, OpenError> {
        let (database, files) = existing(folder)?;
        let connection = opening::open_for_reading(&database)?;
        migrate::require_latest(&connection)?;
        // Nobody waits for a check but the person who asked for it.
        let deadline = Duration::from_secs(3_600);
        // One reader: the pool would open a second in its own time, when the folder may be gone.
        let options = Options { readers: 1, deadline, ..Options::new(folder) };
        let shared = Arc::new(Shared::new(database));
        Ok(Self::assemble(&options, shared, files, None))
    }

    /// Opens an existing folder for a short write beside a serving process, whose lock stays
    /// where it is.
    ///
    /// # Errors
    /// As `open`; also if the schema is another.
    pub fn open_beside(folder: &Path) -> Result<Self, OpenError> {
        let (database, files) = existing(folder)?;
        let connection = opening::open_existing(&database)?;
        migrate::require_latest(&connection)?;
        let options = Options { readers: 2, queue: 64, ..Options::new(folder) };
        Self::start(&options, database, files, connection, None)
    }

    fn start(
        options: &Options,
        database: PathBuf,
        files: Files,
        connection: rusqlite::Connection,
        lock: Option<Lock>,
    ) -> Result<Self, OpenError> {
        let (orders, waiting) = sync_channel(options.queue);
        let shared = Arc::new(Shared::new(database));
        let writer = Writer::new(shared.clone(), waiting, options, lock);
        let store = Self::assemble(options, shared, files, Some(orders));
        let thread = thread::Builder::new()
            .name("database writer".to_owned())
            .spawn(move || writer.run(connection))
            .map_err(StoreError::from)?;
        store.inner.writer.lock().expect("nothing panics while it is held").replace(thread);
        Ok(store)
    }

    fn assemble(
        options: &Options,
        shared: Arc<Shared>,
        files: Files,
        orders: Option<SyncSender<Order>>,
    ) -> Self {
        let readers = Readers::open(&shared.database, options.readers, options.deadline);
        let inner = Inner {
            shared,
            readers,
            files,
            orders,
            capacity: options.queue,
            writer: Mutex::new(None),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Runs `work` on a snapshot.
    ///
    /// # Errors
    /// That of `work`; `Busy` when too many read, `Deadline` when a query takes too long.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.read_in_pool(None, work).await
    }

    /// Like `read`, for a walk that asks [`Reader::out_of_time`] and stops by itself.
    ///
    /// # Errors
    /// As `read`.
    pub async fn read_within<T, E>(
        &self,
        budget: Duration,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.read_in_pool(Some(budget), work).await
    }

    async fn read_in_pool<T, E>(
        &self,
        budget: Option<Duration>,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = self.inner.readers.turn().await?;
        let inner = self.inner.clone();
        let span = tracing::Span::current();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(|| inner.readers.run(budget, work))
        });
        // A panic was caught inside; what is left is a runtime that stops.
        task.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Like `read`, for the command line. Must not be called from async code.
    ///
    /// # Errors
    /// As `read`.
    pub fn read_blocking<T, E>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.inner.readers.run(None, work)
    }

    /// Queues `work` for the writer and answers when it is durable, alone or with others. Once
    /// queued it is carried out even if the caller goes away.
    ///
    /// # Errors
    /// That of `work`, then nothing of it was kept; `Busy`, `Full`, `Interrupted`, `Panicked`,
    /// `Closed` or `Fatal` from the store, then nothing was kept either.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = self.queue(work)?;
        answer.await.unwrap_or_else(|_| Err(self.gone().into()))
    }

    /// Like `write`, for the command line. Must not be called from async code.
    ///
    /// # Errors
    /// As `write`.
    pub fn write_blocking<T, E>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = self.queue(work)?;
        answer.blocking_recv().unwrap_or_else(|_| Err(self.gone().into()))
    }

    fn queue<T, E>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, E>>, StoreError>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let span = tracing::Span::current();
        let source = sources::current();
        let work = move |tx: &Tx<'_>| {
            tx.comes_from(source);
            span.in_scope(|| work(tx))
        };
        let orders = self.orders()?;
        // Counted first, or the writer could take it off the count before it was on.
        self.inner.shared.counters.queued.fetch_add(1, Ordering::Relaxed);
        let sent = orders.try_send(Order::Write(Box::new(Work::new(work, reply))));
        sent.map_err(|error| {
            self.inner.shared.counters.leave_queue();
            match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => self.gone(),
            }
        })?;
        Ok(answer)
    }

    /// Loads very much at once, with the writer for itself: see [`Load`]. Must not be
    /// called from async code.
    ///
    /// # Errors
    /// That of `work`, and what the store says when it could not begin.
    pub fn bulk<T, E>(
        &self,
        work: impl FnOnce(&Load<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let order = Order::Alone(Box::new(move |load| {
            let result = work(load);
            // Nobody listens any more when the command was stopped.
            Box::new(move || drop(reply.send(result)))
        }));
        self.orders()?.send(order).map_err(|_| self.gone())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(self.gone().into()))
    }

    fn orders(&self) -> Result<&SyncSender<Order>, StoreError> {
        let shared = &self.inner.shared;
        if shared.has_failed() {
            return Err(StoreError::Fatal);
        }
        if shared.is_closing() {
            return Err(StoreError::Closed);
        }
        self.inner.orders.as_ref().ok_or(StoreError::Closed)
    }

    fn gone(&self) -> StoreError {
        if self.inner.shared.has_failed() {
            StoreError::Fatal
        } else if self.inner.shared.is_closing() {
            StoreError::Closed
        } else {
            StoreError::Interrupted
        }
    }

    /// What was published by writes, after their commit and in its order.
    pub fn events(&self) -> broadcast::Receiver<Published> {
        self.inner.shared.events.subscribe()
    }

    /// Rings after a commit in which a write called [`Tx::wake_jobs`].
    pub fn alarm(&self) -> &Alarm {
        &self.inner.shared.alarm
    }

    /// Becomes `Some` with the reason when the disk can promise nothing more. The program must
    /// then stop with an error, so that whoever watches it starts it again.
    pub fn fatal(&self) -> watch::Receiver<Option<String>> {
        self.inner.shared.fatal.subscribe()
    }

    pub fn files(&self) -> &Files {
        &self.inner.files
    }

    /// Copies the database as it is now to `path`, while it is in use. Blocks for as long as the
    /// copy takes: async callers use `spawn_blocking`.
    ///
    /// # Errors
    /// `Full` or `File` when it cannot be written; then nothing is left at `path`.
    pub fn snapshot_to(&self, path: &Path) -> Result<(), StoreError> {
        let database = &self.inner.shared.database;
        // The full path, since SQLite would read one that begins with `file:` as a URI.
        let path = std::path::absolute(path)?;
        let folder =
            path.parent().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::IsADirectory))?;
        if disk::space(folder)?.0 < std::fs::metadata(database)?.len() {
            return Err(StoreError::Full);
        }
        backup::copy(&connections::open_reader(database)?, &path)
    }

    /// Reads the whole database and lists what is wrong with it: nothing, hopefully. `thorough`
    /// also compares indexes with their tables. Blocks, for minutes on a large database.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub fn integrity(&self, thorough: bool) -> Result<Vec<String>, StoreError> {
        let connection = connections::open_reader(&self.inner.shared.database)?;
        backup::problems(&connection, thorough)
    }

    /// The versions of SQLite and of the schema.
    pub fn versions(&self) -> (&'static str, i32) {
        (rusqlite::version(), migrate::latest())
    }

    /// Carries out what is queued, empties the log and ends the writer.
    pub async fn close(self) {
        // A runtime that stops already closes the store by dropping it.
        let _ = tokio::task::spawn_blocking(move || self.close_blocking()).await;
    }

    /// Like `close`, for the command line.
    pub fn close_blocking(self) {
        self.inner.shared.closing.store(true, Ordering::Release);
        if let Some(orders) = &self.inner.orders {
            // The writer may be gone already.
            let _ = orders.send(Order::Close);
        }
        let writer = self.inner.writer.lock().expect("nothing panics while it is held").take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("The database writer panicked while closing");
        }
    }
}

fn existing(folder: &Path) -> Result<(PathBuf, Files), OpenError> {
    opening::require_sqlite()?;
    let missing = || OpenError::Missing(folder.to_owned());
    let folder = folder.canonicalize().map_err(|_| missing())?;
    let database = folder.join("deskbell.db");
    if !opening::is_there(&database)? {
        return Err(missing());
    }
    Ok((database, Files::at(folder.join("files"))))
}
