//! Logs as an outsider sees them: grown, proved, exported, tampered with.

mod log;
mod outsider;
mod tampered;
mod tree;
