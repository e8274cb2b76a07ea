//! The one place that turns causes into SMTP replies (RFC 5321 part 4.2, RFC 3463).

/// A reply of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Go on with TLS.
    ReadyForTls,
    /// Good bye.
    Bye,
    /// Nothing to say against it.
    Ok,
    /// The sender may send.
    SenderOk,
    /// The recipient is one of ours.
    RecipientOk,
    /// A chunk was taken.
    ChunkOk,
    /// Who exists is not told.
    CannotVerify,
    /// Send the mail's text.
    SendText,
    /// Help is elsewhere.
    Help,
    /// We stop, or the client waited too long.
    GoingAway,
    /// Too slow or silent.
    TooSlow,
    /// Too many connections, from this address or at all.
    TooManyConnections,
    /// Too many failures, in this session or from this address.
    TooManyFailures,
    /// The store cannot take it now.
    TryLater,
    /// No room: on the disk, or for one more large mail at once.
    NoRoom,
    /// Too many wait for this account.
    Busy,
    /// More recipients than one mail may have; those taken stay taken.
    TooManyRecipients,
    /// The line is longer than a command can be.
    LineTooLong,
    /// The line does not end with CRLF.
    BadLineEnd,
    /// No such command.
    UnknownCommand,
    /// Not in this protocol.
    WrongHello,
    /// NUL or bytes that are no text.
    BadCharacters,
    /// Wrong words after the command.
    BadArguments,
    /// The size of a chunk is no number.
    BadChunkSize,
    /// Not an address.
    BadAddress,
    /// A parameter that was not offered.
    BadParameter,
    /// Exists, is not offered here.
    NotOffered,
    /// Not now.
    BadSequence,
    /// No recipient was accepted.
    NoRecipients,
    /// More commands at once than were allowed.
    BadPipelining,
    /// Spoke before the greeting.
    EarlyTalker,
    /// This is no web server.
    NotWeb,
    /// Not one of ours.
    NoSuchMailbox,
    /// An address beyond ASCII, without SMTPUTF8.
    NeedsUtf8,
    /// Larger than a mail may be.
    TooLarge,
    /// A CR without LF, or an LF without CR.
    BareLineEnd,
    /// The client broke the connection's encryption off.
    NoTls,
}

impl Reply {
    /// The line, without its CRLF.
    pub const fn line(self) -> &'static str {
        match self {
            Self::ReadyForTls => "220 2.0.0 go ahead",
            Self::Bye => "221 2.0.0 bye",
            Self::Ok => "250 2.0.0 ok",
            Self::SenderOk => "250 2.1.0 sender ok",
            Self::RecipientOk => "250 2.1.5 recipient ok",
            Self::ChunkOk => "250 2.0.0 chunk taken",
            Self::CannotVerify => "252 2.1.5 send some mail and see",
            Self::SendText => "354 end with CR LF . CR LF",
            Self::Help => "214 2.0.0 see RFC 5321",
            Self::GoingAway => "421 4.3.2 this server stops, try again soon",
            Self::TooSlow => "421 4.4.2 too slow, try again",
            Self::TooManyConnections => "421 4.7.0 too many connections, try again later",
            Self::TooManyFailures => "421 4.7.0 too many errors, try again later",
            Self::TryLater => "451 4.3.0 cannot store this now, try again later",
            Self::NoRoom => "452 4.3.1 no room, try again later",
            Self::Busy => "452 4.3.2 too much at once, try again later",
            Self::TooManyRecipients => "452 4.5.3 too many recipients, send the rest in another mail",
            Self::LineTooLong => "500 5.5.2 line too long",
            Self::BadLineEnd => "500 5.5.2 a line ends with CR LF",
            Self::UnknownCommand => "500 5.5.1 no such command",
            Self::WrongHello => "500 5.5.1 not in this protocol",
            Self::BadCharacters => "501 5.5.2 not a line of text",
            Self::BadArguments => "501 5.5.4 wrong arguments",
            Self::BadChunkSize => "501 5.5.4 wrong size of a chunk",
            Self::BadAddress => "501 5.1.3 not an address",
            Self::BadParameter => "555 5.5.4 this parameter was not offered",
            Self::NotOffered => "502 5.5.1 not offered here",
            Self::BadSequence => "503 5.5.1 not now",
            Self::NoRecipients => "554 5.5.1 no valid recipients",
            Self::BadPipelining => "554 5.5.0 wait for the answer",
            Self::EarlyTalker => "554 5.5.0 wait for the greeting",
            Self::NotWeb => "554 5.5.1 this is a mail server",
            Self::NoSuchMailbox => "550 5.1.1 no such mailbox here",
            Self::NeedsUtf8 => "553 5.6.7 this address needs SMTPUTF8",
            Self::TooLarge => "552 5.3.4 this mail is too large",
            Self::BareLineEnd => "550 5.6.0 the mail has a CR or LF on its own (RFC 5321 part 2.3.8)",
            Self::NoTls => "454 4.7.0 no TLS at the moment",
        }
    }

    /// Whether it counts as a failure of the client.
    pub const fn is_failure(self) -> bool {
        self.line().as_bytes()[0] == b'5'
    }
}

/// Why a mail was not taken, by cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The disk is full.
    DiskFull,
    /// Too many units wait for this account's store.
    Busy,
    /// The store cannot be opened or written, or nobody knows whether it was.
    Unavailable,
    /// The mailbox is gone since the recipient was accepted.
    NoSuchMailbox,
    /// Larger than can be kept.
    TooLarge,
}

impl From<Rejection> for Reply {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::DiskFull => Self::NoRoom,
            Rejection::Busy => Self::Busy,
            Rejection::Unavailable => Self::TryLater,
            Rejection::NoSuchMailbox => Self::NoSuchMailbox,
            Rejection::TooLarge => Self::TooLarge,
        }
    }
}

impl From<&store::Error> for Rejection {
    fn from(error: &store::Error) -> Self {
        match error {
            store::Error::DiskFull => Self::DiskFull,
            store::Error::Busy => Self::Busy,
            _ => Self::Unavailable,
        }
    }
}

impl From<&access::Error> for Rejection {
    fn from(error: &access::Error) -> Self {
        match error {
            error if error.is_disk_full() => Self::DiskFull,
            access::Error::Store(error) => error.into(),
            _ => Self::Unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_the_senders_wait_and_no_failure_of_theirs() {
        let reply = |error: store::Error| Reply::from(Rejection::from(&error));
        assert_eq!(reply(store::Error::DiskFull), Reply::NoRoom);
        assert_eq!(reply(store::Error::Busy), Reply::Busy);
        assert_eq!(reply(store::Error::Unknown), Reply::TryLater);
        assert!(!Reply::NoRoom.is_failure() && Reply::NoSuchMailbox.is_failure());
    }
}
