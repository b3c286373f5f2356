//! Web chat as visitors' browsers use it.

mod attacks;
mod channels;
mod chats;
mod identities;
mod rushes;
mod streams;
mod visitors;

pub use visitors::{Chat, Visitor};
