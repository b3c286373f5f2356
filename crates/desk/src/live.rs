//! The live stream: who listens, whether they still may, and what they are told.
//!
//! What happened is read from the events as they are stored, by who listens and by who comes back
//! alike, so neither misses or repeats one. Who is where just now ([`presence`]) lies in memory.

pub mod drafts;
pub mod happened;
mod listeners;
pub mod presence;

pub use listeners::{Limits, Listener, Listeners, Refusal, keep_checking};
