//! Table `files`: which files the account has. Their content lies encrypted in a folder (see `files`).

use std::{collections::HashSet, time::Duration};

use register::Access;
use words::{FileId, Time};

use crate::{Error, FileHash, Read, Result, Row, Store, Stored, Tx, params};

/// How long a file is kept that nothing names: an upload before its message is written.
const UNNAMED_KEPT: Duration = Duration::from_hours(24);
/// Files that are removed in one transaction.
const SWEPT_MAX: i64 = 500;

/// A file of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRow {
    /// Its id.
    pub id: FileId,
    /// Its name in the folder.
    pub hash: FileHash,
    /// Bytes of its content.
    pub size: i64,
}

// The same content is kept once; being stored again makes it young again.
const PUT: &str = "
    INSERT INTO files (account_id, id, hash, size, created_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account_id, hash) DO UPDATE SET created_at = excluded.created_at
    RETURNING id";
const BY_ID: &str = "SELECT id, hash, size FROM files WHERE account_id = $1 AND id = $2";
const ALL: &str = "SELECT id, hash, size FROM files WHERE account_id = $1 ORDER BY id";
const UNNAMED: &str = "
    SELECT f.id, f.hash, f.size FROM files f
    WHERE f.account_id = $1 AND f.created_at < $2
      AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.account_id = $1 AND a.file_id = f.id)
      AND NOT EXISTS (SELECT 1 FROM draft_files d WHERE d.account_id = $1 AND d.file_id = f.id)
      AND NOT EXISTS (SELECT 1 FROM raw_letters r WHERE r.account_id = $1 AND r.file_id = f.id)
    LIMIT $3";
const DELETE: &str = "DELETE FROM files WHERE account_id = $1 AND id = $2";

impl Read<'_> {
    /// A file's row. Whether the access may see what names the file is for the caller to ask.
    pub fn file(&self, id: FileId) -> Result<Option<FileRow>> {
        self.row(BY_ID, params![self.account(), id], file)
    }

    /// All files of the account.
    pub fn files(&self) -> Result<Vec<FileRow>> {
        self.rows(ALL, params![self.account()], file)
    }
}

impl Tx<'_> {
    /// Gives a stored file a row, or finds the row that it has.
    pub fn insert_file(&mut self, stored: &Stored) -> Result<FileId> {
        let (account, now) = (self.account(), self.now());
        let size = i64::try_from(stored.size()).map_err(|_| Error::Parameter(4))?;
        let params = params![account, FileId::new(now), stored.hash().bytes().as_slice(), size, now];
        self.row(PUT, params, |row| row.get(0))?.ok_or(Error::Missed { met: 0 })
    }

    /// Deletes the rows of files that nothing has named since `before`, and gives them.
    fn delete_unnamed_files(&mut self, before: Time) -> Result<Vec<FileRow>> {
        let account = self.account();
        let unnamed = self.rows(UNNAMED, params![account, before, SWEPT_MAX], file)?;
        for file in &unnamed {
            self.change_one(DELETE, params![account, file.id])?;
        }
        Ok(unnamed)
    }
}

impl Store {
    /// Stores a file and gives its id. It must be named by a message or draft within a day.
    pub async fn put_file(&self, access: &Access, content: Vec<u8>) -> Result<FileId> {
        let files = self.files().clone();
        let stored = blocking(move || files.put(&content)).await?;
        self.write(access, move |tx| tx.insert_file(&stored)).await
    }

    /// The content of a file. Whether the access may see what names it is for the caller to ask.
    pub async fn read_file(&self, access: &Access, id: FileId) -> Result<Vec<u8>> {
        let row = self.read(access, move |read| read.file(id)).await?.ok_or(Error::NoSuchFile(id))?;
        let files = self.files().clone();
        blocking(move || files.get(row.hash)).await
    }

    /// Removes files that nothing names any more: a part of them, and tells how many. Does nothing
    /// while the account is backed up.
    pub async fn sweep_files(&self, access: &Access) -> Result<usize> {
        let Some(alone) = self.files().not_while_copied()? else { return Ok(0) };
        let (unnamed, named, before) = self
            .erase(access, |tx| {
                let before = tx.now().before(UNNAMED_KEPT);
                let unnamed = tx.delete_unnamed_files(before)?;
                let named: HashSet<FileHash> = tx.files()?.into_iter().map(|file| file.hash).collect();
                Ok::<_, Error>((unnamed, named, before))
            })
            .await?;
        let (files, count) = (self.files().clone(), unnamed.len());
        blocking(move || {
            let _alone = alone;
            unnamed.iter().try_for_each(|file| files.remove(file.hash).map(|_| ()))?;
            files.remove_strays(&named, before)
        })
        .await?;
        Ok(count)
    }
}

/// Runs what blocks on a thread for it.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Panicked))
}

fn file(row: &Row<'_>) -> Result<FileRow> {
    let hash = row.get::<Vec<u8>>(1)?.try_into().map_err(|_| Error::Column(1))?;
    Ok(FileRow { id: row.get(0)?, hash: FileHash::from_bytes(hash), size: row.get(2)? })
}
