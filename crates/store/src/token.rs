//! API tokens: what a program shows to act on behalf of an agent. Shown once, stored as a hash.

use words::{AgentId, SecretHash, Time, TokenId};

use crate::{Agent, Error, Read, Result, Row, Tx, params};

/// Tokens that one account has at most.
pub const TOKENS_MAX: i64 = 500;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScope {
    /// Read.
    Read,
    /// What its agent may do.
    Write,
}

impl TokenScope {
    /// The name in rows, forms and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl std::str::FromStr for TokenScope {
    type Err = words::IdError;
    fn from_str(text: &str) -> Result<Self, words::IdError> {
        [Self::Read, Self::Write].into_iter().find(|scope| scope.name() == text).ok_or(words::IdError)
    }
}

/// An API token, without the secret.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its id, by which it is listed and revoked.
    pub id: TokenId,
    /// What its maker calls it.
    pub name: String,
    /// On whose behalf it acts.
    pub agent: AgentId,
    /// What it may do.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, to the minute.
    pub used_at: Option<Time>,
    /// When it ends; never, if none.
    pub ends_at: Option<Time>,
}

/// A token to keep.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What its maker calls it.
    pub name: String,
    /// Of the secret that is shown once.
    pub token_hash: SecretHash,
    /// On whose behalf it acts.
    pub agent: AgentId,
    /// What it may do.
    pub scope: TokenScope,
    /// When it ends; never, if none.
    pub ends_at: Option<Time>,
}

const INSERT: &str = "
    INSERT INTO tokens (account_id, id, name, token_hash, agent_id, scope, created_at, used_at, ends_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)";

const WITH_AGENT: &str = "
    SELECT t.id, t.name, t.agent_id, t.scope, t.created_at, t.used_at, t.ends_at,
        a.id, a.name, a.address, a.role, a.all_departments, a.language, a.password_hash IS NOT NULL,
        a.disabled_at, a.created_at
    FROM tokens t JOIN agents a ON a.account_id = t.account_id AND a.id = t.agent_id
    WHERE t.account_id = $1 AND t.token_hash = $2";

const BY_ID: &str = "
    SELECT id, name, agent_id, scope, created_at, used_at, ends_at FROM tokens WHERE account_id = $1 AND id = $2";

const ALL: &str = "
    SELECT id, name, agent_id, scope, created_at, used_at, ends_at FROM tokens
    WHERE account_id = $1 ORDER BY created_at, id LIMIT $2";

const OF_AGENT: &str = "
    SELECT id, name, agent_id, scope, created_at, used_at, ends_at FROM tokens
    WHERE account_id = $1 AND agent_id = $2 ORDER BY created_at, id LIMIT $3";

const COUNT: &str = "SELECT count(*) FROM tokens WHERE account_id = $1";

const TOUCH: &str = "
    UPDATE tokens SET used_at = $3 WHERE account_id = $1 AND id = $2 AND (used_at IS NULL OR used_at < $3)";

const REVOKE: &str = "DELETE FROM tokens WHERE account_id = $1 AND id = $2";

const REVOKE_OF_AGENT: &str = "DELETE FROM tokens WHERE account_id = $1 AND agent_id = $2";

impl Read<'_> {
    /// The token with this secret, ended or not, and the agent on whose behalf it acts.
    pub fn token_by_secret(&self, secret: SecretHash) -> Result<Option<(Token, Agent)>> {
        self.row(WITH_AGENT, params![self.account(), secret], |row| {
            Ok((Token::of(row)?, Agent::of(row, Token::COLUMNS)?))
        })
    }

    /// The token.
    pub fn token_by_id(&self, id: TokenId) -> Result<Option<Token>> {
        self.row(BY_ID, params![self.account(), id], Token::of)
    }

    /// All tokens of the account, the oldest first.
    pub fn tokens(&self) -> Result<Vec<Token>> {
        self.rows(ALL, params![self.account(), TOKENS_MAX], Token::of)
    }

    /// The tokens that act on behalf of the agent, the oldest first.
    pub fn tokens_of_agent(&self, agent: AgentId) -> Result<Vec<Token>> {
        self.rows(OF_AGENT, params![self.account(), agent, TOKENS_MAX], Token::of)
    }

    /// How many tokens the account has.
    pub fn count_tokens(&self) -> Result<i64> {
        Ok(self.row(COUNT, params![self.account()], |row| row.get(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Keeps a token.
    pub fn insert_token(&mut self, token: &NewToken) -> Result<TokenId> {
        let (account, now) = (self.account(), self.now());
        let id = TokenId::new(now);
        let (name, scope) = (token.name.as_str(), token.scope.name());
        self.change_one(
            INSERT,
            params![account, id, name, token.token_hash, token.agent, scope, now, token.ends_at],
        )?;
        Ok(id)
    }

    /// Notes that the token was used now.
    pub fn touch_token(&mut self, id: TokenId) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change(TOUCH, params![account, id, now]).map(|_| ())
    }

    /// Revokes the token. False if there is none.
    pub fn revoke_token(&mut self, id: TokenId) -> Result<bool> {
        let account = self.account();
        Ok(self.change(REVOKE, params![account, id])? > 0)
    }

    /// Revokes all tokens that act on behalf of the agent, and tells how many.
    pub fn revoke_tokens_of_agent(&mut self, agent: AgentId) -> Result<u64> {
        let account = self.account();
        self.change(REVOKE_OF_AGENT, params![account, agent])
    }
}

impl Token {
    /// How many columns of a row make a token.
    const COLUMNS: usize = 7;

    fn of(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            agent: row.get(2)?,
            scope: row.get::<String>(3)?.parse().map_err(|_| Error::Column(3))?,
            created_at: row.get(4)?,
            used_at: row.get(5)?,
            ends_at: row.get(6)?,
        })
    }
}
