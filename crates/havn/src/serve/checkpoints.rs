//! What the desk does for the logs: it signs what each account's log is, notes that in the operator's log,
//! and signs this one. Each step finds out what the one before it has left, also after a crash.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use control::Noted;
use evidence::{CHECKPOINT_EVERY, Checkpoint, Origin, checkpoint_is_due};
use register::Access;
use store::{KeptCheckpoint, Read, Store};
use tokio::sync::{broadcast::error::RecvError, watch};
use words::{AccountId, Clock, FaultPoint, Host, Principal, Task, Time};

use super::housekeeping::asked_to;
use crate::{Error, Result, doors::Doors, signing::SigningKey};

/// How often it is asked which logs have grown.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Accounts looked at in one go, so that the start with many does not stop the pages.
const ACCOUNTS_AT_ONCE_MAX: usize = 20;
/// Steps in which the intents of an account are settled at its first opening, of up to 1,000 each.
const SETTLE_STEPS_MAX: usize = 1_000;

/// By what is signed, and for whom.
#[derive(Clone)]
pub struct Signer {
    key: Arc<SigningKey>,
    host: Host,
}

impl Signer {
    /// Signs the logs of the operator at this host.
    pub fn new(key: SigningKey, host: Host) -> Self {
        Self { key: Arc::new(key), host }
    }
}

/// What this process knows of an account's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    /// When it was signed, or when that failed.
    at: Option<Time>,
    /// Up to how many entries it was signed.
    size: u64,
    /// Whether the intents that an earlier process left are settled.
    is_settled: bool,
}

/// What is known of all of them.
#[derive(Default)]
struct Logs {
    known: BTreeMap<AccountId, Known>,
    /// Those that were, or may have been, written since they were signed: their stores may be closed again.
    grown: BTreeSet<AccountId>,
    /// Those whose stores were open when that was last asked.
    open: BTreeSet<AccountId>,
}

impl Logs {
    /// Takes note of which are open. A command may have written to those that were not: nobody tells of that.
    fn opened(&mut self, open: &[(AccountId, Option<u64>)]) {
        let open: BTreeSet<_> = open.iter().map(|(account, _)| *account).collect();
        self.grown.extend(open.difference(&self.open));
        self.open = open;
    }

    /// Which are to be looked at now: open stores that nobody has looked at, and those of which more was
    /// written than is signed, once in [`CHECKPOINT_EVERY`]. `open` says how many entries each open one has,
    /// if that is known.
    fn due(&self, open: &[(AccountId, Option<u64>)], now: Time) -> Vec<AccountId> {
        let open = open.iter().filter(|(account, size)| match self.known.get(account) {
            None => true,
            Some(Known { at, size: signed, .. }) => {
                size.is_some_and(|size| checkpoint_is_due(at.map(|at| (at, *signed)), size, now))
            }
        });
        let grown = self.grown.iter().filter(|account| {
            let at = self.known.get(account).and_then(|known| known.at);
            at.is_none_or(|at| now < at || now.since(at) >= CHECKPOINT_EVERY)
        });
        let due: BTreeSet<_> = open.map(|(account, _)| *account).chain(grown.copied()).collect();
        due.into_iter().take(ACCOUNTS_AT_ONCE_MAX).collect()
    }
}

/// Signs until `stop` turns true.
pub async fn keep(doors: Doors, signer: Signer, clock: Clock, mut stop: watch::Receiver<bool>) {
    let (start, mut news, mut logs) = (clock.now(), doors.stores.news(), Logs::default());
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            () = asked_to(&mut stop) => return,
            changed = news.recv() => match changed {
                Ok(account) => drop(logs.grown.insert(account)),
                // Who they were is not known; all that were ever open here are looked at.
                Err(RecvError::Lagged(_)) => logs.grown.extend(logs.known.keys()),
                Err(RecvError::Closed) => return,
            },
            _ = look.tick() => {
                let open = doors.stores.logs();
                logs.opened(&open);
                for account in logs.due(&open, clock.now()) {
                    look_at(&doors, &signer, &mut logs, account, (start, clock.now())).await;
                }
                if let Err(error) = sign_operators_log(&doors, &signer, clock.now()).await {
                    tracing::error!(error = %error.sentence(), "the operator's log could not be signed");
                }
            }
        }
    }
}

async fn look_at(
    doors: &Doors,
    signer: &Signer,
    logs: &mut Logs,
    account: AccountId,
    (start, now): (Time, Time),
) {
    let before = logs.known.get(&account).copied();
    let mut known = before.unwrap_or(Known { at: None, size: 0, is_settled: false });
    logs.grown.remove(&account);
    match sign_account(doors, signer, account, &mut known, (start, now)).await {
        Ok(true) => {}
        Ok(false) => drop(logs.grown.insert(account)),
        Err(error) => {
            tracing::warn!(%account, error = %error.sentence(), "an account's log could not be signed");
            known.at = Some(now);
            logs.grown.insert(account);
        }
    }
    logs.known.insert(account, known);
    logs.open.insert(account);
}

/// Signs an account's log if that is due, and notes what was signed last in the operator's. Tells whether
/// all of the log is signed now.
async fn sign_account(
    doors: &Doors,
    signer: &Signer,
    account: AccountId,
    known: &mut Known,
    (start, now): (Time, Time),
) -> Result<bool> {
    let (store, access) = doors.accounts.open_task(account, Task::Housekeeping).await?;
    if !known.is_settled {
        settle(&store, &access, start).await?;
        known.is_settled = true;
    }
    let origin = Origin::account(&signer.host, account);
    let found = store.read(&access, move |read| standing(read, origin, now)).await?;
    let signed = match found.to_sign {
        Some(checkpoint) => {
            let (size, note) = (checkpoint.size, checkpoint.sign(&signer.key.key));
            store.write(&access, move |tx| tx.keep_checkpoint(size, &note)).await?;
            FaultPoint::CheckpointKept.pass();
            *known = Known { at: Some(now), size, ..*known };
            Some(checkpoint)
        }
        None => found.kept.map(|kept| as_signed(&kept, known)).transpose()?,
    };
    if let Some(checkpoint) = signed {
        note(doors, account, checkpoint, now).await?;
    }
    Ok(found.size == known.size)
}

/// How a log stands.
struct Standing {
    size: u64,
    kept: Option<KeptCheckpoint>,
    /// What is to be signed now, if that is due.
    to_sign: Option<Checkpoint>,
}

fn standing(read: &Read<'_>, origin: Origin, now: Time) -> store::Result<Standing> {
    let (size, kept) = (read.log_size()?, read.checkpoint_up_to(u64::MAX)?);
    let is_due = checkpoint_is_due(kept.as_ref().map(|kept| (kept.at, kept.size)), size, now);
    let to_sign = if is_due { Some(Checkpoint { origin, size, root: read.log_root(size)? }) } else { None };
    Ok(Standing { size, kept, to_sign })
}

fn as_signed(kept: &KeptCheckpoint, known: &mut Known) -> Result<Checkpoint> {
    *known = Known { at: Some(kept.at), size: kept.size, ..*known };
    Checkpoint::read(&kept.note).map_err(|error| Error::Told(error.to_string()))
}

/// Tells of what an earlier process announced and did not come to tell the end of.
async fn settle(store: &Store, access: &Access, start: Time) -> Result<()> {
    if store.read(access, |read| read.open_intents()).await?.is_empty() {
        return Ok(());
    }
    for _ in 0..SETTLE_STEPS_MAX {
        if store.write(access, move |tx| tx.settle_intents(start)).await? == 0 {
            break;
        }
    }
    Ok(())
}

async fn note(doors: &Doors, account: AccountId, checkpoint: Checkpoint, now: Time) -> Result<()> {
    let by = Principal::System(Task::Housekeeping);
    let noted = doors.control.run(move |control| control.note_checkpoint(account, &checkpoint, by, now));
    match noted.await? {
        Noted::Before => {}
        Noted::Now => FaultPoint::CheckpointNoted.pass(),
        Noted::BesideAnother => {
            tracing::error!(%account, "the log of the account is not what was signed before: it has two histories");
        }
    }
    Ok(())
}

/// Signs the operator's log if it has grown.
async fn sign_operators_log(doors: &Doors, signer: &Signer, now: Time) -> Result<()> {
    let key = Arc::clone(&signer.key);
    let signed = doors.control.run(move |control| {
        let size = control.log_size()?;
        if control.log_checkpoint()?.map_or(0, |signed| signed.size) < size {
            control.sign_log(&key.origin, &key.key, now)?;
        }
        Ok(())
    });
    Ok(signed.await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_due_once_a_minute_if_it_grew_and_at_first_sight() {
        let at = Time::from_seconds(1_000);
        let later = |seconds| at.after(Duration::from_secs(seconds));
        let (one, other) = (AccountId::new(at), AccountId::new(at));
        let mut logs = Logs::default();
        assert_eq!(logs.due(&[(one, None)], at), [one], "nobody has looked at it");
        logs.known.insert(one, Known { at: None, size: 0, is_settled: true });
        assert_eq!(logs.due(&[(one, Some(0))], at), [], "it is empty");
        assert_eq!(logs.due(&[(one, Some(1))], at), [one], "it never was signed");
        logs.known.insert(one, Known { at: Some(at), size: 5, is_settled: true });
        assert_eq!(logs.due(&[(one, None)], later(100)), []);
        assert_eq!(logs.due(&[(one, Some(5))], later(100)), []);
        assert_eq!(logs.due(&[(one, Some(6))], later(59)), []);
        assert_eq!(logs.due(&[(one, Some(6))], later(60)), [one]);
        logs.grown.insert(one);
        assert_eq!(logs.due(&[], later(59)), []);
        assert_eq!(logs.due(&[], later(60)), [one], "its store is closed again");
        logs.grown.insert(other);
        assert_eq!(logs.due(&[], later(59)), [other]);
    }

    #[test]
    fn one_that_is_opened_again_may_have_grown_by_a_command() {
        let at = Time::from_seconds(1_000);
        let (one, later) = (AccountId::new(at), at.after(CHECKPOINT_EVERY));
        let mut logs = Logs::default();
        let known = Known { at: Some(at), size: 5, is_settled: true };
        logs.known.insert(one, known);
        logs.open.insert(one);
        let open = [(one, None)];
        logs.opened(&open);
        assert_eq!(logs.due(&open, later), [], "it was open all the time");
        logs.opened(&[]);
        logs.opened(&open);
        assert_eq!(logs.due(&open, later), [one]);
    }

    #[test]
    fn only_some_are_looked_at_in_one_go() {
        let now = Time::from_seconds(1_000);
        let open: Vec<_> = (0..100).map(|_| (AccountId::new(now), None)).collect();
        assert_eq!(Logs::default().due(&open, now).len(), ACCOUNTS_AT_ONCE_MAX);
    }
}
