//! The door as a process of its own, a child of the supervisor.

use super::{Door, DoorError, RegisterFileError, RulesPlace, operator_file};
use crate::Inherited;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::signal::unix::{SignalKind, signal};
use words::Clock;

/// Why the process is no door.
#[derive(Debug, thiserror::Error)]
pub enum DoorProcessError {
    /// The operator's file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The operator's file is not right.
    #[error("{path}: {source}")]
    OperatorFile {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: RegisterFileError,
    },
    /// The door itself.
    #[error(transparent)]
    Door(#[from] DoorError),
}

impl DoorProcessError {
    /// The exit code: 1 when somebody must put something right, 75 when a new door may be luckier (the
    /// supervisor starts one).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::File { .. } | Self::OperatorFile { .. } | Self::Door(DoorError::Spool(_)) => 1,
            Self::Door(DoorError::SpoolClosed | DoorError::Io(_)) => 75,
        }
    }
}

impl Door {
    /// Is the door until SIGTERM. To be called first in `main`, before any thread or runtime is there.
    /// Reads the table `[egress]` of the operator's file at `config` and the signed register at `rules` by
    /// itself, and keeps its spool in the folder `spool`.
    pub fn process(config: &Path, rules: RulesPlace, spool: &Path) -> Result<(), DoorProcessError> {
        let inherited = Inherited::for_door().map_err(DoorError::Io)?;
        let text = std::fs::read_to_string(config)
            .map_err(|source| DoorProcessError::File { path: config.to_owned(), source })?;
        let file = operator_file(&text)
            .map_err(|source| DoorProcessError::OperatorFile { path: config.to_owned(), source })?;
        // Two descriptors a connection.
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
            .map_err(|error| DoorError::Io(error.into()))?;
        let door = Self::new(file, Some(rules), spool, Clock::System)?;
        Ok(door.run(inherited.channel, async {
            match signal(SignalKind::terminate()) {
                Ok(mut asked_to_end) => drop(asked_to_end.recv().await),
                Err(error) => tracing::error!(%error, "the door cannot be asked to end"),
            }
        })?)
    }
}
