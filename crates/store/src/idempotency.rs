//! Table `idempotency`: what a program asked for under a key of its own, and what it was answered, so
//! that asking twice does once.

use std::time::Duration;

use words::{Time, TokenId};

use crate::{Error, Read, Result, Tx, params};

/// For so long a key is remembered.
pub const IDEMPOTENCY_KEPT: Duration = Duration::from_hours(24);

/// A request that came under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Of the request, so that another one under the same key is told apart.
    pub request_hash: [u8; 32],
    /// The status of the answer; none if it is not known how it ended.
    pub status: Option<u16>,
    /// The body of the answer.
    pub response: String,
    /// When it came.
    pub created_at: Time,
}

const BY_KEY: &str = "
    SELECT request_hash, status, response, created_at FROM idempotency
    WHERE account_id = $1 AND token_id = $2 AND key = $3";
// A status of 0 says that the answer is not known yet.
const CLAIM: &str = "
    INSERT INTO idempotency (account_id, token_id, key, request_hash, status, response, created_at)
    VALUES ($1, $2, $3, $4, 0, '', $5) ON CONFLICT (account_id, token_id, key) DO NOTHING";
const ANSWER: &str = "
    UPDATE idempotency SET status = $4, response = $5 WHERE account_id = $1 AND token_id = $2 AND key = $3";
const RELEASE: &str = "DELETE FROM idempotency WHERE account_id = $1 AND token_id = $2 AND key = $3";
const REMOVE_OLD: &str = "DELETE FROM idempotency WHERE account_id = $1 AND created_at < $2";

impl Read<'_> {
    /// What was asked under this key before.
    pub fn asked_before(&self, token: TokenId, key: &str) -> Result<Option<Asked>> {
        self.row(BY_KEY, params![self.account(), token, key], |row| {
            let status: i64 = row.get(1)?;
            Ok(Asked {
                request_hash: row.get::<Vec<u8>>(0)?.try_into().map_err(|_| Error::Column(0))?,
                status: u16::try_from(status).ok().filter(|status| *status != 0),
                response: row.get(2)?,
                created_at: row.get(3)?,
            })
        })
    }
}

impl Tx<'_> {
    /// Notes that a request came under a key, before it is done. False if one came before.
    pub fn claim_key(&mut self, token: TokenId, key: &str, request_hash: &[u8; 32]) -> Result<bool> {
        let (account, now) = (self.account(), self.now());
        Ok(self.change(CLAIM, params![account, token, key, &request_hash[..], now])? > 0)
    }

    /// Notes what a request was answered.
    pub fn answer_key(&mut self, token: TokenId, key: &str, status: u16, response: &str) -> Result<()> {
        let account = self.account();
        self.change_one(ANSWER, params![account, token, key, i64::from(status), response])
    }

    /// Forgets a key whose request changed nothing.
    pub fn release_key(&mut self, token: TokenId, key: &str) -> Result<()> {
        let account = self.account();
        self.change(RELEASE, params![account, token, key])?;
        Ok(())
    }

    /// Removes keys that are older than [`IDEMPOTENCY_KEPT`], and tells how many.
    pub fn remove_old_keys(&mut self) -> Result<u64> {
        let (account, before) = (self.account(), self.now().before(IDEMPOTENCY_KEPT));
        self.change(REMOVE_OLD, params![account, before])
    }
}
