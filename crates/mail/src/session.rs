//! An SMTP or LMTP session as a state machine: bytes in, replies and steps out, no IO.
//!
//! The shell reads, hands the bytes to [`Session::take`], does the step that comes back (ask who a
//! recipient is, store a mail, begin TLS, close) and tells the session what came of it.

mod command;
mod commands;
mod data;
mod transfer;

use crate::reply::{Rejection, Reply};
use command::Hello;
use data::{LineEnds, Text};
use std::{mem, sync::Arc};
use words::{AccountId, EmailAddress, MailboxId};

/// A command line with its CRLF: RFC 5321 allows 512 bytes, the parameters of DSN 1,000 more.
pub const COMMAND_BYTES_MAX: usize = 2_000;
/// How much of a longer line is read away before the connection is closed.
const SKIPPED_BYTES_MAX: usize = 64 * 1024;
/// How many times the size of a mail is read away to tell the sender that it is too large.
const SWALLOWED_SIZES_MAX: usize = 4;
/// Room that is made for a mail before it comes, whatever size was announced.
const ROOM_BYTES_MAX: usize = 256 * 1024;

/// Which protocol a listener speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Mail from the world.
    Smtp,
    /// Mail from the operator's own mail server: one reply per recipient (RFC 2033).
    Lmtp,
}

/// What a session goes by.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What the server calls itself.
    pub host: String,
    /// Its protocol.
    pub protocol: Protocol,
    /// The largest mail, in bytes.
    pub mail_bytes_max: usize,
    /// The most recipients of one mail (RFC 5321 part 4.5.3.1.8 asks for 100).
    pub recipients_max: usize,
    /// Failures after which a session ends; a mail that was stored wipes them out.
    pub failures_max: u32,
}

/// A recipient that is one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// As the sender wrote it.
    pub address: EmailAddress,
    /// Whose it is.
    pub account: AccountId,
    /// Which mailbox.
    pub mailbox: MailboxId,
}

/// Who a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A mailbox of an account.
    Ours(AccountId, MailboxId),
    /// Nobody here.
    Unknown,
    /// It cannot be told now.
    Unavailable,
}

/// A mail that came in whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The envelope's sender; empty for the sender of bounces. What stood there: not always an
    /// address that we could write to.
    pub sender: String,
    /// At least one.
    pub recipients: Vec<Recipient>,
    /// The mail, byte for byte.
    pub raw: Vec<u8>,
    /// What the client called itself.
    pub hello: String,
    /// `SMTP`, `ESMTP`, `ESMTPS`, `LMTP`, … (RFC 3848).
    pub with: &'static str,
}

impl std::fmt::Debug for Mail {
    /// Mails are service data, and Debug may reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("recipients", &self.recipients.len())
            .field("bytes", &self.raw.len())
            .finish_non_exhaustive()
    }
}

/// What came of a mail for one recipient: the id that it is stored under, or why it is not.
pub type Outcome = Result<String, Rejection>;

/// What the shell must do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Send the replies and read on.
    Read,
    /// Find out who this is and call [`Session::recipient`].
    Recipient(EmailAddress),
    /// Store the mail and call [`Session::stored`] with one outcome per recipient.
    Store(Box<Mail>),
    /// Send the replies, throw away what was read beyond, begin TLS and call [`Session::secured`].
    StartTls,
    /// Send the replies and close.
    Close,
}

/// A session.
#[derive(Debug)]
pub struct Session {
    rules: Arc<Rules>,
    tls: Tls,
    hello: Option<(Hello, String)>,
    envelope: Option<Envelope>,
    /// The mail so far.
    body: Vec<u8>,
    mode: Mode,
    failures: u32,
    failures_ever: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tls {
    None,
    Offered,
    On,
}

#[derive(Debug)]
struct Envelope {
    sender: String,
    utf8: bool,
    size: usize,
    recipients: Vec<Recipient>,
    /// What the ends of lines were like in the chunks so far; none before the first.
    chunks: Option<LineEnds>,
    /// Why the mail will not be taken, once it has come in.
    refused: Option<Reply>,
}

#[derive(Debug)]
enum Mode {
    Command,
    /// In a line that is too long.
    Skip {
        skipped: usize,
    },
    /// In the text of DATA.
    Text {
        text: Text,
        swallowed: usize,
    },
    /// In a chunk of BDAT.
    Chunk {
        left: usize,
        last: bool,
    },
    /// A chunk that nobody wants: its bytes are no commands all the same.
    Swallow {
        left: usize,
    },
    /// The shell finds out who the recipient is.
    Recipient(EmailAddress),
    /// The shell stores the mail.
    Store {
        recipients: usize,
    },
    /// The shell begins TLS.
    Handshake,
    Closed,
}

impl Session {
    /// A session that has not been greeted.
    pub fn new(rules: Arc<Rules>, offers_tls: bool) -> Self {
        let tls = if offers_tls { Tls::Offered } else { Tls::None };
        Self {
            rules,
            tls,
            hello: None,
            envelope: None,
            body: Vec::new(),
            mode: Mode::Command,
            failures: 0,
            failures_ever: 0,
        }
    }

    /// Greets.
    pub fn greet(&self, out: &mut Vec<u8>) {
        let protocol = match self.rules.protocol {
            Protocol::Smtp => "ESMTP",
            Protocol::Lmtp => "LMTP",
        };
        push(out, &format!("220 {} {protocol} Havn", self.rules.host));
    }

    /// How many failures there were, those wiped out too.
    pub fn failures(&self) -> u64 {
        self.failures_ever
    }

    /// Bytes of the mail that is held.
    pub fn held(&self) -> usize {
        self.body.capacity()
    }

    /// Whether the session could end now without a mail being lost half way.
    pub fn is_between_mails(&self) -> bool {
        self.envelope.is_none()
    }

    /// Takes the mail that is coming in no further: it is read away and refused for now.
    pub fn refuse(&mut self, reply: Reply) {
        self.body = Vec::new();
        if let Some(envelope) = &mut self.envelope {
            envelope.refused.get_or_insert(reply);
        }
    }

    /// Takes bytes and adds replies to `out`. Tells how many bytes it took and what is to be done
    /// before the rest.
    pub fn take(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Step) {
        let mut taken = 0;
        loop {
            let rest = &input[taken..];
            let (used, step) = match self.mode {
                Mode::Command => self.take_command(rest, out),
                Mode::Skip { skipped } => self.take_skipped(rest, skipped, out),
                Mode::Text { .. } => self.take_text(rest, out),
                Mode::Chunk { left, last } => self.take_chunk(rest, left, last, out),
                Mode::Swallow { left } => self.take_swallowed(rest, left),
                Mode::Recipient(_) | Mode::Store { .. } | Mode::Handshake => (0, Some(Step::Read)),
                Mode::Closed => (rest.len(), Some(Step::Close)),
            };
            taken += used;
            if let Some(step) = step {
                return (taken, step);
            }
        }
    }

    /// The shell found out who the recipient is.
    pub fn recipient(&mut self, verdict: Verdict, out: &mut Vec<u8>) -> Step {
        let Mode::Recipient(address) = mem::replace(&mut self.mode, Mode::Command) else {
            return Step::Read;
        };
        let Some(envelope) = &mut self.envelope else { return Step::Read };
        let reply = match verdict {
            Verdict::Ours(account, mailbox) => {
                envelope.recipients.push(Recipient { address, account, mailbox });
                Reply::RecipientOk
            }
            Verdict::Unknown => Reply::NoSuchMailbox,
            Verdict::Unavailable => Reply::TryLater,
        };
        self.answer(reply, out).unwrap_or(Step::Read)
    }

    /// The shell stored the mail, or did not: one outcome per recipient, in their order.
    ///
    /// SMTP has one reply for all. It is 250 only if the mail is durable for every recipient; else the
    /// sender keeps the mail and sends it again to all, and those that have it see that they do.
    pub fn stored(&mut self, outcomes: &[Outcome], out: &mut Vec<u8>) -> Step {
        let Mode::Store { recipients } = mem::replace(&mut self.mode, Mode::Command) else {
            return Step::Read;
        };
        let missing: Outcome = Err(Rejection::Unavailable);
        let outcomes: Vec<&Outcome> =
            (0..recipients).map(|at| outcomes.get(at).unwrap_or(&missing)).collect();
        if self.rules.protocol == Protocol::Lmtp {
            for outcome in outcomes {
                if let Some(step) = self.tell(outcome, out) {
                    return step;
                }
            }
            return Step::Read;
        }
        let worst = |outcome: &&&Outcome| match outcome {
            Err(rejection) if !Reply::from(*rejection).is_failure() => 0,
            Err(_) => 1,
            Ok(_) => 2,
        };
        let outcome = outcomes.iter().min_by_key(worst).copied().unwrap_or(&missing);
        self.tell(outcome, out).unwrap_or(Step::Read)
    }

    /// TLS is on: what was said before it is forgotten (RFC 3207 part 4.2).
    pub fn secured(&mut self) {
        self.tls = Tls::On;
        self.hello = None;
        self.forget_mail();
        self.mode = Mode::Command;
    }

    fn tell(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> Option<Step> {
        match outcome {
            Ok(id) => {
                self.failures = 0;
                push(out, &format!("250 2.0.0 stored as {id}"));
                None
            }
            Err(rejection) => self.answer((*rejection).into(), out),
        }
    }

    fn forget_mail(&mut self) {
        self.envelope = None;
        self.body = Vec::new();
    }

    /// One reply, or in LMTP one per recipient.
    fn answer_each(&mut self, reply: Reply, recipients: usize, out: &mut Vec<u8>) -> Option<Step> {
        let count = if self.rules.protocol == Protocol::Lmtp { recipients } else { 1 };
        (1..count).for_each(|_| push(out, reply.line()));
        self.answer(reply, out)
    }

    fn answer(&mut self, reply: Reply, out: &mut Vec<u8>) -> Option<Step> {
        push(out, reply.line());
        if !reply.is_failure() {
            return None;
        }
        self.failures += 1;
        self.failures_ever += 1;
        if self.failures < self.rules.failures_max {
            return None;
        }
        Some(self.close(Reply::TooManyFailures, out))
    }

    fn close(&mut self, reply: Reply, out: &mut Vec<u8>) -> Step {
        push(out, reply.line());
        self.failures_ever += u64::from(reply.is_failure());
        self.forget_mail();
        self.mode = Mode::Closed;
        Step::Close
    }
}

fn push(out: &mut Vec<u8>, line: &str) {
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests;
