//! What a look-up asks for and finds.

use serde::{Deserialize, Serialize};
use std::{
    net::{Ipv4Addr, Ipv6Addr},
    time::Duration,
};

/// Which records are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Mail exchangers.
    Mx,
    /// Texts: SPF, DKIM keys, DMARC policies.
    Txt,
    /// The name of an address (the name asked is under `in-addr.arpa` or `ip6.arpa`).
    Ptr,
    /// The name that this name points to.
    Cname,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Record {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A mail exchanger.
    Mx {
        /// The lower is tried first.
        preference: u16,
        /// Its name, without the last dot; empty for "no mail here" (RFC 7505).
        exchange: String,
    },
    /// A text, its pieces joined; bytes that are not UTF-8 are replaced.
    Txt(String),
    /// The name of an address, without the last dot.
    Ptr(String),
    /// The name that was pointed to, without the last dot.
    Cname(String),
}

/// The answer to a look-up: at least one record, all of the type that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// In the order of the answer.
    pub records: Vec<Record>,
    /// How long the answer may be kept, in seconds.
    pub ttl_seconds: u32,
}

impl Records {
    /// How long the answer may be kept.
    pub fn ttl(&self) -> Duration {
        Duration::from_secs(self.ttl_seconds.into())
    }
}
