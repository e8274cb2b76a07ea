//! What this disk gives: durable rows, one commit each, in a bare database file beside the data.

use std::{path::Path, time::Instant};

/// Rows a second, one commit each (WAL, synchronous FULL, as the store).
pub fn durable_rows_a_second(folder: &Path, seconds: u64) -> rusqlite::Result<f64> {
    let connection = rusqlite::Connection::open(folder.join("one-by-one.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (n INTEGER PRIMARY KEY, mail TEXT);",
    )?;
    let mail = "x".repeat(1_000);
    let mut insert = connection.prepare("INSERT INTO rows (mail) VALUES (?1)")?;
    let began = Instant::now();
    let mut rows = 0_u32;
    while began.elapsed().as_secs() < seconds {
        insert.execute([&mail])?;
        rows += 1;
    }
    Ok(f64::from(rows) / began.elapsed().as_secs_f64())
}
