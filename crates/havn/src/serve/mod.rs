//! `havn serve`: the supervisor, and what each of its two children is.

mod certificate;
mod checkpoints;
mod desk;
mod first_bytes;
mod housekeeping;
mod http;
mod mail_in;
mod metrics;
mod pages;
mod running;
mod supervisor;
pub mod trust;

pub use certificate::{CertificateError, MAIL, read as read_certificate};
pub use desk::run as desk;
pub use http::{HttpLimits, HttpServer};
pub use running::Running;
pub use supervisor::{door, plan, supervise};

/// A runtime for a command.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
