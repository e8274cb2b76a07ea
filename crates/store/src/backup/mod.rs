//! Copies of an account: taken while it is in use, and put back into either database.
//!
//! A backup is a folder: `rows` holds all rows of the account at one moment, sealed under its key;
//! `files` the files that they name, encrypted as they are. Search is not in it, and is made anew.

mod dump;
mod restore;
mod take;

pub use take::BackedUp;

use words::AccountId;

use crate::{
    AccountKey,
    seal::{Key, derive},
};

/// The file of the rows.
const ROWS: &str = "rows";
/// The folder of the files.
const FILES: &str = "files";
/// The first bytes of the file of the rows.
const FORMAT: [u8; 8] = *b"havnbak1";

fn rows_key(key: &AccountKey) -> Key {
    derive(key, b"havn backup rows 1")
}

/// A table whose rows belong to the account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) all: &'static str,
}

macro_rules! tables {
    ($($name:literal)*) => {
        &[$(Table { name: $name, all: concat!("SELECT * FROM ", $name, " WHERE account_id = $1") }),*]
    };
}

/// All tables but `search`. A test holds this against both databases.
pub(crate) const TABLES: &[Table] = tables!(
    "account" "reply_keys" "departments" "mailboxes" "relay" "domains" "tags" "agents" "agent_departments"
    "invitations" "sessions" "tokens" "contacts" "contact_addresses" "conversations" "conversation_counts"
    "conversation_tags" "conversation_marks" "participants" "messages" "message_keys" "raw_letters" "attachments" "files"
    "deliveries" "events" "drafts" "draft_files" "first_drafts" "reads" "idempotency" "imports"
    "evidence_entries" "evidence_tiles" "evidence_checkpoints" "evidence_intents" "evidence_salts"
    "pickups" "pickup_left"
);

/// The names of the tables that a backup holds.
pub fn backed_up_tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name)
}

/// What stands at the beginning of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    schema: i64,
    account: AccountId,
}
