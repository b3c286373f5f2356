//! SQLite: connections, the one writer, migrations, and one module of queries for each aggregate.
//!
//! Its public face shows domain types only; the engine stays inside, behind [`Reader`] and [`Tx`].

pub mod backup;
mod bulk;
mod checkpoint;
mod connections;
mod disk;
mod error;
mod files;
mod jobs;
mod lock;
mod migrate;
mod opening;
mod readers;
pub(crate) mod row;
mod shared;
mod store;
#[cfg(test)]
mod tests;
mod tx;
mod writer;

pub use bulk::Load;
pub use checkpoint::CheckpointLimits;
pub use disk::space;
pub use error::{DatabaseError, OpenError, StoreError};
pub use files::{FileHash, Files, NewFile, UnknownName};
pub use readers::Reader;
pub use store::{Options, Store, StoreMetrics};
pub use tx::{Published, Tx};
