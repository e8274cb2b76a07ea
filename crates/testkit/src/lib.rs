//! What tests of several crates share. Never part of a release build.

pub mod havn;
mod postgres;
pub mod smtp_sink;

pub use havn::{Havn, On};
pub use postgres::{Postgres, ROLE, postgres};
pub use smtp_sink::{Got, Identity, Sink, SinkTls};
