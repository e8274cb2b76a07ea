//! How a letter passed to its addressee's mail server, where Havn brought it there itself. It stands in the
//! delivery's note before what the server said. The pages turn it into words.

use crate::OURS;

/// How a letter passed to another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Over TLS, and the certificate proved that the server is the one it is called.
    Verified,
    /// Over TLS, with a certificate that proves nothing.
    Encrypted,
    /// In the clear: the server offers nothing else.
    Clear,
}

impl Passage {
    /// All that there are.
    pub const ALL: [Self; 3] = [Self::Verified, Self::Encrypted, Self::Clear];

    /// The name in notes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "over-verified-tls",
            Self::Encrypted => "over-tls",
            Self::Clear => "in-the-clear",
        }
    }

    /// As a delivery's note: to which server, and what it said.
    pub fn note(self, host: &str, reply: &str) -> String {
        format!("{OURS}{} {host} {reply}", self.name())
    }

    /// Reads a delivery's note: how, to which server, and what it said. None if it tells nothing of that.
    pub fn read(note: &str) -> Option<(Self, &str, &str)> {
        let (name, rest) = note.strip_prefix(OURS)?.split_once(' ')?;
        let (host, reply) = rest.split_once(' ').unwrap_or((rest, ""));
        let passage = Self::ALL.into_iter().find(|one| one.name() == name)?;
        Some((passage, host, reply))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hindrance;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        for passage in Passage::ALL {
            let note = passage.note("mx.example", "250 2.0.0 Ok");
            assert_eq!(Passage::read(&note), Some((passage, "mx.example", "250 2.0.0 Ok")));
            assert_eq!(Hindrance::read(&note), None);
        }
        assert_eq!(Passage::read("250 2.0.0 Ok"), None);
        assert_eq!(Passage::read(&Hindrance::Tls.note_with("over-tls x")), None);
    }
}
