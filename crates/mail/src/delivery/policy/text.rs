//! The texts of MTA-STS as values: the record that names a policy, and the policy (RFC 8461 part 3).

use words::Host;

/// Servers that a policy names, at most.
const PATTERNS_MAX: usize = 64;
/// The longest life of a policy, in seconds (RFC 8461 part 3.2): about a year.
const MAX_AGE_SECONDS_MAX: u64 = 31_557_600;
/// The longest id of a policy (RFC 8461 part 3.1).
const ID_CHARS_MAX: usize = 32;

/// What a domain demands of those who bring it mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) mode: Mode,
    /// Host names, or `*.` and one.
    pub(crate) patterns: Vec<String>,
    pub(crate) max_age_seconds: u64,
}

/// How much it demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Only to the servers that it names, with a certificate that holds.
    Enforce,
    /// The same, but what does not fit is delivered all the same.
    Testing,
    /// Nothing.
    None,
}

impl Policy {
    /// Whether mail may be brought to a server only as the policy says.
    pub(crate) fn is_enforced(&self) -> bool {
        self.mode == Mode::Enforce
    }

    /// Whether the policy names this server (RFC 8461 part 4.1): a star stands for one label, the first.
    pub(crate) fn names(&self, host: &Host) -> bool {
        let (host, parent) = (host.as_str(), host.as_str().split_once('.').map(|(_, parent)| parent));
        self.patterns.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(under) => parent == Some(under),
            None => host == pattern,
        })
    }
}

/// The id of the policy that a domain has, by the texts at `_mta-sts.<domain>`; none if it has no policy,
/// or several records say so (RFC 8461 part 3.1).
pub(crate) fn id<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut ours = texts.filter(|text| version_is_ours(text));
    let (Some(text), None) = (ours.next(), ours.next()) else { return None };
    let id = text.split(';').find_map(|field| field.trim().strip_prefix("id="))?;
    let good = (1..=ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    good.then(|| id.to_owned())
}

fn version_is_ours(text: &str) -> bool {
    text.strip_prefix("v=STSv1").is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(';'))
}

/// Reads a policy; none if it is not one. Of a field that stands twice the first counts; what is not known
/// is passed over.
pub(crate) fn policy(text: &str) -> Option<Policy> {
    let (mut version, mut mode, mut max_age, mut patterns) = (None, None, None, Vec::new());
    for line in text.split('\n') {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match key.trim() {
            "version" => version = version.or(Some(value)),
            "mode" => mode = mode.or(Some(value)),
            "max_age" => max_age = max_age.or(Some(value)),
            "mx" if patterns.len() == PATTERNS_MAX => return None,
            "mx" => patterns.push(pattern(value)?),
            _ => {}
        }
    }
    if version != Some("STSv1") {
        return None;
    }
    let mode = match mode? {
        "enforce" => Mode::Enforce,
        "testing" => Mode::Testing,
        "none" => Mode::None,
        _ => return None,
    };
    let max_age =
        max_age.filter(|text| text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let max_age_seconds = max_age.parse::<u64>().ok()?.min(MAX_AGE_SECONDS_MAX);
    if patterns.is_empty() && mode != Mode::None {
        return None;
    }
    Some(Policy { mode, patterns, max_age_seconds })
}

/// A pattern in the form in which hosts are compared.
fn pattern(text: &str) -> Option<String> {
    let (star, name) = match text.strip_prefix("*.") {
        Some(name) => ("*.", name),
        None => ("", text),
    };
    let host: Host = name.parse().ok()?;
    host.ip().is_none().then(|| format!("{star}{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn records_name_a_policy() {
        let cases: [(&[&str], Option<&str>); 12] = [
            (&["v=STSv1; id=20160831085700Z;"], Some("20160831085700Z")),
            (&["v=STSv1;id=1"], Some("1")),
            (&["v=STSv1 ; x=y; id=2;"], Some("2")),
            (&["v=spf1 -all", "v=STSv1; id=3;"], Some("3")),
            (&["v=STSv1; id=3;", "v=STSv1; id=4;"], None),
            (&["v=STSv1; id=;"], None),
            (&["v=STSv1;"], None),
            (&["v=STSv1; id=a-b;"], None),
            (&["v=STSv1; id=123456789012345678901234567890123;"], None),
            (&["v=STSv10; id=3;"], None),
            (&["v=STSv2; id=3;"], None),
            (&[], None),
        ];
        for (texts, expected) in cases {
            assert_eq!(id(texts.iter().copied()).as_deref(), expected, "{texts:?}");
        }
    }

    #[test]
    fn policies_are_read() {
        let read = policy(
            "version: STSv1\r\nmode: enforce\r\nmx: Mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n\
             mode: none\r\nfuture: x\r\n",
        );
        let expected = Policy {
            mode: Mode::Enforce,
            patterns: vec!["mail.example.com".into(), "*.example.net".into()],
            max_age_seconds: 604_800,
        };
        assert_eq!(read, Some(expected));
        let none = policy("version: STSv1\nmode: none\nmax_age: 99999999999\n");
        assert_eq!(none, None, "longer than the text of RFC 8461 allows");
        let long = policy("version:STSv1\nmode:testing\nmx:a.example\nmax_age:4294967295").unwrap();
        assert_eq!((long.mode, long.max_age_seconds), (Mode::Testing, MAX_AGE_SECONDS_MAX));
        for bad in [
            "",
            "<!DOCTYPE html>",
            "version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1",
            "version: STSv1\nmode: maybe\nmx: a.example\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmx: *\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmx: 10.0.0.1\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmx: a.example",
            "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1",
        ] {
            assert_eq!(policy(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_star_is_one_label() {
        let policy =
            policy("version: STSv1\nmode: enforce\nmx: a.example\nmx: *.b.example\nmax_age: 1").unwrap();
        for (host, named) in [
            ("a.example", true),
            ("x.b.example", true),
            ("b.example", false),
            ("x.y.b.example", false),
            ("xb.example", false),
            ("x.a.example", false),
        ] {
            assert_eq!(policy.names(&host.parse().unwrap()), named, "{host}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_breaks_it(text in "(version: STSv1\n)?(mode: enforce\n)?[ -~\n\r\t]{0,200}") {
            let _ = policy(&text);
            let _ = id([text.as_str()].into_iter());
        }
    }
}
