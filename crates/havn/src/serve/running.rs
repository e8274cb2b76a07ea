//! The file `running.json` in the data folder: where the desk listens, since ports may be free ones.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Where a desk that is ready listens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    /// The desk's process.
    pub pid: u32,
    /// Pages and API.
    pub web: Vec<SocketAddr>,
    /// SMTP.
    pub smtp: Vec<SocketAddr>,
    /// LMTP.
    pub lmtp: Vec<SocketAddr>,
    /// Health and metrics.
    pub metrics: SocketAddr,
}

impl Running {
    /// What the last desk that was ready said, if it can be read.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Says it: whole or not at all.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec(self)?)?;
        std::fs::rename(&beside, path)
    }

    /// Says that nobody listens there any more; where it was is kept beside, for who wants it again.
    pub fn end(path: &Path) -> io::Result<()> {
        match std::fs::rename(path, before(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// What the last desk said that ended, or died.
    pub fn last(path: &Path) -> Option<Self> {
        Self::read(path).or_else(|| Self::read(&before(path)))
    }
}

fn before(path: &Path) -> PathBuf {
    path.with_file_name("ran.json")
}
