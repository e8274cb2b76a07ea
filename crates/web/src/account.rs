//! What the pages keep in memory of an account in use: who is logged in, names, open streams.
//!
//! All of it can be thrown away at any moment. Every settings event (agents, sessions, departments,
//! tags, …) empties it, so that what was revoked is shut out at the next request.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use access::{Seen, TokenSeen};
use register::Access;
use store::{EventKind, Store};
use tokio::sync::watch;
use words::{AccountId, AgentId, Secret, Slug, Time};

use crate::{
    directory::Directory,
    error::Result,
    host::Base,
    live::{Hub, presence::Presences},
    rates::Rates,
};

/// For so long a session is not asked for again, unless a settings event says otherwise.
const SESSION_REMEMBERED_SECONDS: u64 = 60;
/// Sessions remembered of one account at most.
const SESSIONS_REMEMBERED_MAX: usize = 2_000;
/// Events looked through for settings; if more came, all is read anew.
const EVENTS_LOOKED_AT_MAX: i64 = 500;

/// An account in use.
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name in its host.
    pub slug: Slug,
    /// The address of its desk.
    pub desk: String,
    /// The address of its letters and files.
    pub files: String,
    /// Its open event streams.
    pub live: Hub,
    /// Who looks at what.
    pub presences: Presences,
    /// How often programs ask.
    pub rates: Rates,
    remembered: Mutex<Remembered>,
    /// Up to which event the memory is known to be right.
    settled: AtomicI64,
    /// Counts settings events: streams ask for their session again when it moves.
    settings: watch::Sender<u64>,
    used_at: AtomicI64,
}

#[derive(Default)]
struct Remembered {
    directory: Option<Arc<Directory>>,
    sessions: HashMap<[u8; 32], (Time, Arc<Seen>)>,
    /// A session of each agent whose letters are looked at by their addresses.
    holders: HashMap<AgentId, (Time, Arc<Seen>)>,
    programs: HashMap<[u8; 32], (Time, Arc<TokenSeen>)>,
}

impl Account {
    pub(crate) fn new(id: AccountId, slug: Slug, base: &Base) -> Self {
        Self {
            id,
            desk: base.desk(&slug),
            files: base.files(&slug),
            slug,
            live: Hub::default(),
            presences: Presences::default(),
            rates: Rates::default(),
            remembered: Mutex::default(),
            settled: AtomicI64::new(0),
            settings: watch::Sender::new(0),
            used_at: AtomicI64::new(0),
        }
    }

    /// Tells when settings change.
    pub fn settings(&self) -> watch::Receiver<u64> {
        self.settings.subscribe()
    }

    /// Throws the memory away if a settings event came since it was filled.
    pub async fn settle(&self, store: &Store, access: &Access) -> Result<()> {
        let newest = *store.committed().borrow();
        let settled = self.settled.load(Ordering::Acquire);
        // Less: the store was closed and opened again, and nothing was committed since.
        if newest <= settled {
            return Ok(());
        }
        let events = store.read(access, move |read| read.events_after(settled, EVENTS_LOOKED_AT_MAX)).await?;
        let too_many = i64::try_from(events.len()).unwrap_or(i64::MAX) >= EVENTS_LOOKED_AT_MAX;
        if too_many || events.iter().any(|event| event.kind == EventKind::Settings) {
            self.forget();
        }
        self.settled.fetch_max(newest, Ordering::AcqRel);
        Ok(())
    }

    /// Throws the memory away: something of it changed.
    pub fn forget(&self) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.directory = None;
        remembered.sessions.clear();
        remembered.holders.clear();
        remembered.programs.clear();
        drop(remembered);
        self.settings.send_modify(|count| *count += 1);
    }

    /// The session with this token, if it is remembered.
    pub fn remembered_session(&self, token: &Secret, now: Time) -> Option<Arc<Seen>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, seen) = remembered.sessions.get(token.hash().bytes())?;
        (now < *until && seen.access.holds(now)).then(|| Arc::clone(seen))
    }

    /// Remembers a session that was just seen.
    pub fn remember_session(&self, token: &Secret, seen: Seen, now: Time) -> Arc<Seen> {
        let seen = Arc::new(seen);
        let until = now.after(Duration::from_secs(SESSION_REMEMBERED_SECONDS));
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.sessions.len() >= SESSIONS_REMEMBERED_MAX {
            remembered.sessions.clear();
        }
        remembered.sessions.insert(*token.hash().bytes(), (until, Arc::clone(&seen)));
        seen
    }

    /// The API token with this secret, if it is remembered.
    pub fn remembered_token(&self, secret: &Secret, now: Time) -> Option<Arc<TokenSeen>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, seen) = remembered.programs.get(secret.hash().bytes())?;
        (now < *until && seen.access.holds(now)).then(|| Arc::clone(seen))
    }

    /// Remembers an API token that was just seen.
    pub fn remember_token(&self, secret: &Secret, seen: TokenSeen, now: Time) -> Arc<TokenSeen> {
        let seen = Arc::new(seen);
        let until = now.after(Duration::from_secs(SESSION_REMEMBERED_SECONDS));
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.programs.len() >= SESSIONS_REMEMBERED_MAX {
            remembered.programs.clear();
        }
        remembered.programs.insert(*secret.hash().bytes(), (until, Arc::clone(&seen)));
        seen
    }

    /// A session of the agent, if one is remembered for letters.
    pub fn remembered_holder(&self, agent: AgentId, now: Time) -> Option<Arc<Seen>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, seen) = remembered.holders.get(&agent)?;
        (now < *until && seen.access.holds(now)).then(|| Arc::clone(seen))
    }

    /// Remembers a session of somebody who looks at a letter, if no setting changed since `before`: one
    /// that ended meanwhile is used once. There are no more than agents.
    pub fn remember_holder(&self, seen: Seen, now: Time, before: u64) -> Arc<Seen> {
        let seen = Arc::new(seen);
        let until = now.after(Duration::from_secs(SESSION_REMEMBERED_SECONDS));
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if *self.settings.borrow() == before {
            remembered.holders.insert(seen.agent.id, (until, Arc::clone(&seen)));
        }
        seen
    }

    /// Names of agents, departments and tags.
    pub async fn directory(&self, store: &Store, access: &Access) -> Result<Arc<Directory>> {
        if let Some(directory) = &self.remembered.lock().unwrap_or_else(PoisonError::into_inner).directory {
            return Ok(Arc::clone(directory));
        }
        let before = *self.settings.borrow();
        let directory = Arc::new(store.read(access, Directory::read).await?);
        // What was read before the newest change is used once and not kept.
        if *self.settings.borrow() == before {
            let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
            remembered.directory = Some(Arc::clone(&directory));
        }
        Ok(directory)
    }

    /// The account's name, if it is remembered.
    pub fn remembered_name(&self) -> Option<String> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.directory.as_ref().map(|directory| directory.name.clone())
    }

    pub(crate) fn used(&self, now: Time) {
        self.used_at.store(now.micros(), Ordering::Relaxed);
    }

    pub(crate) fn is_idle(&self, before: Time) -> bool {
        Time::from_micros(self.used_at.load(Ordering::Relaxed)) < before && self.live.is_empty()
    }
}
