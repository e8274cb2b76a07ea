//! What kept us from sending: by cause, under a name that the pages turn into words.

use super::{
    conversation::{NoTalk, Outcome},
    stream::Broken,
};
use egress::DialError;

/// What begins the note of a delivery when we, not the other side, say it. After it comes the name of a
/// [`Hindrance`], then maybe a space and particulars.
pub const OURS: &str = "havn:";

/// What kept us from sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// The account has set no relay.
    NoRelay,
    /// The register does not permit the host.
    NotPermitted,
    /// The relay's name leads nowhere.
    NoSuchName,
    /// Nobody listens at that port.
    NobodyListens,
    /// No answer in time.
    NoAnswer,
    /// The host cannot be reached.
    Unreachable,
    /// Our own way out is not there for the moment.
    NoWayOut,
    /// The connection was lost.
    Lost,
    /// The relay does not speak as a mail server.
    NotSmtp,
    /// No secure connection.
    Tls,
    /// The relay does not offer STARTTLS.
    NoStartTls,
    /// The relay offers no way to log in that we know.
    NoLogIn,
    /// The relay did not take name and password.
    LogIn,
    /// The relay does not want to talk.
    Refused,
    /// The relay takes no addresses beyond ASCII.
    NoUtf8,
    /// The domain's key cannot sign.
    Key,
    /// We were stopped in the middle; nobody knows whether the relay has it.
    Interrupted,
    /// It was tried for days.
    GaveUp,
    /// There is no mail to send any more.
    NoMail,
}

impl Hindrance {
    /// The name in notes and in the pages' texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoRelay => "no-relay",
            Self::NotPermitted => "not-permitted",
            Self::NoSuchName => "no-such-name",
            Self::NobodyListens => "nobody-listens",
            Self::NoAnswer => "no-answer",
            Self::Unreachable => "unreachable",
            Self::NoWayOut => "no-way-out",
            Self::Lost => "lost",
            Self::NotSmtp => "not-smtp",
            Self::Tls => "tls",
            Self::NoStartTls => "no-starttls",
            Self::NoLogIn => "no-log-in",
            Self::LogIn => "log-in",
            Self::Refused => "refused",
            Self::NoUtf8 => "no-utf8",
            Self::Key => "key",
            Self::Interrupted => "interrupted",
            Self::GaveUp => "gave-up",
            Self::NoMail => "no-mail",
        }
    }

    /// As a delivery's note.
    pub fn note(self) -> String {
        format!("{OURS}{}", self.name())
    }

    /// As a delivery's note, with particulars.
    pub fn note_with(self, particulars: &str) -> String {
        format!("{OURS}{} {particulars}", self.name())
    }
}

/// Why a try ended before it began.
pub(super) fn no_connection(error: &DialError) -> Outcome {
    let hindrance = hindrance_of(error);
    let note = hindrance.note_with(&error.to_string());
    if hindrance == Hindrance::NoWayOut { Outcome::soon(note) } else { Outcome::later(note) }
}

fn hindrance_of(error: &DialError) -> Hindrance {
    match error {
        DialError::Refused(_) => Hindrance::NotPermitted,
        DialError::Name(why) if why.is_temporary() => Hindrance::NoAnswer,
        DialError::Name(_) => Hindrance::NoSuchName,
        DialError::NobodyListens => Hindrance::NobodyListens,
        DialError::NoAnswer => Hindrance::NoAnswer,
        DialError::Unreachable => Hindrance::Unreachable,
        DialError::NotRecorded | DialError::TooMany | DialError::DoorRestarted | DialError::NoDoor => {
            Hindrance::NoWayOut
        }
    }
}

/// As a delivery's note.
pub(super) fn broken(error: &Broken) -> String {
    match error {
        Broken::Lost => Hindrance::Lost.note(),
        Broken::TooSlow => Hindrance::NoAnswer.note(),
        Broken::NotSmtp => Hindrance::NotSmtp.note(),
        Broken::Tls(why) => Hindrance::Tls.note_with(why),
    }
}

/// As a delivery's note.
pub(super) fn no_talk(error: &NoTalk) -> String {
    match error {
        NoTalk::Broken(error) => broken(error),
        NoTalk::Refused(reply) => Hindrance::Refused.note_with(reply),
        NoTalk::NoStartTls => Hindrance::NoStartTls.note(),
        NoTalk::NoLogIn => Hindrance::NoLogIn.note(),
        NoTalk::LogIn(reply) => Hindrance::LogIn.note_with(reply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::conversation::Ended;

    #[test]
    fn our_own_fault_is_tried_again_soon_and_theirs_later() {
        let ended = |error| no_connection(&error).ended;
        assert_eq!(ended(DialError::DoorRestarted), Ended::Soon);
        assert_eq!(ended(DialError::NoDoor), Ended::Soon);
        assert_eq!(ended(DialError::NobodyListens), Ended::Later);
        assert!(no_connection(&DialError::NobodyListens).reply.starts_with("havn:nobody-listens "));
    }
}
