//! Every mail of the corpora arrives: it opens, and a person can read something of it.

use crate::fixtures;
use letter::{Letter, Mark};

/// Mails of the corpora that have no body at all.
const EMPTY: &[&str] = &[
    "mime-everyday/error_emails/bad_date_header.eml",
    "mime-everyday/error_emails/bad_date_header2.eml",
    "mime-everyday/error_emails/empty_in_reply_to.eml",
    "mime-everyday/error_emails/missing_body.eml",
    "mime-everyday/error_emails/must_supply_encoding.eml",
    "mime-low-quality/mail-header-only.raw",
    "mime-low-quality/parts-barren-content-type.raw",
    "mime-low-quality/parts-header-only.raw",
    "mime-low-quality/parts-malformed-content-type-params.raw",
    "mime-low-quality/parts-missing-closing-param-quote.raw",
    "mime-odd/malformed/000.eml",
    "mime-odd/malformed/007.eml",
];

const MAILS: &[&str] = &[".eml", ".raw", ".msg"];

#[test]
fn every_mail_has_something_to_read() {
    let mut total = (0, 0);
    for folder in [
        "mime-everyday",
        "mime-low-quality",
        "mime-odd",
        "charsets",
        "openpgp",
        "bounces",
        "auto-replies",
        "mail-auth",
    ] {
        let mails = fixtures::files(folder, MAILS);
        let mut empty = Vec::new();
        let mut marks = std::collections::BTreeMap::<Mark, usize>::new();
        for (name, raw) in &mails {
            let letter = Letter::read(raw);
            for mark in &letter.marks {
                *marks.entry(*mark).or_default() += 1;
            }
            assert!(!letter.marks.contains(&Mark::Unreadable), "{name}");
            if letter.text.trim().is_empty() && letter.attachments.is_empty() {
                empty.push(name.as_str());
            }
            for attachment in &letter.attachments {
                let bytes = attachment.place.bytes(raw).unwrap_or_else(|| panic!("{name}"));
                assert!(attachment.size >= bytes.len() as u64, "{name}");
            }
        }
        println!(
            "{folder}: {} of {} have text or files; marks {marks:?}",
            mails.len() - empty.len(),
            mails.len()
        );
        for name in &empty {
            println!("    empty: {name}");
            assert!(EMPTY.contains(name), "{name}");
        }
        total = (total.0 + mails.len(), total.1 + empty.len());
    }
    println!("all: {} mails, {} without text or files", total.0, total.1);
}
