//! The transaction a write works in.

use std::{
    cell::{Cell, RefCell},
    ops::Deref,
    sync::Arc,
};

use domain::{Timestamp, events::Recorded};
use rusqlite::Connection;

use crate::{error::StoreError, readers::Reader, sources::Source};

/// An event as the live stream gets it after the commit; cheap to hand to ten thousand listeners.
pub type Published = Arc<Recorded>;

/// A write in progress. Only the writer makes one, so a write outside a transaction does not
/// compile; it derefs to a [`Reader`], so queries see what it has written.
pub struct Tx<'a> {
    reader: Reader<'a>,
    published: RefCell<Vec<Published>>,
    first_job: Cell<Option<Timestamp>>,
    source: Cell<Source>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self {
            reader: Reader::new(connection),
            published: RefCell::default(),
            first_job: Cell::default(),
            source: Cell::default(),
        }
    }

    /// Says where this write comes from.
    pub(crate) fn comes_from(&self, source: Source) {
        self.source.set(source);
    }

    pub(crate) fn source(&self) -> Source {
        self.source.get()
    }

    /// The live stream gets the event after the commit, or never if this write is undone.
    pub fn publish(&self, event: Recorded) {
        self.published.borrow_mut().push(Arc::new(event));
    }

    /// What this write has appended to the events so far, in order.
    pub fn recorded(&self) -> Vec<Published> {
        self.recorded_after(0)
    }

    /// As [`Self::recorded`], without the first `seen`.
    pub fn recorded_after(&self, seen: usize) -> Vec<Published> {
        self.published.borrow().get(seen..).unwrap_or_default().to_vec()
    }

    /// After the commit the workers know of a job that is due at `at`.
    pub fn wake_jobs(&self, at: Timestamp) {
        self.first_job.set(earlier(self.first_job.get(), Some(at)));
    }

    /// Runs a part that may fail alone: on an error everything it wrote and published is undone
    /// and the rest of the write goes on.
    ///
    /// # Errors
    /// The error of `part`, or `Interrupted` when the transaction itself is gone.
    pub fn savepoint<T, E>(&self, part: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let published = self.published.borrow().len();
        let first_job = self.first_job.get();
        begin(self.sql(), "part")?;
        let result = part(self);
        if self.sql().is_autocommit() {
            return result.and(Err(StoreError::Interrupted.into()));
        }
        if result.is_ok() {
            release(self.sql(), "part")?;
        } else {
            undo(self.sql(), "part")?;
            self.published.borrow_mut().truncate(published);
            self.first_job.set(first_job);
        }
        result
    }

    pub(crate) fn into_effects(self) -> Effects {
        Effects { published: self.published.into_inner(), first_job: self.first_job.get() }
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}

/// What a write wants done once it is durable.
#[derive(Default)]
pub(crate) struct Effects {
    pub published: Vec<Published>,
    /// When the first of its jobs is due.
    pub first_job: Option<Timestamp>,
}

impl Effects {
    pub(crate) fn append(&mut self, mut later: Self) {
        self.published.append(&mut later.published);
        self.first_job = earlier(self.first_job, later.first_job);
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

pub(crate) fn begin(connection: &Connection, savepoint: &str) -> Result<(), StoreError> {
    run(connection, &format!("SAVEPOINT {savepoint}"))
}

pub(crate) fn release(connection: &Connection, savepoint: &str) -> Result<(), StoreError> {
    run(connection, &format!("RELEASE {savepoint}"))
}

/// Takes back what was done since the savepoint, and the savepoint itself.
pub(crate) fn undo(connection: &Connection, savepoint: &str) -> Result<(), StoreError> {
    run(connection, &format!("ROLLBACK TO {savepoint}"))?;
    release(connection, savepoint)
}

pub(crate) fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
