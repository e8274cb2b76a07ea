//! A session while a mail's text comes in: DATA, BDAT and their end.

use super::{
    Mail, Mode, Protocol, ROOM_BYTES_MAX, SWALLOWED_SIZES_MAX, Session, Step, Tls,
    data::{Found, Text},
    push,
};
use crate::reply::Reply;
use std::mem;

impl Session {
    pub(super) fn data(&mut self, out: &mut Vec<u8>) -> Option<Step> {
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

    pub(super) fn take_text(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Option<Step>) {
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

    pub(super) fn bdat(&mut self, size: u64, last: bool, out: &mut Vec<u8>) -> Option<Step> {
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

    pub(super) fn take_chunk(
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

    pub(super) fn take_swallowed(&mut self, input: &[u8], left: usize) -> (usize, Option<Step>) {
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

    fn refuse_bare(&mut self, out: &mut Vec<u8>) -> Step {
        let is_lmtp = self.rules.protocol == Protocol::Lmtp;
        let recipients = self.envelope.as_ref().map_or(1, |envelope| envelope.recipients.len());
        (1..if is_lmtp { recipients } else { 1 }).for_each(|_| push(out, Reply::BareLineEnd.line()));
        self.close(Reply::BareLineEnd, out)
    }
}
