//! Logs as an outsider sees them: grown, proved, exported, tampered with.

mod log;
mod outsider;
mod paper;
mod tampered;
mod tree;
