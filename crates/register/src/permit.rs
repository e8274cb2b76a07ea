//! The egress door's decision: which host may be dialled, for whom and what.

use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use words::{AccountId, Host, Purpose};

/// What the operator's file says about the way out. The door process reads it by itself, so that
/// the desk cannot talk it round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// Addresses that are not public and may be dialled all the same, with their port.
    pub private: Vec<SocketAddr>,
    /// The name servers that are asked.
    pub resolvers: Resolver,
    /// Where the accounts' rows lie, if in PostgreSQL.
    pub database: Option<(Host, u16)>,
}

/// How names are looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolver {
    /// Not at all: every look-up says at once that there is nobody to ask.
    #[default]
    None,
    /// These servers, in this order.
    Servers(Vec<SocketAddr>),
}

/// What somebody wants to connect to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// For which account; none for what Havn itself needs (its database, its look-ups).
    pub account: Option<AccountId>,
    /// What for.
    pub purpose: Purpose,
    /// To whom.
    pub host: Host,
    /// At which port.
    pub port: u16,
    /// On which ground.
    pub basis: Basis,
}

/// The ground on which bytes may leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The operator's file names the host.
    Operator,
    /// The account's own written instruction (its relay).
    Instruction,
    /// The message itself is addressed to this domain.
    Addressee {
        /// The domain of the address.
        domain: Host,
    },
}

/// The right to one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    ask: Ask,
}

/// Why there is no permit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermitRefusal {
    /// The ground does not carry the purpose.
    #[error("this ground does not carry this purpose")]
    WrongBasis,
    /// An account is missing, or there is one where none belongs.
    #[error("this purpose belongs to an account, or to none")]
    WrongAccount,
    /// The operator's file does not name this host and port.
    #[error("the operator's file does not name {0}:{1}")]
    NotNamed(Host, u16),
    /// The port is not one for this purpose.
    #[error("port {0} is not a port for this purpose")]
    WrongPort(u16),
    /// A name that means something inside a network only.
    #[error("{0} is no public name: the operator's file must name the address, and that is what to dial")]
    InsideName(Host),
    /// An address that no public host has.
    #[error("{0} is not a public address, and the operator's file does not name it")]
    PrivateAddress(IpAddr),
    /// Where a domain says what it demands is one host only.
    #[error("{0} is not where this addressee's policy lies")]
    NotThePolicysHost(Host),
}

/// Decides over a permit. The rules, in order:
///
/// 1. Each purpose has its ground: look-ups and the database stand in the operator's file, a relay and a
///    server to pick mail up from are the account's instruction, a mail exchanger and a policy are the
///    addressee's.
/// 2. What is for an account names the account; what is for Havn itself names none.
/// 3. The operator's file must name the host for look-ups and the database.
/// 4. To an addressee's mail exchanger there is port 25 only (RFC 5321 part 4.5.4.2); the addressee's
///    policy lies at port 443 of one host (RFC 8461 part 3.2).
/// 5. A literal address must be public or named by the operator's file ([`may_dial`]); the address
///    that a name resolves to is asked again before it is dialled.
/// 6. A name must be a public one ([`is_public_name`]), unless the operator's file names it.
pub fn permit(register: &Register, ask: Ask) -> Result<Permit, PermitRefusal> {
    let fits = matches!(
        (ask.purpose, &ask.basis),
        (Purpose::NameLookup | Purpose::Database, Basis::Operator)
            | (Purpose::MailRelay | Purpose::MailPickup, Basis::Instruction)
            | (Purpose::MailAddressee | Purpose::MailPolicy, Basis::Addressee { .. })
    );
    if !fits {
        return Err(PermitRefusal::WrongBasis);
    }
    let belongs = match ask.purpose {
        Purpose::MailRelay | Purpose::MailAddressee | Purpose::MailPolicy | Purpose::MailPickup => {
            ask.account.is_some()
        }
        Purpose::NameLookup => true,
        Purpose::Database => ask.account.is_none(),
    };
    if !belongs {
        return Err(PermitRefusal::WrongAccount);
    }
    let named = match ask.purpose {
        Purpose::NameLookup => match (&register.resolvers, ask.host.ip()) {
            (Resolver::Servers(servers), Some(ip)) => servers.contains(&SocketAddr::new(ip, ask.port)),
            _ => false,
        },
        Purpose::Database => register.database == Some((ask.host.clone(), ask.port)),
        Purpose::MailRelay | Purpose::MailAddressee | Purpose::MailPolicy | Purpose::MailPickup => true,
    };
    if !named {
        return Err(PermitRefusal::NotNamed(ask.host, ask.port));
    }
    match (ask.purpose, &ask.basis) {
        (Purpose::MailAddressee, _) if ask.port != 25 => return Err(PermitRefusal::WrongPort(ask.port)),
        (Purpose::MailPolicy, _) if ask.port != 443 => return Err(PermitRefusal::WrongPort(ask.port)),
        (Purpose::MailPolicy, Basis::Addressee { domain }) if !is_policys_host(&ask.host, domain) => {
            return Err(PermitRefusal::NotThePolicysHost(ask.host));
        }
        _ => {}
    }
    if let Some(ip) = ask.host.ip() {
        may_dial(register, ask.purpose, SocketAddr::new(ip, ask.port))?;
    } else if ask.purpose != Purpose::Database && !is_public_name(ask.host.as_str()) {
        return Err(PermitRefusal::InsideName(ask.host));
    }
    Ok(Permit { ask })
}

/// Whether a host is the one at which a domain says what it demands of mail servers.
fn is_policys_host(host: &Host, domain: &Host) -> bool {
    host.as_str().strip_prefix("mta-sts.") == Some(domain.as_str())
}

/// Decides over an address that a permitted name resolved to, just before it is dialled.
pub fn may_dial(register: &Register, purpose: Purpose, address: SocketAddr) -> Result<(), PermitRefusal> {
    let named = register.private.contains(&address)
        || purpose == Purpose::Database
        || (purpose == Purpose::NameLookup
            && matches!(&register.resolvers, Resolver::Servers(servers) if servers.contains(&address)));
    if named || is_public(address.ip()) { Ok(()) } else { Err(PermitRefusal::PrivateAddress(address.ip())) }
}

/// Whether a name can be one of the public tree: it has more than one label, and its last is none that is
/// kept for the inside of networks (RFC 6761, 6762, 8375; ICANN 2024 for `internal`) or used so by habit.
pub fn is_public_name(name: &str) -> bool {
    const INSIDE: [&str; 6] = ["localhost", "localdomain", "local", "internal", "lan", "home.arpa"];
    let under =
        |top: &&str| name.strip_suffix(*top).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.') && !INSIDE.iter().any(under)
}

/// Whether an address is global unicast and not special, also inside the forms that carry an IPv4
/// address (IANA special-purpose registries; RFC 6052, 3056, 4380, 4291).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

#[expect(clippy::unnested_or_patterns, reason = "one range of the registries a line")]
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 168, _)
            | (192, 175, 48)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _)
    )
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    // Only 2000::/3 is global unicast; mapped, compatible, NAT64, unique local, link local and
    // multicast addresses all lie outside it.
    let global = s[0] & 0xe000 == 0x2000;
    let special = matches!(
        (s[0], s[1]),
        (0x2001, 0x0000..=0x01ff | 0x0db8) // IETF protocols with Teredo, documentation
            | (0x2002, _) // 6to4
            | (0x2620, 0x004f) // AS112
            | (0x3fff, 0x0000..=0x0fff) // documentation
    );
    global && !special
}

impl Permit {
    /// What was asked.
    pub fn ask(&self) -> &Ask {
        &self.ask
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the rule itself is tried here")]
mod tests {
    use super::*;
    use words::Time;

    fn ask(purpose: Purpose, basis: Basis, host: &str, port: u16) -> Ask {
        let account = match purpose {
            Purpose::Database | Purpose::NameLookup => None,
            _ => Some(AccountId::new(Time::from_seconds(1))),
        };
        Ask { account, purpose, host: host.parse().unwrap(), port, basis }
    }

    fn register() -> Register {
        Register {
            private: vec!["127.0.0.1:2525".parse().unwrap()],
            resolvers: Resolver::Servers(vec!["127.0.0.1:5353".parse().unwrap()]),
            database: Some(("db.example".parse().unwrap(), 5432)),
        }
    }

    fn addressee() -> Basis {
        Basis::Addressee { domain: "example.dk".parse().unwrap() }
    }

    #[test]
    fn each_case_has_its_reason() {
        use PermitRefusal as R;
        let named = |h: &str, p| R::NotNamed(h.parse().unwrap(), p);
        let private = |ip: &str| R::PrivateAddress(ip.parse().unwrap());
        let cases = [
            (ask(Purpose::MailRelay, Basis::Instruction, "relay.example", 587), Ok(())),
            (ask(Purpose::MailRelay, Basis::Instruction, "127.0.0.1", 2525), Ok(())),
            (ask(Purpose::MailRelay, Basis::Instruction, "127.0.0.1", 25), Err(private("127.0.0.1"))),
            (
                ask(Purpose::MailRelay, Basis::Instruction, "::ffff:10.0.0.1", 25),
                Err(private("::ffff:10.0.0.1")),
            ),
            (ask(Purpose::MailRelay, addressee(), "relay.example", 25), Err(R::WrongBasis)),
            (ask(Purpose::MailPickup, Basis::Instruction, "imap.example", 993), Ok(())),
            (ask(Purpose::MailPickup, Basis::Operator, "imap.example", 993), Err(R::WrongBasis)),
            (ask(Purpose::MailPickup, Basis::Instruction, "127.0.0.1", 143), Err(private("127.0.0.1"))),
            (ask(Purpose::MailAddressee, addressee(), "mx.example", 25), Ok(())),
            (ask(Purpose::MailAddressee, addressee(), "mx.example", 80), Err(R::WrongPort(80))),
            (ask(Purpose::MailAddressee, Basis::Operator, "mx.example", 25), Err(R::WrongBasis)),
            (ask(Purpose::MailPolicy, addressee(), "mta-sts.example.dk", 443), Ok(())),
            (ask(Purpose::MailPolicy, addressee(), "mta-sts.example.dk", 80), Err(R::WrongPort(80))),
            (
                ask(Purpose::MailPolicy, addressee(), "mta-sts.example.com", 443),
                Err(R::NotThePolicysHost("mta-sts.example.com".parse().unwrap())),
            ),
            (ask(Purpose::MailPolicy, Basis::Instruction, "mta-sts.example.dk", 443), Err(R::WrongBasis)),
            (ask(Purpose::NameLookup, Basis::Operator, "127.0.0.1", 5353), Ok(())),
            (ask(Purpose::NameLookup, Basis::Operator, "9.9.9.9", 53), Err(named("9.9.9.9", 53))),
            (ask(Purpose::Database, Basis::Operator, "db.example", 5432), Ok(())),
            (
                ask(Purpose::MailRelay, Basis::Instruction, "metadata.google.internal", 25),
                Err(R::InsideName("metadata.google.internal".parse().unwrap())),
            ),
            (
                ask(Purpose::MailRelay, Basis::Instruction, "localhost", 2525),
                Err(R::InsideName("localhost".parse().unwrap())),
            ),
            (ask(Purpose::MailRelay, Basis::Instruction, "mylocal.example", 25), Ok(())),
            (
                ask(Purpose::Database, Basis::Operator, "other.example", 5432),
                Err(named("other.example", 5432)),
            ),
        ];
        for (ask, expected) in cases {
            assert_eq!(permit(&register(), ask.clone()).map(|_| ()), expected, "{ask:?}");
        }
    }

    #[test]
    fn special_addresses_are_not_public() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "100.64.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "203.0.113.10",
            "::1",
            "::",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:a00:1::",
            "2001::1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "2001:db8::1",
            "fec0::1",
            "64:ff9b:1::1",
            "100::1",
            "5f00::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
