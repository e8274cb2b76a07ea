//! What stands outside of Havn and drives it as browsers and mail servers do: the measure (`bench`) and
//! the faults (`hardening`).
#![allow(missing_docs, reason = "nothing builds on this crate but its two programs")]

pub mod data;
pub mod fault;
pub mod havn;
pub mod http;
pub mod memory;
pub mod report;
pub mod smtp;
pub mod sqlite;
pub mod stream;
pub mod work;
