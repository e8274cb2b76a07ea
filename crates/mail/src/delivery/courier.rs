//! Follows the queues of all accounts and sends what is due.

use super::{
    conversation::{Letter, Outcome, Talk},
    hindrance,
    settle::{self, Due},
    sign,
    stream::Stream,
    text,
};
use access::Accounts;
use desk::Hindrance;
use egress::Egress;
use futures::FutureExt;
use register::{Access, Ask, Basis};
use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{Relay, Store};
use tokio::{
    sync::{broadcast, watch},
    task::JoinSet,
    time::sleep,
};
use words::{AccountId, Clock, EmailAddress, Purpose, Task, Time};

/// Accounts whose mail is sent at once.
const ACCOUNTS_AT_ONCE_MAX: usize = 64;
/// Mails that are sent over one connection.
const MAILS_PER_CONNECTION_MAX: usize = 100;
/// An account in which something happened is looked at after this, whatever happens meanwhile.
const NEWS_WAIT: Duration = Duration::from_millis(200);
/// The gap between first looks at accounts: to open all stores at once would keep everybody waiting.
const FIRST_LOOK_GAP: Duration = Duration::from_millis(10);
/// An account whose store could not be opened or written is looked at again after this.
const TROUBLE_WAIT: Duration = Duration::from_secs(30);

/// What a courier works with.
#[derive(Clone)]
pub struct Means {
    /// The accounts.
    pub accounts: Accounts,
    /// The way out.
    pub egress: Egress,
    /// Whom TLS trusts.
    pub tls: Arc<rustls::ClientConfig>,
    /// What we call ourselves.
    pub hello: String,
    /// The clock.
    pub clock: Clock,
}

/// Sends what is due in all accounts. One per process, since it takes what it finds under way at its
/// first look as broken off.
pub struct Courier {
    means: Means,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Accounts that were looked at.
    seen: HashSet<AccountId>,
    /// Tries whose end is not noted yet.
    left: HashMap<AccountId, Vec<Arc<Tried>>>,
}

/// A try with one outcome per delivery.
struct Tried {
    due: Due,
    outcomes: Vec<Outcome>,
}

/// Until `stop` turns true. What the channel lends is given back at once: a task may not keep it.
async fn asked_to(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A conversation that is open for the next mail.
struct Open {
    relay: Relay,
    talk: Talk,
    mails: usize,
}

impl Courier {
    /// Sends nothing yet.
    pub fn new(means: Means) -> Arc<Self> {
        Arc::new(Self { means, state: Mutex::default() })
    }

    /// Sends what is due until `stop` turns true; `news` are those of the stores. What is under way then
    /// is finished, if it can be within the time that the caller gives.
    pub async fn run(
        self: Arc<Self>,
        mut news: broadcast::Receiver<AccountId>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut plan = Plan::default();
        self.look_at_all(&mut plan).await;
        let mut tasks = JoinSet::new();
        loop {
            let now = self.means.clock.now();
            while tasks.len() < ACCOUNTS_AT_ONCE_MAX {
                let Some(account) = plan.begin(now) else { break };
                let courier = Arc::clone(&self);
                tasks.spawn(async move { (account, courier.look_at(account).await) });
            }
            let wait = plan.next_at().map_or(Duration::from_hours(1), |next| next.since(now));
            tokio::select! {
                () = asked_to(&mut stop) => break,
                () = sleep(wait), if tasks.len() < ACCOUNTS_AT_ONCE_MAX => {}
                Some(done) = tasks.join_next() => if let Ok((account, next)) = done {
                    plan.ended(account, next);
                },
                told = news.recv() => match told {
                    Ok(account) => plan.look(account, self.means.clock.now().after(NEWS_WAIT)),
                    Err(broadcast::error::RecvError::Lagged(_)) => self.look_at_all(&mut plan).await,
                    Err(broadcast::error::RecvError::Closed) => break,
                },
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn look_at_all(&self, plan: &mut Plan) {
        let now = self.means.clock.now();
        match self.means.accounts.all().await {
            Ok(accounts) => {
                let mut at = now;
                for account in accounts {
                    plan.look(account.id, at);
                    at = at.after(FIRST_LOOK_GAP);
                }
            }
            Err(error) => tracing::error!(%error, "the accounts cannot be listed"),
        }
    }

    /// Sends what is due in an account. Gives when to look again.
    async fn look_at(&self, account: AccountId) -> Option<Time> {
        match AssertUnwindSafe(self.deliver_due(account)).catch_unwind().await {
            Ok(Ok(next)) => return next,
            Ok(Err(error)) => tracing::error!(%account, %error, "mail cannot be sent for now"),
            Err(_) => {
                tracing::error!(%account, "sending mail broke off by a fault of the program");
                // What was under way then is found again as after a stop.
                self.state().seen.remove(&account);
            }
        }
        Some(self.means.clock.now().after(TROUBLE_WAIT))
    }

    /// Sends what is due in an account. Gives when the next delivery is due, if one waits.
    pub async fn deliver_due(&self, account: AccountId) -> Result<Option<Time>, Error> {
        let (store, access) = self.means.accounts.open_task(account, Task::Deliver).await?;
        self.settle_left(&store, &access).await?;
        let mut outlook = store.read(&access, settle::outlook).await?;
        let is_first = !self.state().seen.contains(&account);
        if is_first && outlook.is_sending {
            let count = store.write(&access, settle::recover).await?;
            tracing::warn!(%account, count, "deliveries were broken off by a stop; they are tried again");
        }
        self.state().seen.insert(account);
        if outlook.has_relay_at_last {
            store.write(&access, settle::hurry).await?;
        }
        let mut open: Option<Open> = None;
        if outlook.is_due || outlook.has_relay_at_last || (is_first && outlook.is_sending) {
            while let Some(due) = store.write(&access, settle::claim).await? {
                let tried = self.deliver(&store, &access, &due, &mut open).await;
                let outcomes = tried.unwrap_or_else(|_| due.all(&Outcome::soon(Hindrance::NoWayOut.note())));
                self.state().left.entry(account).or_default().push(Arc::new(Tried { due, outcomes }));
                self.settle_left(&store, &access).await?;
            }
            outlook = store.read(&access, settle::outlook).await?;
        }
        if let Some(open) = open {
            open.talk.end().await;
        }
        Ok(outlook.next_at)
    }

    /// Notes how tries ended. What cannot be noted is kept for the next time: what was sent is not sent
    /// again because a disk was full for a while.
    async fn settle_left(&self, store: &Store, access: &Access) -> Result<(), Error> {
        loop {
            let next = self.state().left.get(&store.account()).and_then(|left| left.first().cloned());
            let Some(next) = next else { return Ok(()) };
            words::FaultPoint::AfterRelay.pass();
            store.write(access, move |tx| settle::settle(tx, &next.due, &next.outcomes)).await?;
            if let Some(left) = self.state().left.get_mut(&store.account()) {
                left.remove(0);
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One try of one message. The outcomes of its deliveries, in their order.
    async fn deliver(
        &self,
        store: &Store,
        access: &Access,
        due: &Due,
        open: &mut Option<Open>,
    ) -> Result<Vec<Outcome>, Error> {
        let all = |outcome: Outcome| due.all(&outcome);
        let Some(relay) = &due.relay else { return Ok(all(Outcome::later(Hindrance::NoRelay.note()))) };
        let Some(raw) = store.raw(access, due.message.id).await? else {
            return Ok(all(Outcome::never(Hindrance::NoMail.note())));
        };
        let raw = text::whole_lines(&raw);
        let signed = match &due.domain {
            Some(domain) => sign::signed(&raw, domain),
            None => Ok(raw.into_owned()),
        };
        let Ok(signed) = signed else { return Ok(all(Outcome::later(Hindrance::Key.note()))) };
        let recipients: Vec<EmailAddress> =
            due.deliveries.iter().map(|delivery| delivery.recipient.clone()).collect();
        let letter = Letter { sender: sender(due), recipients: &recipients, raw: &signed };
        let mut talking = match self.talk(access.account(), relay, open.take()).await {
            Ok(talking) => talking,
            Err(outcome) => return Ok(all(outcome)),
        };
        let outcomes = talking.talk.send(&letter).await;
        talking.mails += 1;
        *open = Some(talking);
        metrics::counter!("havn_mail_tries_total").increment(1);
        Ok(outcomes)
    }

    /// The open conversation if it can go on, else a new one, else what comes of the try without one.
    async fn talk(&self, account: AccountId, relay: &Relay, open: Option<Open>) -> Result<Open, Outcome> {
        if let Some(open) = open {
            if is_same(&open.relay, relay) && !open.talk.is_over && open.mails < MAILS_PER_CONNECTION_MAX {
                return Ok(open);
            }
            open.talk.end().await;
        }
        let ask = ask(account, relay);
        let connection =
            self.means.egress.dial(ask).await.map_err(|error| hindrance::no_connection(&error))?;
        let mut steps = Vec::new();
        let stream = Stream::new(connection);
        let talk = Talk::begin(stream, relay, &self.means.tls, &self.means.hello, &mut steps).await;
        let talk = talk.map_err(|error| Outcome::later(hindrance::no_talk(&error)))?;
        Ok(Open { relay: relay.clone(), talk, mails: 0 })
    }
}

/// Whether a conversation begun with one goes for the other.
fn is_same(one: &Relay, other: &Relay) -> bool {
    let secret = |relay: &Relay| relay.password.as_ref().map(words::Secret::hash);
    (&one.host, one.port, one.tls, &one.username) == (&other.host, other.port, other.tls, &other.username)
        && secret(one) == secret(other)
}

/// What the door is asked for: the account's relay, on its instruction.
pub(super) fn ask(account: AccountId, relay: &Relay) -> Ask {
    Ask {
        account: Some(account),
        purpose: Purpose::MailRelay,
        host: relay.host.clone(),
        port: relay.port,
        basis: Basis::Instruction,
    }
}

/// The envelope's sender: nobody for what a machine wrote (RFC 3834 part 3.3), so that no machine answers.
fn sender(due: &Due) -> &str {
    let automatic = desk::Facts::of(&due.message).automatic.is_some();
    if automatic { "" } else { &due.message.from_address }
}

/// Why an account's mail cannot be sent for now.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its store cannot be opened.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// Its store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Which accounts are to be looked at, and when.
#[derive(Default)]
struct Plan {
    due: HashMap<AccountId, Time>,
    /// Looked at now; true: again right after, since something happened meanwhile.
    running: HashMap<AccountId, bool>,
}

impl Plan {
    /// Looks at an account at `at`, or earlier if that was planned.
    fn look(&mut self, account: AccountId, at: Time) {
        if let Some(again) = self.running.get_mut(&account) {
            *again = true;
            return;
        }
        let due = self.due.entry(account).or_insert(at);
        *due = at.min(*due);
    }

    /// An account whose time has come. It is under way from now on.
    fn begin(&mut self, now: Time) -> Option<AccountId> {
        let (&account, _) = self.due.iter().filter(|(_, at)| **at <= now).min_by_key(|(_, at)| **at)?;
        self.due.remove(&account);
        self.running.insert(account, false);
        Some(account)
    }

    /// An account was looked at; `next` is when something is due in it.
    fn ended(&mut self, account: AccountId, next: Option<Time>) {
        let again = self.running.remove(&account).unwrap_or(false);
        if again {
            self.look(account, Time::from_micros(0));
        } else if let Some(next) = next {
            self.look(account, next);
        }
    }

    fn next_at(&self) -> Option<Time> {
        self.due.values().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_looked_at_once_at_a_time_and_again_if_something_happened() {
        let at = Time::from_seconds;
        let (account, mut plan) = (AccountId::new(at(1)), Plan::default());
        plan.look(account, at(10));
        plan.look(account, at(20));
        assert_eq!((plan.next_at(), plan.begin(at(9))), (Some(at(10)), None));
        assert_eq!(plan.begin(at(10)), Some(account));
        plan.look(account, at(11));
        assert_eq!(plan.begin(at(12)), None);
        plan.ended(account, Some(at(90)));
        assert_eq!(plan.begin(at(12)), Some(account));
        plan.ended(account, Some(at(90)));
        assert_eq!(plan.next_at(), Some(at(90)));
        assert_eq!(plan.begin(at(90)), Some(account));
        plan.ended(account, None);
        assert_eq!(plan.next_at(), None);
    }
}
