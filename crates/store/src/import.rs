//! Table `imports`: how far each old mailbox has been taken in.

use crate::{Read, Result, Row, Tx, params};

/// How far an old mailbox has been taken in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Import {
    /// The folder or file.
    pub source: String,
    /// What comes up to here is in.
    pub position: String,
    /// Mails that were taken.
    pub taken: i64,
    /// Mails that lay here already.
    pub doubled: i64,
    /// Counts of what was odd, as JSON.
    pub odd: String,
}

const BY_SOURCE: &str = "
    SELECT source, position, taken, doubled, odd FROM imports WHERE account_id = $1 AND source = $2";
const PUT: &str = "
    INSERT INTO imports (account_id, source, position, taken, doubled, odd, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (account_id, source) DO UPDATE SET
        position = excluded.position, taken = excluded.taken, doubled = excluded.doubled,
        odd = excluded.odd, updated_at = excluded.updated_at";

impl Read<'_> {
    /// How far a source has been taken in, if it was begun.
    pub fn import(&self, source: &str) -> Result<Option<Import>> {
        self.row(BY_SOURCE, params![self.account(), source], import)
    }
}

impl Tx<'_> {
    /// Notes how far a source has been taken in.
    pub fn put_import(&mut self, now: &Import) -> Result<()> {
        let (account, at) = (self.account(), self.now());
        self.change_one(
            PUT,
            params![
                account,
                now.source.as_str(),
                now.position.as_str(),
                now.taken,
                now.doubled,
                now.odd.as_str(),
                at
            ],
        )
    }
}

fn import(row: &Row<'_>) -> Result<Import> {
    Ok(Import {
        source: row.get(0)?,
        position: row.get(1)?,
        taken: row.get(2)?,
        doubled: row.get(3)?,
        odd: row.get(4)?,
    })
}
