//! Table `raw_letters`: every mail byte for byte as it came or went, and our own trace beside it.

use register::Access;
use words::{FileId, MessageId};

use crate::{Error, FileHash, Read, Result, Row, Store, Stored, Tx, file::blocking, params};

/// Larger mails lie in a file, synced before the row that names it.
pub(crate) const ROW_BYTES_MAX: usize = 256 * 1024;

/// A raw mail that may be named by a row: small, or durable in a file already.
pub struct PreparedRaw {
    bytes: Vec<u8>,
    file: Option<Stored>,
}

impl PreparedRaw {
    /// The mail.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A raw mail as its row has it.
#[derive(Debug, Clone)]
pub struct Raw {
    /// Bytes of the mail.
    pub size: i64,
    /// How it came: our own lines.
    pub trace: String,
    /// Where the mail lies.
    pub place: RawPlace,
}

/// Where a raw mail lies.
#[derive(Debug, Clone)]
pub enum RawPlace {
    /// In the row.
    Row(Vec<u8>),
    /// In a file.
    File(FileHash),
}

const INSERT: &str = "
    INSERT INTO raw_letters (account_id, message_id, size, bytes, file_id, trace)
    VALUES ($1, $2, $3, $4, $5, $6)";
const DELETE: &str = "DELETE FROM raw_letters WHERE account_id = $1 AND message_id = $2";
const BY_MESSAGE: &str = "
    SELECT r.size, r.trace, r.bytes, f.hash
    FROM raw_letters r
    JOIN messages m ON m.account_id = $1 AND m.id = r.message_id
    JOIN conversations c ON c.account_id = $1 AND c.id = m.conversation_id
    LEFT JOIN files f ON f.account_id = $1 AND f.id = r.file_id
    WHERE r.account_id = $1 AND r.message_id = $4
      AND ($2 = 1 OR c.department_id IN
        (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3))";

impl Read<'_> {
    /// The raw mail of a message, if it has one and the access sees its conversation.
    pub fn raw(&self, message: MessageId) -> Result<Option<Raw>> {
        let (all, agent) = self.scope();
        self.row(BY_MESSAGE, &[self.account().into(), all, agent, message.into()], raw)
    }
}

impl Tx<'_> {
    /// Keeps the raw mail of a message.
    pub fn insert_raw(&mut self, message: MessageId, raw: &PreparedRaw, trace: &str) -> Result<()> {
        let size = i64::try_from(raw.bytes.len()).map_err(|_| Error::Parameter(3))?;
        let file: Option<FileId> = match &raw.file {
            Some(stored) => Some(self.insert_file(stored)?),
            None => None,
        };
        let bytes = file.is_none().then_some(raw.bytes.as_slice());
        let account = self.account();
        self.change_one(INSERT, params![account, message, size, bytes, file, trace])
    }

    /// Deletes the raw mail of a message, if it has one. Its file is swept later.
    pub fn delete_raw(&mut self, message: MessageId) -> Result<()> {
        self.change(DELETE, params![self.account(), message])?;
        Ok(())
    }
}

impl Store {
    /// Makes a mail ready to be kept: a large one is durable in a file when this returns.
    pub async fn prepare_raw(&self, bytes: Vec<u8>) -> Result<PreparedRaw> {
        if bytes.len() <= ROW_BYTES_MAX {
            return Ok(PreparedRaw { bytes, file: None });
        }
        let files = self.files().clone();
        blocking(move || {
            let file = Some(files.put(&bytes)?);
            Ok(PreparedRaw { bytes, file })
        })
        .await
    }

    /// The bytes of a message's raw mail, if it has one and the access sees its conversation.
    pub async fn raw(&self, access: &Access, message: MessageId) -> Result<Option<Vec<u8>>> {
        match self.read(access, move |read| read.raw(message)).await? {
            None => Ok(None),
            Some(Raw { place: RawPlace::Row(bytes), .. }) => Ok(Some(bytes)),
            Some(Raw { place: RawPlace::File(hash), .. }) => {
                let files = self.files().clone();
                blocking(move || files.get(hash).map(Some)).await
            }
        }
    }
}

fn raw(row: &Row<'_>) -> Result<Raw> {
    let place = match (row.get::<Option<Vec<u8>>>(2)?, row.get::<Option<Vec<u8>>>(3)?) {
        (Some(bytes), _) => RawPlace::Row(bytes),
        (None, Some(hash)) => {
            RawPlace::File(FileHash::from_bytes(hash.try_into().map_err(|_| Error::Column(3))?))
        }
        (None, None) => return Err(Error::Column(2)),
    };
    Ok(Raw { size: row.get(0)?, trace: row.get(1)?, place })
}
