//! `havn evidence verify`: whether a log or a proof is what was signed. It needs no server and no folder:
//! only the file, the public key, and what was kept of the log before.

use std::{fs, path::Path, process::ExitCode};

use evidence::{
    Checkpoint, CheckpointError, Export, LogPublicKey, Origin, Proof, Verified, told_by_operator,
    verify as verify_log,
};

use crate::{Error, Result, command::EvidenceVerify, config::Config};

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// How a proof begins (C2SP tlog-proof).
const PROOF_HEAD: &[u8] = b"c2sp.org/tlog-proof@v1";

/// What was found: a sentence, or what is wrong.
type Finding = Result<String, String>;

/// Says whether it is, or what was done to it. The exit code is 1 if it is not.
pub(super) fn verify(dir: &Path, how: &EvidenceVerify) -> Result<ExitCode> {
    let (operator, key) = public_key(dir, how)?;
    let (bytes, kept) = (read(&how.file)?, texts(&how.kept)?);
    let operator_log = how.operator_log.as_ref().map(|path| read(path)).transpose()?;
    let found = if bytes.starts_with(PROOF_HEAD) {
        proof(&bytes, &operator, &key)
    } else {
        log(&bytes, &operator, &key, &kept, operator_log.as_deref())
    };
    match found {
        Ok(said) => {
            println!("OK: {said}");
            Ok(ExitCode::SUCCESS)
        }
        Err(wrong) => {
            println!("NOT OK: {wrong}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn proof(bytes: &[u8], operator: &Origin, key: &LogPublicKey) -> Finding {
    let proof = Proof::read(&String::from_utf8_lossy(bytes)).map_err(words)?;
    let origin = origin(&proof.checkpoint, operator)?;
    let checkpoint = proof.verify(&origin, key).map_err(words)?;
    let entry = String::from_utf8_lossy(&proof.entry).into_owned();
    Ok(format!("the entry is number {} of the {} of {origin}: {entry}", proof.number, checkpoint.size))
}

fn log(
    bytes: &[u8],
    operator: &Origin,
    key: &LogPublicKey,
    kept: &[String],
    operator_log: Option<&[u8]>,
) -> Finding {
    let export = Export::read(bytes).map_err(words)?;
    let origin = origin(export.checkpoint, operator)?;
    let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
    let verified = verify_log(&export, &origin, key, &kept).map_err(words)?;
    let since = verified.kept.map_or_else(String::new, |size| {
        format!("; the first {size} are what was signed when the checkpoint was kept")
    });
    let told = match operator_log {
        Some(bytes) => told(bytes, (operator, key), &origin, &export, &verified)?,
        None => String::new(),
    };
    Ok(format!("{} entries of {origin} are as they were signed{since}{told}", verified.checkpoint.size))
}

/// What the operator's log, or a proof from it, tells of an account's log that is verified.
fn told(
    bytes: &[u8],
    (operator, key): (&Origin, &LogPublicKey),
    origin: &Origin,
    log: &Export<'_>,
    verified: &Verified,
) -> Finding {
    let account = origin.account_of(operator);
    let account = account.ok_or_else(|| format!("{origin} is not the log of an account"))?;
    if bytes.starts_with(PROOF_HEAD) {
        let proof = Proof::read(&String::from_utf8_lossy(bytes)).map_err(words)?;
        let proved = proof.verify_checkpoint(operator, key, account, &verified.checkpoint);
        proved.map_err(|error| format!("the operator's log: {error}"))?;
        return Ok(format!("; the operator's log tells so in entry {}", proof.number));
    }
    let said = |error: &dyn std::fmt::Display| format!("the operator's log: {error}");
    let theirs = Export::read(bytes).map_err(|error| said(&error))?;
    verify_log(&theirs, operator, key, &[]).map_err(|error| said(&error))?;
    let told = told_by_operator(&theirs, account, log).map_err(words)?;
    let newer =
        told.newer.map_or_else(String::new, |size| format!("; it has grown since, to {size} entries"));
    Ok(format!("; the operator's log tells of it {} times, and each time so{newer}", told.checkpoints))
}

/// Of which log a checkpoint is: that of the operator with this key, or that of one of its accounts.
fn origin(checkpoint: &str, operator: &Origin) -> Result<Origin, String> {
    let origin = Checkpoint::read(checkpoint).map_err(words)?.origin;
    if origin == *operator || origin.account_of(operator).is_some() {
        Ok(origin)
    } else {
        Err(words(CheckpointError::WrongOrigin(origin)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn words(error: impl ToString) -> String {
    error.to_string()
}

/// The key that was named, or that of the folder.
fn public_key(dir: &Path, how: &EvidenceVerify) -> Result<(Origin, LogPublicKey)> {
    let path = match &how.key {
        Some(path) => path.clone(),
        None => Config::read(dir)?.log_public(),
    };
    let text = String::from_utf8_lossy(&read(&path)?).into_owned();
    LogPublicKey::read(&text).map_err(|error| Error::Told(format!("{}: {error}", path.display())))
}

fn texts(paths: &[std::path::PathBuf]) -> Result<Vec<String>> {
    paths.iter().map(|path| Ok(String::from_utf8_lossy(&read(path)?).into_owned())).collect()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(Error::Told(format!("{} is larger than 4 GiB", path.display())));
    }
    fs::read(path).map_err(failed)
}
