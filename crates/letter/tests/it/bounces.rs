//! Delivery reports of the corpus against what is known of them. The facts are those of another project;
//! its statuses `x.0.9yy` mean "no status in the mail".

use crate::fixtures;
use letter::{Automatic, Bounce, Letter, Reason, automatic, bounce};
use std::collections::BTreeMap;

struct Fact {
    status: String,
    reason: String,
    permanent: bool,
}

fn facts() -> BTreeMap<String, Vec<Fact>> {
    let table = String::from_utf8(fixtures::bytes("bounces/expected.tsv")).unwrap();
    let mut facts = BTreeMap::<String, Vec<Fact>>::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let known = facts.entry(cells[0].to_owned()).or_default();
        if cells[1] != "0" {
            known.push(Fact {
                status: cells[2].into(),
                reason: cells[4].into(),
                permanent: cells[5].trim() == "1",
            });
        }
    }
    facts
}

fn read(path: &str) -> (Letter, Option<Bounce>) {
    let raw = fixtures::bytes(path);
    let letter = Letter::read(&raw);
    let bounce = bounce(&letter, &raw);
    (letter, bounce)
}

/// Our word for a reason of the corpus.
fn same(ours: Reason, theirs: &str) -> bool {
    match ours {
        Reason::UserUnknown => theirs == "userunknown",
        Reason::HostUnknown => theirs == "hostunknown",
        Reason::HasMoved => theirs == "hasmoved",
        Reason::TakesNoMail => theirs == "notaccept",
        Reason::Suspended => theirs == "suspend",
        Reason::MailboxFull => theirs == "mailboxfull",
        Reason::TooLarge => matches!(theirs, "mesgtoobig" | "exceedlimit"),
        Reason::Expired => theirs == "expired",
        Reason::Network => theirs == "networkerror",
        Reason::Delivered => theirs == "delivered",
        Reason::System | Reason::Unknown => matches!(
            theirs,
            "systemerror"
                | "mailererror"
                | "onhold"
                | "syntaxerror"
                | "toomanyconn"
                | "undefined"
                | "systemfull"
        ),
        Reason::Filtered | Reason::Refused => matches!(
            theirs,
            "filtered"
                | "rejected"
                | "blocked"
                | "requireptr"
                | "policyviolation"
                | "authfailure"
                | "securityerror"
                | "norelaying"
                | "spamdetected"
                | "notcompliantrfc"
                | "contenterror"
        ),
    }
}

#[test]
fn reports_are_read_as_the_corpus_says() {
    let (mut files, mut recognised, mut counted) = (0, 0, 0);
    let (mut rows, mut status, mut permanent, mut reason, mut original) = (0, 0, 0, 0, 0);
    for (file, facts) in facts() {
        let (letter, bounce) = read(&format!("bounces/{file}"));
        if facts.first().is_some_and(|f| f.reason == "feedback") {
            assert!(bounce.is_none(), "{file} is no bounce");
            if !file.starts_with("lhost-amazonses") {
                assert_eq!(automatic(&letter, None), Automatic::FeedbackReport, "{file}");
            }
            continue;
        }
        files += 1;
        let Some(bounce) = bounce else {
            println!("  not recognised: {file} ({:?})", facts.first().map(|f| &f.reason));
            rows += facts.len();
            continue;
        };
        recognised += 1;
        original += usize::from(bounce.original_message_id.is_some());
        let right = facts.is_empty() || bounce.recipients.len() == facts.len();
        counted += usize::from(right);
        if !right {
            println!("  recipients: {file}: {} for {}", bounce.recipients.len(), facts.len());
        }
        for (n, fact) in facts.iter().enumerate() {
            rows += 1;
            let Some(r) = bounce.recipients.get(n) else { continue };
            let none = fact.status.get(2..5) == Some("0.9");
            let same_status = r.status.as_deref() == Some(fact.status.as_str())
                || none && r.status.as_deref().is_none_or(|s| s[..1] == fact.status[..1]);
            status += usize::from(same_status);
            permanent += usize::from(r.permanent() == fact.permanent);
            reason += usize::from(same(r.reason, &fact.reason));
            if !same_status {
                println!("  status: {file} {n}: {:?} for {} | {}", r.status, fact.status, cut(&r.diagnostic));
            }
            if r.permanent() != fact.permanent {
                println!(
                    "  permanent: {file} {n}: {:?} for {} | {}",
                    r.reason,
                    fact.reason,
                    cut(&r.diagnostic)
                );
            }
        }
    }
    let rate = |n: usize, of: usize| format!("{n} of {of} ({}.{} %)", n * 100 / of, n * 1000 / of % 10);
    println!("bounces: recognised {}", rate(recognised, files));
    println!("bounces: as many recipients as known {}", rate(counted, recognised));
    println!("bounces: status right {}", rate(status, rows));
    println!("bounces: permanent right {}", rate(permanent, rows));
    println!("bounces: reason right {}", rate(reason, rows));
    println!("bounces: original Message-ID found {}", rate(original, recognised));
    assert!(recognised * 100 >= files * 97 && counted * 100 >= recognised * 95);
    assert!(permanent * 100 >= rows * 92 && status * 100 >= rows * 90);
}

fn cut(text: &str) -> String {
    text.chars().take(150).collect()
}

#[test]
fn other_line_ends_change_nothing() {
    for folder in ["dos", "mac"] {
        for (path, raw) in fixtures::files(&format!("bounces/{folder}"), &[".eml"]) {
            let letter = Letter::read(&raw);
            let (_, same) = read(&path.replace(&format!("{folder}/"), ""));
            let (ours, theirs) = (bounce(&letter, &raw), same);
            let of = |b: &Option<Bounce>| {
                b.as_ref().map(|b| (b.recipients.clone(), b.original_message_id.clone()))
            };
            assert_eq!(of(&ours), of(&theirs), "{path}");
        }
    }
}

#[test]
fn what_is_no_bounce_is_none() {
    for (path, raw) in fixtures::files("bounces/not-bounces", &[".eml"]) {
        assert!(bounce(&Letter::read(&raw), &raw).is_none(), "{path}");
    }
    for folder in [
        "mime-everyday/plain_emails",
        "mime-everyday/attachment_emails",
        "openpgp",
        "auto-replies",
        "charsets",
    ] {
        for (path, raw) in fixtures::files(folder, &[".eml", ".raw"]) {
            let letter = Letter::read(&raw);
            assert!(bounce(&letter, &raw).is_none(), "{path}");
        }
    }
}

#[test]
fn automatic_answers_are_known() {
    for (path, raw) in fixtures::files("auto-replies", &[".eml"]) {
        let kind = automatic(&Letter::read(&raw), None);
        println!("{path}: {kind:?}");
        assert!(!kind.may_be_answered(), "{path}");
    }
}
