//! The feeder: one task per account with open streams. It wakes at each commit.

use std::{collections::HashMap, sync::Arc, time::Duration};

use store::{EventKind, Store};
use words::{AgentId, Clock};

use super::{
    Batch, Class, Heard, Reader,
    render::{self, Gathered},
};
use crate::{
    account::Account,
    error::{Error, Result},
};

/// Events of one batch; more are the next one.
const EVENTS_MAX: i64 = 200;
/// So much lies between two batches: the first of a flood is told at once, the others together.
const PAUSE_MILLISECONDS: u64 = 10;

/// Says that nobody feeds any more, also when the feeder broke off.
struct Feeding(Arc<Account>);

impl Drop for Feeding {
    fn drop(&mut self) {
        self.0.live.unfed();
    }
}

/// Feeds until nobody listens, or until the store cannot be read.
pub(super) async fn feed(account: Arc<Account>, store: Store, clock: Clock) {
    let _feeding = Feeding(Arc::clone(&account));
    let mut committed = store.committed();
    let more = Arc::clone(&account.live.more);
    while !account.live.stops() {
        committed.mark_unchanged();
        let (mut again, mut told) = (false, false);
        for (class, access, readers, last) in account.live.to_feed(clock.now()) {
            match one(&account, &store, &access, (class, &readers, last), &clock).await {
                Ok(Fed { some, full }) => (told, again) = (told | some, again | full),
                Err(error) => {
                    tracing::warn!(account = %account.id, %error, "open pages were not told of new events");
                    let _ = account.live.heard.send(Heard::Over);
                    return;
                }
            }
        }
        if told {
            tokio::time::sleep(Duration::from_millis(PAUSE_MILLISECONDS)).await;
        }
        if again {
            continue;
        }
        tokio::select! {
            changed = committed.changed() => if changed.is_err() { return },
            () = more.notified() => {}
        }
    }
}

/// Whether a class was told something, and whether there may be more at once.
struct Fed {
    some: bool,
    full: bool,
}

/// Feeds one class.
async fn one(
    account: &Arc<Account>,
    store: &Store,
    access: &register::Access,
    (class, readers, last): (Class, &[Reader], i64),
    clock: &Clock,
) -> Result<Fed> {
    let mut agents: Vec<AgentId> = readers.iter().map(|(_, agent)| *agent).collect();
    agents.sort_unstable();
    agents.dedup();
    let (events, gathered) = store
        .read(access, move |read| {
            let events = read.events_after(last, EVENTS_MAX)?;
            // Rights may be others after a settings event: then each stream reads for itself.
            let settings = events.iter().any(|event| event.kind == EventKind::Settings);
            let gathered = if settings || events.is_empty() {
                None
            } else {
                Some(Gathered::read(read, &events, &agents)?)
            };
            Ok::<_, Error>((events, gathered))
        })
        .await?;
    let Some(newest) = events.last().map(|event| event.number) else {
        return Ok(Fed { some: false, full: false });
    };
    let mut rendered = HashMap::new();
    match gathered {
        None => account.settle(store, access).await?,
        Some(gathered) => {
            let directory = account.directory(store, access).await?;
            for reader in readers {
                let viewer = crate::agent::Viewer {
                    account,
                    store,
                    directory: &directory,
                    agent: reader.1,
                    now: clock.now(),
                };
                rendered.insert(*reader, render::event(newest, &gathered, &viewer, reader.0));
            }
        }
    }
    account.live.fed(class, newest);
    // An error means that nobody listens any more.
    let _ = account.live.heard.send(Heard::Batch(Arc::new(Batch { class, last: newest, rendered })));
    let full = i64::try_from(events.len()).is_ok_and(|many| many >= EVENTS_MAX);
    Ok(Fed { some: true, full })
}
