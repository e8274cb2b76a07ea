//! Delivery reports in words: qmail, Exim, old Postfix and sendmail, Exchange, Domino, Notes, Gmail,
//! Yahoo, Mail.ru, `OpenSMTPD`, `DragonFly` and others. They differ in their sentences and agree in their
//! shape: a line begins with the address, what the far server said follows, then the mail that came back.

use super::{
    Action, RECIPIENTS_MAX, Recipient, one_line,
    reason::{Codes, Reason},
};
use crate::{Automatic, Letter, automatic};
use words::EmailAddress;

/// Lines of a report that are looked at.
const LINES_MAX: usize = 2_000;
/// Bytes of what is said about one recipient.
const SAID_BYTES_MAX: usize = 4_000;

/// The words of a report, parted from the mail that came back.
pub(super) struct Words<'a> {
    pub own: &'a str,
    pub returned: &'a str,
}

impl<'a> Words<'a> {
    /// Parts a letter's text.
    pub fn of(letter: &'a Letter) -> Self {
        let text = letter.text.as_str();
        let mut at = 0;
        for (number, line) in text.split_inclusive('\n').take(LINES_MAX).enumerate() {
            if number > 0 && begins_returned(line) {
                return Self { own: &text[..at], returned: after_marker(&text[at..]) };
            }
            at += line.len();
        }
        Self { own: text, returned: "" }
    }

    /// The start of the report's own words.
    pub fn start(&self) -> &'a str {
        let mut end = self.own.len().min(SAID_BYTES_MAX);
        while !self.own.is_char_boundary(end) {
            end -= 1;
        }
        &self.own[..end]
    }

    /// What is said about one recipient.
    pub fn about(&self, address: &EmailAddress) -> String {
        let key = address.key();
        let found = stretches(self.own, &[]).into_iter().find(|(a, _)| a.key() == key);
        found.map(|(_, said)| said).unwrap_or_default()
    }
}

/// A machine wrote it: a mailer daemon, or nobody may answer it.
pub(super) fn is_from_machine(letter: &Letter) -> bool {
    let null = letter.machine.return_path.as_deref() == Some("");
    letter.machine.from_daemon || null || automatic(letter, None) == Automatic::Bounce
}

/// The line from which on there is the mail that came back.
fn begins_returned(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 120 {
        return starts(line, "received:") || starts(line, "return-path:");
    }
    let lower = line.to_lowercase();
    let ruled = lower.starts_with(['-', '|', '*', '=', '_']);
    let named = [
        "original message",
        "copy of",
        "returned message",
        "message text",
        "message header",
        "headers",
        "unsent message",
        "исходное сообщение",
    ];
    ruled && named.iter().any(|n| lower.contains(n))
        || [
            "received: ",
            "received:from",
            "return-path: <",
            "return-path:<",
            "x-google-smtp-source:",
            "dkim-signature:",
        ]
        .iter()
        .any(|s| lower.starts_with(s))
        || [
            "message headers follow",
            "below is a copy",
            "copy of the original message",
            "original message headers:",
            "original message follows",
            "header of the original message",
        ]
        .iter()
        .any(|n| lower.contains(n))
}

/// What comes back without the line that says so.
fn after_marker(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default();
    let is_header = first.split_once(':').is_some_and(|(name, _)| {
        !name.is_empty() && !name.contains([' ', '-'])
            || starts(name, "return-path")
            || starts(name, "x-google")
            || starts(name, "dkim-")
    });
    if is_header { text } else { &text[first.len()..] }
}

fn starts(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start))
}

/// The recipients of a report in words.
pub(super) fn recipients(letter: &Letter, words: &Words<'_>) -> Vec<Recipient> {
    if let Some(found) = notification(letter) {
        return found;
    }
    if !is_from_machine(letter) || !says_failed(words.own, &letter.subject) {
        return Vec::new();
    }
    // Only an empty return path: it takes more than words, which an absence note may have too.
    let daemon = letter.machine.from_daemon || !letter.machine.failed_recipients.is_empty();
    if !daemon
        && (automatic(letter, None) == Automatic::AutoReply || Codes::of(words.own) == Codes::default())
    {
        return Vec::new();
    }
    let mut found = stretches(words.own, &own_addresses(letter, words));
    if found.is_empty() {
        found = stretches(words.own, &["postmaster".to_owned()]);
    }
    if found.is_empty() {
        found = named(letter, words).into_iter().map(|a| (a, words.own.to_owned())).collect();
    }
    let one = found.len() == 1;
    found.truncate(RECIPIENTS_MAX);
    found
        .into_iter()
        .map(|(address, said)| judge(address, &said, if one { words.own } else { "" }, &letter.subject))
        .collect()
}

fn judge(address: EmailAddress, said: &str, all: &str, subject: &str) -> Recipient {
    let mut codes = Codes::of(said);
    codes.refine(all);
    let mut reason = Reason::of(said, &codes, all);
    if reason.is_vague()
        && let Some(better) = Reason::in_words(all)
    {
        reason = better;
    }
    let delayed = [
        "delayed",
        "warning message only",
        "warning only",
        "will be retried",
        "still being retried",
        "will continue to try",
    ];
    let text = format!("{all} {subject}").to_lowercase();
    let action = if delayed.iter().any(|d| text.contains(d)) { Action::Delayed } else { Action::Failed };
    let diagnostic = one_line(if said.trim().is_empty() { all } else { said });
    Recipient { address, action, status: codes.status, reply_code: codes.reply_code, diagnostic, reason }
}

/// The text or the subject says that a mail did not arrive.
fn says_failed(text: &str, subject: &str) -> bool {
    let text = format!("{subject}\n{text}").to_lowercase();
    [
        "undeliver",
        "not be delivered",
        "not delivered",
        "deliver",
        "failure",
        "failed",
        "returned mail",
        "returned to sender",
        "returning",
        "did not reach",
        "rejected",
        "unable to",
        "unknown",
        "unreachable",
        "mailbox is full",
        "error",
        "не доставлен",
        "не может быть доставлено",
        "エラー",
        "投稿できな",
        "配信できません",
        "unzustellbar",
        "nicht zugestellt",
        "ikke leveres",
        "kunne ikke",
        "non remis",
        "no se ha podido",
        "não foi possível",
    ]
    .iter()
    .any(|phrase| text.contains(phrase))
}

/// Each address that a line begins with, and what is said until the next one.
fn stretches(text: &str, without: &[String]) -> Vec<(EmailAddress, String)> {
    let mut found: Vec<(EmailAddress, String)> = Vec::new();
    let mut current = None;
    for line in text.lines().take(LINES_MAX) {
        if let Some(address) = leading_address(line).filter(|a| !is_among(a, without)) {
            let key = address.key();
            let known = found.iter().position(|(a, _)| a.key() == key);
            if known.is_none() && found.len() < RECIPIENTS_MAX {
                found.push((address, String::new()));
            }
            // Said again (in another language, say), it counts once.
            current = match known {
                Some(n) if current != Some(n) => None,
                Some(n) => Some(n),
                None => Some(found.len() - 1),
            };
        }
        if let Some((_, said)) =
            current.and_then(|n: usize| found.get_mut(n)).filter(|(_, said)| said.len() < SAID_BYTES_MAX)
        {
            said.push_str(line.trim());
            said.push('\n');
        }
    }
    found
}

/// Whom the report is for, not whom it is about: its recipient, and the sender of what came back.
fn own_addresses(letter: &Letter, words: &Words<'_>) -> Vec<String> {
    let returned = Letter::read(words.returned.trim_start().as_bytes());
    let people = letter.to.iter().chain(&returned.from).filter_map(|m| m.address.as_ref());
    let mut own: Vec<String> = people.map(EmailAddress::key).collect();
    own.extend(returned.machine.return_path.map(|p| p.to_lowercase()));
    own.push("postmaster".to_owned());
    own
}

fn is_among(address: &EmailAddress, own: &[String]) -> bool {
    own.iter().any(|o| *o == address.key() || *o == address.local().to_lowercase())
}

/// The address that a line begins with, alone or before a colon, a blank, or what failed.
fn leading_address(line: &str) -> Option<EmailAddress> {
    let line = line.trim_start_matches([' ', '\t', '*', '>', '"', '\'', '<', '|']);
    let end = line
        .find(|c: char| c.is_whitespace() || matches!(c, '>' | '"' | '\'' | ',' | ';' | ':' | '<' | '('))
        .unwrap_or(line.len());
    let word = line[..end].trim_end_matches('.');
    if !word.contains('@') {
        return None;
    }
    word.parse().ok()
}

/// Addresses that the headers or a sentence name, where no line begins with one.
fn named(letter: &Letter, words: &Words<'_>) -> Vec<EmailAddress> {
    if !letter.machine.failed_recipients.is_empty() {
        return letter.machine.failed_recipients.clone();
    }
    let own = own_addresses(letter, words);
    let mut found: Vec<EmailAddress> = Vec::new();
    for line in words.own.lines().take(LINES_MAX) {
        let lower = line.to_lowercase();
        if lower.contains("contact") || lower.contains("support") || lower.trim_start().starts_with("from:") {
            continue;
        }
        let parts = line.split(|c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | ',' | ';' | '(' | ')' | '[' | ']')
        });
        let addresses = parts.filter_map(|w| {
            w.trim_start_matches("mailto:").trim_end_matches(['.', ':']).parse::<EmailAddress>().ok()
        });
        for address in addresses.filter(|a| !is_among(a, &own)) {
            if !found.iter().any(|a| a.key() == address.key()) {
                found.push(address);
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    let returned = Letter::read(words.returned.trim_start().as_bytes());
    let to = returned.to.into_iter().filter_map(|m| m.address).take(1);
    to.collect()
}

/// A notification of Amazon SES by SNS: JSON in the text of a mail.
fn notification(letter: &Letter) -> Option<Vec<Recipient>> {
    if !letter.text.trim_start().starts_with('{') {
        return None;
    }
    // Wrapped once more, its quotes are escaped.
    let text = letter.text.replace("\\\"", "\"");
    if !text.contains("\"notificationType\":\"Bounce\"") {
        return None;
    }
    let list = text.split_once("\"bouncedRecipients\":[")?.1.split_once(']')?.0;
    let value = |object: &str, name: &str| {
        let rest = object.split_once(&format!("\"{name}\":\""))?.1;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let recipient = |object: &str| {
        let address = value(object, "emailAddress")?.parse().ok()?;
        let said = value(object, "diagnosticCode").unwrap_or_default();
        let mut codes = Codes::of(&said);
        codes.prefer_status(&value(object, "status").unwrap_or_default());
        let reason = Reason::of(&said, &codes, "");
        Some(Recipient {
            address,
            action: Action::Failed,
            status: codes.status,
            reply_code: codes.reply_code,
            diagnostic: one_line(&said),
            reason,
        })
    };
    let found: Vec<_> = list.split('}').filter_map(recipient).take(RECIPIENTS_MAX).collect();
    (!found.is_empty()).then_some(found)
}
