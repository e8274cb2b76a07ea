//! Tables `contacts`, `contact_addresses` and `participants`.

use words::{ContactId, ConversationId, EmailAddress, Time};

use crate::{Error, Read, Result, Row, Tx, params};

/// A person who writes to the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Their id.
    pub id: ContactId,
    /// Their name; may be empty.
    pub name: String,
    /// When they first wrote.
    pub created_at: Time,
}

/// An address of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactAddress {
    /// As first written.
    pub address: String,
    /// When an authenticated mail first came from it.
    pub proved_at: Option<Time>,
}

/// What somebody is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParticipantRole {
    /// Writes and reads.
    Contact,
    /// An agent has answered to them: reads and may write.
    Reader,
    /// Named in a Cc by a contact: shown to the agent, and nothing more.
    Seen,
}

impl ParticipantRole {
    const ALL: [Self; 3] = [Self::Contact, Self::Reader, Self::Seen];

    /// The name in rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Reader => "reader",
            Self::Seen => "seen",
        }
    }

    /// Whether mail from them may join the conversation.
    pub const fn takes_part(self) -> bool {
        !matches!(self, Self::Seen)
    }
}

/// Somebody in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Their address.
    pub address: String,
    /// Their name; may be empty.
    pub name: String,
    /// What they are.
    pub role: ParticipantRole,
}

const BY_ADDRESS: &str = "
    SELECT c.id, c.name, c.created_at FROM contact_addresses a
    JOIN contacts c ON c.account_id = $1 AND c.id = a.contact_id
    WHERE a.account_id = $1 AND a.address_key = $2";
const BY_ID: &str = "SELECT id, name, created_at FROM contacts WHERE account_id = $1 AND id = $2";
// By address and not by its key: sorted by the key, SQLite reads the account's addresses one by one.
const ADDRESSES: &str = "
    SELECT address, proved_at FROM contact_addresses WHERE account_id = $1 AND contact_id = $2 ORDER BY address LIMIT 100";
const INSERT: &str = "INSERT INTO contacts (account_id, id, name, created_at) VALUES ($1, $2, $3, $4)";
const RENAME: &str = "UPDATE contacts SET name = $3 WHERE account_id = $1 AND id = $2";
const INSERT_ADDRESS: &str = "
    INSERT INTO contact_addresses (account_id, address_key, address, contact_id, proved_at)
    VALUES ($1, $2, $3, $4, $5)";
const PROVE: &str = "
    UPDATE contact_addresses SET proved_at = $3 WHERE account_id = $1 AND address_key = $2 AND proved_at IS NULL";
const PROVED: &str = "
    SELECT proved_at FROM contact_addresses WHERE account_id = $1 AND address_key = $2 AND proved_at IS NOT NULL";
const PARTICIPANTS: &str = "
    SELECT address, name, role FROM participants WHERE account_id = $1 AND conversation_id = $2 LIMIT 500";
const PARTICIPANT: &str = "
    SELECT address, name, role FROM participants
    WHERE account_id = $1 AND conversation_id = $2 AND address_key = $3";
// A role only rises: seen, reader, contact.
const PUT_PARTICIPANT: &str = "
    INSERT INTO participants (account_id, conversation_id, address_key, address, name, role)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (account_id, conversation_id, address_key) DO UPDATE SET role = excluded.role
    WHERE participants.role = 'seen' OR excluded.role = 'contact'";

impl Read<'_> {
    /// The contact with this address.
    pub fn contact_by_address(&self, address: &EmailAddress) -> Result<Option<Contact>> {
        self.row(BY_ADDRESS, params![self.account(), address.key()], contact)
    }

    /// The contact.
    pub fn contact(&self, id: ContactId) -> Result<Option<Contact>> {
        self.row(BY_ID, params![self.account(), id], contact)
    }

    /// The contact's addresses.
    pub fn contact_addresses(&self, id: ContactId) -> Result<Vec<ContactAddress>> {
        self.rows(ADDRESSES, params![self.account(), id], |row| {
            Ok(ContactAddress { address: row.get(0)?, proved_at: row.get(1)? })
        })
    }

    /// Whether an authenticated mail has ever come from the address.
    pub fn address_is_proved(&self, address: &EmailAddress) -> Result<bool> {
        let proved = self.row(PROVED, params![self.account(), address.key()], |row| row.get::<Time>(0))?;
        Ok(proved.is_some())
    }

    /// Who is in a conversation.
    pub fn participants(&self, id: ConversationId) -> Result<Vec<Participant>> {
        self.rows(PARTICIPANTS, params![self.account(), id], participant)
    }

    /// What the address is in a conversation.
    pub fn participant(&self, id: ConversationId, address: &EmailAddress) -> Result<Option<Participant>> {
        self.row(PARTICIPANT, params![self.account(), id, address.key()], participant)
    }
}

impl Tx<'_> {
    /// Adds a contact with an address.
    pub fn insert_contact(
        &mut self,
        new: &Contact,
        address: &EmailAddress,
        proved_at: Option<Time>,
    ) -> Result<()> {
        let account = self.account();
        self.change_one(INSERT, params![account, new.id, &new.name, new.created_at])?;
        self.change_one(INSERT_ADDRESS, params![account, address.key(), address.as_str(), new.id, proved_at])
    }

    /// Gives a contact a name.
    pub fn rename_contact(&mut self, id: ContactId, name: &str) -> Result<()> {
        let account = self.account();
        self.change_one(RENAME, params![account, id, name])
    }

    /// An authenticated mail came from the address.
    pub fn prove_address(&mut self, address: &EmailAddress) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change(PROVE, params![account, address.key(), now])?;
        Ok(())
    }

    /// Adds somebody to a conversation, or raises what they are in it.
    pub fn put_participant(
        &mut self,
        id: ConversationId,
        address: &EmailAddress,
        name: &str,
        role: ParticipantRole,
    ) -> Result<()> {
        let account = self.account();
        self.change(
            PUT_PARTICIPANT,
            params![account, id, address.key(), address.as_str(), name, role.name()],
        )?;
        Ok(())
    }
}

fn contact(row: &Row<'_>) -> Result<Contact> {
    Ok(Contact { id: row.get(0)?, name: row.get(1)?, created_at: row.get(2)? })
}

fn participant(row: &Row<'_>) -> Result<Participant> {
    let role: String = row.get(2)?;
    Ok(Participant {
        address: row.get(0)?,
        name: row.get(1)?,
        role: ParticipantRole::ALL.into_iter().find(|r| r.name() == role).ok_or(Error::Column(2))?,
    })
}
