//! Whose an address is, and that changes are seen.

use std::time::{Duration, Instant};

use control::{Error, LOOKUP_AGE_SECONDS_MAX};
use words::{EmailAddress, Host, MailboxId};

use crate::{NOON, Place};

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn host(text: &str) -> Host {
    text.parse().unwrap()
}

#[test]
fn an_address_is_found_by_itself_then_without_detail_then_by_reply_domain() {
    let place = Place::new();
    let (acme, other) = (place.account("acme"), place.account("other"));
    let id = || MailboxId::new(NOON);
    let help = place.control.claim_mailbox(&address("Help@acme.example"), acme, id()).unwrap();
    let plus = place.control.claim_mailbox(&address("help+vip@acme.example"), other, id()).unwrap();
    place.control.claim_reply_domain(&host("reply.acme.example"), acme).unwrap();
    let cases = [
        ("help@acme.example", Some((acme, Some(help), None))),
        ("HELP@ACME.example", Some((acme, Some(help), None))),
        ("Help+x+y@acme.example", Some((acme, Some(help), Some("x+y")))),
        ("help+vip@acme.example", Some((other, Some(plus), None))),
        ("r-a1B2@reply.acme.example", Some((acme, None, Some("r-a1B2")))),
        ("help@reply.acme.example", Some((acme, None, Some("help")))),
        ("help@example", None),
        ("elp@acme.example", None),
    ];
    for (text, expected) in cases {
        let found = place.control.recipient(&address(text)).unwrap();
        let found = found.as_ref().map(|found| (found.account, found.mailbox, found.detail.as_deref()));
        assert_eq!(found, expected, "{text}");
    }
    for (domain, hosted) in [("acme.example", true), ("reply.acme.example", true), ("example", false)] {
        assert_eq!(place.control.is_domain_hosted(&host(domain)).unwrap(), hosted, "{domain}");
    }
}

#[test]
fn an_address_and_a_reply_domain_have_one_owner() {
    let place = Place::new();
    let (acme, other) = (place.account("acme"), place.account("other"));
    let first = MailboxId::new(NOON);
    let help = address("help@acme.example");
    assert_eq!(place.control.claim_mailbox(&help, acme, first).unwrap(), first);
    let again = place.control.claim_mailbox(&help, acme, MailboxId::new(NOON)).unwrap();
    assert_eq!(again, first, "one's own again is the same");
    let taken = place.control.claim_mailbox(&help, other, MailboxId::new(NOON));
    assert!(matches!(taken, Err(Error::AddressTaken)));
    place.control.release_mailbox(&help, other).unwrap();
    assert!(place.control.recipient(&help).unwrap().is_some(), "nobody gives another's up");
    place.control.release_mailbox(&help, acme).unwrap();
    assert!(place.control.recipient(&help).unwrap().is_none());
    place.control.claim_reply_domain(&host("reply.example"), acme).unwrap();
    place.control.claim_reply_domain(&host("reply.example"), acme).unwrap();
    let taken = place.control.claim_reply_domain(&host("reply.example"), other);
    assert!(matches!(taken, Err(Error::DomainTaken(_))));
}

#[test]
fn what_another_process_changes_is_seen() {
    let place = Place::new();
    let acme = place.account("acme");
    let another = place.another();
    let help = address("help@acme.example");
    assert!(place.control.recipient(&help).unwrap().is_none());
    another.claim_mailbox(&help, acme, MailboxId::new(NOON)).unwrap();
    assert!(place.control.recipient(&help).unwrap().is_some(), "what is new, at once");
    assert!(place.control.remembered_recipient(&help).is_some());
    another.release_mailbox(&help, acme).unwrap();
    let gone = Instant::now();
    while place.control.recipient(&help).unwrap().is_some() {
        let late = Duration::from_secs(LOOKUP_AGE_SECONDS_MAX + 30);
        assert!(gone.elapsed() < late, "what is gone, after a look-up's age");
        std::thread::yield_now();
    }
}
