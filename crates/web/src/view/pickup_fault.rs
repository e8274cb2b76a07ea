//! Why mail cannot be collected from another server, in words, and what that server said.

use desk::PickupFault;

use crate::language::Texts;

/// The cause in words; none is one that this program does not know.
pub fn said(t: &Texts, cause: Option<PickupFault>, reply: &str) -> String {
    let Some(cause) = cause else { return t.get("pickup-fault-program").to_owned() };
    let words = t.get(key(cause));
    if reply.is_empty() || !cause.quotes_the_other_side() {
        return words.to_owned();
    }
    let theirs = t.with("pickup-answered", &[("reply", reply.into())]);
    format!("{words} {theirs}")
}

const fn key(cause: PickupFault) -> &'static str {
    match cause {
        PickupFault::NoPassword => "pickup-fault-no-password",
        PickupFault::NotPermitted => "pickup-fault-not-permitted",
        PickupFault::NoSuchName => "pickup-fault-no-such-name",
        PickupFault::NobodyListens => "pickup-fault-nobody-listens",
        PickupFault::NoAnswer => "pickup-fault-no-answer",
        PickupFault::Unreachable => "pickup-fault-unreachable",
        PickupFault::NoWayOut => "pickup-fault-no-way-out",
        PickupFault::Lost => "pickup-fault-lost",
        PickupFault::NotImap => "pickup-fault-not-imap",
        PickupFault::Tls => "pickup-fault-tls",
        PickupFault::InTheClear => "pickup-fault-in-the-clear",
        PickupFault::NoStartTls => "pickup-fault-no-starttls",
        PickupFault::NoLogIn => "pickup-fault-no-log-in",
        PickupFault::LogIn => "pickup-fault-log-in",
        PickupFault::NoFolder => "pickup-fault-no-folder",
        PickupFault::Refused => "pickup-fault-refused",
        PickupFault::TooMuch => "pickup-fault-too-much",
        PickupFault::Store => "pickup-fault-store",
        PickupFault::Program => "pickup-fault-program",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use words::Language;

    #[test]
    fn every_cause_is_said_in_plain_words_of_its_own() {
        for language in [Language::En, Language::Da] {
            let t = Texts::of(language);
            let mut all: Vec<String> =
                PickupFault::ALL.into_iter().map(|cause| said(t, Some(cause), "")).collect();
            assert!(all.iter().all(|words| words.contains(' ') && words.ends_with('.')), "{all:?}");
            all.sort();
            all.dedup();
            assert_eq!(all.len(), PickupFault::ALL.len());
        }
    }

    #[test]
    fn what_the_other_server_said_stands_beside_where_it_helps() {
        let t = Texts::of(Language::En);
        assert!(said(t, Some(PickupFault::LogIn), "use an app password").contains("use an app password"));
        assert_eq!(said(t, Some(PickupFault::Lost), "x"), t.get("pickup-fault-lost"));
    }
}
