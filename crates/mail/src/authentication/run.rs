//! One run of the checks over what is known of names: the cache that the library asks.

use super::Envelope;
use crate::names::{Answer, Names};
use desk::Verdict;
use egress::{Record, RecordType};
use mail_auth::{
    DnsError, Error, MX, RecordSet, ResolverCache, Txt,
    common::parse::TxtRecordParser,
    common::verify::DomainKey,
    dmarc::Dmarc,
    hickory_resolver::proto::op::ResponseCode,
    spf::{Directive, Macro, Mechanism, Spf, Variables},
};
use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// One run. What it does not know it notes, and answers as if there were nothing.
pub(super) struct Run<'a> {
    names: &'a Names,
    envelope: Envelope<'a>,
    missing: Mutex<Vec<(RecordType, String)>>,
    /// Something that SPF asked for could not be found out.
    failed: AtomicBool,
    /// Nothing will be looked up any more: what is missing counts as failed.
    hopeless: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(names: &'a Names, envelope: Envelope<'a>) -> Self {
        Self { names, envelope, missing: Mutex::default(), failed: AtomicBool::new(false), hopeless: false }
    }

    pub(super) fn without_hope(self) -> Self {
        Self { hopeless: true, ..self }
    }

    /// The names that were not known.
    pub(super) fn into_missing(self) -> Vec<(RecordType, String)> {
        self.missing.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The verdict of SPF, unless it rests on something that could not be found out: the library cannot
    /// be told so of an address.
    pub(super) fn unless_failed(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Pass | Verdict::PermanentError => verdict,
            _ if self.failed.load(Ordering::Relaxed) => Verdict::TemporaryError,
            _ => verdict,
        }
    }

    fn ask(&self, kind: RecordType, name: &str) -> Answer {
        let name = name.trim_end_matches('.').to_lowercase();
        match self.names.known(kind, &name) {
            Some(answer) => answer,
            None if self.hopeless => Answer::Failed,
            None => {
                let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
                let asked = (kind, name);
                if !missing.contains(&asked) {
                    missing.push(asked);
                }
                Answer::Nothing
            }
        }
    }

    /// Asks for addresses: for SPF, none is the same as nothing.
    fn ask_for_addresses(&self, kind: RecordType, name: &str) -> Arc<[Record]> {
        match self.ask(kind, name) {
            Answer::Found(records) => records,
            Answer::Nothing => Arc::new([]),
            Answer::Failed => {
                self.failed.store(true, Ordering::Relaxed);
                Arc::new([])
            }
        }
    }

    fn text(&self, name: &str) -> Txt {
        let bare = name.trim_end_matches('.');
        // Reports of failures are not sent, nor third parties believed.
        if bare.starts_with("_report._domainkey.") || bare.contains("._atps.") {
            return Txt::Error(nothing());
        }
        let records = match self.ask(RecordType::Txt, name) {
            Answer::Found(records) => records,
            Answer::Nothing => return Txt::Error(nothing()),
            Answer::Failed => return Txt::Error(Error::Dns(DnsError::Resolver(String::new()))),
        };
        let texts = texts(&records);
        if bare.contains("._domainkey.") {
            return first::<DomainKey>(&texts).map_or_else(Txt::Error, |key| Txt::DomainKey(Arc::new(key)));
        }
        if bare.starts_with("_dmarc.") {
            return policy(&texts);
        }
        self.spf(bare, &texts)
    }

    /// The SPF record, if there is exactly one (RFC 7208 part 4.5).
    fn spf(&self, domain: &str, texts: &[&str]) -> Txt {
        let is_spf = |text: &&str| {
            let head = text.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("v=spf1"));
            head && text.as_bytes().get(6).is_none_or(|next| *next == b' ')
        };
        let records: Vec<&str> = texts.iter().copied().filter(is_spf).collect();
        match records.as_slice() {
            [] => Txt::Error(nothing()),
            [record] => match Spf::parse(record.as_bytes()) {
                Ok(spf) => Txt::Spf(Arc::new(self.without_exists(domain, &spf))),
                Err(_) => Txt::Error(Error::ParseError),
            },
            _ => Txt::Error(Error::ParseError),
        }
    }

    /// The record with each `exists:` turned into what it comes to (everybody, or nobody): the library
    /// would ask a name server of its own. Its explanation is left out, which would be one more question.
    fn without_exists(&self, domain: &str, spf: &Spf) -> Spf {
        let nobody = Mechanism::Ip4 { addr: Ipv4Addr::BROADCAST, mask: u32::MAX };
        let directives = spf.directives.iter().map(|directive| match &directive.mechanism {
            Mechanism::Exists { macro_string } => {
                let mechanism =
                    if self.exists(domain, macro_string) { Mechanism::All } else { nobody.clone() };
                Directive { qualifier: directive.qualifier.clone(), mechanism }
            }
            _ => directive.clone(),
        });
        Spf { directives: directives.collect(), exp: None, ..spf.clone() }
    }

    /// RFC 7208 part 5.7: an A record, whatever its address, even when the client has IPv6.
    fn exists(&self, domain: &str, name: &Macro) -> bool {
        let Some(remote) = self.envelope.remote else { return false };
        let sender = if self.envelope.sender.is_empty() {
            format!("postmaster@{}", self.envelope.hello)
        } else {
            self.envelope.sender.to_owned()
        };
        let mut variables = Variables::new();
        variables.set_ip(&remote);
        variables.set_sender(sender.as_bytes());
        variables.set_domain(domain.as_bytes());
        variables.set_host_domain(self.envelope.host.as_bytes());
        variables.set_helo_domain(self.envelope.hello.as_bytes());
        let name = name.eval(&variables, domain, true);
        !self.ask_for_addresses(RecordType::A, &name).is_empty()
    }
}

/// The DMARC record, if there is exactly one (RFC 9989 part 4.7).
fn policy(texts: &[&str]) -> Txt {
    let policies: Vec<&str> = texts.iter().copied().filter(|text| text.starts_with("v=DMARC1")).collect();
    let [policy] = policies.as_slice() else { return Txt::Error(nothing()) };
    Dmarc::parse(policy.as_bytes()).map_or_else(Txt::Error, |policy| Txt::Dmarc(Arc::new(policy)))
}

fn nothing() -> Error {
    Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))
}

fn texts(records: &[Record]) -> Vec<&str> {
    let texts = records.iter().filter_map(|record| match record {
        Record::Txt(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn first<T: TxtRecordParser>(texts: &[&str]) -> Result<T, Error> {
    let mut result = Err(Error::Dns(DnsError::InvalidRecordType));
    for text in texts {
        result = T::parse(text.as_bytes());
        if result.is_ok() {
            break;
        }
    }
    result
}

fn set<T>(items: impl Iterator<Item = T>) -> RecordSet<T> {
    RecordSet { rrset: items.collect(), dnssec_status: mail_auth::DnssecStatus::Indeterminate }
}

/// The library hands a key over as something that can be hashed and compared, no more. A name hashes as
/// its bytes and one more (`impl Hash for str`): they are caught here.
#[derive(Default)]
struct Caught(Vec<u8>);

impl Hasher for Caught {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

fn caught<Q: Hash + ?Sized>(key: &Q) -> String {
    let mut caught = Caught::default();
    key.hash(&mut caught);
    caught.0.pop();
    String::from_utf8(caught.0).unwrap_or_default()
}

macro_rules! cache {
    ($value:ty, |$run:ident, $name:ident| $answer:expr) => {
        impl ResolverCache<Box<str>, $value> for Run<'_> {
            fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<$value>
            where
                Box<str>: Borrow<Q>,
            {
                let ($run, $name) = (self, caught(key));
                Some($answer)
            }

            fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<$value>
            where
                Box<str>: Borrow<Q>,
            {
                None
            }

            fn insert(&self, _: Box<str>, _: $value, _: Instant) {}
        }
    };
}

cache!(Txt, |run, name| run.text(&name));
cache!(RecordSet<Ipv4Addr>, |run, name| {
    let records = run.ask_for_addresses(RecordType::A, &name);
    set(records.iter().filter_map(|record| if let Record::A(ip) = record { Some(*ip) } else { None }))
});
cache!(RecordSet<Ipv6Addr>, |run, name| {
    let records = run.ask_for_addresses(RecordType::Aaaa, &name);
    set(records.iter().filter_map(|record| if let Record::Aaaa(ip) = record { Some(*ip) } else { None }))
});
cache!(RecordSet<MX>, |run, name| {
    let records = run.ask_for_addresses(RecordType::Mx, &name);
    let mut exchangers: Vec<(u16, Box<str>)> = records
        .iter()
        .filter_map(|record| match record {
            Record::Mx { preference, exchange } => Some((*preference, format!("{exchange}.").into())),
            _ => None,
        })
        .collect();
    exchangers.sort();
    set(exchangers.into_iter().map(|(preference, name)| MX { exchanges: Box::new([name]), preference }))
});

impl ResolverCache<IpAddr, RecordSet<Box<str>>> for Run<'_> {
    /// The library asks for the name of the client's address only.
    fn get<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<RecordSet<Box<str>>>
    where
        IpAddr: Borrow<Q>,
    {
        let records = match self.envelope.remote {
            Some(remote) => self.ask_for_addresses(RecordType::Ptr, &reverse(remote)),
            None => Arc::new([]),
        };
        let name =
            |record: &Record| if let Record::Ptr(name) = record { Some(name.as_str().into()) } else { None };
        Some(set(records.iter().filter_map(name)))
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<RecordSet<Box<str>>>
    where
        IpAddr: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: IpAddr, _: RecordSet<Box<str>>, _: Instant) {}
}

/// The name under which an address's name lies (RFC 1035 part 3.5, RFC 3596 part 2.5).
pub(super) fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(ip) => {
            let nibbles = u128::from(ip);
            let digits: Vec<String> = (0..32).map(|at| format!("{:x}", nibbles >> (at * 4) & 0xf)).collect();
            format!("{}.ip6.arpa", digits.join("."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_caught_from_its_hash() {
        assert_eq!(caught("example.dk."), "example.dk.");
        assert_eq!(caught::<str>(&Box::<str>::from("æ.dk.")), "æ.dk.");
    }

    #[test]
    fn names_of_addresses() {
        assert_eq!(reverse("192.0.2.7".parse().unwrap()), "7.2.0.192.in-addr.arpa");
        assert!(reverse("2001:db8::1".parse().unwrap()).starts_with("1.0.0.0."));
    }
}
