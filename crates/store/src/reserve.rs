//! Room on the disk that is kept free for erasing: SQLite needs room even to delete.
//!
//! One file for all accounts of a folder, since they share the disk. While it is gone, only units that
//! erase may write; it is made again as soon as there is room.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Error, Result, files::sync_folder};

/// What is kept free.
const RESERVE_BYTES: u64 = 2 * 1024 * 1024;
/// Less free than this, and erasing takes the reserve.
const SHORT_BYTES: u64 = 2 * RESERVE_BYTES;

pub(crate) struct Reserve {
    path: PathBuf,
    /// Whether the file is there.
    kept: Mutex<bool>,
}

impl Reserve {
    /// Touches nothing yet.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { path: folder.join("reserve"), kept: Mutex::new(false) }
    }

    /// Whether room is kept; makes it if it is not and there is room.
    pub(crate) fn is_kept(&self) -> Result<bool> {
        let mut kept = self.kept();
        if !*kept {
            *kept = self.make()?;
        }
        Ok(*kept)
    }

    /// Whether the room that was kept is in use.
    pub(crate) fn is_freed(&self) -> bool {
        !*self.kept()
    }

    /// Frees the reserve if the disk is short of room.
    pub(crate) fn free(&self) -> Result<()> {
        let mut kept = self.kept();
        if self.available()? >= SHORT_BYTES {
            return Ok(());
        }
        *kept = false;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Makes the file; false if there is no room for it.
    fn make(&self) -> Result<bool> {
        if self.path.metadata().is_ok_and(|file| file.len() == RESERVE_BYTES) {
            return Ok(true);
        }
        match self.write() {
            Ok(()) => Ok(true),
            Err(error) => {
                // What was made of it must not take the room that is left.
                let _ = fs::remove_file(&self.path);
                match Error::from(error) {
                    Error::DiskFull => Ok(false),
                    other => Err(other),
                }
            }
        }
    }

    fn write(&self) -> io::Result<()> {
        let file = File::create(&self.path)?;
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, RESERVE_BYTES)?;
        file.sync_all()?;
        sync_folder(self.path.parent().unwrap_or(Path::new("/")))
    }

    fn available(&self) -> Result<u64> {
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        let disk = rustix::fs::statvfs(folder).map_err(io::Error::from)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn kept(&self) -> MutexGuard<'_, bool> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
