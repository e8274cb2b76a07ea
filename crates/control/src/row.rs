//! Values of `words` out of a row of `control.db`.

use rusqlite::{Row, types::Type};
use uuid::Uuid;
use words::{IdError, Time};

/// An id of 16 bytes.
pub(crate) fn id<T: From<Uuid>>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get::<_, [u8; 16]>(column).map(|bytes| Uuid::from_bytes(bytes).into())
}

/// A text that is one of ours.
pub(crate) fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get::<_, String>(column)?
        .parse()
        .map_err(|_| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(IdError)))
}

/// An instant.
pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Time> {
    row.get(column).map(Time::from_micros)
}
