//! Full-text search over messages, conversations and contacts (FTS5: SQLite's own).

pub mod conversations;
pub mod index;
pub mod people;
pub mod purge;
pub mod query;
mod ranks;
pub mod rebuild;
pub mod snippets;
