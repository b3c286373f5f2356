//! The server over real HTTP: one binary, one module for each area.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

mod agents;
#[allow(dead_code, reason = "what one area does not need, another does")]
mod app;
mod articles;
mod attachments;
mod audit;
mod auth;
mod automations;
mod bodies;
mod canned_replies;
mod channels;
mod contact_merges;
mod contacts;
mod conversations;
mod drafts;
#[allow(dead_code, reason = "what one area does not need, another does")]
mod imports;
mod inbox;
mod keys;
mod links;
mod lists;
mod mail_html;
mod merges;
mod messages;
mod notices;
mod openapi;
mod operations;
mod operations_on_many;
mod pages;
mod policy;
mod raw_mails;
mod real_mail;
mod replies;
mod reports;
mod requests;
mod search;
mod settings;
mod setup;
mod stream;
mod suggestions;
mod tables;
mod tags;
mod undo;
mod views;
#[allow(dead_code, reason = "what one area does not need, another does")]
mod widget;
