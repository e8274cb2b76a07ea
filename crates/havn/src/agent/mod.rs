//! Agents.

mod add;

pub use add::add;
