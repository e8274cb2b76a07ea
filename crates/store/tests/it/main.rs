//! The store's suite: every test of `on_both!` runs on encrypted SQLite and on PostgreSQL.

mod backup;
mod crash;
mod files;
mod letters;
mod log;
mod lost;
mod marks;
mod pickup;
mod place;
mod search;
mod statements;
mod units;
mod walls;
