//! What happened: records that outsiders can check. No IO, no async, no clock.

mod flow;

pub use flow::{Direction, Flow, SpoolError, SpoolKey, SpoolLine, SpoolReader};
