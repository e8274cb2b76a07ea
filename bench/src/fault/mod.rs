//! Faults on purpose, with an oracle outside of Havn that keeps what was acknowledged and judges after
//! each restart (hardening experiments F1, F2, F3, F5).

mod call_fails;
mod full_disk;
mod kill;
mod oracle;
mod sink;

pub use call_fails::call_fails;
pub use full_disk::full_disk;
pub use kill::{kill_at_points, kill_loop};
pub use oracle::Oracle;
pub use sink::Sink;

use serde_json::json;

/// Prints what an experiment found, as one JSON line.
pub fn print(experiment: &str, facts: &serde_json::Value) {
    println!("{}", json!({ "experiment": experiment, "found": facts }));
}
