//! E-mail. Reading and writing messages is pure: bytes in, message out.

pub mod addresses;
pub mod attachments;
pub mod decode;
pub mod escape;
pub mod flowed;
pub mod headers;
pub mod lines;
pub mod parse;
pub mod parts;
pub mod plain;
pub mod reports;
