//! How every connection to the database file is opened.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig, limits::Limit};

/// What every connection starts with.
const START: &str = "
    -- A commit is answered as durable, so it must survive a power cut, not only a crash.
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    -- A damaged or planted schema must not run functions with side effects.
    PRAGMA trusted_schema = OFF;
    -- What was erased for a customer is gone from the file, too.
    PRAGMA secure_delete = ON;
    -- Sorting spills to memory: the disk may be full, and temporary files would hold mail.
    PRAGMA temp_store = MEMORY;
    -- The writer decides when to checkpoint (see `checkpoint`).
    PRAGMA wal_autocheckpoint = 0;
    -- A log that grew under a long read gives its space back when it starts over.
    PRAGMA journal_size_limit = 67108864;
    -- Memory-mapped reading stays off: an I/O error would be a SIGBUS that ends the process, and
    -- each connection's map counts as resident memory. The system's page cache serves misses.
    PRAGMA mmap_size = 0;
";

/// Pages a reader keeps, in KiB. Every commit makes readers drop theirs, so more would not help.
const READER_CACHE: i32 = 4 * 1024;
/// The writer alone changes the file, so its pages stay valid: indexes are worth keeping.
pub(crate) const WRITER_CACHE: i32 = 12 * 1024;

/// Longer than any lock an administrator's command or a backup tool holds for its commit.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Different statements a connection keeps prepared. The queries of this crate fit several times.
const STATEMENTS: usize = 256;

/// Our own numbers, far above honest use and far below SQLite's limits.
const LIMITS: [(Limit, i32); 5] = [
    (Limit::SQLITE_LIMIT_LENGTH, 128 * 1024 * 1024),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 256 * 1024),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 2_000),
];

/// Opens an existing database for the writer.
pub(crate) fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    start(&connection)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    Ok(connection)
}

/// Opens an existing database for reading.
pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, reader_flags())?;
    start_reader(&connection)?;
    Ok(connection)
}

pub(crate) fn reader_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

pub(crate) fn start_reader(connection: &Connection) -> rusqlite::Result<()> {
    start(connection)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE)?;
    connection.pragma_update(None, "query_only", true)
}

fn start(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Otherwise every new value of `LIMIT ?` has the statement planned anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    for (limit, value) in LIMITS {
        connection.set_limit(limit, value)?;
    }
    connection.execute_batch(START)
}
