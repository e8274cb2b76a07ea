//! `havn evidence`: the signed logs, taken out and verified.

mod account;
mod export;
mod proof;
mod verify;

use std::{path::Path, process::ExitCode};

use crate::{Error, Result, command::EvidenceCommand};

/// Runs one of the commands.
pub fn run(dir: &Path, command: EvidenceCommand) -> Result<ExitCode> {
    match command {
        EvidenceCommand::Export(how) => export::export(dir, &how),
        EvidenceCommand::Checkpoint(how) => export::checkpoint(dir, &how),
        EvidenceCommand::Proof(how) => proof::proof(dir, &how),
        EvidenceCommand::Verify(how) => verify::verify(dir, &how),
    }
}

fn nothing_signed() -> Error {
    Error::Told(
        "nothing was signed yet: a log is signed by the server within a minute after it has grown".into(),
    )
}

fn not_signed_for(number: u64) -> Error {
    Error::Told(format!("there is no entry {number} in what was signed"))
}
