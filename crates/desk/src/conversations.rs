//! What the team does with conversations.

pub mod record;

pub use record::{unassign_all, wake};
