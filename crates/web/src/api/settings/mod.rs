//! What an admin sets up, by program.

pub mod account;
pub mod agents;
pub mod departments;
pub mod domains;
pub mod mailboxes;
pub mod pickup;
pub mod relay;
pub mod tags;
pub mod tokens;
