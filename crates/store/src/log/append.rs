//! Tables `evidence_entries` and `evidence_tiles`: lengthening the log.

use evidence::{Act, Edge, Entry, Hash, TILE_WIDTH, TileId, TreeError};
use words::{AccountId, Principal, Time};

use super::KEEPS_EVIDENCE;
use crate::{Error, Result, Tx, Value, connection::Database, params};

/// How many bytes of hashes a full tile has.
const HASH_BYTES: usize = evidence::HASH_BYTES;

const LAST: &str = "
    SELECT number, entry FROM evidence_entries WHERE account_id = $1 AND number >= $2
    ORDER BY number DESC LIMIT 1";
const INSERT: &str = "INSERT INTO evidence_entries (account_id, number, entry) VALUES ($1, $2, $3)";
const PUT_TILE: &str = "
    INSERT INTO evidence_tiles (account_id, level, position, hashes) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, level, position) DO UPDATE SET hashes = excluded.hashes";
const ENTRIES: &str = "
    SELECT entry FROM evidence_entries WHERE account_id = $1 AND number >= $2 AND number < $3
    ORDER BY number";
const TILE: &str = "SELECT hashes FROM evidence_tiles WHERE account_id = $1 AND level = $2 AND position = $3";

/// An act that a unit noted, and who did it.
pub(crate) struct Recorded {
    pub(crate) by: Principal,
    pub(crate) act: Act,
}

/// The end of the log as we last committed it. It is believed again only if the log still ends so.
pub(crate) struct LogEnd {
    edge: Edge,
    /// The hash of the last entry.
    last: Option<Hash>,
}

impl LogEnd {
    /// How many entries the log has.
    pub(crate) const fn size(&self) -> u64 {
        self.edge.size()
    }
}

impl Tx<'_> {
    /// Notes an act of this transaction: its entry is appended to the account's log when the transaction
    /// is committed, and only then.
    pub fn record(&mut self, act: Act) -> Result<()> {
        if KEEPS_EVIDENCE {
            self.follow_intent(&act)?;
            self.note_act(act);
        }
        Ok(())
    }
}

/// Appends the acts of a batch, in order. Gives the new end of the log.
pub(crate) fn append(
    database: Database<'_>,
    account: AccountId,
    now: Time,
    known: Option<LogEnd>,
    acts: Vec<Recorded>,
) -> Result<Option<LogEnd>> {
    if acts.is_empty() {
        return Ok(known);
    }
    let (size, last) = found(database, account)?;
    let mut end = match known {
        Some(end) if end.edge.size() == size && end.last == last => end,
        _ => LogEnd { edge: edge(database, account, size)?, last },
    };
    let (mut entries, mut tiles) = (Vec::with_capacity(acts.len()), Vec::new());
    for Recorded { by, act } in acts {
        let number = end.edge.size();
        let entry = Entry { number, at: now, by, act }.bytes();
        let hash = Hash::of_entry(&entry);
        tiles.extend(end.edge.append_hash(hash));
        end.last = Some(hash);
        entries.push([Value::from(account), int(number)?.into(), entry.into()]);
    }
    database.change_all(INSERT, &entries)?;
    for tile in tiles {
        let (level, position) = (i64::from(tile.id.level), int(tile.id.position)?);
        database.change(PUT_TILE, params![account, level, position, tile.hashes])?;
    }
    Ok(Some(end))
}

/// How many entries the log has, and the hash of the last.
fn found(database: Database<'_>, account: AccountId) -> Result<(u64, Option<Hash>)> {
    let last = database.rows(LAST, params![account, 0], |row| {
        Ok((row.get::<i64>(0)?, Hash::of_entry(&row.get::<Vec<u8>>(1)?)))
    })?;
    match last.first() {
        None => Ok((0, None)),
        Some((number, hash)) => Ok((unsigned(*number)? + 1, Some(*hash))),
    }
}

pub(super) fn size(database: Database<'_>, account: AccountId) -> Result<u64> {
    Ok(found(database, account)?.0)
}

fn edge(database: Database<'_>, account: AccountId, size: u64) -> Result<Edge> {
    Edge::load(size, |id| tile(database, account, id)).map_err(of_tree)
}

/// The hashes of a tile as it was when it had this width.
pub(super) fn tile(database: Database<'_>, account: AccountId, id: TileId) -> Result<Vec<u8>> {
    let width = usize::from(id.width) * HASH_BYTES;
    if id.level > 0 || id.is_full() {
        let place = params![account, i64::from(id.level), int(id.position)?];
        let found = database.rows(TILE, place, |row| row.get::<Vec<u8>>(0))?;
        let mut hashes = found.into_iter().next().unwrap_or_default();
        hashes.truncate(width);
        return Ok(hashes);
    }
    let first = id.position * TILE_WIDTH;
    let entries = entries(database, account, first, first + u64::from(id.width))?;
    Ok(entries.iter().flat_map(|entry| *Hash::of_entry(entry).bytes()).collect())
}

pub(super) fn entries(
    database: Database<'_>,
    account: AccountId,
    from: u64,
    to: u64,
) -> Result<Vec<Vec<u8>>> {
    database.rows(ENTRIES, params![account, int(from)?, int(to)?], |row| row.get(0))
}

/// A tree that does not fit together is a damaged log.
pub(super) fn of_tree(error: TreeError<Error>) -> Error {
    match error {
        TreeError::Tiles(error) => error,
        TreeError::OutOfRange => Error::Damaged("the log of what was done is not as long as that".into()),
        TreeError::Damaged(id) => Error::Damaged(format!("{id} of the log of what was done")),
    }
}

pub(super) fn int(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::Damaged("a number of the log is out of range".into()))
}

pub(super) fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::Damaged("a number of the log is out of range".into()))
}
