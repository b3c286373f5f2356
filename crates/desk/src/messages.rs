//! What is written in conversations.

pub mod append;
pub mod cancel;
pub mod display;
pub mod draft;
pub mod find;
pub mod forward;
pub mod outgoing;
pub mod retry;
pub mod send;
pub(crate) mod waiting;

pub use cancel::{cancel, cancel_waiting};
pub use draft::Draft;
pub use find::{find, page, raw};
pub use forward::forward;
pub use retry::retry;
pub use send::send;
