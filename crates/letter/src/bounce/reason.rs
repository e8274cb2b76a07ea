//! Why a mail did not arrive: by the codes (RFC 3463, SMTP) and by the words that servers use.

use super::phrases::PHRASES;
use serde::{Deserialize, Serialize};

/// Why a mail did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no such mailbox.
    UserUnknown,
    /// There is no such domain.
    HostUnknown,
    /// The person has another address now.
    HasMoved,
    /// The domain takes no mail.
    TakesNoMail,
    /// The mailbox is closed for now.
    Suspended,
    /// The mailbox is full.
    MailboxFull,
    /// The mail is too large.
    TooLarge,
    /// The mail was filtered out for this recipient.
    Filtered,
    /// The far side refused: sender, server, policy, authentication, content.
    Refused,
    /// Tried for too long.
    Expired,
    /// The network or the name service.
    Network,
    /// The far server has a fault.
    System,
    /// It arrived.
    Delivered,
    /// Nothing that we know.
    Unknown,
}

impl Reason {
    /// The address itself is at fault.
    pub fn is_of_the_address(self) -> bool {
        matches!(self, Self::UserUnknown | Self::HostUnknown | Self::HasMoved | Self::TakesNoMail)
    }

    /// Something else that was said may tell more.
    pub(super) fn is_vague(self) -> bool {
        matches!(self, Self::Unknown | Self::System | Self::Expired | Self::Filtered)
    }

    /// By the words, else by the status. `context` is all that the report says about the recipient: at
    /// which command the far side said it.
    ///
    /// 1. refused at MAIL FROM, no address of a recipient can be at fault
    /// 2. "user unknown" after DATA, or with a status that speaks of something else (and not after RCPT),
    ///    comes from servers that take every recipient and filter later: the mailbox is there
    pub(super) fn of(said: &str, codes: &Codes, context: &str) -> Self {
        let by_status = codes.reason();
        let reason = match Self::in_words(said) {
            Some(Self::Filtered) if by_status.is_none() && said.contains("ecipient address rejected") => {
                Self::UserUnknown
            }
            Some(Self::Filtered) => by_status.unwrap_or(Self::Filtered),
            Some(reason) => reason,
            None => by_status.unwrap_or(Self::Unknown),
        };
        if !reason.is_of_the_address() {
            return reason;
        }
        let command = Command::of(&format!("{said}\n{context}"));
        let detail = codes.status.as_deref().and_then(|s| s.split_once('.')).map_or("", |(_, detail)| detail);
        if command == Some(Command::MailFrom) {
            return Self::Refused;
        }
        if reason != Self::UserUnknown || detail.starts_with("1.") || command == Some(Command::RcptTo) {
            return reason;
        }
        let other = ["2.", "3.", "7."].iter().any(|subject| detail.starts_with(subject));
        if command == Some(Command::Data) || other { Self::Filtered } else { reason }
    }

    /// By the words alone. The first phrase of the list that occurs decides, so what is more exact stands
    /// first.
    pub(super) fn in_words(said: &str) -> Option<Self> {
        let lower = said.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        PHRASES.iter().find(|(phrase, _)| lower.contains(phrase)).map(|(_, reason)| *reason)
    }
}

/// The command of SMTP that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    MailFrom,
    RcptTo,
    Data,
}

impl Command {
    /// The command that the words name; of several, the one nearest to the recipient.
    fn of(said: &str) -> Option<Self> {
        let lower = said.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let any = |phrases: &[&str]| phrases.iter().any(|p| lower.contains(p));
        if any(&["rcpt to", "rcpt_to", "rcpt command", "does not like recipient"]) {
            Some(Self::RcptTo)
        } else if any(&["after mail from", "to mail from", "mail_from", "our mail from", "mail command"]) {
            Some(Self::MailFrom)
        } else if any(&[
            "end of data",
            ">>> data",
            "final data",
            "to data",
            "data command",
            "[data]",
            "after data",
        ]) {
            Some(Self::Data)
        } else {
            None
        }
    }
}

/// The codes in what was said.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Codes {
    pub status: Option<String>,
    pub reply_code: Option<u16>,
}

impl Codes {
    /// The first reply code, and the first status (one that says something before one that does not).
    pub fn of(said: &str) -> Self {
        let mut codes = Self::default();
        for word in words(said) {
            if let Some(status) = status(word) {
                if codes.status.as_deref().is_none_or(|s| is_empty_status(s) && !is_empty_status(&status)) {
                    codes.status = Some(status);
                }
            } else if let Some(code) = reply_code(word)
                && codes.reply_code.is_none()
            {
                codes.reply_code = Some(code);
            }
        }
        codes
    }

    /// A field's status goes before what the words say, unless it says nothing (`5.0.0`) or the words are
    /// of the same class and more exact.
    pub fn prefer_status(&mut self, field: &str) {
        let Some(given) = words(field).find_map(status) else { return };
        let exact = self
            .status
            .take()
            .filter(|s| is_empty_status(&given) && s.starts_with(&given[..1]) && !is_empty_status(s));
        self.status = Some(exact.unwrap_or(given));
    }

    /// Fills what is open from other words.
    pub fn refine(&mut self, said: &str) {
        let other = Self::of(said);
        if self.status.as_deref().is_none_or(is_empty_status)
            && let Some(status) = other.status.filter(|s| self.status.is_none() || !is_empty_status(s))
        {
            self.status = Some(status);
        }
        self.reply_code = self.reply_code.or(other.reply_code);
    }

    fn reason(&self) -> Option<Reason> {
        let status = self.status.as_deref()?;
        let (_, detail) = status.split_once('.')?;
        Some(match detail {
            "1.1" | "1.3" | "1.10" => Reason::UserUnknown,
            "1.2" | "4.4" => Reason::HostUnknown,
            "1.6" => Reason::HasMoved,
            "1.7" | "1.8" => Reason::Refused,
            "2.1" => Reason::Filtered,
            "2.2" => Reason::MailboxFull,
            "2.3" | "3.4" => Reason::TooLarge,
            "4.7" => Reason::Expired,
            "4.1" | "4.2" | "4.3" | "4.6" => Reason::Network,
            d if d.starts_with("7.") || d.starts_with("6.") => Reason::Refused,
            d if d.starts_with("3.") || d.starts_with("5.") => Reason::System,
            _ => return None,
        })
    }
}

/// A status that says little: another one of the same class goes before it.
fn is_empty_status(status: &str) -> bool {
    [".0.0", ".1.0", ".4.7"].iter().any(|end| status.ends_with(end))
}

/// Words with the signs around them taken off.
fn words(said: &str) -> impl Iterator<Item = &str> {
    said.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '(' | ')' | '<' | '>' | '[' | ']' | ',' | ';' | '"' | '\'' | ':' | '=' | '#' | '-' | '|'
            )
    })
    .map(|w| w.trim_matches('.'))
    .filter(|w| !w.is_empty())
}

/// `5.1.1`: class 2, 4 or 5, then two numbers of at most three digits (RFC 3463 part 2).
fn status(word: &str) -> Option<String> {
    let mut numbers = word.split('.');
    let class = numbers.next().filter(|c| matches!(*c, "2" | "4" | "5"))?;
    let number = |n: Option<&str>| {
        n.filter(|n| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned)
    };
    let (subject, detail) = (number(numbers.next())?, number(numbers.next())?);
    (numbers.next().is_none()).then(|| format!("{class}.{subject}.{detail}"))
}

/// `550`: a reply of SMTP that refuses.
fn reply_code(word: &str) -> Option<u16> {
    let code: u16 = word.parse().ok().filter(|_| word.len() == 3)?;
    (matches!(code / 100, 4 | 5) && code % 100 < 60).then_some(code)
}
