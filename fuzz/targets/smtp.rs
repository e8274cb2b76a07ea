//! Any bytes as what a client says.
#![no_main]

use mail::session::{Mail, Protocol, Rules, Session, Step, Verdict};
use std::sync::Arc;
use words::{AccountId, MailboxId, Time};

const MAIL_BYTES_MAX: usize = 1_000;
/// Room that is made for a mail before it comes.
const ROOM_BYTES: usize = 256 * 1024;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [protocol, piece, said @ ..] = bytes else { return };
    let protocol = if protocol % 2 == 0 { Protocol::Smtp } else { Protocol::Lmtp };
    let rules = Rules {
        host: "mx.example".into(),
        protocol,
        mail_bytes_max: MAIL_BYTES_MAX,
        recipients_max: 3,
        failures_max: 20,
    };
    let mut session = Session::new(Arc::new(rules), true);
    let (mut waiting, mut out) = (Vec::new(), Vec::new());
    for piece in said.chunks(usize::from(*piece).max(1)) {
        waiting.extend_from_slice(piece);
        let used = work_off(&mut session, &waiting, &mut out);
        waiting.drain(..used);
        assert!(session.held() <= 2 * MAIL_BYTES_MAX + ROOM_BYTES);
        assert!(waiting.len() <= mail::session::COMMAND_BYTES_MAX + piece.len());
    }
    let replies = String::from_utf8(out).expect("replies are text");
    assert!(replies.is_empty() || replies.ends_with("\r\n"));
    for line in replies.split_terminator("\r\n") {
        assert!(line.is_char_boundary(3) && line[..3].parse::<u16>().is_ok(), "{line}");
    }
});

/// Works bytes off as the server does, and tells how many were taken.
fn work_off(session: &mut Session, bytes: &[u8], out: &mut Vec<u8>) -> usize {
    let now = Time::from_seconds(1);
    let mut at = 0;
    loop {
        let (used, step) = session.take(&bytes[at..], out);
        at += used;
        match step {
            Step::Recipient(address) if address.local().starts_with("ours") => {
                session.recipient(Verdict::Ours(AccountId::new(now), MailboxId::new(now)), out);
            }
            Step::Recipient(_) => {
                session.recipient(Verdict::Unknown, out);
            }
            Step::Store(mail) => {
                judge(&mail);
                let outcomes = vec![Ok("id".to_owned()); mail.recipients.len()];
                session.stored(&outcomes, out);
            }
            Step::StartTls => {
                session.secured();
                return bytes.len();
            }
            Step::Read | Step::Close => return at,
        }
    }
}

fn judge(mail: &Mail) {
    assert!(mail.raw.len() <= MAIL_BYTES_MAX && (1..=3).contains(&mail.recipients.len()));
    for (at, byte) in mail.raw.iter().enumerate() {
        match byte {
            b'\r' => assert_eq!(mail.raw.get(at + 1), Some(&b'\n'), "a bare CR"),
            b'\n' => assert!(at > 0 && mail.raw[at - 1] == b'\r', "a bare LF"),
            _ => {}
        }
    }
}
