//! Hosts: which account a request is for, and the addresses that pages link to.
//!
//! An account's desk is `<slug>.<base domain>`, its letters and files are `<slug>-files.<base domain>`.
//! The name that a request bears only chooses among accounts that exist; links are built from the
//! directory's slug and the operator's base domain, never from that name.

use std::fmt;

use http::{HeaderMap, Uri, header};
use words::Slug;

/// What follows the slug in the host of letters and files.
const FILES_SUFFIX: &str = "-files";

/// Where this Havn is reached: the operator's setting.
#[derive(Debug, Clone)]
pub struct Base {
    /// Whether browsers come by `https`.
    pub https: bool,
    /// The base domain, in lower case.
    pub domain: String,
    /// The port that browsers use, if it is not the scheme's own.
    pub port: Option<u16>,
}

/// Which kind of host: one of an account's two, or the operator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Pages and API, with cookies.
    Desk,
    /// The public pages at the base domain itself, without: of the operator, and of no account.
    Public,
    /// Letters and files, without.
    Files,
}

impl Base {
    /// The address of an account's desk, without a slash at the end.
    pub fn desk(&self, slug: &Slug) -> String {
        self.origin(slug, "")
    }

    /// The address of an account's letters and files, without a slash at the end.
    pub fn files(&self, slug: &Slug) -> String {
        self.origin(slug, FILES_SUFFIX)
    }

    /// The address of the public pages, without a slash at the end.
    pub fn own(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}{}", self.domain, Port(self.port))
    }

    /// Whether a request's host is the base domain itself.
    pub fn is_own(&self, host: &str) -> bool {
        without_port(host).eq_ignore_ascii_case(&self.domain)
    }

    fn origin(&self, slug: &Slug, suffix: &str) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{slug}{suffix}.{}{}", self.domain, Port(self.port))
    }

    /// The account and face that a request's host names; none if it is no host of ours.
    pub fn named(&self, host: &str) -> Option<(Slug, Face)> {
        let name = without_port(host).to_ascii_lowercase();
        let label = name.strip_suffix(&self.domain)?.strip_suffix('.')?;
        match label.strip_suffix(FILES_SUFFIX) {
            Some(slug) => Some((slug.parse().ok()?, Face::Files)),
            None => Some((label.parse().ok()?, Face::Desk)),
        }
    }
}

struct Port(Option<u16>);

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The host of a request: `:authority` on HTTP/2, else the Host header, of which there is one.
pub fn of_request<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base { https: false, domain: "localhost".into(), port: Some(8080) }
    }

    #[test]
    fn a_host_names_an_account_and_a_face() {
        let acme: Slug = "acme".parse().unwrap();
        let cases = [
            ("acme.localhost", Some((acme.clone(), Face::Desk))),
            ("ACME.localhost:8080", Some((acme.clone(), Face::Desk))),
            ("acme-files.localhost:1", Some((acme, Face::Files))),
            ("localhost", None),
            (".localhost", None),
            ("a.b.localhost", None),
            ("acmelocalhost", None),
            ("acme.localhost.evil.example", None),
            ("acme.localhost@evil.example", None),
            ("evil.example", None),
            ("", None),
        ];
        for (host, expected) in cases {
            assert_eq!(base().named(host), expected, "{host}");
        }
    }

    #[test]
    fn the_base_domain_is_nobodys_but_the_operators() {
        for own in ["localhost", "LOCALHOST:8080"] {
            assert!(base().is_own(own) && base().named(own).is_none(), "{own}");
        }
        for other in
            ["acme.localhost", "localhost.evil.example", "evil.localhost:80", ".localhost", "localhost:x", ""]
        {
            assert!(!base().is_own(other), "{other}");
        }
        assert_eq!(base().own(), "http://localhost:8080");
    }

    #[test]
    fn links_are_built_from_the_slug() {
        let slug = "acme".parse().unwrap();
        assert_eq!(base().desk(&slug), "http://acme.localhost:8080");
        let base = Base { https: true, domain: "havn.example".into(), port: None };
        assert_eq!(base.files(&slug), "https://acme-files.havn.example");
    }

    #[test]
    fn two_host_headers_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, "acme.localhost".parse().unwrap());
        assert_eq!(of_request(&Uri::from_static("/"), &headers), Some("acme.localhost"));
        headers.append(header::HOST, "other.localhost".parse().unwrap());
        assert_eq!(of_request(&Uri::from_static("/"), &headers), None);
    }
}
