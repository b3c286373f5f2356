//! What is written in conversations.

pub mod append;
