//! The binary as an operator meets it: started, asked, stopped, killed, backed up, restored.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests, too, fail by panicking")]

mod app;
mod commands;
mod counting_smtp;
mod crash;
mod crash_import;
mod crash_mail;
mod demo;
mod descriptors;
mod failpoints;
mod full_disk;
mod keys;
mod mail;
mod restored;
mod slow_clients;
mod stopping;
mod synced;
