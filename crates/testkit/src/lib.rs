//! What tests of several crates share. Never part of a release build.

mod postgres;

pub use postgres::{Postgres, ROLE, postgres};
