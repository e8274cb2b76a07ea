//! Tables `log_entries`, `log_tiles` and `log_checkpoints`: the operator's log.

use evidence::{
    Act, Checkpoint, Edge, Entry, Export, Hash, LogKey, Origin, Proof, TILE_WIDTH, TileId, TreeError,
    prove_inclusion,
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use words::{Principal, Time};

use crate::{Control, Error, Result};

/// A checkpoint that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// Of how many entries.
    pub size: u64,
    /// When.
    pub at: Time,
    /// The signed note.
    pub note: String,
}

impl Control {
    /// How many entries the operator's log has.
    pub fn log_size(&self) -> Result<u64> {
        size(&self.connection())
    }

    /// Entries from `from` up to and without `to`.
    pub fn log_entries(&self, from: u64, to: u64) -> Result<Vec<Vec<u8>>> {
        entries(&self.connection(), from, to)
    }

    /// The newest checkpoint that was signed.
    pub fn log_checkpoint(&self) -> Result<Option<SignedCheckpoint>> {
        newest(&self.connection())
    }

    /// Signs what the log is now, unless that was signed already. Gives the newest checkpoint.
    pub fn sign_log(&self, origin: &Origin, key: &LogKey, now: Time) -> Result<SignedCheckpoint> {
        self.change(|tx| {
            let size = size(tx)?;
            if let Some(signed) = newest(tx)?.filter(|signed| signed.size == size) {
                return Ok(signed);
            }
            let root = edge(tx, size)?.root();
            let note = Checkpoint { origin: origin.clone(), size, root }.sign(key);
            tx.execute(
                "INSERT INTO log_checkpoints (size, at, note) VALUES (?1, ?2, ?3)",
                params![int(size)?, now.micros(), note],
            )?;
            Ok(SignedCheckpoint { size, at: now, note })
        })
    }

    /// The proof that an entry is in the log, up to its newest checkpoint; none if it has no such entry,
    /// or if that is not signed yet.
    pub fn prove_log_entry(&self, number: u64) -> Result<Option<Proof>> {
        let connection = self.connection();
        let Some(signed) = newest(&connection)?.filter(|signed| number < signed.size) else {
            return Ok(None);
        };
        let entry = entries(&connection, number, number + 1)?.pop().ok_or(Error::LogDamaged)?;
        let hashes = prove_inclusion(signed.size, number, |id| tile(&connection, id)).map_err(of_tree)?;
        Ok(Some(Proof { entry, number, hashes, checkpoint: signed.note }))
    }

    /// The whole log as a file, up to its newest checkpoint; none if nothing was signed yet.
    pub fn export_log(&self) -> Result<Option<Vec<u8>>> {
        let Some(checkpoint) = self.log_checkpoint()? else { return Ok(None) };
        let entries = self.log_entries(0, checkpoint.size)?;
        let entries = entries.iter().map(Vec::as_slice).collect();
        Ok(Some(Export { checkpoint: &checkpoint.note, entries }.bytes()))
    }
}

/// Appends acts within the transaction that does them. Gives the number that the next entry will have.
pub(crate) fn append(tx: &Transaction<'_>, by: Principal, at: Time, acts: Vec<Act>) -> Result<u64> {
    let mut edge = edge(tx, size(tx)?)?;
    for act in acts {
        let number = edge.size();
        let entry = Entry { number, at, by, act }.bytes();
        let tiles = edge.append_hash(Hash::of_entry(&entry));
        tx.execute("INSERT INTO log_entries (number, entry) VALUES (?1, ?2)", params![int(number)?, entry])?;
        for tile in tiles {
            tx.execute(
                "INSERT INTO log_tiles (level, position, hashes) VALUES (?1, ?2, ?3)
                 ON CONFLICT (level, position) DO UPDATE SET hashes = excluded.hashes",
                params![tile.id.level, int(tile.id.position)?, tile.hashes],
            )?;
        }
    }
    Ok(edge.size())
}

fn newest(connection: &Connection) -> Result<Option<SignedCheckpoint>> {
    let sql = "SELECT size, at, note FROM log_checkpoints ORDER BY size DESC LIMIT 1";
    let found = connection
        .prepare_cached(sql)?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)));
    let signed =
        |(size, at, note)| Ok(SignedCheckpoint { size: unsigned(size)?, at: Time::from_micros(at), note });
    found.optional()?.map(signed).transpose()
}

fn size(connection: &Connection) -> Result<u64> {
    let sql = "SELECT coalesce(max(number) + 1, 0) FROM log_entries";
    unsigned(connection.query_row(sql, [], |row| row.get(0))?)
}

pub(crate) fn entries(connection: &Connection, from: u64, to: u64) -> Result<Vec<Vec<u8>>> {
    let mut statement = connection
        .prepare_cached("SELECT entry FROM log_entries WHERE number >= ?1 AND number < ?2 ORDER BY number")?;
    let entries = statement.query_map(params![int(from)?, int(to)?], |row| row.get(0))?;
    Ok(entries.collect::<Result<_, _>>()?)
}

fn edge(connection: &Connection, size: u64) -> Result<Edge> {
    Edge::load(size, |id| tile(connection, id)).map_err(of_tree)
}

fn of_tree(error: TreeError<Error>) -> Error {
    match error {
        TreeError::Tiles(error) => error,
        TreeError::OutOfRange | TreeError::Damaged(_) => Error::LogDamaged,
    }
}

fn tile(connection: &Connection, id: TileId) -> Result<Vec<u8>> {
    let width = usize::from(id.width) * evidence::HASH_BYTES;
    if id.level > 0 || id.is_full() {
        let sql = "SELECT hashes FROM log_tiles WHERE level = ?1 AND position = ?2";
        let place = params![id.level, int(id.position)?];
        let mut hashes: Vec<u8> =
            connection.query_row(sql, place, |row| row.get(0)).optional()?.unwrap_or_default();
        hashes.truncate(width);
        return Ok(hashes);
    }
    let first = id.position * TILE_WIDTH;
    let entries = entries(connection, first, first + u64::from(id.width))?;
    Ok(entries.iter().flat_map(|entry| *Hash::of_entry(entry).bytes()).collect())
}

pub(crate) fn int(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::LogDamaged)
}

pub(crate) fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::LogDamaged)
}
