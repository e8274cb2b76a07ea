//! Faults on purpose, with an oracle outside of Havn that keeps what was acknowledged and judges after
//! each restart (hardening experiments F1, F2, F3, F5); and log-ins that fail, timed (A15).

mod call_fails;
mod cluster;
mod finding;
mod full_disk;
mod kill;
mod log_in;
mod oracle;
mod sink;

pub use call_fails::call_fails;
pub use cluster::Cluster;
pub use finding::{Finding, write_section};
pub use full_disk::full_disk;
pub use kill::{kill_at_points, kill_loop, kill_loop_on_postgres};
pub use log_in::log_in;
pub use oracle::Oracle;
pub use sink::Sink;
