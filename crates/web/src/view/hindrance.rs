//! Why a letter did not leave or arrive, in words: what the other side said as it said it, and what hindered us.

use desk::{Hindrance, Passage};

use crate::language::Texts;

/// Steps of a relay's test, as they stand before its answer.
const STEPS: [&str; 6] = ["connection: ", "greeting: ", "hello: ", "starttls: ", "log-in: ", "mail: "];

/// The note of a delivery in words.
pub(super) fn said(t: &Texts, note: &str) -> String {
    let Some((hindrance, particulars)) = Hindrance::read(note) else {
        return passed(t, note).unwrap_or_else(|| note.to_owned());
    };
    let words = t.get(key(hindrance));
    if particulars.is_empty() || !quotes_the_other_side(hindrance) {
        return words.to_owned();
    }
    // Whoever gave up tells what hindered last.
    format!("{words} {}", said(t, particulars))
}

/// How a letter passed to its addressee's server, if its note tells that.
pub(super) fn passed(t: &Texts, note: &str) -> Option<String> {
    let (passage, host, reply) = Passage::read(note)?;
    let key = match passage {
        Passage::Verified => "passage-verified",
        Passage::Encrypted => "passage-encrypted",
        Passage::Clear => "passage-clear",
    };
    Some(format!("{} {reply}", t.with(key, &[("host", host.into())])).trim_end().to_owned())
}

/// Why a test mail did not go out.
pub(super) fn test_failed(t: &Texts, why: &str) -> String {
    let answer = STEPS.into_iter().find_map(|step| why.strip_prefix(step));
    match answer {
        Some(ours) if Hindrance::read(ours).is_some() => said(t, ours),
        Some(theirs) => t.with("relay-test-answered", &[("reply", theirs.into())]).into_owned(),
        None => t.with("relay-test-failed", &[("why", why.into())]).into_owned(),
    }
}

/// Whether what stands behind it was said by the other side, and not by a library of ours.
const fn quotes_the_other_side(hindrance: Hindrance) -> bool {
    matches!(hindrance, Hindrance::Refused | Hindrance::LogIn | Hindrance::GaveUp)
}

const fn key(hindrance: Hindrance) -> &'static str {
    match hindrance {
        Hindrance::NoRelay => "hindrance-no-relay",
        Hindrance::NotPermitted => "hindrance-not-permitted",
        Hindrance::NoRegister => "hindrance-no-register",
        Hindrance::ShutByRegister => "hindrance-shut-by-register",
        Hindrance::NoSuchName => "hindrance-no-such-name",
        Hindrance::NobodyListens => "hindrance-nobody-listens",
        Hindrance::NoAnswer => "hindrance-no-answer",
        Hindrance::Unreachable => "hindrance-unreachable",
        Hindrance::NoWayOut => "hindrance-no-way-out",
        Hindrance::Lost => "hindrance-lost",
        Hindrance::NotSmtp => "hindrance-not-smtp",
        Hindrance::Tls => "hindrance-tls",
        Hindrance::NoStartTls => "hindrance-no-starttls",
        Hindrance::NoLogIn => "hindrance-no-log-in",
        Hindrance::LogIn => "hindrance-log-in",
        Hindrance::Refused => "hindrance-refused",
        Hindrance::NoUtf8 => "hindrance-no-utf8",
        Hindrance::Key => "hindrance-key",
        Hindrance::Interrupted => "hindrance-interrupted",
        Hindrance::GaveUp => "hindrance-gave-up",
        Hindrance::NoMail => "hindrance-no-mail",
        Hindrance::NoNameServer => "hindrance-no-name-server",
        Hindrance::NamesSilent => "hindrance-names-silent",
        Hindrance::NoSuchDomain => "hindrance-no-such-domain",
        Hindrance::TakesNoMail => "hindrance-takes-no-mail",
        Hindrance::NotReached => "hindrance-not-reached",
        Hindrance::PolicyServer => "hindrance-policy-server",
        Hindrance::PolicyTls => "hindrance-policy-tls",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use words::Language;

    #[test]
    fn every_hindrance_is_said_in_plain_words_of_its_own() {
        for language in [Language::En, Language::Da] {
            let t = Texts::of(language);
            let mut all: Vec<String> = Hindrance::ALL.map(|one| said(t, &one.note_with("x-1"))).into();
            for words in &all {
                assert!(!words.contains("havn:") && words.contains(' ') && words.contains('.'), "{words}");
            }
            all.sort();
            all.dedup();
            assert_eq!(all.len(), Hindrance::ALL.len());
        }
    }

    #[test]
    fn how_a_letter_passed_is_said_with_the_server_and_its_word() {
        for language in [Language::En, Language::Da] {
            let t = Texts::of(language);
            let all =
                desk::Passage::ALL.map(|one| passed(t, &one.note("mx.example", "250 2.0.0 Ok")).unwrap());
            assert!(all.iter().all(|words| words.contains("mx.example") && words.ends_with(" 250 2.0.0 Ok")));
            assert!(all[0] != all[1] && all[1] != all[2], "{all:?}");
        }
        assert_eq!(passed(Texts::of(Language::En), "250 2.0.0 Ok"), None);
    }

    #[test]
    fn what_the_other_side_said_stays_as_it_is() {
        let t = Texts::of(Language::En);
        assert_eq!(said(t, "550 5.1.1 nobody of that name"), "550 5.1.1 nobody of that name");
        let gave_up = said(t, "havn:gave-up havn:lost");
        assert!(gave_up.ends_with(t.get("hindrance-lost")) && !gave_up.contains("havn:"), "{gave_up}");
        assert!(said(t, "havn:log-in 535 5.7.8 wrong").ends_with(" 535 5.7.8 wrong"));
        assert_eq!(test_failed(t, "connection: havn:tls bad certificate"), t.get("hindrance-tls"));
        assert!(test_failed(t, "mail: 554 go away").contains("554 go away"));
    }
}
