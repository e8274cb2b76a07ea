//! The store's suite: every test of `on_both!` runs on encrypted SQLite and on PostgreSQL.

mod place;
mod statements;
mod units;
mod walls;
