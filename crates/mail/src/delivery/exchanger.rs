//! Which servers take a domain's mail, and in which order they are tried (RFC 5321 part 5.1, RFC 7505).

use egress::Record;
use words::Host;

/// The servers that take a domain's mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exchangers {
    /// To be tried in this order; never empty.
    These(Vec<Host>),
    /// The domain says that it takes no mail.
    NoMail,
    /// It names none that could be a host.
    Unusable,
}

/// The exchangers that a domain's records name. The rules, in order:
///
/// 1. One record alone that names nobody says that the domain takes no mail (RFC 7505 part 3).
/// 2. What is no host name is left out; so is a bare address, which no record may hold.
/// 3. The lower preference comes first; among equals `draw` decides.
/// 4. Our own name ends the list (RFC 5321 part 5.1): those behind it would only bring the mail here. If
///    ours is the first, the domain's mail is at home here, and goes to our own door alone: our server never
///    passes a mail on, so it cannot go in a circle.
pub(super) fn in_order(records: &[Record], own: &str, mut draw: impl FnMut() -> u64) -> Exchangers {
    if matches!(records, [Record::Mx { exchange, .. }] if exchange.is_empty()) {
        return Exchangers::NoMail;
    }
    let usable = records.iter().filter_map(|record| match record {
        Record::Mx { preference, exchange } => {
            let host = exchange.parse::<Host>().ok().filter(|host| host.ip().is_none())?;
            Some((*preference, host))
        }
        _ => None,
    });
    let mut all: Vec<(u16, u64, Host)> =
        usable.map(|(preference, host)| (preference, draw(), host)).collect();
    all.sort_by_key(|(preference, drawn, _)| (*preference, *drawn));
    let ours = all.iter().filter(|(_, _, host)| host.as_str() == own).map(|(preference, _, _)| *preference);
    match (ours.min(), all.first().map(|(preference, _, _)| *preference)) {
        (Some(ours), Some(first)) if ours == first => all.retain(|(_, _, host)| host.as_str() == own),
        (Some(ours), _) => all.retain(|(preference, _, _)| *preference < ours),
        (None, _) => {}
    }
    let mut hosts: Vec<Host> = all.into_iter().map(|(_, _, host)| host).collect();
    hosts.dedup();
    if hosts.is_empty() { Exchangers::Unusable } else { Exchangers::These(hosts) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mx(preference: u16, exchange: &str) -> Record {
        Record::Mx { preference, exchange: exchange.into() }
    }

    fn these(hosts: &[&str]) -> Exchangers {
        Exchangers::These(hosts.iter().map(|host| host.parse().unwrap()).collect())
    }

    #[test]
    fn each_case_has_its_order() {
        let own = "havn.example";
        let cases: [(&str, Vec<Record>, Exchangers); 9] = [
            (
                "by preference",
                vec![mx(20, "b.example"), mx(10, "a.example"), mx(30, "c.example")],
                these(&["a.example", "b.example", "c.example"]),
            ),
            ("none wanted", vec![mx(0, "")], Exchangers::NoMail),
            ("none among others is left out", vec![mx(0, ""), mx(10, "a.example")], these(&["a.example"])),
            ("no host", vec![mx(1, "a b"), mx(2, "10.0.0.1")], Exchangers::Unusable),
            ("other case", vec![mx(1, "A.Example")], these(&["a.example"])),
            (
                "ours ends it",
                vec![mx(10, "a.example"), mx(20, "havn.example"), mx(20, "b.example"), mx(30, "c.example")],
                these(&["a.example"]),
            ),
            ("ours is first", vec![mx(10, own), mx(20, "b.example")], these(&[own])),
            ("ours is among the first", vec![mx(10, "b.example"), mx(10, own)], these(&[own])),
            ("twice the same", vec![mx(10, "a.example"), mx(20, "a.example")], these(&["a.example"])),
        ];
        for (case, records, expected) in cases {
            assert_eq!(in_order(&records, own, || 0), expected, "{case}");
        }
    }

    #[test]
    fn chance_decides_among_equals_only() {
        let records = [mx(10, "a.example"), mx(10, "b.example"), mx(5, "c.example")];
        let (mut rising, mut falling) = (0..10_u64, (0..10_u64).rev());
        let first = in_order(&records, "x.example", || rising.next().unwrap());
        assert_eq!(first, these(&["c.example", "a.example", "b.example"]));
        let second = in_order(&records, "x.example", || falling.next().unwrap());
        assert_eq!(second, these(&["c.example", "b.example", "a.example"]));
    }

    proptest! {
        #[test]
        fn preferences_never_fall(found in prop::collection::vec((0_u16..4, 0_u8..6, any::<u64>()), 0..12)) {
            let mut drawn = found.iter().map(|(_, _, drawn)| *drawn).collect::<Vec<_>>().into_iter();
            let records: Vec<Record> =
                found.iter().map(|(preference, n, _)| mx(*preference, &format!("h{n}.example"))).collect();
            if let Exchangers::These(hosts) = in_order(&records, "h0.example", || drawn.next().unwrap_or(0)) {
                let best = |host: &Host| {
                    let of_host = records.iter().filter_map(|record| match record {
                        Record::Mx { preference, exchange } if exchange == host.as_str() => Some(*preference),
                        _ => None,
                    });
                    of_host.collect::<Vec<_>>()
                };
                let ours = best(&"h0.example".parse().unwrap()).into_iter().min();
                let mut at = 0;
                for host in &hosts {
                    let next = best(host).into_iter().filter(|preference| *preference >= at).min();
                    prop_assert!(next.is_some());
                    at = next.unwrap_or(at);
                    prop_assert!(host.as_str() == "h0.example" || ours.is_none_or(|ours| at < ours));
                }
            }
        }
    }
}
