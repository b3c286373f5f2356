//! Full-text search over messages, conversations and contacts (FTS5: SQLite's own).

pub mod conversations;
pub mod index;
pub mod purge;
pub mod query;
pub mod rebuild;
