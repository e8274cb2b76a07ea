//! Puts a backup of an account into an empty store, on either database.

use std::{
    fs::File,
    io::{BufReader, ErrorKind},
    path::Path,
};

use register::{Access, Lease};
use words::AccountId;

use super::{
    FILES, FORMAT, Head, ROWS, TABLES,
    dump::{DumpReader, Next},
    rows_key,
};
use crate::{
    AccountKey, Error, Files, Message, Remembered, Result, Store, Stores, Tx, Value,
    file::blocking,
    files::{self, copy_durably},
    migrate, params,
    seal::Opener,
};

/// Rows that are sent to the database together.
const ROWS_TOGETHER: usize = 256;
/// Messages that are made findable together.
const MESSAGES_TOGETHER: i64 = 500;

const SET_FENCING: &str = "UPDATE account SET fencing = $2 WHERE account_id = $1";
/// The schema since which an account has a log of what was done.
const SCHEMA_WITH_LOG: i64 = 3;
const BEGIN_LOG: &str = "UPDATE account SET logged_from = next_event WHERE account_id = $1";
const FILE_NAMES: &str = "
    SELECT m.number, a.name FROM messages m
    JOIN attachments a ON a.account_id = $1 AND a.message_id = m.id
    WHERE m.account_id = $1 AND m.number BETWEEN $2 AND $3 ORDER BY m.number, a.position";

impl Stores {
    /// Makes an account of its backup. Nothing of the account may be here.
    pub async fn restore(
        &self,
        lease: &Lease,
        key: &AccountKey,
        access: &Access,
        source: &Path,
    ) -> Result<Store> {
        let (account, fencing) = (lease.account(), lease.fencing());
        let (rows, rows_key_of) = (source.join(ROWS), key.clone());
        // Opened once before anything is made, so that a wrong key or a foreign backup leaves nothing.
        blocking(move || open_rows(&rows, &rows_key_of, account).map(|_| ())).await?;
        let store = self.open(lease, key, access)?;
        if store.read(access, |read| read.account_settings()).await?.is_some() {
            return Err(Error::Exists("account".into()));
        }
        let (files, folder) = (store.files().clone(), source.join(FILES));
        blocking(move || copy_files(&files, &folder)).await?;
        let (rows, key) = (source.join(ROWS), key.clone());
        store
            .write(access, move |tx| {
                let head = put_rows(tx, &rows, &key)?;
                tx.change_one(SET_FENCING, params![account, fencing])?;
                tx.mark_all_files()?;
                if head.schema < SCHEMA_WITH_LOG {
                    tx.change_one(BEGIN_LOG, params![account])?;
                }
                tx.index_all()
            })
            .await?;
        Ok(store)
    }
}

type Rows = DumpReader<Opener<BufReader<File>>>;

fn open_rows(path: &Path, key: &AccountKey, account: AccountId) -> Result<(Rows, Head)> {
    let file = BufReader::new(File::open(path)?);
    let opener = Opener::new(file, &rows_key(key), FORMAT).map_err(unreadable)?;
    let (rows, head) = DumpReader::new(opener).map_err(unreadable)?;
    if head.account != account {
        return Err(Error::Damaged(format!("the backup is one of account {}", head.account)));
    }
    if head.schema > migrate::KNOWN {
        return Err(Error::NewerSchema { found: head.schema, known: migrate::KNOWN });
    }
    Ok((rows, head))
}

fn unreadable(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
            Error::Damaged("the rows of the backup cannot be read: another key, or damaged".into())
        }
        _ => error.into(),
    }
}

fn put_rows(tx: &mut Tx<'_>, path: &Path, key: &AccountKey) -> Result<Head> {
    let (mut rows, head) = open_rows(path, key, tx.account())?;
    let mut table: Option<(String, Vec<String>)> = None;
    let mut waiting: Vec<Vec<Value>> = Vec::with_capacity(ROWS_TOGETHER);
    loop {
        let next = rows.next().map_err(unreadable)?;
        let is_row = matches!(next, Next::Row(_));
        if !is_row || waiting.len() == ROWS_TOGETHER {
            if let Some((name, columns)) = &table {
                tx.insert_rows(name, columns, &waiting)?;
            }
            waiting.clear();
        }
        match next {
            Next::Row(values) => waiting.push(values),
            Next::Table { name, columns } => {
                if !TABLES.iter().any(|table| table.name == name) {
                    return Err(Error::Damaged(format!("the backup has a table {name}")));
                }
                table = Some((name, columns));
            }
            Next::End => return Ok(head),
        }
    }
}

fn copy_files(files: &Files, source: &Path) -> Result<()> {
    for hash in files::hashes_in(source)? {
        let path = files.path(hash);
        if !path.try_exists()? {
            copy_durably(&files::place_of(source, hash), &path)?;
        }
    }
    Ok(())
}

impl Tx<'_> {
    /// Makes all messages findable.
    fn index_all(&mut self) -> Result<()> {
        let mut after = 0;
        loop {
            let messages: Vec<Message> = self.messages_by_number(after, MESSAGES_TOGETHER)?;
            let (Some(first), Some(last)) = (messages.first(), messages.last()) else { return Ok(()) };
            let range = params![self.account(), first.number, last.number];
            let names: Vec<(i64, String)> =
                self.rows(FILE_NAMES, range, |row| Ok((row.get(0)?, row.get(1)?)))?;
            after = last.number;
            for message in &messages {
                let of_message = names.iter().filter(|(number, _)| *number == message.number);
                let files: Vec<&str> = of_message.map(|(_, name)| name.as_str()).collect();
                self.index_message(message.number, &Remembered::of(message, &files).tokens())?;
            }
        }
    }
}
