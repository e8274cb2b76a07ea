//! Table `key_uses`: who had an account's key unwrapped, when, and whether its store opened.

use rusqlite::{Row, params};
use words::{AccountId, Principal, Time};

use crate::{
    Control, Result,
    row::{parsed, time},
};

/// The number of a use, by which its outcome is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUseId(i64);

/// How the use of a key ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUseOutcome {
    /// The store was opened with it.
    Opened,
    /// It was not.
    Failed,
}

impl KeyUseOutcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for KeyUseOutcome {
    type Err = words::IdError;
    fn from_str(text: &str) -> Result<Self, words::IdError> {
        [Self::Opened, Self::Failed].into_iter().find(|o| o.name() == text).ok_or(words::IdError)
    }
}

/// One use of an account's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// When.
    pub at: Time,
    /// For whom.
    pub principal: Principal,
    /// How it ended; none: not known.
    pub outcome: Option<KeyUseOutcome>,
}

impl Control {
    /// Notes that a key is about to be unwrapped. Durable when this returns; if it fails, the key must
    /// stay wrapped.
    pub fn begin_key_use(&self, account: AccountId, principal: Principal, now: Time) -> Result<KeyUseId> {
        self.change(|tx| {
            tx.execute(
                "INSERT INTO key_uses (account_id, at, principal) VALUES (?1, ?2, ?3)",
                params![account.uuid().as_bytes(), now.micros(), principal.to_string()],
            )?;
            Ok(KeyUseId(tx.last_insert_rowid()))
        })
    }

    /// Notes how it ended.
    pub fn end_key_use(&self, id: KeyUseId, outcome: KeyUseOutcome) -> Result<()> {
        self.change(|tx| {
            tx.execute("UPDATE key_uses SET outcome = ?2 WHERE id = ?1", params![id.0, outcome.name()])?;
            Ok(())
        })
    }

    /// The newest `limit` uses of the account's key, the newest first.
    pub fn key_uses(&self, account: AccountId, limit: i64) -> Result<Vec<KeyUse>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, at, principal, outcome FROM key_uses WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let uses = statement.query_map(params![account.uuid().as_bytes(), limit], key_use)?;
        Ok(uses.collect::<Result<_, _>>()?)
    }
}

fn key_use(row: &Row<'_>) -> rusqlite::Result<KeyUse> {
    let outcome = match row.get_ref(3)? {
        rusqlite::types::ValueRef::Null => None,
        _ => Some(parsed(row, 3)?),
    };
    Ok(KeyUse { at: time(row, 1)?, principal: parsed(row, 2)?, outcome })
}
