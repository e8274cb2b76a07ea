//! Keeps a connection for each mailbox that has a pickup, in all accounts.

use super::{
    backoff,
    fault::Fault,
    round::{Ended, Round},
    visit::{Visit, Waited},
};
use crate::receive::Reception;
use access::Accounts;
use desk::PickupFault;
use egress::Egress;
use futures::FutureExt;
use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use store::PickupState;
use tokio::{
    sync::{Semaphore, SemaphorePermit, broadcast, watch},
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, sleep_until},
};
use words::{AccountId, Clock, MailboxId, Task, Time};

/// Mailboxes that are looked at or waited for at once; more take turns.
const CONNECTIONS_MAX: usize = 500;
/// The unit in which room for mails is counted.
const ROOM_BYTES: usize = 1024;
/// Accounts whose settings are read in one go.
const ACCOUNTS_AT_ONCE: usize = 20;
/// The gap between them at the start: to open all stores at once would keep everybody waiting.
const FIRST_LOOK_GAP: Duration = Duration::from_millis(10);

/// How long things take.
#[derive(Debug, Clone)]
pub struct Waits {
    /// Between looks at a server that cannot tell what comes, and of mailboxes that take turns.
    pub poll: Duration,
    /// A wait for mails is begun anew after this (RFC 2177 asks for less than 29 minutes), which also finds a
    /// connection that died in silence.
    pub idle: Duration,
    /// An account in which something happened has its settings read after this, whatever happens meanwhile.
    pub news: Duration,
    /// An account whose settings could not be read has them read again after this.
    pub trouble: Duration,
    /// The wait after a fault, instead of the usual ones that grow.
    pub after_fault: Option<Duration>,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            poll: Duration::from_mins(1),
            idle: Duration::from_mins(5),
            news: Duration::from_secs(1),
            trouble: Duration::from_secs(30),
            after_fault: None,
        }
    }
}

/// What a collector works with.
pub struct Means {
    /// The accounts.
    pub accounts: Accounts,
    /// Takes mails in.
    pub reception: Arc<Reception>,
    /// The way out.
    pub egress: Egress,
    /// Whom TLS trusts.
    pub tls: Arc<rustls::ClientConfig>,
    /// The clock.
    pub clock: Clock,
    /// The longest mail in bytes; larger ones are left where they are.
    pub mail_bytes_max: usize,
    /// How long things take.
    pub waits: Waits,
    /// Room for mails that are on their way in, in units of [`ROOM_BYTES`].
    room: Semaphore,
    room_max: usize,
}

impl Means {
    /// `held_bytes_max` is for all mails that are on their way in at once.
    pub fn new(
        accounts: Accounts,
        reception: Arc<Reception>,
        egress: Egress,
        tls: Arc<rustls::ClientConfig>,
        clock: Clock,
        [mail_bytes_max, held_bytes_max]: [usize; 2],
        waits: Waits,
    ) -> Self {
        let room_max = (held_bytes_max / ROOM_BYTES).clamp(1, Semaphore::MAX_PERMITS);
        let room = Semaphore::new(room_max);
        Self { accounts, reception, egress, tls, clock, mail_bytes_max, waits, room, room_max }
    }

    /// Waits for room for a mail of so many bytes; held until what is given is dropped.
    pub(super) async fn room(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let units = bytes.div_ceil(ROOM_BYTES).clamp(1, self.room_max);
        self.room.acquire_many(u32::try_from(units).unwrap_or(u32::MAX)).await.ok()
    }
}

/// Picks mail up for all mailboxes that have a pickup.
pub struct Collector {
    means: Means,
    slots: Semaphore,
    /// Mailboxes that wait for a slot.
    waiting: AtomicUsize,
}

/// How a connection ended that nothing was wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// There is no pickup any more, or another.
    Changed,
    /// Others want the slot, or the server cannot tell what comes.
    LaterAgain,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stay {
    Once,
    WaitForMore,
}

/// A mailbox that is kept.
struct Kept {
    changed_at: Time,
    task: AbortHandle,
}

type Key = (AccountId, MailboxId);

impl Collector {
    /// Picks nothing up yet.
    pub fn new(means: Means) -> Arc<Self> {
        Arc::new(Self { means, slots: Semaphore::new(CONNECTIONS_MAX), waiting: AtomicUsize::new(0) })
    }

    /// Picks up until `stop` turns true; `news` are those of the stores. What is under way then is broken off:
    /// it goes on at the same place the next time.
    pub async fn run(
        self: Arc<Self>,
        mut news: broadcast::Receiver<AccountId>,
        mut stop: watch::Receiver<bool>,
    ) {
        let (mut due, mut kept) = (HashMap::new(), HashMap::new());
        let mut tasks = JoinSet::new();
        self.add_all(&mut due).await;
        loop {
            let next = due.values().min().copied();
            tokio::select! {
                () = asked_to(&mut stop) => break,
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    self.follow_due(&mut due, &mut kept, &mut tasks).await;
                }
                told = news.recv() => match told {
                    Ok(account) => {
                        due.entry(account).or_insert_with(|| Instant::now() + self.means.waits.news);
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => self.add_all(&mut due).await,
                    Err(broadcast::error::RecvError::Closed) => break,
                },
                // Those that ended are found again in `kept` by their handle.
                Some(_) = tasks.join_next() => {}
            }
        }
        tasks.shutdown().await;
    }

    async fn add_all(&self, due: &mut HashMap<AccountId, Instant>) {
        match self.means.accounts.all().await {
            Ok(accounts) => {
                let mut at = Instant::now();
                for account in accounts {
                    due.entry(account.id).or_insert(at);
                    at += FIRST_LOOK_GAP;
                }
            }
            Err(error) => tracing::error!(%error, "the accounts cannot be listed"),
        }
    }

    async fn follow_due(
        self: &Arc<Self>,
        due: &mut HashMap<AccountId, Instant>,
        kept: &mut HashMap<Key, Kept>,
        tasks: &mut JoinSet<()>,
    ) {
        let now = Instant::now();
        let ready = due.iter().filter(|(_, at)| **at <= now).map(|(account, _)| *account);
        let ready: Vec<AccountId> = ready.take(ACCOUNTS_AT_ONCE).collect();
        for account in ready {
            due.remove(&account);
            match self.pickups(account).await {
                Ok(pickups) => self.follow(account, &pickups, kept, tasks),
                Err(error) => {
                    tracing::warn!(%account, %error, "the pickups of an account cannot be read");
                    due.insert(account, now + self.means.waits.trouble);
                }
            }
        }
    }

    async fn pickups(&self, account: AccountId) -> Result<Vec<PickupState>, Fault> {
        let (store, access) = self.means.accounts.open_task(account, Task::Receive).await?;
        Ok(store.read(&access, |read| read.pickups()).await?)
    }

    /// Ends what is no more or changed, begins what is new.
    fn follow(
        self: &Arc<Self>,
        account: AccountId,
        pickups: &[PickupState],
        kept: &mut HashMap<Key, Kept>,
        tasks: &mut JoinSet<()>,
    ) {
        kept.retain(|(of, mailbox), one| {
            let is_same =
                |state: &PickupState| state.pickup.mailbox == *mailbox && state.changed_at == one.changed_at;
            let stays = *of != account || (pickups.iter().any(is_same) && !one.task.is_finished());
            if !stays {
                one.task.abort();
            }
            stays
        });
        for state in pickups {
            let key = (account, state.pickup.mailbox);
            kept.entry(key).or_insert_with(|| Kept {
                changed_at: state.changed_at,
                task: tasks.spawn(Arc::clone(self).keep(key)),
            });
        }
    }

    /// Looks at a mailbox and waits for more, over one connection after the other.
    async fn keep(self: Arc<Self>, key: Key) {
        let mut failures = 0;
        loop {
            let slot = self.slot().await;
            let mut saw_all = false;
            let visit = AssertUnwindSafe(self.visit(key, Stay::WaitForMore, &mut saw_all));
            let ended = visit.catch_unwind().await.unwrap_or_else(|_| Err(PickupFault::Program.into()));
            drop(slot);
            let fault = match ended {
                Ok(Done::Changed) => return,
                Ok(Done::LaterAgain) => {
                    failures = 0;
                    sleep(self.means.waits.poll).await;
                    continue;
                }
                Err(fault) => fault,
            };
            failures = if saw_all { 1 } else { failures + 1 };
            // A connection that was lost while it waited is nothing to tell unless the next is lost as well.
            if !(saw_all && matches!(fault.cause, PickupFault::Lost | PickupFault::NoAnswer)) {
                self.note(key, &fault).await;
            }
            let chance = getrandom::u64().unwrap_or_default();
            let usual = backoff::gap(failures, fault.cause, chance);
            sleep(self.means.waits.after_fault.unwrap_or(usual)).await;
        }
    }

    /// Looks at a mailbox once.
    pub async fn collect_once(&self, account: AccountId, mailbox: MailboxId) -> Result<(), Fault> {
        let ended = self.visit((account, mailbox), Stay::Once, &mut false).await;
        if let Err(fault) = &ended {
            self.note((account, mailbox), fault).await;
        }
        ended.map(|_| ())
    }

    async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _no_more = Waiting(&self.waiting);
        self.slots.acquire().await.ok()
    }

    /// One connection, to its end. `saw_all` turns true when all that was there is taken in.
    async fn visit(&self, key: Key, stay: Stay, saw_all: &mut bool) -> Result<Done, Fault> {
        let (account, mailbox) = key;
        let (store, access) = self.means.accounts.open_task(account, Task::Receive).await?;
        let state = store.read(&access, move |read| read.pickup(mailbox)).await?;
        drop((store, access));
        let Some(state) = state else { return Ok(Done::Changed) };
        let mut visit = Visit::begin(&self.means.egress, &self.means.tls, account, &state.pickup).await?;
        let mut round = Round {
            means: &self.means,
            account,
            visit: &mut visit,
            state,
            is_past_one: false,
            noted_at: None,
        };
        let done = match self.stay(&mut round, stay, saw_all).await {
            Ok(done) => done,
            Err(Ended::Changed) => Done::Changed,
            Err(Ended::Fault(fault)) => return Err(fault),
        };
        visit.end().await;
        Ok(done)
    }

    async fn stay(&self, round: &mut Round<'_>, stay: Stay, saw_all: &mut bool) -> Result<Done, Ended> {
        round.open().await?;
        loop {
            round.look().await?;
            *saw_all = true;
            let is_crowded = self.waiting.load(Ordering::Relaxed) > 0;
            if stay == Stay::Once || is_crowded {
                return Ok(Done::LaterAgain);
            }
            if round.visit.wait(self.means.waits.idle).await? == Waited::CannotTell {
                return Ok(Done::LaterAgain);
            }
        }
    }

    async fn note(&self, (account, mailbox): Key, fault: &Fault) {
        tracing::warn!(%account, %mailbox, fault = fault.cause.name(), "mail cannot be picked up for now");
        metrics::counter!("havn_pickup_faults_total", "fault" => fault.cause.name()).increment(1);
        let Fault { cause, reply } = fault.clone();
        let Ok((store, access)) = self.means.accounts.open_task(account, Task::Receive).await else { return };
        let noted = store.write(&access, move |tx| {
            let Some(state) = tx.pickup(mailbox)? else { return Ok(()) };
            tx.pickup_failed(mailbox, state.changed_at, cause.name(), &reply)
        });
        if let Err(error) = noted.await {
            tracing::error!(%account, %error, "it cannot be noted that mail cannot be picked up");
        }
    }
}

/// One of those that wait for a slot.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Until `stop` turns true. What the channel lends is given back at once: a task may not keep it.
async fn asked_to(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
