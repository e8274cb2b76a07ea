//! Who may connect: limits on connections and on failures, never on good mail.
//!
//! Where there is no room for one more, whoever has been idle longest makes room: connections that are
//! held open and silent keep nobody out.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Addresses that are remembered at once; of more, those without a connection are forgotten.
const ADDRESSES_MAX: usize = 20_000;

/// How much is allowed.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once from one address (of IPv6, from one /64).
    pub connections_per_address_max: usize,
    /// Failures that an address may have open.
    pub failures_per_address_max: f64,
    /// Failures of an address that are forgiven in a second.
    pub forgiven_per_second: f64,
    /// Failures of an address that one stored mail makes good.
    pub forgiven_per_mail: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 4_000,
            connections_per_address_max: 500,
            failures_per_address_max: 1_000.0,
            forgiven_per_second: 5.0,
            forgiven_per_mail: 10.0,
        }
    }
}

/// Why somebody may not connect now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Too many connections.
    Connections,
    /// Too many failures from this address.
    Failures,
}

/// Counts connections and failures by address.
#[derive(Debug)]
pub struct Guard {
    limits: Limits,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    open: usize,
    addresses: HashMap<IpAddr, Address>,
}

#[derive(Debug)]
struct Address {
    /// The oldest first.
    visitors: VecDeque<Arc<Visitor>>,
    failures: f64,
    counted_at: Instant,
}

#[derive(Debug, Default)]
struct Visitor {
    is_idle: AtomicBool,
    makes_room: Notify,
}

/// A connection that was let in. Dropped, it is over.
#[derive(Debug)]
pub struct Admission {
    guard: Arc<Guard>,
    address: IpAddr,
    visitor: Arc<Visitor>,
}

impl Guard {
    /// Nobody has connected yet.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, seen: Mutex::default() })
    }

    /// Lets somebody in, or tells why not.
    pub fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Result<Admission, Refused> {
        let address = network(address);
        let mut seen = self.seen();
        if seen.open >= self.limits.connections_max && !seen.make_room() {
            return Err(Refused::Connections);
        }
        if seen.addresses.len() >= ADDRESSES_MAX {
            seen.addresses.retain(|_, known| !known.visitors.is_empty());
        }
        let known = seen.addresses.entry(address).or_insert_with(|| Address::new(now));
        known.forgive(&self.limits, now);
        if known.failures >= self.limits.failures_per_address_max {
            return Err(Refused::Failures);
        }
        let is_full = known.visitors.len() >= self.limits.connections_per_address_max;
        if is_full && !known.make_room() {
            return Err(Refused::Connections);
        }
        let visitor = Arc::new(Visitor::default());
        known.visitors.push_back(Arc::clone(&visitor));
        if !is_full {
            seen.open += 1;
        }
        Ok(Admission { guard: Arc::clone(self), address, visitor })
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// Sends the idle one away that came first at the address with the most connections. False if nobody
    /// is idle there.
    fn make_room(&mut self) -> bool {
        let busiest = self.addresses.values_mut().max_by_key(|known| known.visitors.len());
        let made = busiest.is_some_and(Address::make_room);
        self.open -= usize::from(made);
        made
    }
}

impl Admission {
    /// Says whether the connection only waits for the client's next word.
    pub fn set_idle(&self, is_idle: bool) {
        self.visitor.is_idle.store(is_idle, Ordering::Relaxed);
    }

    /// Waits until the connection must make room for another.
    pub async fn makes_room(&self) {
        self.visitor.makes_room.notified().await;
    }

    /// Counts failures of the client. False if its address has had too many.
    pub fn failed(&self, failures: u64, now: Instant) -> bool {
        self.change(|known, limits| {
            known.forgive(limits, now);
            known.failures += f64::from(u32::try_from(failures).unwrap_or(u32::MAX));
            known.failures < limits.failures_per_address_max
        })
    }

    /// A mail of the client was stored: that makes failures good.
    pub fn delivered(&self) {
        self.change(|known, limits| {
            known.failures = (known.failures - limits.forgiven_per_mail).max(0.0);
            true
        });
    }

    fn change(&self, change: impl FnOnce(&mut Address, &Limits) -> bool) -> bool {
        let mut seen = self.guard.seen();
        seen.addresses.get_mut(&self.address).is_none_or(|known| change(known, &self.guard.limits))
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut seen = self.guard.seen();
        let Some(known) = seen.addresses.get_mut(&self.address) else { return };
        let before = known.visitors.len();
        // Not there any more if it made room.
        known.visitors.retain(|visitor| !Arc::ptr_eq(visitor, &self.visitor));
        let gone = before - known.visitors.len();
        if known.visitors.is_empty() && known.failures <= 0.0 {
            seen.addresses.remove(&self.address);
        }
        seen.open -= gone;
    }
}

impl Address {
    fn new(now: Instant) -> Self {
        Self { visitors: VecDeque::new(), failures: 0.0, counted_at: now }
    }

    /// Sends the idle one away that came first. False if nobody is idle.
    fn make_room(&mut self) -> bool {
        let idle = self.visitors.iter().position(|visitor| visitor.is_idle.load(Ordering::Relaxed));
        let Some(visitor) = idle.and_then(|at| self.visitors.remove(at)) else { return false };
        visitor.makes_room.notify_one();
        true
    }

    fn forgive(&mut self, limits: &Limits, now: Instant) {
        let passed: Duration = now.saturating_duration_since(self.counted_at);
        self.failures = (self.failures - passed.as_secs_f64() * limits.forgiven_per_second).max(0.0);
        self.counted_at = now;
    }
}

/// What counts as one address: an IPv4 address, or the /64 that one IPv6 customer has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const B: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn guard() -> Arc<Guard> {
        Guard::new(Limits {
            connections_max: 3,
            connections_per_address_max: 2,
            failures_per_address_max: 10.0,
            forgiven_per_second: 1.0,
            forgiven_per_mail: 4.0,
        })
    }

    #[test]
    fn connections_are_counted_by_address_and_in_all() {
        let (guard, now) = (guard(), Instant::now());
        let first = guard.admit(A, now).unwrap();
        let _second = guard.admit(A, now).unwrap();
        assert_eq!(guard.admit(A, now).unwrap_err(), Refused::Connections);
        let _third = guard.admit(B, now).unwrap();
        assert_eq!(guard.admit(B, now).unwrap_err(), Refused::Connections);
        drop(first);
        assert!(guard.admit(A, now).is_ok());
    }

    #[tokio::test]
    async fn the_idle_make_room() {
        let (guard, now) = (guard(), Instant::now());
        let (first, second) = (guard.admit(A, now).unwrap(), guard.admit(A, now).unwrap());
        second.set_idle(true);
        let third = guard.admit(A, now).unwrap();
        second.makes_room().await;
        assert_eq!(guard.admit(A, now).unwrap_err(), Refused::Connections);
        drop(second);
        let _fourth = guard.admit(B, now).unwrap();
        first.set_idle(true);
        let _fifth = guard.admit(B, now).unwrap();
        first.makes_room().await;
        assert_eq!(guard.admit(A, now).unwrap_err(), Refused::Connections);
        drop((first, third));
        assert!(guard.admit(A, now).is_ok());
    }

    #[test]
    fn failures_shut_out_until_time_or_good_mail_forgives_them() {
        let (guard, now) = (guard(), Instant::now());
        let open = guard.admit(A, now).unwrap();
        assert!(open.failed(9, now));
        assert!(!open.failed(1, now));
        assert_eq!(guard.admit(A, now).unwrap_err(), Refused::Failures);
        assert!(guard.admit(B, now).is_ok());
        assert!(guard.admit(A, now + Duration::from_secs(2)).is_ok());
        let later = now + Duration::from_secs(2);
        assert!(!open.failed(3, later));
        open.delivered();
        assert!(guard.admit(A, later).is_ok());
    }

    #[test]
    fn good_mail_is_never_counted() {
        let (guard, now) = (guard(), Instant::now());
        let open = guard.admit(A, now).unwrap();
        (0..100_000).for_each(|_| open.delivered());
        assert!(guard.admit(A, now).is_ok());
    }

    #[test]
    fn neighbours_in_a_64_are_one() {
        let one: IpAddr = "2001:db8:1:2::1".parse().unwrap();
        let two: IpAddr = "2001:db8:1:2:ffff::2".parse().unwrap();
        assert_eq!(network(one), network(two));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), A);
    }
}
