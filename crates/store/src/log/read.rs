//! Reading the log: its entries, tiles, proofs and the checkpoints that were signed of it.

use evidence::{Hash, TileId, prove_consistency, prove_inclusion};
use words::Time;

use super::append::{entries, int, of_tree, size, tile, unsigned};
use crate::{Read, Result, Row, Tx, params};

/// Entries that are read at once.
const ENTRIES_MAX: u64 = 4_096;

const NEWEST_CHECKPOINT: &str = "
    SELECT size, at, note FROM evidence_checkpoints WHERE account_id = $1 AND size <= $2
    ORDER BY size DESC LIMIT 1";
const KEEP_CHECKPOINT: &str = "
    INSERT INTO evidence_checkpoints (account_id, size, at, note) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, size) DO NOTHING";

/// A signed checkpoint of the account's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// How many entries the log had.
    pub size: u64,
    /// When it was signed.
    pub at: Time,
    /// The checkpoint as it was signed.
    pub note: String,
}

impl Read<'_> {
    /// How many entries the account's log has.
    pub fn log_size(&self) -> Result<u64> {
        self.ask(|database| size(database, self.account()))
    }

    /// The entries from `from` to before `to`, up to 4,096 of them.
    pub fn log_entries(&self, from: u64, to: u64) -> Result<Vec<Vec<u8>>> {
        self.ask(|database| entries(database, self.account(), from, to.min(from.saturating_add(ENTRIES_MAX))))
    }

    /// The hashes of a tile of the log, as it was when it had this width.
    pub fn log_tile(&self, id: TileId) -> Result<Vec<u8>> {
        self.ask(|database| tile(database, self.account(), id))
    }

    /// The root of the log when it had `size` entries.
    pub fn log_root(&self, size: u64) -> Result<Hash> {
        evidence::root(size, |id| self.log_tile(id)).map_err(of_tree)
    }

    /// The proof that entry `number` is in the log of `size` entries.
    pub fn prove_entry(&self, size: u64, number: u64) -> Result<Vec<Hash>> {
        prove_inclusion(size, number, |id| self.log_tile(id)).map_err(of_tree)
    }

    /// The proof that the log of `size` entries begins with that of `before`.
    pub fn prove_log_continues(&self, size: u64, before: u64) -> Result<Vec<Hash>> {
        prove_consistency(size, before, |id| self.log_tile(id)).map_err(of_tree)
    }

    /// The newest checkpoint of at most `size` entries.
    pub fn checkpoint_up_to(&self, size: u64) -> Result<Option<KeptCheckpoint>> {
        // Whoever wants the newest of all says the largest number that there is.
        let size = int(size).unwrap_or(i64::MAX);
        self.row(NEWEST_CHECKPOINT, params![self.account(), size], checkpoint)
    }
}

impl Tx<'_> {
    /// Keeps a checkpoint that was signed of the account's log at `size`.
    pub fn keep_checkpoint(&mut self, size: u64, note: &str) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change(KEEP_CHECKPOINT, params![account, int(size)?, now, note])?;
        Ok(())
    }
}

fn checkpoint(row: &Row<'_>) -> Result<KeptCheckpoint> {
    Ok(KeptCheckpoint { size: unsigned(row.get(0)?)?, at: row.get(1)?, note: row.get(2)? })
}
