//! Why there is no connection, or no answer to a look-up.

use register::PermitRefusal;
use serde::{Deserialize, Serialize};

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialError {
    /// The register does not permit it.
    #[error("not permitted: {0}")]
    Refused(PermitRefusal),
    /// The name leads nowhere.
    #[error("the name could not be resolved: {0}")]
    Name(LookupError),
    /// Somebody is there, but nobody listens at that port.
    #[error("nobody listens there")]
    NobodyListens,
    /// No answer within [`crate::CONNECT_SECONDS_MAX`].
    #[error("no answer in time")]
    NoAnswer,
    /// There is no way to that address, or the way was cut.
    #[error("the address cannot be reached")]
    Unreachable,
    /// The intent could not be written, so nothing was dialled.
    #[error("the door cannot write its record, so it dials nobody")]
    NotRecorded,
    /// More connections at once than the door holds.
    #[error("too many connections at once")]
    TooMany,
    /// The door ended while it was at it; whether it dialled is unknown, but no byte was sent.
    #[error("the door was started again meanwhile")]
    DoorRestarted,
    /// There is no door that answers.
    #[error("the door does not answer")]
    NoDoor,
}

/// Why a look-up has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupError {
    /// The operator's file names no name server.
    #[error("there is no name server to ask")]
    NoResolver,
    /// The name does not exist (NXDOMAIN).
    #[error("the name does not exist")]
    NoSuchName,
    /// The name exists, without a record of this type.
    #[error("the name has no such record")]
    NoRecords,
    /// No name server answered in time.
    #[error("no name server answered in time")]
    NoAnswer,
    /// The name server could not or would not answer (its response code).
    #[error("the name server answered with failure {0}")]
    ServerFailed(u16),
    /// The answer was no answer to the question, or could not be read.
    #[error("the name server's answer cannot be used")]
    BadAnswer,
    /// The name points to a name, and so on, too often.
    #[error("the name points on to other names too often")]
    ChainTooLong,
    /// The text is no name.
    #[error("not a name that can be looked up")]
    BadName,
    /// The door cannot write its record, so it asks nobody.
    #[error("the door cannot write its record, so it asks nobody")]
    NotRecorded,
    /// More look-ups at once than the door takes.
    #[error("too many look-ups at once")]
    TooMany,
    /// The door ended while it was at it.
    #[error("the door was started again meanwhile")]
    DoorRestarted,
    /// There is no door that answers.
    #[error("the door does not answer")]
    NoDoor,
}

impl LookupError {
    /// Whether asking again later may help: everything but a clear word that there is nothing.
    pub fn is_temporary(&self) -> bool {
        !matches!(self, Self::NoSuchName | Self::NoRecords | Self::BadName | Self::NoResolver)
    }
}
