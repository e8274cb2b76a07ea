//! What differs between the two databases.

pub(crate) mod postgres;
pub(crate) mod postgres_pool;
pub(crate) mod sqlite;
pub(crate) mod sqlite_pool;
