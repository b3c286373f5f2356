//! The outside world: mail servers, and with them everything that a stranger can write to us.

pub mod email;
pub mod guard;
pub mod markdown;
pub mod models;
#[cfg(feature = "test-servers")]
pub mod testing;
mod tls;
pub mod webhooks;
