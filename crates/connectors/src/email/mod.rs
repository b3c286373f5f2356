//! E-mail. Reading and writing messages is pure: bytes in, message out.

pub mod addresses;
pub mod attachments;
mod bodies;
pub mod classify;
pub mod clean;
pub mod compose;
pub mod decode;
pub mod depth;
pub mod escape;
pub mod fingerprint;
pub mod flowed;
pub mod headers;
pub mod lines;
pub mod marker;
pub mod parse;
pub mod parts;
pub mod plain;
pub mod quote;
pub mod quote_words;
pub mod reports;
pub mod rules;
