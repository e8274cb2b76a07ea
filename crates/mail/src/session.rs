//! An SMTP or LMTP session as a state machine: bytes in, replies and steps out, no IO.
//!
//! The shell reads, hands the bytes to [`Session::take`], does the step that comes back (ask who a
//! recipient is, store a mail, begin TLS, close) and tells the session what came of it.

mod command;
mod data;

use crate::reply::{Rejection, Reply};
use command::{Command, Hello, Path, Wrong};
use data::{Found, LineEnds, Text};
use memchr::memchr;
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

    fn take_command(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Option<Step>) {
        let window = &input[..input.len().min(COMMAND_BYTES_MAX)];
        let Some(end) = memchr(b'\n', window) else {
            if window.len() < COMMAND_BYTES_MAX {
                return (0, Some(Step::Read));
            }
            self.mode = Mode::Skip { skipped: 0 };
            return (0, None);
        };
        let line = &input[..end];
        let Some(line) = line.strip_suffix(b"\r").filter(|line| !line.contains(&b'\r')) else {
            return (end + 1, Some(self.close(Reply::BadLineEnd, out)));
        };
        let more = input.len() > end + 1;
        (end + 1, self.command(line, more, out))
    }

    fn take_skipped(&mut self, input: &[u8], skipped: usize, out: &mut Vec<u8>) -> (usize, Option<Step>) {
        match memchr(b'\n', input) {
            Some(end) => {
                self.mode = Mode::Command;
                (end + 1, self.answer(Reply::LineTooLong, out))
            }
            None if skipped + input.len() > SKIPPED_BYTES_MAX => {
                (input.len(), Some(self.close(Reply::LineTooLong, out)))
            }
            None => {
                self.mode = Mode::Skip { skipped: skipped + input.len() };
                (input.len(), Some(Step::Read))
            }
        }
    }

    fn command(&mut self, line: &[u8], more: bool, out: &mut Vec<u8>) -> Option<Step> {
        let command = match command::read(line) {
            Ok(command) => command,
            Err(Wrong::ChunkSize) => return Some(self.close(Reply::BadChunkSize, out)),
            Err(wrong) => return self.answer(wrong.into(), out),
        };
        if more && !self.may_send_more(&command) {
            return Some(self.close(Reply::BadPipelining, out));
        }
        match command {
            Command::Hello { verb, name } => self.hello(verb, name, out),
            Command::Mail { sender, utf8, size } => self.mail(sender, utf8, size, out),
            Command::Rcpt { recipient } => self.rcpt(&recipient, out),
            Command::Data => self.data(out),
            Command::Bdat { size, last } => self.bdat(size, last, out),
            Command::StartTls => self.start_tls(out),
            Command::Rset => {
                self.forget_mail();
                self.answer(Reply::Ok, out)
            }
            Command::Noop => self.answer(Reply::Ok, out),
            Command::Vrfy => self.answer(Reply::CannotVerify, out),
            Command::Help => self.answer(Reply::Help, out),
            Command::NotOffered => self.answer(Reply::NotOffered, out),
            Command::Quit => Some(self.close(Reply::Bye, out)),
            Command::Web => Some(self.close(Reply::NotWeb, out)),
        }
    }

    /// Whether a client may have sent more before it saw the answer: with PIPELINING, which EHLO
    /// offers, but not after a hello or DATA (RFC 2920 part 3.1). What comes after STARTTLS is thrown
    /// away, after QUIT nobody reads it.
    fn may_send_more(&self, command: &Command) -> bool {
        match command {
            Command::Hello { .. } | Command::Data => false,
            Command::StartTls | Command::Quit | Command::Web => true,
            _ => self.is_extended(),
        }
    }

    fn is_extended(&self) -> bool {
        matches!(self.hello, Some((Hello::Ehlo | Hello::Lhlo, _)))
    }

    fn hello(&mut self, verb: Hello, name: String, out: &mut Vec<u8>) -> Option<Step> {
        let is_lmtp = self.rules.protocol == Protocol::Lmtp;
        if is_lmtp != (verb == Hello::Lhlo) {
            return self.answer(Reply::WrongHello, out);
        }
        self.forget_mail();
        self.hello = Some((verb, name));
        let host = &self.rules.host;
        if verb == Hello::Helo {
            push(out, &format!("250 {host}"));
            return None;
        }
        let size = self.rules.mail_bytes_max;
        for line in [
            format!("250-{host}"),
            format!("250-SIZE {size}"),
            "250-PIPELINING".into(),
            "250-8BITMIME".into(),
            "250-SMTPUTF8".into(),
            "250-CHUNKING".into(),
        ] {
            push(out, &line);
        }
        if self.tls == Tls::Offered {
            push(out, "250-STARTTLS");
        }
        push(out, "250 ENHANCEDSTATUSCODES");
        None
    }

    fn mail(
        &mut self,
        sender: Option<Path>,
        utf8: bool,
        size: Option<u64>,
        out: &mut Vec<u8>,
    ) -> Option<Step> {
        if self.hello.is_none() || self.envelope.is_some() {
            return self.answer(Reply::BadSequence, out);
        }
        if !utf8 && sender.as_ref().is_some_and(|sender| !sender.is_ascii()) {
            return self.answer(Reply::NeedsUtf8, out);
        }
        let size = usize::try_from(size.unwrap_or(0)).unwrap_or(usize::MAX);
        if size > self.rules.mail_bytes_max {
            return self.answer(Reply::TooLarge, out);
        }
        let sender = sender.map_or_else(String::new, |path| format!("{}@{}", path.local, path.domain));
        self.envelope =
            Some(Envelope { sender, utf8, size, recipients: Vec::new(), chunks: None, refused: None });
        self.answer(Reply::SenderOk, out)
    }

    fn rcpt(&mut self, path: &Path, out: &mut Vec<u8>) -> Option<Step> {
        let Some(envelope) = self.envelope.as_ref().filter(|envelope| envelope.chunks.is_none()) else {
            return self.answer(Reply::BadSequence, out);
        };
        if !envelope.utf8 && !path.is_ascii() {
            return self.answer(Reply::NeedsUtf8, out);
        }
        if envelope.recipients.len() >= self.rules.recipients_max {
            return self.answer(Reply::TooManyRecipients, out);
        }
        // What is no plain address is none of ours: mailboxes have plain ones only.
        let Ok(address) = format!("{}@{}", path.local, path.domain).parse::<EmailAddress>() else {
            return self.answer(Reply::NoSuchMailbox, out);
        };
        self.mode = Mode::Recipient(address.clone());
        Some(Step::Recipient(address))
    }

    fn data(&mut self, out: &mut Vec<u8>) -> Option<Step> {
        let Some(envelope) = self.envelope.as_ref().filter(|envelope| envelope.chunks.is_none()) else {
            return self.answer(Reply::BadSequence, out);
        };
        if envelope.recipients.is_empty() {
            return self.answer(Reply::NoRecipients, out);
        }
        self.body = Vec::with_capacity(envelope.size.min(ROOM_BYTES_MAX));
        self.mode = Mode::Text { text: Text::new(), swallowed: 0 };
        self.answer(Reply::SendText, out)
    }

    fn take_text(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Option<Step>) {
        let Mode::Text { text, swallowed } = &mut self.mode else { return (0, Some(Step::Read)) };
        let (used, found) = text.take(input, &mut self.body);
        *swallowed += used;
        let (swallowed, size_max) = (*swallowed, self.rules.mail_bytes_max);
        if self.body.len() > size_max {
            self.refuse(Reply::TooLarge);
        }
        if self.envelope.as_ref().is_some_and(|envelope| envelope.refused.is_some()) {
            self.body = Vec::new();
        }
        let step = match found {
            Found::Bare => Some(self.refuse_bare(out)),
            Found::End => self.finish(out),
            Found::More if swallowed > size_max.saturating_mul(SWALLOWED_SIZES_MAX) => {
                Some(self.close(Reply::TooLarge, out))
            }
            Found::More => Some(Step::Read),
        };
        (used, step)
    }

    fn bdat(&mut self, size: u64, last: bool, out: &mut Vec<u8>) -> Option<Step> {
        let left = usize::try_from(size).unwrap_or(usize::MAX);
        let size_max = self.rules.mail_bytes_max;
        if left > size_max.saturating_mul(SWALLOWED_SIZES_MAX) {
            return Some(self.close(Reply::TooLarge, out));
        }
        let refusal = match &mut self.envelope {
            None => Some(Reply::BadSequence),
            Some(envelope) if envelope.recipients.is_empty() => Some(Reply::NoRecipients),
            Some(envelope) => {
                envelope.chunks.get_or_insert_default();
                None
            }
        };
        if let Some(refusal) = refusal {
            self.mode = Mode::Swallow { left };
            return self.answer(refusal, out);
        }
        if self.body.len() + left > size_max {
            self.refuse(Reply::TooLarge);
        } else {
            self.body.reserve(left.min(ROOM_BYTES_MAX));
        }
        self.mode = Mode::Chunk { left, last };
        None
    }

    fn take_chunk(
        &mut self,
        input: &[u8],
        left: usize,
        last: bool,
        out: &mut Vec<u8>,
    ) -> (usize, Option<Step>) {
        let chunk = &input[..input.len().min(left)];
        let Some(envelope) = &mut self.envelope else {
            return (0, Some(self.close(Reply::BadSequence, out)));
        };
        let ends = envelope.chunks.get_or_insert_default();
        let whole = ends.are_whole(chunk);
        let left = left - chunk.len();
        if !whole || (left == 0 && last && ends.is_open()) {
            return (chunk.len(), Some(self.refuse_bare(out)));
        }
        if envelope.refused.is_none() {
            self.body.extend_from_slice(chunk);
        }
        if left > 0 {
            self.mode = Mode::Chunk { left, last };
            return (chunk.len(), Some(Step::Read));
        }
        self.mode = Mode::Command;
        if last {
            return (chunk.len(), self.finish(out));
        }
        let reply = envelope.refused.unwrap_or(Reply::ChunkOk);
        (chunk.len(), self.answer(reply, out))
    }

    fn take_swallowed(&mut self, input: &[u8], left: usize) -> (usize, Option<Step>) {
        let used = input.len().min(left);
        if used == left {
            self.mode = Mode::Command;
            return (used, None);
        }
        self.mode = Mode::Swallow { left: left - used };
        (used, Some(Step::Read))
    }

    /// The mail has come in whole: it is to be stored, or was refused on the way.
    fn finish(&mut self, out: &mut Vec<u8>) -> Option<Step> {
        self.mode = Mode::Command;
        let envelope = self.envelope.take()?;
        let raw = mem::take(&mut self.body);
        if let Some(reply) = envelope.refused {
            return self.answer_each(reply, envelope.recipients.len(), out);
        }
        self.mode = Mode::Store { recipients: envelope.recipients.len() };
        let (sender, recipients) = (envelope.sender, envelope.recipients);
        let hello = self.hello.as_ref().map_or_else(String::new, |(_, name)| name.clone());
        Some(Step::Store(Box::new(Mail { sender, recipients, raw, hello, with: self.with(envelope.utf8) })))
    }

    /// The name of the protocol (RFC 3848, RFC 6531).
    fn with(&self, utf8: bool) -> &'static str {
        match (self.rules.protocol, self.is_extended(), utf8, self.tls == Tls::On) {
            (Protocol::Smtp, false, _, _) => "SMTP",
            (Protocol::Smtp, true, false, false) => "ESMTP",
            (Protocol::Smtp, true, false, true) => "ESMTPS",
            (Protocol::Smtp, true, true, false) => "UTF8SMTP",
            (Protocol::Smtp, true, true, true) => "UTF8SMTPS",
            (Protocol::Lmtp, _, false, false) => "LMTP",
            (Protocol::Lmtp, _, false, true) => "LMTPS",
            (Protocol::Lmtp, _, true, false) => "UTF8LMTP",
            (Protocol::Lmtp, _, true, true) => "UTF8LMTPS",
        }
    }

    fn start_tls(&mut self, out: &mut Vec<u8>) -> Option<Step> {
        match self.tls {
            Tls::None => self.answer(Reply::NotOffered, out),
            Tls::On => self.answer(Reply::BadSequence, out),
            Tls::Offered => {
                push(out, Reply::ReadyForTls.line());
                self.mode = Mode::Handshake;
                Some(Step::StartTls)
            }
        }
    }

    fn forget_mail(&mut self) {
        self.envelope = None;
        self.body = Vec::new();
    }

    fn refuse_bare(&mut self, out: &mut Vec<u8>) -> Step {
        let is_lmtp = self.rules.protocol == Protocol::Lmtp;
        let recipients = self.envelope.as_ref().map_or(1, |envelope| envelope.recipients.len());
        (1..if is_lmtp { recipients } else { 1 }).for_each(|_| push(out, Reply::BareLineEnd.line()));
        self.close(Reply::BareLineEnd, out)
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

impl From<Wrong> for Reply {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Unknown => Self::UnknownCommand,
            Wrong::Characters => Self::BadCharacters,
            Wrong::Arguments => Self::BadArguments,
            Wrong::Address => Self::BadAddress,
            Wrong::Parameter => Self::BadParameter,
            Wrong::ChunkSize => Self::BadChunkSize,
        }
    }
}

fn push(out: &mut Vec<u8>, line: &str) {
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests;
