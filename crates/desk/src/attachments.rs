//! Files on messages: uploads that wait for one, and who may read them.

pub mod links;
pub(crate) mod quotas;
pub mod read;
pub mod sniff;
pub mod upload;

pub use read::{Found, find, find_by_link};
pub use upload::{MAX_BYTES, UPLOAD_SECONDS, Upload, begin};
