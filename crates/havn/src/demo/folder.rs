//! The demo's folder: the one that was named, or one that goes with the demo.

use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The demo's folder.
pub enum Folder {
    /// It stays.
    Named(PathBuf),
    /// It is removed when this value is dropped.
    ThrowAway(tempfile::TempDir),
}

impl Folder {
    /// The named folder, made if it is not there, or a new one.
    pub fn take(named: Option<PathBuf>) -> Result<Self> {
        let Some(path) = named else {
            let made = tempfile::Builder::new().prefix("havn-demo-").tempdir()?;
            return Ok(Self::ThrowAway(made));
        };
        let failed = |source| Error::File { path: path.clone(), source };
        std::fs::create_dir_all(&path).map_err(failed)?;
        Ok(Self::Named(path.canonicalize().map_err(failed)?))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::ThrowAway(folder) => folder.path(),
        }
    }

    /// Whether it goes with the demo.
    pub fn goes(&self) -> bool {
        matches!(self, Self::ThrowAway(_))
    }
}
