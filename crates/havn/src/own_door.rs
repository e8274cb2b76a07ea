//! The door of a command: in the command's own process, with a record of its own, since that of a door
//! that serves has one writer. The record goes with the command.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use egress::Egress;
use rustix::process::{Pid, test_kill_process};

use crate::{Error, Result, config::Config};

/// In the data folder: a folder per command that runs, by its process.
const FOLDER: &str = "door-of-commands";
/// What a living door holds locked in its folder.
const LOCK: &str = "door.lock";

/// The way out of a command. Its record goes with this value.
pub struct OwnDoor {
    /// The handle on the door.
    pub egress: Egress,
    record: PathBuf,
}

impl OwnDoor {
    /// A door that goes by the operator's file.
    pub fn open(config: &Config) -> Result<Self> {
        let text = fs::read_to_string(&config.path)
            .map_err(|source| Error::File { path: config.path.clone(), source })?;
        let file = egress::operator_file(&text)?;
        let folder = config.data.join(FOLDER);
        remove_left(&folder);
        let record = folder.join(std::process::id().to_string());
        let egress = egress::Door::in_process(file, Some(config.rules_place()), &record)?;
        Ok(Self { egress, record })
    }
}

impl Drop for OwnDoor {
    fn drop(&mut self) {
        // What stays is removed by the next command.
        let _ = fs::remove_dir_all(&self.record);
        if let Some(folder) = self.record.parent() {
            // Others may be at work there.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Removes the records of commands that were cut off.
fn remove_left(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for record in entries.flatten().map(|entry| entry.path()).filter(|record| is_left(record)) {
        if let Err(error) = fs::remove_dir_all(&record) {
            tracing::warn!(%error, "the record of a command that was cut off could not be removed");
        }
    }
}

/// Whether nobody writes there any more. A command of another container has a process that we do not
/// see, but its lock we do.
fn is_left(record: &Path) -> bool {
    match File::open(record.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(_) => process(record).is_some_and(|process| test_kill_process(process).is_err()),
    }
}

fn process(record: &Path) -> Option<Pid> {
    Pid::from_raw(record.file_name()?.to_str()?.parse().ok()?)
}
