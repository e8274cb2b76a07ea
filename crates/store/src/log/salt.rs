//! Table `evidence_salts`: what hashes in the log were salted with, until the thing is erased.

use evidence::{HashName, Salt};
use uuid::Uuid;

use crate::{Error, Read, Result, Tx, params};

const SALT: &str = "SELECT salt FROM evidence_salts WHERE account_id = $1 AND about = $2 AND name = $3";
const KEEP: &str = "INSERT INTO evidence_salts (account_id, about, name, salt) VALUES ($1, $2, $3, $4)";
const FORGET: &str = "DELETE FROM evidence_salts WHERE account_id = $1 AND about = $2";

impl Read<'_> {
    /// The salt of the hash of this name of a thing (a message, a document), unless it was erased.
    pub fn evidence_salt(&self, about: Uuid, name: HashName) -> Result<Option<Salt>> {
        self.row(SALT, params![self.account(), about, name.name()], |row| {
            let bytes = row.get::<Vec<u8>>(0)?.try_into().map_err(|_| Error::Column(0))?;
            Ok(Salt::from_bytes(bytes))
        })
    }
}

impl Tx<'_> {
    /// Keeps the salt of a hash that an entry of this transaction gives. A thing has one for each name.
    pub fn keep_evidence_salt(&mut self, about: Uuid, name: HashName, salt: &Salt) -> Result<()> {
        let account = self.account();
        self.change_one(KEEP, params![account, about, name.name(), salt.bytes().as_slice()])
    }

    /// Erases the salts of a thing: from now on nobody can tell of what its hashes were.
    pub fn forget_evidence_salts(&mut self, about: Uuid) -> Result<u64> {
        let account = self.account();
        self.change(FORGET, params![account, about])
    }
}
