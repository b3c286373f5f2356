//! SQLite: connections, the one writer, migrations, and one module of queries for each aggregate.
//!
//! Its public face shows domain types only; the engine stays inside, behind [`Reader`] and [`Tx`].

pub mod agents;
pub mod api_keys;
pub mod articles;
pub mod attachments;
pub mod audit;
pub mod automations;
pub mod backup;
mod bulk;
pub mod canned_replies;
pub mod channels;
mod checkpoint;
mod connections;
pub mod contacts;
pub mod conversations;
pub mod deliveries;
mod disk;
pub mod drafts;
mod error;
pub mod events;
pub mod failpoints;
mod files;
pub mod idempotency;
pub mod imports;
pub mod inbound;
pub mod jobs;
pub mod links;
mod lock;
pub mod messages;
pub mod meta;
mod metrics;
mod migrate;
pub mod notices;
mod opening;
pub mod operations;
mod options;
mod orders;
mod readers;
pub mod reports;
mod row;
pub mod search;
pub mod secrets;
pub mod sessions;
mod shared;
pub mod sources;
mod store;
pub mod suggestions;
pub mod tags;
#[cfg(test)]
mod tests;
pub mod throttles;
mod tx;
pub mod views;
pub mod visitors;
pub mod workspace;
mod writer;

pub use bulk::Load;
pub use checkpoint::CheckpointLimits;
pub use disk::space;
pub use error::{DatabaseError, OpenError, StoreError};
pub use files::{FileHash, Files, NewFile, UnknownName};
pub use metrics::StoreMetrics;
pub use options::Options;
pub use readers::Reader;
pub use store::Store;
pub use tx::{Published, Tx};

/// What a query answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
