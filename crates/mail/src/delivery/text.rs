//! The one writer of a mail's text on the wire (hardening rule 5).

use memchr::memchr2;
use std::borrow::Cow;

/// The mail with CRLF as its only line end: a CR or LF on its own becomes a space. Done before signing,
/// so that the signature fits what is sent.
pub(super) fn whole_lines(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = next_bare(raw, 0) else { return Cow::Borrowed(raw) };
    let mut whole = raw.to_vec();
    let mut next = Some(first);
    while let Some(at) = next {
        whole[at] = b' ';
        next = next_bare(&whole, at + 1);
    }
    Cow::Owned(whole)
}

/// Where the next CR without LF, or LF without CR, is.
fn next_bare(raw: &[u8], from: usize) -> Option<usize> {
    let mut start = from;
    while let Some(found) = memchr2(b'\r', b'\n', &raw[start..]) {
        let at = start + found;
        if raw[at] == b'\n' || raw.get(at + 1) != Some(&b'\n') {
            return Some(at);
        }
        start = at + 2;
    }
    None
}

/// The mail as DATA takes it: a dot before each line that begins with one, and the end (RFC 5321 part
/// 4.5.2). Takes whole lines only.
pub(super) fn with_dots(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 64 + 8);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if line[0] == b'.' {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !raw.is_empty() && !raw.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Mail, Protocol, Rules, Session, Step, Verdict};
    use proptest::prelude::*;
    use std::sync::Arc;
    use words::{AccountId, MailboxId, Time};

    #[test]
    fn stray_line_ends_become_spaces() {
        let cases: [(&[u8], &[u8]); 6] = [
            (b"a\r\nb\r\n", b"a\r\nb\r\n"),
            (b"a\nb", b"a b"),
            (b"a\r\r\nb", b"a \r\nb"),
            (b"a\r\n\nb\r", b"a\r\n b "),
            (b"\n\r", b"  "),
            (b"\r\n.\n", b"\r\n. "),
        ];
        for (raw, whole) in cases {
            assert_eq!(whole_lines(raw).as_ref(), whole, "{raw:?}");
        }
    }

    #[test]
    fn dots_are_doubled_and_the_end_is_put() {
        assert_eq!(with_dots(b".a\r\n..\r\nb"), b"..a\r\n...\r\nb\r\n.\r\n");
        assert_eq!(with_dots(b""), b".\r\n");
    }

    /// What our own session makes of it.
    fn received(text: &[u8]) -> (Vec<Mail>, usize) {
        let rules = Rules {
            host: "mx".into(),
            protocol: Protocol::Smtp,
            mail_bytes_max: 100_000,
            recipients_max: 1,
            failures_max: 9,
        };
        let (mut session, mut out, mut mails) =
            (Session::new(Arc::new(rules), false), Vec::new(), Vec::new());
        session.take(b"EHLO c\r\n", &mut out);
        session.take(b"MAIL FROM:<a@b.example>\r\n", &mut out);
        session.take(b"RCPT TO:<ours@b.example>\r\n", &mut out);
        let now = Time::from_seconds(1);
        session.recipient(Verdict::Ours(AccountId::new(now), MailboxId::new(now)), &mut out);
        session.take(b"DATA\r\n", &mut out);
        let (used, step) = session.take(text, &mut out);
        if let Step::Store(mail) = step {
            mails.push(*mail);
        }
        (mails, used)
    }

    proptest! {
        /// Whatever is in a mail: it arrives whole, as one, and nothing of it is left to be a command.
        #[test]
        fn what_is_sent_is_one_mail(pieces in prop::collection::vec(
            prop::sample::select(vec!["\r", "\n", ".", "\r\n", "a", "\0", "\r\n.\r\nMAIL FROM:<x@y>\r\n"]), 0..40,
        )) {
            let raw = pieces.concat().into_bytes();
            let whole = whole_lines(&raw).into_owned();
            let sent = with_dots(&whole);
            let (mails, used) = received(&sent);
            prop_assert_eq!(mails.len(), 1);
            prop_assert_eq!(used, sent.len());
            let got = &mails[0].raw;
            prop_assert!(*got == whole || *got == [whole.as_slice(), b"\r\n"].concat());
        }
    }
}
