//! The egress door's decision: which host may be dialled, for whom and what.

use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use words::{AccountId, Category, Host, Purpose, Time};

use crate::{
    EntryId, NotInForce, Snapshot, State,
    address::{is_public, is_public_name},
    snapshot::EntryRule,
};

/// What the operator's file says about the way out. The door process reads it by itself, so that
/// the desk cannot talk it round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorFile {
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
    /// An entry of the register that has this host.
    Entry,
    /// The message itself is addressed to this domain.
    Addressee {
        /// The domain of the address.
        domain: Host,
    },
}

/// What the door knows of the register.
#[derive(Debug, Clone, Default)]
pub enum Rulebook {
    /// There is none yet: nothing rests on an entry, and nothing is shut by one.
    #[default]
    NoneYet,
    /// The one that was signed.
    Signed(Box<Snapshot>),
    /// There is one, and it cannot be read or is not what was signed: the door is shut.
    Unreadable,
}

impl Rulebook {
    fn rules(&self) -> Option<&Snapshot> {
        match self {
            Self::Signed(snapshot) => Some(snapshot),
            Self::NoneYet | Self::Unreadable => None,
        }
    }
}

/// The right to one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    ask: Ask,
    entry: Option<EntryId>,
}

/// Why there is no permit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermitRefusal {
    /// The entry that has this host is shut, whatever the ground.
    #[error("{0} is suspended")]
    Suspended(EntryId),
    /// The account objects to the entry that has this host, whatever the ground.
    #[error("the account objects to {0}")]
    Objected(EntryId),
    /// The register cannot be read, or is not signed as it must be.
    #[error("the register cannot be read or is not what was signed, so nobody is dialled")]
    NoRegister,
    /// No entry has this host and port for this purpose.
    #[error("no entry of the register has {0}:{1} for this purpose")]
    NoEntry(Host, u16),
    /// The entry is not active.
    #[error("{entry} is {}, and only an active entry opens the door", state.name())]
    NotActive {
        /// Which.
        entry: EntryId,
        /// Its state.
        state: State,
    },
    /// A duty, the decision or a mechanism lapsed.
    #[error("a duty, the decision or a mechanism of {0} has lapsed")]
    Lapsed(EntryId),
    /// The purpose can carry data that the entry is not to get.
    #[error("this purpose can carry {}, and the register does not let {entry} have that", category.name())]
    OtherData {
        /// Which entry.
        entry: EntryId,
        /// Which data.
        category: Category,
    },
    /// The entry does not serve the account's region.
    #[error("{0} does not serve the account's region")]
    OtherRegion(EntryId),
    /// The account has signed nothing.
    #[error("the account has signed no agreement")]
    NoAgreement,
    /// The entry is not in force for the account.
    #[error("{entry} is not in force for this account: {why}")]
    NotInForce {
        /// Which.
        entry: EntryId,
        /// Why.
        why: NotInForce,
    },
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

/// All that the decision looks at.
struct Facts<'f> {
    file: &'f OperatorFile,
    book: &'f Rulebook,
    register: Option<&'f Snapshot>,
    ask: &'f Ask,
    now: Time,
}

impl<'f> Facts<'f> {
    /// The entries that have the host and port.
    fn entries(&self) -> impl Iterator<Item = &'f EntryRule> + use<'f> {
        let (host, port) = (&self.ask.host, self.ask.port);
        self.register.into_iter().flat_map(move |register| register.having(host, port))
    }

    /// The entry on which the permit rests. If several have the host, it is the first that is active.
    fn entry(&self) -> Result<&'f EntryRule, PermitRefusal> {
        let (host, port, purpose) = (&self.ask.host, self.ask.port, self.ask.purpose);
        let nobody = || PermitRefusal::NoEntry(host.clone(), port);
        let register = self.register.ok_or_else(nobody)?;
        let fitting = || register.having(host, port).filter(|entry| entry.is_for(host, port, purpose));
        let active = fitting().find(|entry| entry.state == State::Active);
        active.or_else(|| fitting().next()).ok_or_else(nobody)
    }

    fn rests_on_entry(&self) -> bool {
        self.ask.basis == Basis::Entry
    }
}

/// A rule of the decision: its name, what it says, and the question itself.
struct Rule {
    name: &'static str,
    says: &'static str,
    question: fn(&Facts<'_>) -> Result<(), PermitRefusal>,
}

/// The rules, in the order in which they are asked. The first that fails decides: closed wins.
const RULES: [Rule; 14] = [
    Rule {
        name: "register",
        says: "the register, if there is one, can be read and is what was signed",
        question: readable,
    },
    Rule {
        name: "not-suspended",
        says: "no entry that has this host is suspended, whatever the ground",
        question: not_suspended,
    },
    Rule {
        name: "not-objected",
        says: "the account objects to no entry that has this host, whatever the ground",
        question: not_objected,
    },
    Rule { name: "ground", says: "the ground carries the purpose", question: ground },
    Rule {
        name: "account",
        says: "what is for an account names it, what is for Havn itself names none",
        question: account,
    },
    Rule {
        name: "named",
        says: "the operator's file, or an entry, names the host and port for this purpose",
        question: named,
    },
    Rule { name: "active", says: "the entry is active", question: active },
    Rule {
        name: "bound",
        says: "its duties, the decision on it and its mechanisms are current",
        question: bound,
    },
    Rule {
        name: "category",
        says: "it may get every category of data that the purpose can carry",
        question: category,
    },
    Rule { name: "region", says: "it serves the account's region", question: region },
    Rule {
        name: "in-force",
        says: "it is in force for the account: told and not refused, or agreed to",
        question: in_force,
    },
    Rule { name: "port", says: "the port is one for this purpose", question: port },
    Rule { name: "name", says: "the name is a public one, or the operator's file names it", question: name },
    Rule {
        name: "address",
        says: "a literal address is public, or the operator's file names it",
        question: address,
    },
];

/// Decides over a permit: asks the rules above in their order. The address that a name resolves to is
/// asked again before it is dialled ([`may_dial`]).
///
/// `book` is what the door reads by itself; without a signed one nothing that rests on an entry is
/// permitted.
pub fn permit(file: &OperatorFile, book: &Rulebook, ask: Ask, now: Time) -> Result<Permit, PermitRefusal> {
    let facts = Facts { file, book, register: book.rules(), ask: &ask, now };
    RULES.iter().try_for_each(|rule| (rule.question)(&facts))?;
    let entry = if facts.rests_on_entry() { Some(facts.entry()?.id.clone()) } else { None };
    Ok(Permit { ask, entry })
}

/// A rule and what it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The rule's place in the order, from 1.
    pub number: usize,
    /// Its name.
    pub rule: &'static str,
    /// What it says.
    pub says: &'static str,
    /// `held`, `failed`, or `not-asked`: an earlier one decided.
    pub answer: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The decision with each rule that led to it, in the order in which the door asks them.
pub fn explain(
    file: &OperatorFile,
    book: &Rulebook,
    ask: &Ask,
    now: Time,
) -> (Result<(), PermitRefusal>, Vec<Asked>) {
    let facts = Facts { file, book, register: book.rules(), ask, now };
    let mut decision = Ok(());
    let mut asked = Vec::with_capacity(RULES.len());
    for (number, rule) in (1..).zip(&RULES) {
        let answer = if decision.is_err() { None } else { Some((rule.question)(&facts)) };
        asked.push(Asked {
            number,
            rule: rule.name,
            says: rule.says,
            answer: match &answer {
                None => "not-asked",
                Some(Ok(())) => "held",
                Some(Err(_)) => "failed",
            },
            reason: answer.as_ref().and_then(|answer| answer.as_ref().err()).map(ToString::to_string),
        });
        if let Some(Err(refusal)) = answer {
            decision = Err(refusal);
        }
    }
    (decision, asked)
}

fn readable(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    if matches!(facts.book, Rulebook::Unreadable) { Err(PermitRefusal::NoRegister) } else { Ok(()) }
}

fn not_suspended(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let suspended = facts.entries().find(|entry| entry.state == State::Suspended);
    suspended.map_or(Ok(()), |entry| Err(PermitRefusal::Suspended(entry.id.clone())))
}

fn not_objected(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let (Some(register), Some(account)) = (facts.register, facts.ask.account) else { return Ok(()) };
    let objected = facts.entries().find(|entry| register.objects(account, &entry.id));
    objected.map_or(Ok(()), |entry| Err(PermitRefusal::Objected(entry.id.clone())))
}

/// Look-ups and the database stand in the operator's file or the register, a relay and a server to pick
/// mail up from are the account's instruction, a mail exchanger and a policy are the addressee's.
fn ground(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    use Purpose as P;
    let fits = match facts.ask.basis {
        Basis::Operator => matches!(facts.ask.purpose, P::NameLookup | P::Database | P::ObjectStorage),
        Basis::Instruction => {
            matches!(facts.ask.purpose, P::MailRelay | P::MailPickup | P::Webhook | P::Identity)
        }
        Basis::Addressee { .. } => matches!(facts.ask.purpose, P::MailAddressee | P::MailPolicy),
        // What goes to an addressee goes to whom the letter names and to nobody else.
        Basis::Entry => !matches!(facts.ask.purpose, P::MailAddressee | P::MailPolicy),
    };
    if fits { Ok(()) } else { Err(PermitRefusal::WrongBasis) }
}

fn account(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let belongs = match facts.ask.purpose {
        Purpose::NameLookup | Purpose::ObjectStorage | Purpose::Certificates | Purpose::Hosting => true,
        Purpose::Database => facts.ask.account.is_none(),
        _ => facts.ask.account.is_some(),
    };
    if belongs { Ok(()) } else { Err(PermitRefusal::WrongAccount) }
}

fn named(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let Ask { host, port, purpose, .. } = facts.ask;
    let named = match (&facts.ask.basis, purpose) {
        (Basis::Entry, _) => return facts.entry().map(|_| ()),
        (Basis::Operator, Purpose::NameLookup) => match (&facts.file.resolvers, host.ip()) {
            (Resolver::Servers(servers), Some(ip)) => servers.contains(&SocketAddr::new(ip, *port)),
            _ => false,
        },
        (Basis::Operator, Purpose::Database) => {
            facts.file.database.as_ref().is_some_and(|(own, at)| own == host && at == port)
        }
        (Basis::Operator, _) => {
            host.ip().is_some_and(|ip| facts.file.private.contains(&SocketAddr::new(ip, *port)))
        }
        (Basis::Instruction | Basis::Addressee { .. }, _) => true,
    };
    if named { Ok(()) } else { Err(PermitRefusal::NotNamed(host.clone(), *port)) }
}

fn active(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    if !facts.rests_on_entry() {
        return Ok(());
    }
    let entry = facts.entry()?;
    if entry.state == State::Active {
        return Ok(());
    }
    Err(PermitRefusal::NotActive { entry: entry.id.clone(), state: entry.state })
}

fn bound(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    if !facts.rests_on_entry() {
        return Ok(());
    }
    let entry = facts.entry()?;
    let current = entry.closes_at.is_none_or(|closes_at| facts.now < closes_at);
    if current { Ok(()) } else { Err(PermitRefusal::Lapsed(entry.id.clone())) }
}

fn category(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    if !facts.rests_on_entry() {
        return Ok(());
    }
    let entry = facts.entry()?;
    let undeclared = facts.ask.purpose.carries().iter().find(|category| !entry.categories.contains(category));
    undeclared.map_or(Ok(()), |category| {
        Err(PermitRefusal::OtherData { entry: entry.id.clone(), category: *category })
    })
}

fn region(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let (true, Some(account)) = (facts.rests_on_entry(), facts.ask.account) else { return Ok(()) };
    let entry = facts.entry()?;
    let signed = facts.register.and_then(|register| register.account(account));
    let served = match signed {
        Some(signed) => entry.serves.is_empty() || entry.serves.contains(&signed.terms.region),
        None => return Err(PermitRefusal::NoAgreement),
    };
    if served { Ok(()) } else { Err(PermitRefusal::OtherRegion(entry.id.clone())) }
}

fn in_force(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let (true, Some(account)) = (facts.rests_on_entry(), facts.ask.account) else { return Ok(()) };
    let entry = facts.entry()?;
    let signed = facts.register.and_then(|register| register.account(account));
    let signed = signed.ok_or(PermitRefusal::NoAgreement)?;
    let since = entry.active_since.unwrap_or(facts.now);
    signed
        .in_force(&entry.id, since, facts.now)
        .map_err(|why| PermitRefusal::NotInForce { entry: entry.id.clone(), why })
}

/// To an addressee's mail exchanger there is port 25 only (RFC 5321 part 4.5.4.2); the addressee's policy
/// lies at port 443 of one host (RFC 8461 part 3.2).
fn port(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let Ask { host, port, purpose, .. } = facts.ask;
    match (purpose, &facts.ask.basis) {
        (Purpose::MailAddressee, _) if *port != 25 => Err(PermitRefusal::WrongPort(*port)),
        (Purpose::MailPolicy, _) if *port != 443 => Err(PermitRefusal::WrongPort(*port)),
        (Purpose::MailPolicy, Basis::Addressee { domain }) if !is_policys_host(host, domain) => {
            Err(PermitRefusal::NotThePolicysHost(host.clone()))
        }
        _ => Ok(()),
    }
}

fn name(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let host = &facts.ask.host;
    let public =
        host.ip().is_some() || facts.ask.purpose == Purpose::Database || is_public_name(host.as_str());
    if public { Ok(()) } else { Err(PermitRefusal::InsideName(host.clone())) }
}

fn address(facts: &Facts<'_>) -> Result<(), PermitRefusal> {
    let Some(ip) = facts.ask.host.ip() else { return Ok(()) };
    may_dial(facts.file, facts.ask.purpose, SocketAddr::new(ip, facts.ask.port))
}

/// Whether a host is the one at which a domain says what it demands of mail servers.
fn is_policys_host(host: &Host, domain: &Host) -> bool {
    host.as_str().strip_prefix("mta-sts.") == Some(domain.as_str())
}

/// Decides over an address that a permitted name resolved to, just before it is dialled.
pub fn may_dial(file: &OperatorFile, purpose: Purpose, address: SocketAddr) -> Result<(), PermitRefusal> {
    let named = file.private.contains(&address)
        || purpose == Purpose::Database
        || (purpose == Purpose::NameLookup
            && matches!(&file.resolvers, Resolver::Servers(servers) if servers.contains(&address)));
    if named || is_public(address.ip()) { Ok(()) } else { Err(PermitRefusal::PrivateAddress(address.ip())) }
}

impl Permit {
    /// What was asked.
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// The entry on which it rests, if it does on one.
    pub fn entry(&self) -> Option<&EntryId> {
        self.entry.as_ref()
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

    fn file() -> OperatorFile {
        OperatorFile {
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
            assert_eq!(
                permit(&file(), &Rulebook::NoneYet, ask.clone(), Time::from_seconds(1)).map(|_| ()),
                expected,
                "{ask:?}"
            );
        }
    }
}
