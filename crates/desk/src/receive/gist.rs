//! What is worked out of a mail before its unit waits: an account has one writer, and nobody should wait
//! there for what needs no transaction.

use std::borrow::Cow;

use letter::Letter;
use sha2::{Digest, Sha256};
use store::{Envelope, Person, Remembered, Tokens};
use words::EmailAddress;

use super::contact;

/// What is worked out of a mail.
#[derive(Clone)]
pub struct Gist {
    content_key: [u8; 32],
    pub(crate) preview: String,
    pub(crate) envelope: Envelope,
    author: (String, String),
    tokens: Tokens,
}

impl Gist {
    /// Of a mail, as a value and byte for byte, from this envelope sender.
    pub fn of(letter: &Letter, raw: &[u8], envelope_from: Option<&EmailAddress>) -> Self {
        let (name, address) = contact::author(letter, envelope_from);
        let author = (name, address.to_string());
        let envelope =
            Envelope { to: people(&letter.to), cc: people(&letter.cc), reply_to: people(&letter.reply_to) };
        Self {
            content_key: content_key(letter, raw),
            preview: letter::preview(&letter.text),
            tokens: tokens(letter, (&author.0, &author.1), &envelope),
            author,
            envelope,
        }
    }

    /// The key by which the same mail is known again at another delivery: what its sender made, without
    /// the headers that servers add on the way.
    pub const fn content_key(&self) -> &[u8; 32] {
        &self.content_key
    }

    /// What the mail is found by, once it is known under which name its writer is kept.
    pub(crate) fn tokens(&self, letter: &Letter, author: (&str, &str)) -> Cow<'_, Tokens> {
        if author == (&self.author.0, &self.author.1) {
            Cow::Borrowed(&self.tokens)
        } else {
            Cow::Owned(tokens(letter, author, &self.envelope))
        }
    }
}

fn tokens(letter: &Letter, author: (&str, &str), envelope: &Envelope) -> Tokens {
    let files: Vec<&str> = letter.attachments.iter().map(|file| file.name.as_str()).collect();
    Remembered { subject: &letter.subject, author, envelope, text: &letter.text, files: &files }.tokens()
}

fn people(mailboxes: &[letter::Mailbox]) -> Vec<Person> {
    let person = |mailbox: &letter::Mailbox| Person {
        name: mailbox.name.clone(),
        address: mailbox.address.as_ref().map_or_else(|| mailbox.shown.clone(), ToString::to_string),
    };
    mailboxes.iter().map(person).collect()
}

fn content_key(letter: &Letter, raw: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"havn mail content v1\0");
    let from = letter.from.iter().map(|mailbox| mailbox.shown.as_str());
    for part in [letter.message_id.as_deref().unwrap_or_default(), &letter.subject].into_iter().chain(from) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(letter.date.map_or(0, words::Time::micros).to_be_bytes());
    hash.update(body(raw));
    hash.finalize().into()
}

fn body(raw: &[u8]) -> &[u8] {
    let crlf = raw.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    let lf = raw.windows(2).position(|two| two == b"\n\n").map(|at| at + 2);
    let start = match (crlf, lf) {
        (Some(crlf), Some(lf)) => crlf.min(lf),
        (Some(at), None) | (None, Some(at)) => at,
        (None, None) => 0,
    };
    &raw[start..]
}
