//! Whether a machine wrote a mail, by what it says of itself in the headers. Subjects and texts prove
//! nothing and are not looked at.

use crate::{Kind, Letter};
use serde::{Deserialize, Serialize};

/// Servers that a mail may have passed; more is a loop (RFC 5321 part 6.3 asks for 100 at least).
const RECEIVED_MAX: usize = 100;

/// Why a machine must not answer a mail; `None` if nothing speaks against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Automatic {
    /// Nothing says that a machine wrote it.
    #[default]
    None,
    /// An answer by a machine: out of office, read receipt. It reopens nothing.
    AutoReply,
    /// Written by a machine, but not as an answer: a notice, an alarm. A conversation like any other that no
    /// machine answers.
    Generated,
    /// Came over a mailing list.
    List,
    /// Sent to many.
    Bulk,
    /// Has been here before, or passed too many servers.
    Loop,
    /// A delivery report.
    Bounce,
    /// An abuse report (RFC 5965).
    FeedbackReport,
}

impl Automatic {
    /// Whether a machine of ours may answer.
    pub fn may_be_answered(self) -> bool {
        self == Self::None
    }
}

/// Judges a mail. `return_path` is the envelope's sender if it is known, empty for `<>`; without it the
/// header is believed. The first rule that holds decides:
///
/// 1. our own loop header, or more than [`RECEIVED_MAX`] servers: `Loop`
/// 2. a multipart/report of type feedback-report, or a part of that type: `FeedbackReport`
/// 3. a report of type delivery-status, or an empty return path and a mailer daemon as the sender: `Bounce`
/// 4. a report of type disposition-notification: `AutoReply`
/// 5. `Auto-Submitted: auto-replied`, `X-Autoreply`, `X-Autorespond`, `Precedence: auto_reply`: `AutoReply`
/// 6. `Auto-Submitted` of any other value but `no`: an answer to something `AutoReply`, else `Generated`
/// 7. `List-Id` and its kin, `Precedence: list`: `List`
/// 8. `Precedence: bulk` or `junk`, `Feedback-ID`: `Bulk`
/// 9. an empty return path: an answer to something `AutoReply`, else `Generated`
/// 10. `X-Auto-Response-Suppress`: `Generated`
pub fn automatic(letter: &Letter, return_path: Option<&str>) -> Automatic {
    let machine = &letter.machine;
    let null_path = return_path
        .or(machine.return_path.as_deref())
        .is_some_and(|p| p.trim_matches(['<', '>', ' ']).is_empty());
    let answers = !letter.in_reply_to.is_empty() || !letter.references.is_empty();
    let report = machine.report_type.as_deref().unwrap_or_default();
    let precedence = machine.precedence.as_deref().unwrap_or_default();
    let submitted = machine.auto_submitted.as_deref().filter(|s| *s != "no");
    let part = |media_type: &str| {
        letter.attachments.iter().any(|a| a.kind == Kind::Report && a.media_type == media_type)
    };
    let by_answer = if answers { Automatic::AutoReply } else { Automatic::Generated };

    if !machine.loops.is_empty() || machine.received > RECEIVED_MAX {
        return Automatic::Loop;
    }
    if report == "feedback-report" || part("message/feedback-report") {
        return Automatic::FeedbackReport;
    }
    if report == "delivery-status" || part("message/delivery-status") || null_path && machine.from_daemon {
        return Automatic::Bounce;
    }
    if report == "disposition-notification" {
        return Automatic::AutoReply;
    }
    if submitted == Some("auto-replied")
        || machine.autoreply
        || matches!(precedence, "auto_reply" | "auto-reply")
    {
        return Automatic::AutoReply;
    }
    if submitted.is_some() {
        return by_answer;
    }
    if machine.list || precedence == "list" {
        return Automatic::List;
    }
    if matches!(precedence, "bulk" | "junk") || machine.feedback_id {
        return Automatic::Bulk;
    }
    if null_path {
        return by_answer;
    }
    if machine.suppress { Automatic::Generated } else { Automatic::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(headers: &str) -> Automatic {
        automatic(&Letter::read(format!("From: a@b.dk\r\n{headers}\r\n\r\nHello").as_bytes()), None)
    }

    #[test]
    fn each_mark_counts() {
        for (headers, meant) in [
            ("Subject: Out of office: automatic reply", Automatic::None),
            ("Auto-Submitted: no", Automatic::None),
            ("Auto-Submitted: auto-replied (vacation)", Automatic::AutoReply),
            ("Auto-Submitted: auto-generated", Automatic::Generated),
            ("Auto-Submitted: auto-generated\r\nIn-Reply-To: <a@b>", Automatic::AutoReply),
            ("X-Autoreply: yes", Automatic::AutoReply),
            ("X-Autorespond: a", Automatic::AutoReply),
            ("X-Auto-Response-Suppress: All", Automatic::Generated),
            ("Precedence: bulk", Automatic::Bulk),
            ("Precedence: auto_reply", Automatic::AutoReply),
            ("List-Id: <a.b>", Automatic::List),
            ("Return-Path: <>", Automatic::Generated),
            ("Return-Path: <a@b.dk>", Automatic::None),
            ("Feedback-ID: 1:2", Automatic::Bulk),
            ("X-Havn-Loop: acme", Automatic::Loop),
            (
                "Content-Type: multipart/report; report-type=feedback-report; boundary=a",
                Automatic::FeedbackReport,
            ),
        ] {
            assert_eq!(judged(headers), meant, "{headers}");
        }
        assert_eq!(judged(&"Received: x\r\n".repeat(101)), Automatic::Loop);
    }

    #[test]
    fn the_envelope_goes_before_the_header() {
        let letter = Letter::read(b"Return-Path: <a@b.dk>\r\nFrom: MAILER-DAEMON@b.dk\r\n\r\nx");
        assert_eq!(automatic(&letter, Some("")), Automatic::Bounce);
        assert_eq!(automatic(&letter, None), Automatic::None);
    }
}
