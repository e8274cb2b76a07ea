//! What kept a letter from being sent, when we and not the other side say it: by cause, under the name that
//! stands in the delivery's note. The pages turn it into words.

/// What begins the note of a delivery when we, not the other side, say it. After it comes the name of a
/// [`Hindrance`], then maybe a space and particulars.
pub const OURS: &str = "havn:";

/// What kept us from sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// The account has set no relay, and does not send straight.
    NoRelay,
    /// The register does not permit the host.
    NotPermitted,
    /// The register cannot be read or is not what was signed, so that the door is shut.
    NoRegister,
    /// The register shuts the host: an entry is suspended, or the account objects to it.
    ShutByRegister,
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
    /// The server does not speak as a mail server.
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
    /// Nobody can be asked which servers take the addressee's mail.
    NoNameServer,
    /// The name servers do not say which servers take the addressee's mail.
    NamesSilent,
    /// The addressee's domain is not there, or nobody takes its mail.
    NoSuchDomain,
    /// The addressee's domain says that it takes no mail (RFC 7505).
    TakesNoMail,
    /// The addressee's mail servers cannot be reached.
    NotReached,
    /// The addressee's domain demands other servers than the one that its name servers tell of (RFC 8461).
    PolicyServer,
    /// The addressee's domain demands TLS with a certificate that holds, and it does not (RFC 8461).
    PolicyTls,
}

impl Hindrance {
    /// All that there are.
    pub const ALL: [Self; 28] = [
        Self::NoRelay,
        Self::NotPermitted,
        Self::NoRegister,
        Self::ShutByRegister,
        Self::NoSuchName,
        Self::NobodyListens,
        Self::NoAnswer,
        Self::Unreachable,
        Self::NoWayOut,
        Self::Lost,
        Self::NotSmtp,
        Self::Tls,
        Self::NoStartTls,
        Self::NoLogIn,
        Self::LogIn,
        Self::Refused,
        Self::NoUtf8,
        Self::Key,
        Self::Interrupted,
        Self::GaveUp,
        Self::NoMail,
        Self::NoNameServer,
        Self::NamesSilent,
        Self::NoSuchDomain,
        Self::TakesNoMail,
        Self::NotReached,
        Self::PolicyServer,
        Self::PolicyTls,
    ];

    /// The name in notes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoRelay => "no-relay",
            Self::NotPermitted => "not-permitted",
            Self::NoRegister => "no-register",
            Self::ShutByRegister => "shut-by-register",
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
            Self::NoNameServer => "no-name-server",
            Self::NamesSilent => "names-silent",
            Self::NoSuchDomain => "no-such-domain",
            Self::TakesNoMail => "takes-no-mail",
            Self::NotReached => "not-reached",
            Self::PolicyServer => "policy-server",
            Self::PolicyTls => "policy-tls",
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

    /// Reads a delivery's note: what hindered us, and the particulars. None if the other side said it.
    pub fn read(note: &str) -> Option<(Self, &str)> {
        let said = note.strip_prefix(OURS)?;
        let (name, particulars) = said.split_once(' ').unwrap_or((said, ""));
        let hindrance = Self::ALL.into_iter().find(|one| one.name() == name)?;
        Some((hindrance, particulars))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        for (at, hindrance) in Hindrance::ALL.into_iter().enumerate() {
            assert_eq!(hindrance as usize, at, "each stands once, in order");
            assert_eq!(Hindrance::read(&hindrance.note()), Some((hindrance, "")));
            let with = hindrance.note_with("451 4.7.1 greylisted");
            assert_eq!(Hindrance::read(&with), Some((hindrance, "451 4.7.1 greylisted")));
        }
        assert_eq!(Hindrance::read("550 5.1.1 havn:lost"), None);
        assert_eq!(Hindrance::read("havn:something-new"), None);
    }
}
