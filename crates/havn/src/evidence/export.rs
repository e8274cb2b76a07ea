//! `havn evidence export`: the operator's log as a file, with the key that it is checked by.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use crate::{Error, Result, command::EvidenceExport, register::Office};

/// Writes the log, up to what was signed.
pub(super) fn export(dir: &Path, how: &EvidenceExport) -> Result<ExitCode> {
    let office = Office::open(dir)?;
    let log = office.control.export_log()?.ok_or_else(nothing_signed)?;
    match &how.to {
        Some(to) => fs::write(to, log).map_err(|source| Error::File { path: to.clone(), source })?,
        None => io::stdout().write_all(&log)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the newest checkpoint.
pub(super) fn checkpoint(dir: &Path) -> Result<ExitCode> {
    let office = Office::open(dir)?;
    print!("{}", office.control.log_checkpoint()?.ok_or_else(nothing_signed)?.note);
    Ok(ExitCode::SUCCESS)
}

fn nothing_signed() -> Error {
    Error::Told("nothing was signed yet: the register has no entry".into())
}
