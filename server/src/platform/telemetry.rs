//! The log: one line for each thing that an operator of the server may want to know.
//!
//! A line can be read alone and carries ids (`order.id`, `job.id`), never names, addresses, tokens or bodies.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Sends the log to standard error, so that standard output has only the line that programs wait for.
///
/// Only the first call of a process has an effect.
pub fn start(log: &Log) {
    // The filter was validated when the settings were read.
    let filter = EnvFilter::new(&log.filter);
    let colours = io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(io::stderr);
    let started = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    drop(started);
}

#[cfg(test)]
pub mod testing;
