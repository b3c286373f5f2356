//! The vocabulary of the desk and its rules. No I/O, no async, no SQL, no HTTP, no clock.

pub mod addresses;
pub mod agents;
pub mod api_keys;
pub mod articles;
pub mod audit;
pub mod business_hours;
pub mod canned_replies;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod events;
pub mod ids;
pub mod jobs;
pub mod mails;
pub mod mentions;
pub mod messages;
pub mod notices;
pub mod operations;
pub mod phones;
pub mod policy;
pub mod presence;
pub mod reports;
pub mod searches;
pub mod sessions;
pub mod spreadsheets;
pub mod suggestions;
pub mod tags;
pub mod text;
pub mod timestamp;
pub mod variables;
pub mod views;
pub mod words;
pub mod workspace;
pub mod zone;

pub use timestamp::Timestamp;
