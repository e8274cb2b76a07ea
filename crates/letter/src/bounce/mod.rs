//! Delivery reports: who was not reached, why, and which mail of ours it is about.

mod free;
mod phrases;
mod reason;
mod report;

use crate::{Automatic, Kind, Letter, automatic, clean};
use serde::{Deserialize, Serialize};
use std::fmt;
use words::EmailAddress;

pub use reason::Reason;

/// Recipients of one report.
const RECIPIENTS_MAX: usize = 100;
/// Characters of a diagnostic.
const DIAGNOSTIC_CHARS_MAX: usize = 1_000;
/// Bytes of the returned mail in which its header is looked for.
const ORIGINAL_BYTES_MAX: usize = 64 * 1024;

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// Whom it is about; at least one.
    pub recipients: Vec<Recipient>,
    /// The Message-ID of the mail that was not delivered, without its brackets.
    pub original_message_id: Option<String>,
    /// The references of that mail.
    pub original_references: Vec<String>,
    /// Its subject; empty if not returned.
    pub original_subject: String,
}

/// One recipient of a delivery report.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address as we wrote to it, where the report says so; else as it failed.
    pub address: EmailAddress,
    /// What happened.
    pub action: Action,
    /// RFC 3463, such as `5.1.1`.
    pub status: Option<String>,
    /// Of SMTP, such as 550.
    pub reply_code: Option<u16>,
    /// What the far server said, as one line.
    pub diagnostic: String,
    /// Why, in one word.
    pub reason: Reason,
}

impl Recipient {
    /// The address itself is at fault: writing to it again is no use.
    pub fn permanent(&self) -> bool {
        self.action == Action::Failed && self.reason.is_of_the_address()
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient")
            .field("action", &self.action)
            .field("status", &self.status)
            .field("reply_code", &self.reply_code)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// What happened to a mail for one recipient (RFC 3464 part 2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Given up.
    #[default]
    Failed,
    /// Still being tried.
    Delayed,
    /// Delivered.
    Delivered,
    /// Passed on to a server that reports nothing.
    Relayed,
}

/// Reads a delivery report. None if the mail is none: an abuse report, an automatic answer and a person
/// who forwards a report are none.
///
/// 1. fields of RFC 3464 (RFC 6533) in a part of their own, or in the text where a program put them there
/// 2. else the forms in words, but only from a mailer daemon or with an empty return path, and only if the
///    text says that something failed and names the recipient
pub fn bounce(letter: &Letter, raw: &[u8]) -> Option<Bounce> {
    let kind = automatic(letter, None);
    if kind == Automatic::FeedbackReport
        || letter.machine.report_type.as_deref() == Some("disposition-notification")
    {
        return None;
    }
    let words = free::Words::of(letter);
    let mut recipients = report::recipients(&report_text(letter, raw), &words);
    if recipients.is_empty() && (kind == Automatic::Bounce || free::is_from_machine(letter)) {
        recipients = report::recipients(words.own, &words);
    }
    if recipients.is_empty() {
        recipients = free::recipients(letter, &words);
    }
    if recipients.is_empty() {
        return None;
    }
    recipients.truncate(RECIPIENTS_MAX);
    let original = original(letter, raw, &words);
    Some(Bounce {
        recipients,
        original_message_id: original.message_id,
        original_references: original.references,
        original_subject: original.subject,
    })
}

/// The text of the delivery-status parts.
fn report_text(letter: &Letter, raw: &[u8]) -> String {
    let mut text = String::new();
    let of_delivery = |t: &str| matches!(t, "message/delivery-status" | "message/global-delivery-status");
    for part in letter.attachments.iter().filter(|a| of_delivery(&a.media_type)).take(5) {
        if let Some(bytes) = part.place.bytes(raw) {
            text.push_str(&String::from_utf8_lossy(&bytes[..bytes.len().min(ORIGINAL_BYTES_MAX)]));
            text.push_str("\n\n");
        }
    }
    text
}

/// The mail that came back: a part of its own, else what follows in the text.
fn original(letter: &Letter, raw: &[u8], words: &free::Words<'_>) -> Letter {
    let returned = |a: &&crate::Attachment| {
        a.kind == Kind::Letter
            || matches!(a.media_type.as_str(), "text/rfc822-headers" | "message/global-headers")
    };
    let part = letter.attachments.iter().find(returned).and_then(|a| a.place.bytes(raw));
    let bytes = part.unwrap_or_else(|| words.returned.trim_start().as_bytes().into());
    let found = Letter::read(&bytes[..bytes.len().min(ORIGINAL_BYTES_MAX)]);
    if found.message_id.is_some() {
        return found;
    }
    // Some programs indent or quote what they return.
    let id = words.returned.lines().find_map(|line| {
        let (name, value) = line.trim_start_matches(['>', ' ', '\t', '|']).split_once(':')?;
        name.eq_ignore_ascii_case("message-id")
            .then(|| crate::read::head::ids(value.as_bytes()).into_iter().next())?
    });
    Letter { message_id: id, ..found }
}

/// A diagnostic as one line.
fn one_line(text: &str) -> String {
    clean::line(text, DIAGNOSTIC_CHARS_MAX)
}
