//! What kept us from sending: which hindrance each cause is.

use super::{
    conversation::{NoTalk, Outcome},
    stream::Broken,
};
use desk::Hindrance;
use egress::DialError;
use register::PermitRefusal;

/// Why a try ended before it began.
pub(super) fn no_connection(error: &DialError) -> Outcome {
    let hindrance = hindrance_of(error);
    let note = hindrance.note_with(&error.to_string());
    let ours = matches!(hindrance, Hindrance::NoWayOut | Hindrance::NoRegister);
    if ours { Outcome::soon(note) } else { Outcome::later(note) }
}

fn hindrance_of(error: &DialError) -> Hindrance {
    match error {
        DialError::Refused(PermitRefusal::NoRegister) => Hindrance::NoRegister,
        DialError::Refused(PermitRefusal::Suspended(_) | PermitRefusal::Objected(_)) => {
            Hindrance::ShutByRegister
        }
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
