//! Table `account_checkpoints`: where the operator's log tells of the accounts' checkpoints.

use evidence::{Act, Checkpoint, Entry};
use rusqlite::{Connection, OptionalExtension, params};
use words::{AccountId, Principal, Time};

use crate::{
    Control, Error, Result,
    log::{append, entries, int, unsigned},
};

/// Whether a checkpoint was noted, or had been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// It is now.
    Now,
    /// It was already.
    Before,
    /// It is now, and there was another of the same size: the account has two histories, and the log shows
    /// both.
    BesideAnother,
}

impl Control {
    /// Notes an account's checkpoint in the operator's log, unless that very one is there already.
    pub fn note_checkpoint(
        &self,
        account: AccountId,
        checkpoint: &Checkpoint,
        by: Principal,
        at: Time,
    ) -> Result<Noted> {
        let act = Act::of_checkpoint(account, checkpoint);
        self.change(|tx| {
            let before = number_of(tx, account, checkpoint.size)?;
            if let Some(number) = before
                && act_at(tx, number)? == act
            {
                return Ok(Noted::Before);
            }
            let number = append(tx, by, at, vec![act])? - 1;
            tx.execute(
                "INSERT INTO account_checkpoints (account_id, size, number) VALUES (?1, ?2, ?3)
                 ON CONFLICT (account_id, size) DO UPDATE SET number = excluded.number",
                params![account.uuid().as_bytes(), int(checkpoint.size)?, int(number)?],
            )?;
            Ok(if before.is_some() { Noted::BesideAnother } else { Noted::Now })
        })
    }

    /// The number of the entry that tells of the account's checkpoint of this size.
    pub fn checkpoint_entry(&self, account: AccountId, size: u64) -> Result<Option<u64>> {
        number_of(&self.connection(), account, size)
    }
}

fn number_of(connection: &Connection, account: AccountId, size: u64) -> Result<Option<u64>> {
    let sql = "SELECT number FROM account_checkpoints WHERE account_id = ?1 AND size = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![account.uuid().as_bytes(), int(size)?], |row| row.get(0));
    found.optional()?.map(unsigned).transpose()
}

fn act_at(connection: &Connection, number: u64) -> Result<Act> {
    let entry = entries(connection, number, number + 1)?.pop().ok_or(Error::LogDamaged)?;
    Ok(Entry::read(&entry).map_err(|_| Error::LogDamaged)?.act)
}
