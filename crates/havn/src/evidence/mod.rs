//! `havn evidence`: the signed logs, taken out and verified.

mod export;
mod verify;

use std::{path::Path, process::ExitCode};

use crate::{Result, command::EvidenceCommand};

/// Runs one of the commands.
pub fn run(dir: &Path, command: EvidenceCommand) -> Result<ExitCode> {
    match command {
        EvidenceCommand::Export(how) => export::export(dir, &how),
        EvidenceCommand::Checkpoint => export::checkpoint(dir),
        EvidenceCommand::Verify(how) => verify::verify(dir, &how),
    }
}
