//! `havn evidence export` and `checkpoint`: a log as a file, up to what was signed.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{account::AccountLog, nothing_signed};
use crate::{
    Error, Result,
    command::{EvidenceCheckpoint, EvidenceExport},
    register::Office,
};

/// Writes a log.
pub(super) fn export(dir: &Path, how: &EvidenceExport) -> Result<ExitCode> {
    if let Some(slug) = &how.account {
        AccountLog::with(dir, slug, async |log| {
            let mut to = target(how.to.as_ref())?;
            log.write(&mut to).await?;
            Ok(to.flush()?)
        })?;
    } else {
        let log = Office::open(dir)?.control.export_log()?.ok_or_else(nothing_signed)?;
        let mut to = target(how.to.as_ref())?;
        to.write_all(&log)?;
        to.flush()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the newest checkpoint.
pub(super) fn checkpoint(dir: &Path, how: &EvidenceCheckpoint) -> Result<ExitCode> {
    let note = match &how.account {
        Some(slug) => AccountLog::with(dir, slug, async |log| Ok(log.newest().await?.note))?,
        None => Office::open(dir)?.control.log_checkpoint()?.ok_or_else(nothing_signed)?.note,
    };
    print!("{note}");
    Ok(ExitCode::SUCCESS)
}

fn target(to: Option<&PathBuf>) -> Result<BufWriter<Box<dyn Write>>> {
    let to: Box<dyn Write> = match to {
        Some(path) => {
            Box::new(File::create(path).map_err(|source| Error::File { path: path.clone(), source })?)
        }
        None => Box::new(io::stdout()),
    };
    Ok(BufWriter::new(to))
}
