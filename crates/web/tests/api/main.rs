//! The server over real HTTP: one binary, one module for each area.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[allow(dead_code, reason = "what one area does not need, another does")]
mod app;
mod auth;
mod contacts;
mod operations;
mod setup;
