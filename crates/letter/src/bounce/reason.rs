//! Why a mail did not arrive: by the codes (RFC 3463, SMTP) and by the words that servers use.

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

/// What servers say, and what it means.
const PHRASES: &[(&str, Reason)] = &[
    ("account or domain may not exist", Reason::HostUnknown),
    ("requested action not taken: mailbox unavailable", Reason::Filtered),
    ("procmail:", Reason::System),
    ("my name was rejected", Reason::Refused),
    // Amazon's own words before those of the far side.
    ("unknown address error 550-'5.7.", Reason::Refused),
    // Moved.
    ("user has moved", Reason::HasMoved),
    ("has moved to", Reason::HasMoved),
    ("please try <", Reason::HasMoved),
    ("mailbox has moved", Reason::HasMoved),
    ("has been replaced by", Reason::HasMoved),
    // The domain takes none.
    ("null mx", Reason::TakesNoMail),
    ("nullmx", Reason::TakesNoMail),
    ("does not accept mail", Reason::TakesNoMail),
    ("couldn't find a mail exchanger or ip address", Reason::TakesNoMail),
    ("smtp protocol diagnostic: domain does not", Reason::TakesNoMail),
    ("indicated no smtp service", Reason::TakesNoMail),
    // Full, closed.
    ("mailbox full", Reason::MailboxFull),
    ("mailbox is full", Reason::MailboxFull),
    ("over quota", Reason::MailboxFull),
    ("overquota", Reason::MailboxFull),
    ("quota exceeded", Reason::MailboxFull),
    ("exceeded quota", Reason::MailboxFull),
    ("quota full", Reason::MailboxFull),
    ("exceeded storage allocation", Reason::MailboxFull),
    ("storage quota", Reason::MailboxFull),
    ("quotaexceeded", Reason::MailboxFull),
    ("disk quota", Reason::MailboxFull),
    ("user is over", Reason::MailboxFull),
    ("exceeds allowed message count", Reason::MailboxFull),
    ("account is full", Reason::MailboxFull),
    ("account disabled", Reason::Suspended),
    ("account that you tried to reach is disabled", Reason::Suspended),
    ("mailbox currently suspended", Reason::Suspended),
    ("account suspended", Reason::Suspended),
    ("account has been suspended", Reason::Suspended),
    ("is suspended", Reason::Suspended),
    ("mailbox unavailable or access denied", Reason::Suspended),
    // Size.
    ("message too large", Reason::TooLarge),
    ("message size exceeds", Reason::TooLarge),
    ("exceeds size limit", Reason::TooLarge),
    ("exceeds fixed limit", Reason::TooLarge),
    ("exceeds the maximum", Reason::TooLarge),
    ("message is too large", Reason::TooLarge),
    ("message too big", Reason::TooLarge),
    ("size limit exceeded", Reason::TooLarge),
    ("invalidsizelimit", Reason::TooLarge),
    // Refused for what we are or what we sent; these quote addresses, so they go before the unknown user.
    ("dmarc", Reason::Refused),
    ("spf check", Reason::Refused),
    ("spf record", Reason::Refused),
    ("is not allowed to send", Reason::Refused),
    ("spf fail", Reason::Refused),
    ("unauthenticated email", Reason::Refused),
    ("sender policy framework", Reason::Refused),
    ("authentication checks", Reason::Refused),
    ("relaying denied", Reason::Refused),
    ("relay access denied", Reason::Refused),
    ("relay not permitted", Reason::Refused),
    ("not permitted to relay", Reason::Refused),
    ("relaying prohibited", Reason::Refused),
    ("insecure mail relay", Reason::Refused),
    ("sender address rejected", Reason::Refused),
    ("sender rejected", Reason::Refused),
    ("sender domain", Reason::Refused),
    ("domain of sender address", Reason::Refused),
    ("backscatter", Reason::Refused),
    ("reverse dns", Reason::Refused),
    ("rdns", Reason::Refused),
    ("ptr record", Reason::Refused),
    ("no ptr", Reason::Refused),
    ("reverse lookup", Reason::Refused),
    ("cannot find your hostname", Reason::Refused),
    ("cannot resolve your address", Reason::Refused),
    ("cannot resolve ptr", Reason::Refused),
    ("client host rejected", Reason::Refused),
    ("blacklist", Reason::Refused),
    ("blocked", Reason::Refused),
    ("blocklist", Reason::Refused),
    ("banned sending ip", Reason::Refused),
    ("access denied. ip", Reason::Refused),
    ("spamhaus", Reason::Refused),
    ("spam", Reason::Refused),
    ("virus", Reason::Refused),
    ("dnsbl", Reason::Refused),
    ("policy", Reason::Refused),
    ("smtp server of your isp", Reason::Refused),
    ("bad helo", Reason::Refused),
    ("not rfc", Reason::Refused),
    ("message content rejected", Reason::Refused),
    ("permission to post", Reason::Refused),
    ("投稿する権限", Reason::Refused),
    ("unauthorized relay", Reason::Refused),
    ("not authorized to use", Reason::Refused),
    ("sender not authorized", Reason::Refused),
    ("messages to that recipient", Reason::Refused),
    // The domain.
    ("host unknown", Reason::HostUnknown),
    ("unknown host", Reason::HostUnknown),
    ("host not found, try again", Reason::Network),
    ("host not found", Reason::HostUnknown),
    ("domain not found", Reason::HostUnknown),
    ("domain does not exist", Reason::HostUnknown),
    ("no such domain", Reason::HostUnknown),
    ("non-existent domain", Reason::HostUnknown),
    ("nonexistent domain", Reason::HostUnknown),
    ("unrouteable mail domain", Reason::HostUnknown),
    ("unrouteable address", Reason::HostUnknown),
    ("unroutable", Reason::HostUnknown),
    ("unrouteable", Reason::HostUnknown),
    ("illegal host/domain", Reason::HostUnknown),
    ("couldn't find any host", Reason::HostUnknown),
    ("recipient domain must exist", Reason::HostUnknown),
    ("name or service not known", Reason::HostUnknown),
    ("unknown domain", Reason::HostUnknown),
    ("domain name not found", Reason::HostUnknown),
    ("invalid domain", Reason::HostUnknown),
    ("mail domain mentioned in email address is unknown", Reason::HostUnknown),
    ("no mx record", Reason::HostUnknown),
    ("temporary dns error", Reason::Network),
    ("no such host", Reason::HostUnknown),
    ("does not exist in dns", Reason::HostUnknown),
    ("dns lookup failure", Reason::HostUnknown),
    ("domain is not reachable", Reason::HostUnknown),
    ("bad destination system", Reason::HostUnknown),
    // The mailbox.
    ("user unknown", Reason::UserUnknown),
    ("unknown user", Reason::UserUnknown),
    ("userunknown", Reason::UserUnknown),
    ("no such user", Reason::UserUnknown),
    ("no such mailbox", Reason::UserUnknown),
    ("no mailbox", Reason::UserUnknown),
    ("no such recipient", Reason::UserUnknown),
    ("no such address", Reason::UserUnknown),
    ("no such person", Reason::UserUnknown),
    ("unknown recipient", Reason::UserUnknown),
    ("unknown address", Reason::UserUnknown),
    ("unknown or illegal", Reason::UserUnknown),
    ("recipient unknown", Reason::UserUnknown),
    ("recipient name is not recognized", Reason::UserUnknown),
    ("recipient not found", Reason::UserUnknown),
    ("recipientnotfound", Reason::UserUnknown),
    ("recipnotfound", Reason::UserUnknown),
    ("user not found", Reason::UserUnknown),
    ("mailbox not found", Reason::UserUnknown),
    ("address not found", Reason::UserUnknown),
    ("couldn't be found", Reason::UserUnknown),
    ("account that you tried to reach does not exist", Reason::UserUnknown),
    ("doesn't have a", Reason::UserUnknown),
    ("does not exist", Reason::UserUnknown),
    ("doesn't exist", Reason::UserUnknown),
    ("no account", Reason::UserUnknown),
    ("no longer available", Reason::UserUnknown),
    ("no longer valid", Reason::UserUnknown),
    ("not a valid mailbox", Reason::UserUnknown),
    ("not a valid user", Reason::UserUnknown),
    ("not a known user", Reason::UserUnknown),
    ("not listed in", Reason::UserUnknown),
    ("not a valid recipient", Reason::UserUnknown),
    ("invalid recipient", Reason::UserUnknown),
    ("invalid mailbox", Reason::UserUnknown),
    ("invalid user", Reason::UserUnknown),
    ("invalid address", Reason::UserUnknown),
    ("is not a member", Reason::UserUnknown),
    ("inactive user", Reason::UserUnknown),
    ("recipient address rejected: access denied", Reason::UserUnknown),
    ("destination server rejected recipients", Reason::UserUnknown),
    ("には見つかりません", Reason::UserUnknown),
    ("リストにありません", Reason::UserUnknown),
    ("address rejected", Reason::Filtered),
    ("undeliverable address", Reason::UserUnknown),
    ("this user doesn", Reason::UserUnknown),
    ("bad destination mailbox", Reason::UserUnknown),
    ("email address you entered", Reason::UserUnknown),
    ("unknown local part", Reason::UserUnknown),
    ("unknown local-part", Reason::UserUnknown),
    // Time, network, fault.
    ("retry timeout exceeded", Reason::Expired),
    ("retry time not reached", Reason::Expired),
    ("too old", Reason::Expired),
    ("timed out", Reason::Expired),
    ("timeout", Reason::Expired),
    ("message expired", Reason::Expired),
    ("has been delayed", Reason::Expired),
    ("delivery time expired", Reason::Expired),
    ("been in the queue too long", Reason::Expired),
    ("connection refused", Reason::Network),
    ("connection reset", Reason::Network),
    ("no route to host", Reason::Network),
    ("network is unreachable", Reason::Network),
    ("network unreachable", Reason::Network),
    ("too many hops", Reason::Network),
    ("hop count exceeded", Reason::Network),
    ("mail loop", Reason::Network),
    ("loops back", Reason::Network),
    ("name service error", Reason::Network),
    ("service unavailable", Reason::System),
    ("command died", Reason::System),
    ("command failed", Reason::System),
    ("local configuration error", Reason::System),
    ("system error", Reason::System),
    ("try again later", Reason::System),
];

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
