//! Which schema the accounts' stores have been brought to by the newest program that worked on this
//! folder: an older one learns it before it opens, and touches, any of them.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::Path,
};

use crate::{Error, Result};

const FILE: &str = "store-schema";

/// Refuses a folder of which a newer program has brought stores to a schema that we do not know.
pub fn refuse_newer(data: &Path) -> Result<()> {
    match noted(data)? {
        Some(found) if found > store::SCHEMA => Err(Error::NewerStores { found, known: store::SCHEMA }),
        _ => Ok(()),
    }
}

/// Notes that stores may have our schema from now on.
pub fn note(data: &Path) -> Result<()> {
    if noted(data)? == Some(store::SCHEMA) {
        return Ok(());
    }
    let (path, beside) = (data.join(FILE), data.join(format!("{FILE}.new")));
    let written = File::create(&beside).and_then(|mut file| {
        writeln!(file, "{}", store::SCHEMA)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    });
    written.map_err(|source| Error::File { path, source })
}

fn noted(data: &Path) -> Result<Option<i64>> {
    let path = data.join(FILE);
    let failed = |source| Error::File { path: path.clone(), source };
    match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| failed(io::Error::other("this is no number"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}
