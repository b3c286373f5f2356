//! HTTP: everything a browser, a script or a provider can reach.

pub mod body;
pub mod csv;
mod error;
mod files;
mod guard;
mod health;
pub mod idempotency;
mod keys;
mod limits;
mod metrics;
mod openapi;
pub mod page;
mod pages;
pub mod parse;
pub mod patch;
pub mod path;
mod proxies;
pub mod query;
mod refusals;
pub mod routes;
mod security;
mod server;
pub mod session;
pub mod session_api;
mod stream;
mod widget;
mod words;

pub use proxies::TrustedProxies;
pub use routes::{RouteInfo, route_table};
pub use server::{WebOptions, server};
pub use stream::StreamOptions;
pub use widget::WidgetOptions;
