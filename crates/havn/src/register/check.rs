//! `havn register check`: what a reader of the page would stumble over.

use std::{fs, path::Path, process::ExitCode};

use register::{Document, Finding, Observed, Register, check as find, record};
use serde_json::json;
use words::{Clock, Time};

use super::{Office, change::told, print_json};
use crate::{Error, Result, command::RegisterCheck};

/// Checks a file, or the register of the folder beside what its door recorded. The exit code is 1 if there
/// are findings.
pub(super) fn check(dir: &Path, how: &RegisterCheck) -> Result<ExitCode> {
    let at = how.at.unwrap_or_else(|| Clock::System.now());
    let findings = if let Some(file) = &how.file {
        find(&of_file(file, at)?, &[], at)
    } else {
        let office = Office::open(dir)?;
        find(&office.register_at(how.at)?, &observed(&office)?, at)
    };
    if how.json {
        print_json(&json!({ "findings": findings }));
    } else {
        for Finding { code, sentence, .. } in &findings {
            println!("{code}: {sentence}");
        }
        match findings.len() {
            0 => println!("Nothing that a reader would stumble over."),
            1 => println!("1 finding."),
            many => println!("{many} findings."),
        }
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The register that a file alone would make. An entry stands in the state that the file gives it, also
/// one that an import would begin as a draft: the file is what somebody wants to publish.
fn of_file(file: &Path, at: Time) -> Result<Register> {
    let text = fs::read_to_string(file).map_err(|source| Error::File { path: file.to_owned(), source })?;
    let document = Document::read(&text).map_err(|faults| told(&file.display().to_string(), &faults))?;
    let mut register = Register::default();
    let changes = document.changes(&register);
    for change in record(&register, at, "file", "file", changes) {
        register.apply(&change).map_err(|error| Error::Told(error.to_string()))?;
    }
    for (id, state) in &document.states {
        if let Some(held) = register.entries.get_mut(id) {
            held.state = *state;
        }
    }
    Ok(register)
}

/// What the door's record says of where bytes went.
fn observed(office: &Office) -> Result<Vec<Observed>> {
    let spool = office.config.spool();
    if !spool.exists() {
        return Ok(Vec::new());
    }
    let lines = egress::spool::read(&spool).map_err(egress::DoorError::from)?;
    let flows = lines.into_iter().filter_map(|line| match line.flow {
        evidence::Flow::Intent { account, purpose, host, address, basis, .. } => {
            let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok())?;
            Some(Observed { account, purpose, host, port, on_entry: basis == "entry", last: line.at })
        }
        evidence::Flow::Outcome { .. } | evidence::Flow::Refused { .. } => None,
    });
    Ok(flows.collect())
}
