//! Sessions: a log-in of an agent in one browser. The token itself is stored nowhere.

use words::{AgentId, SecretHash, SessionId, Time};

use crate::{Agent, Read, Result, Row, Tx, params};

/// Sessions that one agent has at most; the one that was seen longest ago makes room.
pub const SESSIONS_PER_AGENT_MAX: i64 = 50;

/// A log-in of an agent in one browser.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id, by which it is listed and ended.
    pub id: SessionId,
    /// Whose it is.
    pub agent: AgentId,
    /// What each of its forms carries, against forged ones.
    pub form_token: String,
    /// The nonce of styles that scripts set in its pages.
    pub style_nonce: String,
    /// The first words of the browser's User-Agent.
    pub browser: String,
    /// The network address at log-in.
    pub remote: String,
    /// When it began.
    pub created_at: Time,
    /// When it was last seen, to the minute.
    pub seen_at: Time,
    /// When it ends, whatever happens.
    pub ends_at: Time,
}

/// A session to begin.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Of the token in the browser's cookie.
    pub token_hash: SecretHash,
    /// Whose it is.
    pub agent: AgentId,
    /// What each of its forms carries.
    pub form_token: String,
    /// The nonce of styles that scripts set in its pages.
    pub style_nonce: String,
    /// The first words of the browser's User-Agent.
    pub browser: String,
    /// The network address at log-in.
    pub remote: String,
    /// When it ends, whatever happens.
    pub ends_at: Time,
}

const INSERT: &str = "
    INSERT INTO sessions (account_id, id, token_hash, agent_id, form_token, style_nonce, browser, remote,
        created_at, seen_at, ends_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)";

const WITH_AGENT: &str = "
    SELECT s.id, s.agent_id, s.form_token, s.style_nonce, s.browser, s.remote, s.created_at, s.seen_at, s.ends_at,
        a.id, a.name, a.address, a.role, a.all_departments, a.language, a.password_hash IS NOT NULL,
        a.disabled_at, a.created_at
    FROM sessions s JOIN agents a ON a.account_id = s.account_id AND a.id = s.agent_id
    WHERE s.account_id = $1 AND s.token_hash = $2";

const OF_AGENT: &str = "
    SELECT id, agent_id, form_token, style_nonce, browser, remote, created_at, seen_at, ends_at
    FROM sessions WHERE account_id = $1 AND agent_id = $2 ORDER BY seen_at DESC, id DESC LIMIT $3";

const TOUCH: &str = "UPDATE sessions SET seen_at = $3 WHERE account_id = $1 AND id = $2 AND seen_at < $3";

const ROTATE: &str = "
    UPDATE sessions SET token_hash = $3, form_token = $4 WHERE account_id = $1 AND id = $2";

const END: &str = "DELETE FROM sessions WHERE account_id = $1 AND agent_id = $2 AND id = $3";

const END_OTHERS: &str = "DELETE FROM sessions WHERE account_id = $1 AND agent_id = $2 AND id <> $3";

const END_OLDEST: &str = "
    DELETE FROM sessions WHERE account_id = $1 AND agent_id = $2 AND id NOT IN
        (SELECT id FROM sessions WHERE account_id = $1 AND agent_id = $2 ORDER BY seen_at DESC, id DESC LIMIT $3)";

const REMOVE_ENDED: &str = "DELETE FROM sessions WHERE account_id = $1 AND (ends_at <= $2 OR seen_at <= $3)";

impl Read<'_> {
    /// The session with this token, ended or not, and its agent.
    pub fn session_by_token(&self, token: SecretHash) -> Result<Option<(Session, Agent)>> {
        self.row(WITH_AGENT, params![self.account(), token], |row| {
            Ok((Session::of(row)?, Agent::of(row, Session::COLUMNS)?))
        })
    }

    /// The agent's sessions, the one seen last first.
    pub fn sessions_of_agent(&self, agent: AgentId) -> Result<Vec<Session>> {
        self.rows(OF_AGENT, params![self.account(), agent, SESSIONS_PER_AGENT_MAX], Session::of)
    }
}

impl Tx<'_> {
    /// Begins a session, and ends the agent's oldest if there are too many.
    pub fn insert_session(&mut self, session: &NewSession) -> Result<SessionId> {
        let (account, now) = (self.account(), self.now());
        let id = SessionId::new(now);
        self.change(END_OLDEST, params![account, session.agent, SESSIONS_PER_AGENT_MAX - 1])?;
        self.change_one(
            INSERT,
            params![
                account,
                id,
                session.token_hash,
                session.agent,
                session.form_token.as_str(),
                session.style_nonce.as_str(),
                session.browser.as_str(),
                session.remote.as_str(),
                now,
                session.ends_at
            ],
        )?;
        Ok(id)
    }

    /// Notes that the session was seen now.
    pub fn touch_session(&mut self, id: SessionId) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change(TOUCH, params![account, id, now]).map(|_| ())
    }

    /// Gives the session another token and other forms. [`crate::Error::Missed`] if it has ended.
    pub fn rotate_session(&mut self, id: SessionId, token: SecretHash, form_token: &str) -> Result<()> {
        let account = self.account();
        self.change_one(ROTATE, params![account, id, token, form_token])
    }

    /// Ends a session of the agent. False if there is none.
    pub fn end_session(&mut self, agent: AgentId, id: SessionId) -> Result<bool> {
        let account = self.account();
        Ok(self.change(END, params![account, agent, id])? > 0)
    }

    /// Ends the agent's sessions, all but `kept`, and tells how many.
    pub fn end_sessions(&mut self, agent: AgentId, kept: Option<SessionId>) -> Result<u64> {
        let account = self.account();
        let kept = kept.map_or(uuid::Uuid::nil(), SessionId::uuid);
        self.change(END_OTHERS, params![account, agent, SessionId::from_uuid(kept)])
    }

    /// Removes the sessions that have ended by now or were not seen since `idle_since`.
    pub fn remove_ended_sessions(&mut self, idle_since: Time) -> Result<u64> {
        let (account, now) = (self.account(), self.now());
        self.change(REMOVE_ENDED, params![account, now, idle_since])
    }
}

impl Session {
    /// How many columns of a row make a session.
    const COLUMNS: usize = 9;

    fn of(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            agent: row.get(1)?,
            form_token: row.get(2)?,
            style_nonce: row.get(3)?,
            browser: row.get(4)?,
            remote: row.get(5)?,
            created_at: row.get(6)?,
            seen_at: row.get(7)?,
            ends_at: row.get(8)?,
        })
    }
}
