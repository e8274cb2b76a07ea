//! What keeps mail from being picked up at another server, by cause, under the name that rows and the API
//! have. The pages turn it into words.

/// What keeps mail from being picked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickupFault {
    /// No password is kept.
    NoPassword,
    /// The register does not permit the host.
    NotPermitted,
    /// The server's name leads nowhere.
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
    /// The server does not speak as an IMAP server.
    NotImap,
    /// No secure connection.
    Tls,
    /// It is to be spoken to in the clear, and it is not inside the operator's network.
    InTheClear,
    /// The server does not offer STARTTLS.
    NoStartTls,
    /// The server offers no way to log in that we know.
    NoLogIn,
    /// The server did not take name and password.
    LogIn,
    /// There is no such folder, or it is not for us.
    NoFolder,
    /// The server did not do what it was asked for.
    Refused,
    /// More came than was asked for.
    TooMuch,
    /// Our own store does not take it in.
    Store,
    /// A fault of the program.
    Program,
}

impl PickupFault {
    /// All that there are.
    pub const ALL: [Self; 19] = [
        Self::NoPassword,
        Self::NotPermitted,
        Self::NoSuchName,
        Self::NobodyListens,
        Self::NoAnswer,
        Self::Unreachable,
        Self::NoWayOut,
        Self::Lost,
        Self::NotImap,
        Self::Tls,
        Self::InTheClear,
        Self::NoStartTls,
        Self::NoLogIn,
        Self::LogIn,
        Self::NoFolder,
        Self::Refused,
        Self::TooMuch,
        Self::Store,
        Self::Program,
    ];

    /// The name in rows and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoPassword => "no-password",
            Self::NotPermitted => "not-permitted",
            Self::NoSuchName => "no-such-name",
            Self::NobodyListens => "nobody-listens",
            Self::NoAnswer => "no-answer",
            Self::Unreachable => "unreachable",
            Self::NoWayOut => "no-way-out",
            Self::Lost => "lost",
            Self::NotImap => "not-imap",
            Self::Tls => "tls",
            Self::InTheClear => "in-the-clear",
            Self::NoStartTls => "no-starttls",
            Self::NoLogIn => "no-log-in",
            Self::LogIn => "log-in",
            Self::NoFolder => "no-folder",
            Self::Refused => "refused",
            Self::TooMuch => "too-much",
            Self::Store => "store",
            Self::Program => "program",
        }
    }

    /// The fault of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether what stands beside it was said by the other server.
    pub const fn quotes_the_other_side(self) -> bool {
        matches!(self, Self::LogIn | Self::NoFolder | Self::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        for (at, fault) in PickupFault::ALL.into_iter().enumerate() {
            assert_eq!(fault as usize, at, "each stands once, in order");
            assert_eq!(PickupFault::named(fault.name()), Some(fault));
        }
        assert_eq!(PickupFault::named("something-new"), None);
    }
}
