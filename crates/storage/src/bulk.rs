//! Loading very much at once: the writer's connection for one caller, without a flush for each
//! commit. For a database that can be thrown away and made again; a power cut while loading may
//! leave it unusable.

use rusqlite::Connection;

use crate::{
    checkpoint::checkpoint,
    connections::WRITER_CACHE,
    error::StoreError,
    tx::{self, Tx},
};

/// Log pages from which a load moves them to the database file (256 MiB).
const LOG_PAGES: u64 = 65_536;

const FAST: &str = "
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -262144;
    -- Building an index over millions of rows sorts more than fits into memory.
    PRAGMA temp_store = FILE;
";

const SAFE: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA shrink_memory;
";

/// The writer, for one load alone.
pub struct Load<'a> {
    connection: &'a Connection,
}

impl<'a> Load<'a> {
    pub(crate) fn begin(connection: &'a Connection) -> Result<Self, StoreError> {
        connection.execute_batch(FAST)?;
        Ok(Self { connection })
    }

    /// One transaction of the load; some 10,000 rows each is a good size. Events that it
    /// publishes go nowhere: nobody watches a load.
    ///
    /// # Errors
    /// The error of `part`, whose rows are then undone, or that of the commit.
    pub fn transaction<T, E>(&self, part: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let sql = |it| tx::run(self.connection, it);
        sql("BEGIN IMMEDIATE")?;
        let result = part(&Tx::new(self.connection));
        if result.is_err() {
            if !self.connection.is_autocommit() {
                sql("ROLLBACK")?;
            }
            return result;
        }
        sql("COMMIT")?;
        if checkpoint(self.connection, "NOOP")?.frames >= LOG_PAGES {
            checkpoint(self.connection, "PASSIVE")?;
        }
        result
    }

    /// Everything loaded becomes durable here.
    pub(crate) fn end(self) -> Result<(), StoreError> {
        if !self.connection.is_autocommit() {
            tx::run(self.connection, "ROLLBACK")?;
        }
        self.connection.execute_batch(SAFE)?;
        self.connection.pragma_update(None, "cache_size", -WRITER_CACHE)?;
        checkpoint(self.connection, "TRUNCATE")?;
        Ok(())
    }
}
