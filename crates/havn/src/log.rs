//! Log lines: to standard error, as text or JSON, with ids and never with service data.

use tracing_subscriber::filter::LevelFilter;

use crate::config::{LogFormat, LogLevel};

/// Begins to write log lines. To be called once in a process.
pub fn begin(format: LogFormat, level: LogLevel) {
    let most = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    // A log that cannot be written (its disk is full, its reader gone) must not end what goes on.
    let lines = tracing_subscriber::fmt()
        .with_max_level(most)
        .with_writer(std::io::stderr)
        .with_target(false)
        .log_internal_errors(false);
    match format {
        LogFormat::Text => lines.compact().with_ansi(false).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
