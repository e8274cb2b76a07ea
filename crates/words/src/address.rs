//! Addresses of mail, hosts and accounts.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest address that SMTP can carry (RFC 5321 part 4.5.3.1.3, less the brackets).
pub const ADDRESS_BYTES_MAX: usize = 254;

/// A text that is no mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address")]
pub struct AddressError;

/// A mail address `local@domain`, trimmed, its domain in lower case. Control characters, spaces and
/// angle brackets cannot be in it, so that it can be written into a header or an SMTP command as it is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    text: String,
    at: usize,
}

impl EmailAddress {
    /// The part before the last `@`, as written.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The part after the last `@`, in lower case.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The whole address as written, its domain in lower case.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form by which two addresses are the same person's: all lower case.
    pub fn key(&self) -> String {
        self.text.to_lowercase()
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let at = text.rfind('@').ok_or(AddressError)?;
        let (local, domain) = (&text[..at], &text[at + 1..]);
        let bad = |c: char| {
            c.is_control()
                || c.is_whitespace()
                || matches!(c, '<' | '>' | '"' | '\\' | ',' | ';' | ':' | '(' | ')')
        };
        let good_local =
            !local.is_empty() && local.len() <= 64 && !local.contains(bad) && !local.contains('@');
        if !good_local || text.len() > ADDRESS_BYTES_MAX || domain.parse::<Host>().is_err() {
            return Err(AddressError);
        }
        Ok(Self { text: format!("{local}@{}", domain.to_lowercase()), at })
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.text
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for EmailAddress {
    /// Addresses are service data, and Debug may reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

/// A text that is no host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host name")]
pub struct HostError;

/// A DNS host name in lower case without its last dot, or an IP literal without brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

impl Host {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, if it is written as one.
    pub fn ip(&self) -> Option<std::net::IpAddr> {
        self.0.parse().ok()
    }
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let literal = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = literal.parse::<std::net::IpAddr>() {
            return Ok(Self(ip.to_string()));
        }
        let name = in_ascii(text.strip_suffix('.').unwrap_or(text).to_lowercase())?;
        let good_label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        };
        // A last label of digits, or 0x…, is some writing of an IPv4 address (RFC 1123 part 2.1), not a name.
        let last = name.rsplit('.').next().unwrap_or_default();
        let number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
        if name.len() > 253 || number || !name.split('.').all(good_label) {
            return Err(HostError);
        }
        Ok(Self(name))
    }
}

/// The one form of a name with other letters (IDNA, UTS 46): digits in circles and the like become
/// what they stand for, and an address that hides behind them is no name.
fn in_ascii(name: String) -> Result<String, HostError> {
    if name.is_ascii() {
        return Ok(name);
    }
    match url::Host::parse(&name) {
        Ok(url::Host::Domain(name)) if !name.contains('%') => Ok(name),
        _ => Err(HostError),
    }
}

impl TryFrom<String> for Host {
    type Error = HostError;
    fn try_from(text: String) -> Result<Self, HostError> {
        text.parse()
    }
}

impl From<Host> for String {
    fn from(host: Host) -> String {
        host.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a slug is 2 to 40 lower-case letters, digits or hyphens, begins with a letter and does not end in -files"
)]
pub struct SlugError;

/// An account's name in its host: `<slug>.<base domain>`. Letters and files are at
/// `<slug>-files.<base domain>`, so no slug ends that way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let good = (2..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.ends_with("-files");
        good.then(|| Self(text.to_owned())).ok_or(SlugError)
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;
    fn try_from(text: String) -> Result<Self, SlugError> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> String {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_carry_a_second_line_or_address() {
        for bad in [
            "a@b\r\nBcc: c@d",
            "a@b c",
            "a <b@c.dk>",
            "a@b@",
            "@b.dk",
            "a@",
            "a",
            "\"a b\"@c.dk",
            "a,b@c.dk",
            "a@b\0.dk",
            "a@[1.2.3.4",
            "a@x..dk",
            "a@-x.dk",
            "a b@c@d.dk",
        ] {
            assert_eq!(bad.parse::<EmailAddress>(), Err(AddressError), "{bad:?}");
        }
    }

    #[test]
    fn an_address_keeps_its_local_part() {
        let address: EmailAddress = " Mads.Ø@EXAMPLE.dk ".parse().unwrap();
        assert_eq!((address.local(), address.domain()), ("Mads.Ø", "example.dk"));
        assert_eq!(address.key(), "mads.ø@example.dk");
    }

    #[test]
    fn a_number_is_no_name() {
        for bad in
            ["127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "a..b", "", "a b", "-a.dk"]
        {
            assert_eq!(bad.parse::<Host>(), Err(HostError), "{bad:?}");
        }
        for hidden in ["①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1"] {
            assert_eq!(hidden.parse::<Host>(), Err(HostError), "{hidden:?}");
        }
        assert_eq!("Æble.example".parse::<Host>(), "xn--ble-xla.example".parse());
        assert_eq!("[::1]".parse::<Host>().unwrap().as_str(), "::1");
        assert_eq!("Relay.Example.DK.".parse::<Host>().unwrap().as_str(), "relay.example.dk");
    }

    #[test]
    fn a_slug_never_meets_the_letter_host() {
        assert!("acme-files".parse::<Slug>().is_err());
        assert!("acme".parse::<Slug>().is_ok());
        for bad in ["", "a", "1a", "A", "a.b", "a-", "a_b"] {
            assert!(bad.parse::<Slug>().is_err(), "{bad:?}");
        }
    }
}
