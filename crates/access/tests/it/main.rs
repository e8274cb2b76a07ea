//! The access door's suite: every test of `on_both!` runs on encrypted SQLite and on PostgreSQL.

mod accounts;
mod agents;
mod departments;
mod invitations;
mod place;
mod region_keys;
mod sessions;
mod sign_in;
mod tokens;
