//! Limits of log-in attempts.

use std::{net::IpAddr, time::Duration};

use control::{AttemptKey, Attempts};
use words::{AccountId, EmailAddress, Time};

use crate::NOON;

fn remote(text: &str) -> AttemptKey {
    AttemptKey::remote(text.parse::<IpAddr>().unwrap())
}

/// How many more attempts are let through.
fn left(attempts: &Attempts, key: AttemptKey, now: Time) -> usize {
    std::iter::repeat_with(|| attempts.begin(&[key], now)).take_while(Result::is_ok).count()
}

#[test]
fn failures_fill_up_and_fade() {
    let attempts = Attempts::default();
    let key = remote("192.0.2.1");
    assert_eq!(left(&attempts, key, NOON), 60);
    let limited = attempts.begin(&[key], NOON).unwrap_err();
    assert!(limited.again_at > NOON && limited.again_at <= NOON.after(Duration::from_mins(15)));
    assert_eq!(
        left(&attempts, key, NOON.before(Duration::from_hours(24))),
        0,
        "a clock set back frees nobody"
    );
    assert!(left(&attempts, key, NOON.after(Duration::from_mins(20))) < 60, "not all at once");
    assert_eq!(left(&attempts, key, NOON.after(Duration::from_hours(24))), 60);
}

#[test]
fn in_no_quarter_of_an_hour_are_there_more() {
    // Ten attempts just before the window's end, then as many as are let through after it.
    let attempts = Attempts::default();
    let account = AccountId::new(NOON);
    let address: EmailAddress = "olga@acme.example".parse().unwrap();
    let key = AttemptKey::address(account, &address);
    let end = Time::from_seconds((NOON.seconds() / 900 + 1) * 900);
    assert_eq!(left(&attempts, key, end.before(Duration::from_secs(1))), 10);
    assert_eq!(left(&attempts, key, end), 0);
    assert_eq!(left(&attempts, key, end.after(Duration::from_secs(450))), 5);
}

#[test]
fn success_is_taken_back() {
    let attempts = Attempts::default();
    let key = remote("192.0.2.1");
    for _ in 0..500 {
        let attempt = attempts.begin(&[key], NOON).unwrap();
        attempts.succeeded(&attempt);
    }
    assert_eq!(left(&attempts, key, NOON), 60);
}

#[test]
fn keys_are_told_apart() {
    let attempts = Attempts::default();
    assert_eq!(left(&attempts, remote("2001:db8:1:2::1"), NOON), 60);
    assert_eq!(left(&attempts, remote("2001:db8:1:2:ffff::9"), NOON), 0, "one customer has a /64");
    assert_eq!(left(&attempts, remote("2001:db8:1:3::1"), NOON), 60);
    assert_eq!(left(&attempts, remote("192.0.2.7"), NOON), 60);
    assert_eq!(left(&attempts, remote("::ffff:192.0.2.7"), NOON), 0, "the same written otherwise");
    let (one, two) = (AccountId::new(NOON), AccountId::new(NOON));
    let address: EmailAddress = "olga@acme.example".parse().unwrap();
    let upper: EmailAddress = "OLGA@acme.example".parse().unwrap();
    assert_eq!(left(&attempts, AttemptKey::address(one, &address), NOON), 10);
    assert_eq!(left(&attempts, AttemptKey::address(one, &upper), NOON), 0);
    assert_eq!(left(&attempts, AttemptKey::address(two, &address), NOON), 10);
}

#[test]
fn memory_is_bounded_and_the_busiest_stay() {
    let attempts = Attempts::default();
    let busy = remote("192.0.2.1");
    assert_eq!(left(&attempts, busy, NOON), 60);
    for n in 0..150_000_u32 {
        let remote = AttemptKey::remote(IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0a00_0000 + n)));
        attempts.begin(&[remote], NOON).unwrap();
    }
    assert!(attempts.begin(&[busy], NOON).is_err());
    assert!(attempts.count() <= 100_000);
}
