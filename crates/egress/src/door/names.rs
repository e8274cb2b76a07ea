//! Look-ups of names, at the name servers of the operator's file, by the door alone.
//!
//! What was found is kept as long as the answer allows. What goes to a name server and comes from it is
//! counted per server and window of some seconds, not per question: see [`window`].

mod kept;
mod question;
mod server;
mod window;

use super::permission::Permission;
use crate::{LookupError, Record, RecordType, Records, spool::Spool};
use kept::Kept;
use question::{Answer, Question};
use register::Resolver;
use server::Server;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, time::timeout};
use words::Host;

/// How long a look-up may take, with all servers and names on the way.
const LOOKUP_WAIT: Duration = Duration::from_secs(6);

/// How often each server is asked.
const ROUNDS_MAX: usize = 2;

/// How many name servers of the operator's file are asked.
const SERVERS_MAX: usize = 3;

/// How many names a name may point on to (`CNAME`), over all answers.
pub(super) const ALIASES_MAX: usize = 8;

/// How many look-ups are under way at once.
const LOOKUPS_AT_ONCE_MAX: usize = 128;

/// What a look-up found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub records: Records,
    /// The names that the name pointed on to.
    pub aliases: Vec<Host>,
}

/// The look-ups of a door.
pub(super) struct Names {
    servers: Vec<Server>,
    kept: Mutex<Kept>,
    room: Semaphore,
}

impl Names {
    pub(super) fn new(permission: &Arc<Permission>, spool: &Spool) -> Self {
        let servers = match &permission.file.resolvers {
            Resolver::None => Vec::new(),
            Resolver::Servers(servers) => servers
                .iter()
                .take(SERVERS_MAX)
                .map(|address| Server::new(*address, permission.clone(), spool.clone()))
                .collect(),
        };
        Self { servers, kept: Mutex::default(), room: Semaphore::new(LOOKUPS_AT_ONCE_MAX) }
    }

    /// The records of a name, from what is kept or from a name server.
    pub(super) async fn find(&self, name: &Host, kind: RecordType) -> Result<Found, LookupError> {
        if self.servers.is_empty() {
            return Err(LookupError::NoResolver);
        }
        if let Some(known) = self.kept().get(name, kind, Instant::now()) {
            return known;
        }
        let _room = self.room.try_acquire().map_err(|_| LookupError::TooMany)?;
        let found = timeout(LOOKUP_WAIT, self.follow(name, kind)).await.unwrap_or(Err(LookupError::NoAnswer));
        self.kept().keep(name, kind, &found, Instant::now());
        found
    }

    /// Ends the counting windows, so that their outcomes are written.
    pub(super) async fn end(&self) {
        for server in &self.servers {
            server.end().await;
        }
    }

    /// Asks, and asks on for the name that the answer points to, until there are records.
    async fn follow(&self, name: &Host, kind: RecordType) -> Result<Found, LookupError> {
        let mut aliases = Vec::new();
        let mut ttl_seconds = u32::MAX;
        let mut at = name.clone();
        loop {
            let answer = self.ask_in_turn(&Question::new(&at, kind)?).await?;
            ttl_seconds = ttl_seconds.min(answer.ttl_seconds);
            aliases.extend(answer.aliases);
            if aliases.len() > ALIASES_MAX {
                return Err(LookupError::ChainTooLong);
            }
            if !answer.records.is_empty() {
                return Ok(Found { records: Records { records: answer.records, ttl_seconds }, aliases });
            }
            match aliases.last() {
                Some(last) if *last != at => at = last.clone(),
                _ => return Err(LookupError::NoRecords),
            }
        }
    }

    /// The first usable answer of a server; the last failure if there is none.
    async fn ask_in_turn(&self, question: &Question) -> Result<Answer, LookupError> {
        let mut last = LookupError::NoAnswer;
        for _ in 0..ROUNDS_MAX {
            for server in &self.servers {
                match server.ask(question).await {
                    // Another server may be luckier.
                    Err(
                        error @ (LookupError::NoAnswer
                        | LookupError::ServerFailed(_)
                        | LookupError::BadAnswer),
                    ) => {
                        last = error;
                    }
                    answer => return answer,
                }
            }
        }
        Err(last)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    /// The addresses among the records.
    pub(super) fn addresses(&self) -> impl Iterator<Item = std::net::IpAddr> + '_ {
        self.records.records.iter().filter_map(|record| match record {
            Record::A(ip) => Some((*ip).into()),
            Record::Aaaa(ip) => Some((*ip).into()),
            _ => None,
        })
    }
}
