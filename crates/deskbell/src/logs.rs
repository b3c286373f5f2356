//! Where log lines and panics go: to standard error, for people or for machines.

use std::panic;

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Format, Log};

pub fn start(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&log.level).context("log.level")?;
    let base = fmt().with_env_filter(filter).with_writer(std::io::stderr);
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
