//! `havn evidence proof`: that an entry is in a log, as a file of its own (C2SP tlog-proof).

use std::{path::Path, process::ExitCode};

use control::Control;
use evidence::Proof;

use super::{account::AccountLog, not_signed_for, nothing_signed};
use crate::{Error, Result, command::EvidenceProof, register::Office};

/// Writes the proof.
pub(super) fn proof(dir: &Path, how: &EvidenceProof) -> Result<ExitCode> {
    let proof = match (&how.account, how.entry) {
        (Some(slug), Some(number)) => AccountLog::with(dir, slug, async |log| log.prove(number).await)?,
        (Some(slug), None) => AccountLog::with(dir, slug, of_checkpoint)?,
        (None, Some(number)) => of_operator(&Office::open(dir)?.control, number)?,
        (None, None) => return Err(nothing_signed()),
    };
    print!("{}", proof.text());
    Ok(ExitCode::SUCCESS)
}

/// That the account's newest checkpoint is in the operator's log.
async fn of_checkpoint(log: &AccountLog) -> Result<Proof> {
    let (size, account) = (log.newest().await?.size, log.account());
    let number = log.control().checkpoint_entry(account, size)?;
    let number = number.ok_or_else(|| {
        Error::Told(format!("the operator's log does not tell of the {size} entries yet: ask again"))
    })?;
    of_operator(log.control(), number)
}

fn of_operator(control: &Control, number: u64) -> Result<Proof> {
    control.prove_log_entry(number)?.ok_or_else(|| not_signed_for(number))
}
