//! What the desk does by itself: wakes what was snoozed, removes what has ended and files that nothing
//! names, closes idle stores, renews its leases.

use std::{collections::BTreeMap, time::Duration};

use tokio::sync::{broadcast::error::RecvError, watch};
use words::{AccountId, Clock, Task, Time};

use crate::{Result, doors::Doors};

/// How often what is due is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often leases are renewed and idle stores are closed.
const RENEW_EVERY: Duration = Duration::from_secs(10);
/// An account is looked at after so long even if nothing is known to be due.
const LOOK_ANYWAY_AFTER: Duration = Duration::from_hours(6);
/// After a change, an account is looked at so much later, once.
const AFTER_CHANGE: Duration = Duration::from_secs(5);
/// So often an account's files are swept,
const SWEEP_EVERY: Duration = Duration::from_hours(24);
/// the first time so long after this process first saw it.
const SWEEP_FIRST_AFTER: Duration = Duration::from_mins(10);
/// Sweeps of one account in one go; each takes some hundred files.
const SWEEPS_MAX: usize = 100;
/// Accounts swept in one go.
const SWEPT_AT_ONCE_MAX: usize = 1;
/// Accounts looked at in one go, so that the start with many does not stop the pages.
const ACCOUNTS_AT_ONCE_MAX: usize = 20;

/// When each account is to be looked at next.
#[derive(Default)]
struct Due(BTreeMap<AccountId, Time>);

impl Due {
    fn by(&mut self, account: AccountId, at: Time) {
        let due = self.0.entry(account).or_insert(at);
        *due = at.min(*due);
    }

    fn unless_known(&mut self, account: AccountId, at: Time) {
        self.0.entry(account).or_insert(at);
    }

    fn taken(&mut self, now: Time, at_once_max: usize) -> Vec<AccountId> {
        let due = self.0.iter().filter(|(_, at)| **at <= now).map(|(account, _)| *account);
        let due: Vec<_> = due.take(at_once_max).collect();
        for account in &due {
            self.0.remove(account);
        }
        due
    }
}

/// Keeps house until `stop` turns true.
pub async fn keep(doors: Doors, idle: Duration, clock: Clock, mut stop: watch::Receiver<bool>) {
    let (mut news, mut due, mut sweeps) = (doors.stores.news(), Due::default(), Due::default());
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut renew = tokio::time::interval(RENEW_EVERY);
    add_all(&doors, &mut due, clock.now()).await;
    loop {
        tokio::select! {
            () = asked_to(&mut stop) => return,
            changed = news.recv() => match changed {
                Ok(account) => due.by(account, clock.now().after(AFTER_CHANGE)),
                Err(RecvError::Lagged(_)) => add_all(&doors, &mut due, clock.now()).await,
                Err(RecvError::Closed) => return,
            },
            _ = look.tick() => {
                look_at(&doors, (&mut due, &mut sweeps), &clock).await;
                sweep(&doors, &mut sweeps, &clock).await;
            }
            _ = renew.tick() => renew_and_close(&doors, idle).await,
        }
    }
}

/// Until `stop` turns true. What the channel lends is given back at once: a task may not keep it.
pub(super) async fn asked_to(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn add_all(doors: &Doors, due: &mut Due, now: Time) {
    match doors.accounts.all().await {
        Ok(accounts) => accounts.iter().for_each(|account| due.by(account.id, now)),
        Err(error) => tracing::error!(%error, "the accounts cannot be listed"),
    }
}

async fn look_at(doors: &Doors, (due, sweeps): (&mut Due, &mut Due), clock: &Clock) {
    for account in due.taken(clock.now(), ACCOUNTS_AT_ONCE_MAX) {
        sweeps.unless_known(account, clock.now().after(SWEEP_FIRST_AFTER));
        let next = match keep_account(doors, account).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%account, error = %error.sentence(), "an account could not be looked at");
                None
            }
        };
        let anyway = clock.now().after(LOOK_ANYWAY_AFTER);
        due.by(account, next.map_or(anyway, |next| next.min(anyway)));
    }
}

/// Wakes and removes, and tells when the next conversation is to be woken.
async fn keep_account(doors: &Doors, account: AccountId) -> Result<Option<Time>> {
    let (store, access) = doors.accounts.open_task(account, Task::Housekeeping).await?;
    while desk::conversation::wake(&store, &access).await? > 0 {}
    access::session::remove_ended(&store, &access).await?;
    store.write(&access, |tx| tx.remove_old_keys()).await?;
    Ok(store.read(&access, |read| read.next_waking_at()).await?)
}

async fn sweep(doors: &Doors, sweeps: &mut Due, clock: &Clock) {
    for account in sweeps.taken(clock.now(), SWEPT_AT_ONCE_MAX) {
        match sweep_account(doors, account).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(%account, files, "files that nothing names were removed"),
            Err(error) => {
                tracing::warn!(%account, error = %error.sentence(), "an account's files could not be swept");
            }
        }
        sweeps.by(account, clock.now().after(SWEEP_EVERY));
    }
}

async fn sweep_account(doors: &Doors, account: AccountId) -> Result<u64> {
    let mut removed = 0;
    for _ in 0..SWEEPS_MAX {
        let (store, access) = doors.accounts.open_task(account, Task::Housekeeping).await?;
        match store.sweep_files(&access).await? {
            0 => break,
            more => removed += more,
        }
    }
    Ok(removed)
}

async fn renew_and_close(doors: &Doors, idle: Duration) {
    if let Err(error) = doors.fleet.renew().await {
        tracing::warn!(%error, "the leases could not be renewed");
    }
    let stores = doors.stores.clone();
    if tokio::task::spawn_blocking(move || stores.close_idle(idle)).await.is_err() {
        tracing::error!("idle stores could not be closed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_wins_and_is_taken_once() {
        let (now, mut due) = (Time::from_seconds(100), Due::default());
        let account = AccountId::new(now);
        due.by(account, Time::from_seconds(200));
        due.by(account, Time::from_seconds(90));
        due.by(account, Time::from_seconds(300));
        assert_eq!(due.taken(now, 1), [account]);
        assert_eq!(due.taken(now, 1), []);
        due.unless_known(account, now);
        due.unless_known(account, Time::from_seconds(400));
        assert_eq!(due.taken(now, 1), [account]);
    }
}
