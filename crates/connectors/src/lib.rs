//! The outside world: mail servers, and with them everything that a stranger can write to us.

pub mod email;
