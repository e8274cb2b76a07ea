//! Takes a backup of an account while it is in use.

use std::{
    cell::RefCell,
    fs::{self, File},
    io::{BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

use register::Access;

use super::{FILES, FORMAT, Head, ROWS, TABLES, dump::DumpWriter, rows_key};
use crate::{
    AccountKey, Error, FileHash, FileRow, Files, Read, Result, Store, Value,
    file::blocking,
    files::{self, sync_folder},
    migrate, params,
    seal::Sealer,
};

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// Rows of all tables.
    pub rows: i64,
    /// Files.
    pub files: usize,
    /// Files that are damaged or missing in the store: they are not in the backup.
    pub lost: Vec<FileHash>,
}

impl Store {
    /// Copies the account as it is at one moment to a new folder. It is whole when this returns; until
    /// then it has another name. Takes the key since the rows are sealed under it.
    pub async fn backup(&self, access: &Access, key: &AccountKey, target: &Path) -> Result<BackedUp> {
        let passing = with_ending(target, "passing");
        let (files, folder, place) = (self.files().clone(), passing.clone(), target.to_owned());
        // From before the rows are read until the files are copied, none is removed.
        let copying = blocking(move || {
            if place.try_exists()? {
                return Err(Error::Exists(place.display().to_string()));
            }
            begin(&folder)?;
            files.while_copied()
        })
        .await?;
        let (key, path) = (key.clone(), passing.join(ROWS));
        let (rows, named) = self
            .read(access, move |read| {
                let rows = write_rows(read, &key, &path)?;
                Ok::<_, Error>((rows, read.files()?))
            })
            .await?;
        let (files, target) = (self.files().clone(), target.to_owned());
        blocking(move || {
            let lost = copy_files(&files, &named, &passing.join(FILES))?;
            drop(copying);
            sync_folder(&passing)?;
            fs::rename(&passing, &target)?;
            sync_folder(target.parent().unwrap_or(Path::new("/")))?;
            Ok(BackedUp { rows, files: named.len() - lost.len(), lost })
        })
        .await
    }
}

/// A name beside a path.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Makes an empty folder, also where a backup broke off.
fn begin(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    Ok(fs::create_dir_all(folder)?)
}

/// Writes all rows of the account. Gives how many.
fn write_rows(read: &Read<'_>, key: &AccountKey, path: &Path) -> Result<i64> {
    let out = BufWriter::new(File::create_new(path)?);
    let sealer = Sealer::new(out, &rows_key(key), FORMAT)?;
    let head = Head { schema: migrate::KNOWN, account: read.account() };
    let dump = RefCell::new(DumpWriter::new(sealer, head)?);
    for table in TABLES {
        let mut columns = 0;
        read.rows(table.all, params![read.account()], |row| {
            let mut dump = dump.borrow_mut();
            if columns == 0 {
                let names = row.columns();
                columns = names.len();
                dump.table(table.name, &names)?;
            }
            let values = (0..columns).map(|column| row.get::<Value>(column)).collect::<Result<Vec<_>>>()?;
            Ok(dump.row(&values)?)
        })?;
    }
    let (sealer, rows) = dump.into_inner().finish()?;
    let mut out = sealer.finish()?;
    out.flush()?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(rows)
}

/// Copies the files that rows name. Gives those that could not be read, which are left out.
fn copy_files(files: &Files, named: &[FileRow], target: &Path) -> Result<Vec<FileHash>> {
    let mut lost = Vec::new();
    for file in named {
        match files.verify(file.hash) {
            Ok(_) => files::copy_durably(&files.path(file.hash), &files::place_of(target, file.hash))?,
            Err(Error::FileMissing(hash) | Error::FileDamaged(hash)) => lost.push(hash),
            Err(error) => return Err(error),
        }
    }
    Ok(lost)
}
