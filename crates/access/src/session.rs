//! Log-in and sessions: begun with a password, seen with a token, ended by time, hand or change.

use std::{net::IpAddr, time::Duration};

use control::{AttemptKey, Limited};
use register::Access;
use store::{Agent, Credentials, NewSession, Session, Store, Tx};
use words::{AgentId, EmailAddress, Role, Secret, SessionId, Task, Time};

use crate::{
    Door, Error, Result,
    agent::{note, one_self_or_admin},
    right,
};

/// A session ends after so many days, whatever happens.
pub const SESSION_DAYS_MAX: u64 = 30;
/// A session ends after so many days in which nobody uses it.
pub const SESSION_IDLE_DAYS: u64 = 7;
pub(crate) const IDLE: Duration = Duration::from_hours(SESSION_IDLE_DAYS * 24);
const LIFE: Duration = Duration::from_hours(SESSION_DAYS_MAX * 24);
/// That it was seen is written at most so often.
pub(crate) const SEEN_EVERY: Duration = Duration::from_mins(1);
/// What is kept of the browser's User-Agent.
const BROWSER_CHARS_MAX: usize = 120;

/// A log-in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The agent's address.
    pub address: EmailAddress,
    /// Their password.
    pub password: Secret,
    /// Where they come from.
    pub remote: IpAddr,
    /// The browser's User-Agent.
    pub browser: String,
}

/// A session that just began, or got a new token.
#[derive(Debug)]
pub struct SignedIn {
    /// What the browser's cookie holds: shown once, stored as a hash.
    pub token: Secret,
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub agent: AgentId,
    /// When it ends, whatever happens.
    pub ends_at: Time,
}

/// A session that holds, and what it opens.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub agent: Agent,
    /// What it opens.
    pub access: Access,
}

impl Door {
    /// Logs an agent in. A new session begins each time; a token that the browser had before means
    /// nothing here. Whether the address is known, shut out, invited only, or the password wrong: the
    /// same work is done and [`Error::NotKnown`] is all that is said.
    pub async fn sign_in(&self, store: &Store, asked: SignIn) -> Result<SignedIn> {
        let (account, now) = (store.account(), self.clock().now());
        let access = self.task(account, Task::SignIn)?;
        let attempts = self.control().attempts();
        let from = attempts.begin(&[AttemptKey::remote(asked.remote)], now)?;
        let (address, remote) = (asked.address.clone(), asked.remote.to_string());
        let found = store.read(&access, move |read| read.credentials(&address, &remote)).await?;
        let at = attempts.begin(&[address_key(store, &asked, found.as_ref())], now)?;
        let hash = found.as_ref().and_then(|found| found.password_hash.clone());
        let right = self.passwords().verify(&asked.password, hash.clone()).await;
        if !matches!(right, Ok(false)) {
            // Right, or never tried.
            attempts.succeeded(&from);
            attempts.succeeded(&at);
        }
        let (Some(found), Some(hash), true) = (found, hash, right?) else { return Err(Error::NotKnown) };
        let begin = Begin::new(found.agent.id, asked.remote, &asked.browser, now);
        store.write(&access, move |tx| begin_if_unchanged(tx, begin, &hash)).await
    }

    /// The session with this token, if it holds: one indexed read. That it was seen is written once a
    /// minute, beside the request. Its departments and rights are those of this moment; whoever holds
    /// the access for longer asks again at each [`store::EventKind::Settings`].
    pub async fn session(&self, store: &Store, token: &Secret) -> Result<Option<Seen>> {
        let (access, hash) = (self.task(store.account(), Task::SignIn)?, token.hash());
        let seen = store.read(&access, move |read| {
            let Some((session, agent)) = read.session_by_token(hash)? else { return Ok::<_, Error>(None) };
            if !holds(&session, &agent, read.now()) {
                return Ok(None);
            }
            let access = right::of_session(read, &session, &agent)?;
            Ok(Some((Seen { session, agent, access }, read.now())))
        });
        let Some((seen, now)) = seen.await? else { return Ok(None) };
        if now.since(seen.session.seen_at) >= SEEN_EVERY {
            let (store, id) = (store.clone(), seen.session.id);
            // Not waited for: pages are read on while the disk is full.
            tokio::spawn(async move { store.write(&access, move |tx| tx.touch_session(id)).await });
        }
        Ok(Some(seen))
    }

    /// The session of an agent that was seen last, if one holds: for whom an address was signed shows no
    /// token. It does not count as seen by this.
    pub async fn session_of_agent(&self, store: &Store, agent: AgentId) -> Result<Option<Seen>> {
        let access = self.task(store.account(), Task::SignIn)?;
        let seen = store.read(&access, move |read| {
            let Some(agent) = read.agent_by_id(agent)? else { return Ok::<_, Error>(None) };
            let sessions = read.sessions_of_agent(agent.id)?;
            let holding = sessions.into_iter().find(|session| holds(session, &agent, read.now()));
            let Some(session) = holding else { return Ok(None) };
            let access = right::of_session(read, &session, &agent)?;
            Ok(Some(Seen { session, agent, access }))
        });
        seen.await
    }
}

/// Whether a session holds. The rules, in order: its agent is not shut out; it is not over; it was
/// used of late.
fn holds(session: &Session, agent: &Agent, now: Time) -> bool {
    agent.disabled_at.is_none() && now < session.ends_at && now < idle_end(session.seen_at)
}

pub(crate) fn idle_end(seen_at: Time) -> Time {
    seen_at.after(IDLE)
}

/// A stranger's failures count apart from those where the agent logged in before.
fn address_key(store: &Store, asked: &SignIn, found: Option<&Credentials>) -> AttemptKey {
    if found.is_some_and(|found| found.known_remote) {
        AttemptKey::address_from_known(store.account(), &asked.address, asked.remote)
    } else {
        AttemptKey::address(store.account(), &asked.address)
    }
}

impl From<Limited> for Error {
    fn from(limited: Limited) -> Self {
        Self::Limited { again_at: limited.again_at }
    }
}

/// A session to begin, with what the browser gets of it.
pub(crate) struct Begin {
    token: Secret,
    row: NewSession,
}

impl Begin {
    pub(crate) fn new(agent: AgentId, remote: IpAddr, browser: &str, now: Time) -> Self {
        let token = Secret::random("");
        let row = NewSession {
            token_hash: token.hash(),
            agent,
            form_token: Secret::random("").expose().to_owned(),
            style_nonce: Secret::random("").expose().to_owned(),
            browser: browser.chars().filter(|c| !c.is_control()).take(BROWSER_CHARS_MAX).collect(),
            remote: remote.to_string(),
            ends_at: now.after(LIFE),
        };
        Self { token, row }
    }

    pub(crate) fn insert(self, tx: &mut Tx<'_>) -> Result<SignedIn> {
        let session = tx.insert_session(&self.row)?;
        Ok(SignedIn { token: self.token, session, agent: self.row.agent, ends_at: self.row.ends_at })
    }
}

/// Begins the session if the agent still may, and still has the password that was compared.
fn begin_if_unchanged(tx: &mut Tx<'_>, begin: Begin, hash: &str) -> Result<SignedIn> {
    let agent = tx.agent_by_id(begin.row.agent)?.ok_or(Error::NotKnown)?;
    let unchanged = tx.password_hash(agent.id)?.is_some_and(|now| now == hash);
    if agent.disabled_at.is_some() || !unchanged {
        return Err(Error::NotKnown);
    }
    begin.insert(tx)
}

/// An agent's sessions, the one seen last first: one's own, or an admin's look at anybody's.
pub async fn list(store: &Store, access: &Access, agent: AgentId) -> Result<Vec<Session>> {
    one_self_or_admin(access, agent)?;
    Ok(store.read(access, move |read| read.sessions_of_agent(agent)).await?)
}

/// Ends a session: one's own (also to log out), or as an admin anybody's but an owner's.
pub async fn end(store: &Store, access: &Access, agent: AgentId, id: SessionId) -> Result<()> {
    one_self_or_admin(access, agent)?;
    let by = access.clone();
    let ended = store.write(access, move |tx| {
        owners_are_their_own(&by, tx, agent)?;
        if !tx.end_session(agent, id)? {
            return Err(Error::NoSuchSession);
        }
        note(tx, "session-ended", agent)
    });
    ended.await
}

/// Ends an agent's sessions, all but `kept`, and tells how many: one's own, or as an admin anybody's
/// but an owner's.
pub async fn end_all(store: &Store, access: &Access, agent: AgentId, kept: Option<SessionId>) -> Result<u64> {
    one_self_or_admin(access, agent)?;
    let by = access.clone();
    let ended = store.write(access, move |tx| {
        owners_are_their_own(&by, tx, agent)?;
        let ended = tx.end_sessions(agent, kept)?;
        note(tx, "session-ended", agent)?;
        Ok(ended)
    });
    ended.await
}

fn owners_are_their_own(by: &Access, tx: &Tx<'_>, agent: AgentId) -> Result<()> {
    let role = tx.agent_by_id(agent)?.ok_or(Error::NoSuchAgent)?.role;
    let theirs = by.agent() == Some(agent);
    let by_owner = matches!(by.rights(), register::Rights::Agent(Role::Owner) | register::Rights::Task(_));
    if role == Role::Owner && !theirs && !by_owner { Err(Error::OwnersOnly) } else { Ok(()) }
}

/// Removes sessions and invitations that are over: a task of Havn's housekeeping.
pub async fn remove_ended(store: &Store, access: &Access) -> Result<u64> {
    let removed = store.write(access, |tx| {
        let idle_since = tx.now().before(IDLE);
        Ok::<_, store::Error>(tx.remove_ended_sessions(idle_since)? + tx.remove_ended_invitations()?)
    });
    Ok(removed.await?)
}
