//! Where log lines and panics go: to standard error, for people or for machines.

use std::{
    io::{self, IsTerminal},
    panic,
};

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Format, Log};

/// Libraries that tell at `info` what only their authors want to know, or at `error` what any
/// stranger can make them say: that a request could not be read.
const QUIET: &str = "actix_http::h1=off,actix_server=warn,refinery_core=warn";

pub fn start(log: &Log) -> Result<()> {
    // What the operator says comes later and so wins.
    let filter = EnvFilter::try_new(format!("{QUIET},{}", log.level)).context("log.level")?;
    let base = fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(io::stderr);
    let started = match log.format {
        Format::Pretty => base.compact().try_init(),
        Format::Json => base.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))?;
    // A panic in a worker must stand in the log like everything else, in the same format.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let reason = info.payload_as_str().unwrap_or("a value that is no text");
        tracing::error!(place, reason, "A task panicked");
    }));
    Ok(())
}
