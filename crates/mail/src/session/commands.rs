//! A session between mails: what each command does.

use super::{
    COMMAND_BYTES_MAX, Envelope, Mode, Protocol, SKIPPED_BYTES_MAX, Session, Step, Tls,
    command::{self, Command, Hello, Path, Wrong},
    push,
};
use crate::reply::Reply;
use memchr::memchr;
use words::EmailAddress;

impl Session {
    pub(super) fn take_command(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Option<Step>) {
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

    pub(super) fn take_skipped(
        &mut self,
        input: &[u8],
        skipped: usize,
        out: &mut Vec<u8>,
    ) -> (usize, Option<Step>) {
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

    pub(super) fn is_extended(&self) -> bool {
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

    pub(super) fn start_tls(&mut self, out: &mut Vec<u8>) -> Option<Step> {
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
