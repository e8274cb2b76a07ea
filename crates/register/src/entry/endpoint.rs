//! The hosts of an entry: where bytes for it go to.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use words::{Host, Purpose};

use crate::address::{is_public, is_public_name};

/// A host pattern that nobody may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It would match everything, or a whole part of the Internet.
    #[error("{0} would match hosts of others; name the hosts, or one domain as *.example.com")]
    TooWide(String),
    /// A range of addresses.
    #[error("{0} is a range of addresses; name the hosts")]
    Range(String),
    /// Not a host name.
    #[error("{0} is no host name")]
    NoHost(String),
    /// A name or an address of the inside of a network.
    #[error("{0} is no public name: only the operator's file can name what lies inside a network")]
    Inside(String),
}

/// A host, or all hosts under one domain (`*.example.com`, any depth, without the domain itself).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum HostPattern {
    /// This host.
    Host(Host),
    /// The hosts under this domain.
    Under(Host),
}

impl HostPattern {
    /// Whether a host is meant.
    pub fn matches(&self, host: &Host) -> bool {
        match self {
            Self::Host(own) => own == host,
            Self::Under(domain) => host
                .as_str()
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        }
    }

    /// As people read it, if that differs: with its own letters instead of `xn--`.
    pub fn in_letters(&self) -> Option<String> {
        let ascii = self.to_string();
        let (letters, result) = idna::domain_to_unicode(&ascii);
        (result.is_ok() && letters != ascii).then_some(letters)
    }
}

impl FromStr for HostPattern {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        if text.contains('/') {
            return Err(EndpointError::Range(text.to_owned()));
        }
        let (name, under) = match text.strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        if name.contains('*') || name.is_empty() {
            return Err(EndpointError::TooWide(text.to_owned()));
        }
        let host: Host = name.parse().map_err(|_| EndpointError::NoHost(text.to_owned()))?;
        if under && (host.ip().is_some() || is_suffix_of_many(host.as_str())) {
            return Err(EndpointError::TooWide(text.to_owned()));
        }
        match host.ip() {
            Some(ip) if !is_public(ip) => Err(EndpointError::Inside(text.to_owned())),
            None if !is_public_name(host.as_str()) => Err(EndpointError::Inside(text.to_owned())),
            _ => Ok(if under { Self::Under(host) } else { Self::Host(host) }),
        }
    }
}

/// Whether a domain is one under which many parties have theirs (`com`, `co.uk`, `github.io`), by the
/// Public Suffix List.
fn is_suffix_of_many(name: &str) -> bool {
    psl::domain_str(name).is_none()
}

impl TryFrom<String> for HostPattern {
    type Error = EndpointError;
    fn try_from(text: String) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> String {
        pattern.to_string()
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => f.write_str(host.as_str()),
            Self::Under(domain) => write!(f, "*.{}", domain.as_str()),
        }
    }
}

/// Where bytes for an entry go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The host.
    pub host: HostPattern,
    /// The port.
    pub port: u16,
    /// What for; empty: for all purposes of the entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<Purpose>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_match_everything_is_refused_with_the_reason() {
        for wide in ["*", "*.com", "*.co.uk", "*.github.io", "*.*", "a.*.example.com", "*."] {
            assert!(matches!(wide.parse::<HostPattern>(), Err(EndpointError::TooWide(_))), "{wide}");
        }
        for range in ["0.0.0.0/0", "203.0.113.0/24", "::/0"] {
            assert!(matches!(range.parse::<HostPattern>(), Err(EndpointError::Range(_))), "{range}");
        }
        for inside in ["localhost", "10.0.0.1", "db.internal", "::1", "169.254.169.254", "printer"] {
            assert!(matches!(inside.parse::<HostPattern>(), Err(EndpointError::Inside(_))), "{inside}");
        }
        for no_host in ["", "a b", "0x7f.1", "2130706433", "0177.0.0.1"] {
            assert!(no_host.parse::<HostPattern>().is_err(), "{no_host}");
        }
    }

    #[test]
    fn a_domain_has_the_hosts_under_it_and_no_others() {
        let pattern: HostPattern = "*.Example.com".parse().unwrap();
        assert!(pattern.matches(&"api.example.com".parse().unwrap()));
        assert!(pattern.matches(&"a.b.example.com".parse().unwrap()));
        for other in ["example.com", "evilexample.com", "example.com.evil.dk"] {
            assert!(!pattern.matches(&other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn names_in_other_letters_have_one_form_and_are_shown_in_both() {
        let pattern: HostPattern = "smørrebrød.dk".parse().unwrap();
        assert_eq!(pattern.to_string(), "xn--smrrebrd-q1ai.dk".replace("q1ai", &pattern.to_string()[13..17]));
        assert_eq!(pattern.in_letters().as_deref(), Some("smørrebrød.dk"));
        assert_eq!("example.com".parse::<HostPattern>().unwrap().in_letters(), None);
    }
}
