//! Why a command could not do what it was asked to, by cause: one sentence for whoever typed it.

use std::{io, path::PathBuf};

/// The result of a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operator's file.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The table that the door reads.
    #[error("havn.toml: {0}")]
    Register(#[from] egress::RegisterFileError),
    /// The supervisor.
    #[error(transparent)]
    Supervisor(#[from] egress::supervisor::SupervisorError),
    /// A door in this process.
    #[error(transparent)]
    Door(#[from] egress::DoorError),
    /// The kernel does not seal this process.
    #[error(transparent)]
    Seal(#[from] egress::SealError),
    /// The door to a person.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The door to a place.
    #[error(transparent)]
    Fleet(#[from] fleet::Error),
    /// Control data.
    #[error(transparent)]
    Control(#[from] control::Error),
    /// An account's store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A rule of the desk.
    #[error(transparent)]
    Desk(#[from] desk::Error),
    /// A certificate.
    #[error(transparent)]
    Certificate(#[from] crate::serve::CertificateError),
    /// A file or folder.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Sockets, threads, processes.
    #[error("cannot run: {0}")]
    Io(#[from] io::Error),
    /// There is no account of this name.
    #[error("there is no account {0} here")]
    NoSuchAccount(words::Slug),
    /// A newer program has worked on the accounts here.
    #[error("the accounts' stores have schema {found}, this program knows up to {known}")]
    NewerStores {
        /// The newest schema that they may have.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// A build that keeps no evidence was asked to serve.
    #[error(
        "this program was built without evidence, for a measurement, and serves nobody; whoever measures it sets {0}"
    )]
    WithoutEvidence(&'static str),
    /// What was found amiss was already told, line by line.
    #[error("{0}")]
    Told(String),
}

impl Error {
    /// The whole sentence: the cause with what it came from, each once.
    pub fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            let words = cause.to_string();
            if !sentence.contains(&words) {
                sentence.push_str(": ");
                sentence.push_str(&words);
            }
            source = cause.source();
        }
        sentence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_tells_each_cause_once() {
        let error = Error::Control(control::Error::Folder(io::Error::other("no such disk")));
        assert_eq!(error.sentence(), "the data folder cannot be used: no such disk");
        let error = Error::File { path: "a".into(), source: io::Error::other("gone") };
        assert_eq!(error.sentence(), "a: gone");
    }
}
