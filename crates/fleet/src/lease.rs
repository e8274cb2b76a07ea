//! Leases of this process: taken at the first use of an account, renewed all at once.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use control::{Control, Held, Here, Holder, Step};
use register::{Home, Lease};
use words::{AccountId, Clock, Secret, Time};

use crate::{
    Error, Result,
    follow::{Role, decide},
};

/// How long a lease holds unless it is renewed.
pub const LEASE_SECONDS: u64 = 30;
/// A lease with less time left than this is renewed before it is used.
const RENEW_SECONDS: u64 = 10;
/// Processes that ended so long ago are forgotten.
const ENDED_HOLDER_SECONDS: u64 = 24 * 3_600;

/// The home door of this process. Cheap to clone.
#[derive(Clone)]
pub struct Fleet(Arc<Inner>);

struct Inner {
    control: Control,
    here: Here,
    /// The name of this process among holders: new at each start.
    me: String,
    is_beside: bool,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    leases: HashMap<AccountId, Kept>,
    /// Every account that this process has held: what it loses of them it does not take back by force.
    served: HashSet<AccountId>,
}

/// What a lease is made from, for as long as it holds.
struct Kept {
    home: Home,
    until: Time,
    /// Whether this process holds it, or works beside the one that does.
    is_mine: bool,
}

impl Fleet {
    /// The home door of a process that serves: it takes over each account at its first use, whoever
    /// held it.
    pub fn serve(control: Control, here: Here, clock: Clock) -> Result<Self> {
        Self::new(control, here, clock, false)
    }

    /// The home door of a command beside a process that serves: it works under that one's lease, and
    /// takes an account only if nobody holds it.
    pub fn join(control: Control, here: Here, clock: Clock) -> Result<Self> {
        Self::new(control, here, clock, true)
    }

    fn new(control: Control, here: Here, clock: Clock, is_beside: bool) -> Result<Self> {
        let now = clock.now();
        control.declare_data_centre(&here, now)?;
        control.remove_ended_holders(now.before(Duration::from_secs(ENDED_HOLDER_SECONDS)))?;
        let me = Secret::random("holder-").expose().to_owned();
        Ok(Self(Arc::new(Inner { control, here, me, is_beside, clock, state: Mutex::default() })))
    }

    /// Where this process runs.
    pub fn here(&self) -> &Here {
        &self.0.here
    }

    /// The lease of an account: the one at hand, renewed or newly taken if need be.
    pub async fn lease(&self, account: AccountId) -> Result<Lease> {
        if let Some(lease) = self.at_hand(account) {
            return lease;
        }
        let fleet = self.clone();
        let settled = tokio::task::spawn_blocking(move || fleet.settle(account));
        settled.await.map_err(|_| control::Error::Panicked)?
    }

    /// Renews what this process holds and forgets what it lost. To be called about every ten seconds,
    /// so that commands find it alive; whoever does not is renewed at its next use.
    pub async fn renew(&self) -> Result<()> {
        let fleet = self.clone();
        let renewed = tokio::task::spawn_blocking(move || fleet.renew_now());
        renewed.await.map_err(|_| control::Error::Panicked)?
    }

    /// Gives up what this process holds, at its end.
    pub async fn release(&self) -> Result<()> {
        self.state().leases.clear();
        let me = self.0.me.clone();
        Ok(self.0.control.run(move |control| control.release_holder(&me)).await?)
    }

    /// Forgets the lease of an account whose store said that it is held elsewhere, so that the next
    /// use asks who holds it.
    pub fn forget(&self, account: AccountId) {
        self.state().leases.remove(&account);
    }

    fn at_hand(&self, account: AccountId) -> Option<Result<Lease>> {
        let enough = self.0.clock.now().after(Duration::from_secs(RENEW_SECONDS));
        let state = self.state();
        let kept = state.leases.get(&account).filter(|kept| kept.until > enough)?;
        Some(make(&kept.home, &self.0.here, kept.until))
    }

    fn in_hand_anyway(&self, account: AccountId) -> Result<Lease> {
        let state = self.state();
        let kept = state.leases.get(&account).ok_or(Error::NoSuchAccount)?;
        make(&kept.home, &self.0.here, kept.until)
    }

    fn settle(&self, account: AccountId) -> Result<Lease> {
        if self.state().leases.get(&account).is_some_and(|kept| kept.is_mine) {
            match self.renew_now() {
                // Nothing can be written: what is held is read on. Whoever takes it over is protected by
                // the number in its store, not by our time.
                Err(Error::Control(control::Error::DiskFull)) => return self.in_hand_anyway(account),
                renewed => renewed?,
            }
            if let Some(lease) = self.at_hand(account) {
                return lease;
            }
        }
        let (now, me, role) = (self.0.clock.now(), self.holder(), self.role(account));
        let settled = self.0.control.settle_home(account, &me, |held| {
            // Whoever may not hold it does not take it from the one that does.
            let may_hold = make(&held.home, &self.0.here, now).is_ok();
            if may_hold { decide(held, &me.id, role, now) } else { Step::Leave }
        });
        let held = settled.map_err(no_such_account)?;
        make(&held.home, &self.0.here, now)?;
        let kept = self.keep(held, now)?;
        let lease = make(&kept.home, &self.0.here, kept.until)?;
        let mut state = self.state();
        state.served.insert(account);
        state.leases.insert(account, kept);
        Ok(lease)
    }

    /// What follows for this process from who holds the account now.
    fn keep(&self, held: Held, now: Time) -> Result<Kept> {
        let Some(holder) = held.holder else { return Err(Error::NoSuchAccount) };
        let is_mine = holder.id == self.0.me;
        if !is_mine && !self.0.is_beside {
            return Err(Error::TakenOver { until: holder.until });
        }
        // Beside another, its time is ours; where it is nearly over, we ask again at the next use.
        Ok(Kept { home: held.home, until: holder.until.max(now), is_mine })
    }

    fn renew_now(&self) -> Result<()> {
        let me = self.holder();
        let held = self.0.control.renew_holder(&me)?;
        let mut state = self.state();
        state.leases.retain(|account, kept| !kept.is_mine || held.get(account) == Some(&kept.home.fencing));
        for kept in state.leases.values_mut().filter(|kept| kept.is_mine) {
            kept.until = me.until;
        }
        Ok(())
    }

    fn holder(&self) -> Holder {
        let until = self.0.clock.now().after(Duration::from_secs(LEASE_SECONDS));
        Holder { id: self.0.me.clone(), until }
    }

    fn role(&self, account: AccountId) -> Role {
        match (self.0.is_beside, self.state().served.contains(&account)) {
            (true, _) => Role::Beside,
            (false, true) => Role::Serving,
            (false, false) => Role::Starting,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_such_account(error: control::Error) -> Error {
    match error {
        control::Error::NoSuchAccount => Error::NoSuchAccount,
        other => other.into(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the home door: the one place that makes a Lease")]
fn make(home: &Home, here: &Here, until: Time) -> Result<Lease> {
    Ok(register::lease(home, &here.data_centre, until)?)
}
