//! Table `files`: which files the account has. Their content lies encrypted in a folder (see `files`).

use std::{collections::HashSet, time::Duration};

use register::Access;
use words::{FileId, Time};

use crate::{Error, FileHash, Read, Result, Row, Store, Stored, Tx, params, raw::ROW_BYTES_MAX};

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
// Of raw letters only the large ones: those that lie in their row are not read for this.
const UNNAMED: &str = "
    SELECT f.id FROM files f
    WHERE f.account_id = $1 AND f.created_at < $2 AND f.id NOT IN (
        SELECT file_id FROM attachments WHERE account_id = $1 AND file_id IS NOT NULL
        UNION ALL SELECT file_id FROM draft_files WHERE account_id = $1
        UNION ALL SELECT file_id FROM raw_letters WHERE account_id = $1 AND size > $3 AND file_id IS NOT NULL)
    LIMIT $4";
const NAME: &str = "UPDATE files SET created_at = $3 WHERE account_id = $1 AND id = $2";
const DELETE_OLD: &str = "DELETE FROM files WHERE account_id = $1 AND id = $2 AND created_at < $3";

impl Read<'_> {
    /// A file's row. Whether the access may see what names the file is for the caller to ask.
    pub fn file(&self, id: FileId) -> Result<Option<FileRow>> {
        self.row(BY_ID, params![self.account(), id], file)
    }

    /// All files of the account.
    pub fn files(&self) -> Result<Vec<FileRow>> {
        self.rows(ALL, params![self.account()], file)
    }

    /// Some of the files that nothing has named since `before`.
    fn unnamed_files(&self, before: Time) -> Result<Vec<FileId>> {
        let in_row_max = i64::try_from(ROW_BYTES_MAX).map_err(|_| Error::Parameter(2))?;
        self.rows(UNNAMED, params![self.account(), before, in_row_max, SWEPT_MAX], |row| row.get(0))
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

    /// Whoever names a file makes it young first: it is there, and no sweep that found it unnamed takes it.
    pub(crate) fn name_file(&mut self, id: FileId) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        let met = self.change(NAME, params![account, id, now])?;
        if met == 0 { Err(Error::NoSuchFile(id)) } else { Ok(()) }
    }

    /// Deletes the row of a file that nothing named, unless it was stored again or named meanwhile.
    fn delete_old_file(&mut self, id: FileId, before: Time) -> Result<u64> {
        let account = self.account();
        self.change(DELETE_OLD, params![account, id, before])
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

    /// Removes files that nothing names any more: a part of them, and tells how many. While the account
    /// is backed up, or a file is being stored that is there already, their content stays until next time.
    ///
    /// A file goes in two steps, each of which may be the last before a crash: first its row, then what
    /// lies on disk without a row for a day. So a unit of work that is still to name a file loses it
    /// neither by a row that went nor by content that did: storing makes both young, naming the row.
    pub async fn sweep_files(&self, access: &Access) -> Result<u64> {
        let unnamed = self.read(access, |read| {
            let before = read.now().before(UNNAMED_KEPT);
            Ok::<_, Error>((read.unnamed_files(before)?, before))
        });
        let (unnamed, before) = unnamed.await?;
        let mut count = 0;
        if !unnamed.is_empty() {
            let deleted = self.erase(access, move |tx| {
                let rows = unnamed.into_iter().map(|id| tx.delete_old_file(id, before));
                rows.sum::<Result<u64>>()
            });
            count = deleted.await?;
        }
        let Some(alone) = self.files().not_while_copied()? else { return Ok(count) };
        let named = self.read(access, |read| {
            Ok::<HashSet<FileHash>, Error>(read.files()?.into_iter().map(|file| file.hash).collect())
        });
        let (named, files) = (named.await?, self.files().clone());
        blocking(move || {
            let _alone = alone;
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
