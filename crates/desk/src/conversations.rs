//! What the team does with conversations.

pub mod access;
pub mod assign;
pub mod change;
pub mod counts;
pub mod find;
pub mod list;
pub mod merges;
pub mod open;
pub(crate) mod operators;
mod people;
pub mod questions;
pub mod record;
pub mod snippets;
pub mod splits;
pub mod status;
pub mod tags;

pub use domain::conversations::RuleError;

pub use assign::assign;
pub use change::change;
pub use counts::counts;
pub use find::{find, history, read};
pub use list::list;
pub use open::open;
pub use record::{unassign_all, wake};
pub use status::set_status;
