//! Follows the queues of all accounts and sends what is due.

use super::{
    conversation::{Letter, Outcome, Talk, Terms},
    hindrance,
    plan::Plan,
    settle::{self, Due},
    sign,
    straight::Straight,
    stream::Stream,
    text,
};
use crate::Names;
use access::Accounts;
use desk::Hindrance;
use egress::Egress;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use register::{Access, Ask, Basis};
use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{MailWay, Relay, Store};
use tokio::{
    sync::{broadcast, watch},
    task::JoinSet,
    time::sleep,
};
use words::{AccountId, Clock, EmailAddress, Purpose, Task, Time};

/// Accounts whose mail is sent at once. One that sends straight may wait for somebody's slow server.
const ACCOUNTS_AT_ONCE_MAX: usize = 256;
/// Mails that are sent over one connection to a relay.
const MAILS_PER_CONNECTION_MAX: usize = 100;
/// Letters of an account that are sent straight at once: a server that is slow keeps those of others only
/// waiting when there are as many of its kind.
const STRAIGHT_AT_ONCE_MAX: usize = 16;
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
    /// What name servers say.
    pub names: Arc<Names>,
    /// Whom TLS trusts.
    pub tls: Arc<rustls::ClientConfig>,
    /// The same, for the servers of addressees.
    pub roots: Arc<rustls::RootCertStore>,
    /// What we call ourselves: also by this the name servers tell of us.
    pub hello: String,
    /// The clock.
    pub clock: Clock,
}

/// Sends what is due in all accounts. One per process, since it takes what it finds under way at its
/// first look as broken off.
pub struct Courier {
    means: Means,
    straight: Straight,
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
        Arc::new(Self { straight: Straight::new(means.clone()), means, state: Mutex::default() })
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
        if outlook.has_way_at_last {
            store.write(&access, settle::hurry).await?;
        }
        if outlook.is_due || outlook.has_way_at_last || (is_first && outlook.is_sending) {
            let mut open = None;
            let done = self.send_due(&store, &access, &mut open).await;
            if let Some(open) = open {
                open.talk.end().await;
            }
            done?;
            outlook = store.read(&access, settle::outlook).await?;
        }
        Ok(outlook.next_at)
    }

    /// Sends until nothing is due or under way: through the relay one mail after the other, straight several
    /// at once, and meanwhile what comes to be due. After an error nothing more is begun, but what is under
    /// way is still noted.
    async fn send_due(&self, store: &Store, access: &Access, open: &mut Option<Open>) -> Result<(), Error> {
        let mut committed = store.committed();
        let mut under_way: FuturesUnordered<BoxFuture<'_, Tried>> = FuturesUnordered::new();
        let mut result = Ok(());
        loop {
            let has_room = result.is_ok() && under_way.len() < STRAIGHT_AT_ONCE_MAX;
            let mut wait = Duration::from_hours(1);
            if has_room {
                committed.borrow_and_update();
                match next_due(store, access).await {
                    Ok(Next::Due(due)) if due.way == MailWay::Straight => {
                        under_way.push(self.straight(store, access, *due).boxed());
                        continue;
                    }
                    Ok(Next::Due(due)) => {
                        let tried = self.through_relay(store, access, *due, open).await;
                        result = self.note(store, access, tried).await;
                        continue;
                    }
                    Ok(Next::At(at)) => wait = at.map_or(wait, |at| at.since(self.means.clock.now())),
                    Err(error) => result = Err(error),
                }
            }
            if under_way.is_empty() {
                return result;
            }
            tokio::select! {
                Some(tried) = under_way.next() => {
                    let noted = self.note(store, access, tried).await;
                    result = result.and(noted);
                }
                _ = committed.changed(), if has_room => {}
                () = sleep(wait), if has_room => {}
            }
        }
    }

    async fn note(&self, store: &Store, access: &Access, tried: Tried) -> Result<(), Error> {
        metrics::counter!("havn_mail_tries_total").increment(1);
        self.state().left.entry(store.account()).or_default().push(Arc::new(tried));
        self.settle_left(store, access).await
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

    /// One try of one message, through the account's relay.
    async fn through_relay(
        &self,
        store: &Store,
        access: &Access,
        due: Due,
        open: &mut Option<Open>,
    ) -> Tried {
        let Some(relay) = &due.relay else {
            let outcomes = due.all(&Outcome::later(Hindrance::NoRelay.note()));
            return Tried { due, outcomes };
        };
        let talking = match signed(store, access, &due).await {
            Ok(raw) => self.talk(access.account(), relay, open.take()).await.map(|talking| (talking, raw)),
            Err(outcome) => Err(outcome),
        };
        let outcomes = match talking {
            Ok((mut talking, raw)) => {
                let recipients = recipients(&due);
                let letter = Letter { sender: sender(&due), recipients: &recipients, raw: &raw };
                let outcomes = talking.talk.send(&letter).await;
                talking.mails += 1;
                *open = Some(talking);
                outcomes
            }
            Err(outcome) => due.all(&outcome),
        };
        Tried { due, outcomes }
    }

    /// One try of one message, straight to the servers of its recipients.
    async fn straight(&self, store: &Store, access: &Access, due: Due) -> Tried {
        let outcomes = match signed(store, access, &due).await {
            Ok(raw) => {
                let recipients = recipients(&due);
                let letter = Letter { sender: sender(&due), recipients: &recipients, raw: &raw };
                self.straight.send(store.account(), &letter).await
            }
            Err(outcome) => due.all(&outcome),
        };
        Tried { due, outcomes }
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
        let terms = Terms::of(relay, &self.means.tls, &self.means.hello);
        let talk = Talk::begin(stream, &terms, &mut steps).await;
        let talk = talk.map_err(|error| Outcome::later(hindrance::no_talk(&error)))?;
        Ok(Open { relay: relay.clone(), talk, mails: 0 })
    }
}

/// What is to be done next.
enum Next {
    /// This is claimed.
    Due(Box<Due>),
    /// Nothing, until then; none if nothing waits.
    At(Option<Time>),
}

/// Claims what is due next.
async fn next_due(store: &Store, access: &Access) -> Result<Next, Error> {
    let outlook = store.read(access, settle::outlook).await?;
    let due = if outlook.is_due { store.write(access, settle::claim).await? } else { None };
    Ok(due.map_or(Next::At(outlook.next_at), |due| Next::Due(Box::new(due))))
}

/// The mail as it is sent: with whole lines, signed if the account signs for its domain. Else what comes of
/// the try without it.
async fn signed(store: &Store, access: &Access, due: &Due) -> Result<Vec<u8>, Outcome> {
    let raw = match store.raw(access, due.message.id).await {
        Ok(Some(raw)) => raw,
        Ok(None) => return Err(Outcome::never(Hindrance::NoMail.note())),
        Err(_) => return Err(Outcome::soon(Hindrance::NoWayOut.note())),
    };
    let raw = text::whole_lines(&raw);
    let signed = match &due.domain {
        Some(domain) => sign::signed(&raw, domain),
        None => Ok(raw.into_owned()),
    };
    signed.map_err(|_| Outcome::later(Hindrance::Key.note()))
}

fn recipients(due: &Due) -> Vec<EmailAddress> {
    due.deliveries.iter().map(|delivery| delivery.recipient.clone()).collect()
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
