//! `havn evidence verify`: whether a log or a proof is what was signed. It needs no server and no folder:
//! only the file, the public key, and what was kept of the log before.

use std::{fs, path::Path, process::ExitCode};

use evidence::{Export, LogPublicKey, Origin, Proof, verify as verify_log};

use crate::{Error, Result, command::EvidenceVerify, config::Config};

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// How a proof begins (C2SP tlog-proof).
const PROOF_HEAD: &[u8] = b"c2sp.org/tlog-proof@v1";

/// Says whether it is, or what was done to it. The exit code is 1 if it is not.
pub(super) fn verify(dir: &Path, how: &EvidenceVerify) -> Result<ExitCode> {
    let (origin, key) = public_key(dir, how)?;
    let bytes = read(&how.file)?;
    let said = if bytes.starts_with(PROOF_HEAD) {
        let text = String::from_utf8_lossy(&bytes);
        let proof = Proof::read(&text).and_then(|proof| {
            let checkpoint = proof.verify(&origin, &key)?;
            Ok(format!("the entry is number {} of the {} of {origin}", proof.number, checkpoint.size))
        });
        proof.map_err(|error| error.to_string())
    } else {
        let kept = how.kept.iter().map(|path| Ok(String::from_utf8_lossy(&read(path)?).into_owned()));
        let kept: Vec<String> = kept.collect::<Result<_>>()?;
        let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
        match Export::read(&bytes) {
            Err(error) => Err(error.to_string()),
            Ok(export) => verify_log(&export, &origin, &key, &kept)
                .map(|verified| {
                    let since = verified.kept.map_or_else(String::new, |size| {
                        format!("; the first {size} are what was signed when the checkpoint was kept")
                    });
                    format!("{} entries of {origin} are as they were signed{since}", verified.checkpoint.size)
                })
                .map_err(|fault| fault.to_string()),
        }
    };
    match said {
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

/// The key that was named, or that of the folder.
fn public_key(dir: &Path, how: &EvidenceVerify) -> Result<(Origin, LogPublicKey)> {
    let path = match &how.key {
        Some(path) => path.clone(),
        None => Config::read(dir)?.rules_place().key,
    };
    let text = String::from_utf8_lossy(&read(&path)?).into_owned();
    LogPublicKey::read(&text).map_err(|error| Error::Told(format!("{}: {error}", path.display())))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(Error::Told(format!("{} is larger than 4 GiB", path.display())));
    }
    fs::read(path).map_err(failed)
}
