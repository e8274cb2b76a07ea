//! Tables `account`, `reply_keys`, `relay` and `domains`: what an admin sets up.

use words::{DomainId, Host, Language, Secret, Time};

use crate::{Error, Read, Result, Row, Tx, params};

/// The account's own settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// The language of what Havn writes for it.
    pub language: Language,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// The text of the automatic answer to a first letter; none is sent without.
    pub acknowledgement: Option<String>,
    /// When it was made.
    pub created_at: Time,
}

/// A key of the signed part of our Message-IDs and reply addresses.
#[derive(Debug, Clone)]
pub struct ReplyKey {
    /// Its number; the highest signs.
    pub key_id: i64,
    /// The secret.
    pub secret: Vec<u8>,
}

/// How a relay is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelayTls {
    /// In the clear: only inside one's own network.
    None,
    /// STARTTLS, and no mail without it.
    Starttls,
    /// TLS from the first byte.
    Implicit,
}

impl RelayTls {
    /// All that there are.
    pub const ALL: [Self; 3] = [Self::None, Self::Starttls, Self::Implicit];

    /// The name in rows and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starttls => "starttls",
            Self::Implicit => "implicit",
        }
    }
}

/// Which way the account's mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailWay {
    /// Through its relay.
    Relay,
    /// Straight to the servers of those it writes to.
    Straight,
}

impl MailWay {
    /// All that there are.
    pub const ALL: [Self; 2] = [Self::Relay, Self::Straight];

    /// The name in rows, forms and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Straight => "straight",
        }
    }
}

/// The account's own mail server for what it sends: its instruction to Havn.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Its host.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub tls: RelayTls,
    /// Log-in name, if it wants one.
    pub username: Option<String>,
    /// Password, if it wants one.
    pub password: Option<Secret>,
}

/// A mail domain that the account signs for (DKIM, RFC 6376).
#[derive(Debug, Clone)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// The domain.
    pub name: Host,
    /// The selector under which the record lies.
    pub selector: String,
    /// The private key, PKCS#8.
    pub private_key: Vec<u8>,
    /// The TXT record to publish.
    pub record: String,
    /// When the record was last looked for.
    pub checked_at: Option<Time>,
    /// What was found: `found`, `missing`, `different`, `not-checked`.
    pub check_result: Option<String>,
    /// When it was made.
    pub created_at: Time,
}

const ACCOUNT: &str = "
    SELECT name, language, time_zone, acknowledgement, created_at FROM account WHERE account_id = $1";
const INSERT: &str = "
    INSERT INTO account (account_id, name, language, time_zone, fencing, next_event, next_message,
        next_conversation, acknowledgement, created_at)
    VALUES ($1, $2, $3, $4, $5, 1, 1, 1, $6, $7) ON CONFLICT (account_id) DO NOTHING";
const UPDATE: &str = "
    UPDATE account SET name = $2, language = $3, time_zone = $4, acknowledgement = $5 WHERE account_id = $1";
const REPLY_KEYS: &str = "SELECT key_id, secret FROM reply_keys WHERE account_id = $1 ORDER BY key_id DESC";
const INSERT_REPLY_KEY: &str = "
    INSERT INTO reply_keys (account_id, key_id, secret, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, key_id) DO NOTHING";
const MAIL_WAY: &str = "SELECT mail_way FROM account WHERE account_id = $1";
const SET_MAIL_WAY: &str = "UPDATE account SET mail_way = $2 WHERE account_id = $1";
const RELAY: &str = "SELECT host, port, tls, username, password FROM relay WHERE account_id = $1";
const PUT_RELAY: &str = "
    INSERT INTO relay (account_id, host, port, tls, username, password, changed_at, changed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id) DO UPDATE SET host = excluded.host, port = excluded.port, tls = excluded.tls,
        username = excluded.username, password = excluded.password, changed_at = excluded.changed_at,
        changed_by = excluded.changed_by";
const DELETE_RELAY: &str = "DELETE FROM relay WHERE account_id = $1";
const DOMAINS: &str = "
    SELECT id, name, selector, private_key, record, checked_at, check_result, created_at FROM domains
    WHERE account_id = $1 ORDER BY name";
const DOMAIN_BY_NAME: &str = "
    SELECT id, name, selector, private_key, record, checked_at, check_result, created_at FROM domains
    WHERE account_id = $1 AND name = $2";
const INSERT_DOMAIN: &str = "
    INSERT INTO domains (account_id, id, name, selector, private_key, record, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const CHECKED_DOMAIN: &str = "
    UPDATE domains SET checked_at = $3, check_result = $4 WHERE account_id = $1 AND id = $2";
const DELETE_DOMAIN: &str = "DELETE FROM domains WHERE account_id = $1 AND id = $2";

impl Read<'_> {
    /// The account's settings; none before it is set up.
    pub fn account_settings(&self) -> Result<Option<Account>> {
        self.row(ACCOUNT, params![self.account()], |row| {
            Ok(Account {
                name: row.get(0)?,
                language: row.get::<String>(1)?.parse().map_err(|_| Error::Column(1))?,
                time_zone: row.get(2)?,
                acknowledgement: row.get(3)?,
                created_at: row.get(4)?,
            })
        })
    }

    /// The keys of reply tokens, the one that signs first.
    pub fn reply_keys(&self) -> Result<Vec<ReplyKey>> {
        self.rows(REPLY_KEYS, params![self.account()], |row| {
            Ok(ReplyKey { key_id: row.get(0)?, secret: row.get(1)? })
        })
    }

    /// Which way the account's mail leaves.
    pub fn mail_way(&self) -> Result<MailWay> {
        let way = self.row(MAIL_WAY, params![self.account()], |row| {
            let name: String = row.get(0)?;
            MailWay::ALL.into_iter().find(|way| way.name() == name).ok_or(Error::Column(0))
        })?;
        // Before it is set up it has nothing to send.
        Ok(way.unwrap_or(MailWay::Relay))
    }

    /// The account's relay.
    pub fn relay(&self) -> Result<Option<Relay>> {
        self.row(RELAY, params![self.account()], |row| {
            let tls: String = row.get(2)?;
            Ok(Relay {
                host: row.get::<String>(0)?.parse().map_err(|_| Error::Column(0))?,
                port: u16::try_from(row.get::<i64>(1)?).map_err(|_| Error::Column(1))?,
                tls: RelayTls::ALL.into_iter().find(|t| t.name() == tls).ok_or(Error::Column(2))?,
                username: row.get(3)?,
                password: row.get::<Option<String>>(4)?.map(Secret::new),
            })
        })
    }

    /// The domains that the account signs for.
    pub fn domains(&self) -> Result<Vec<Domain>> {
        self.rows(DOMAINS, params![self.account()], domain)
    }

    /// The domain with this name.
    pub fn domain_by_name(&self, name: &Host) -> Result<Option<Domain>> {
        self.row(DOMAIN_BY_NAME, params![self.account(), name.as_str()], domain)
    }
}

impl Tx<'_> {
    /// Sets the account up, once; a second time changes nothing.
    pub fn insert_account(&mut self, new: &Account, fencing: i64) -> Result<()> {
        let account = self.account();
        self.change(
            INSERT,
            params![
                account,
                &new.name,
                new.language.tag(),
                &new.time_zone,
                fencing,
                new.acknowledgement.clone(),
                new.created_at
            ],
        )?;
        Ok(())
    }

    /// Writes the account's settings back.
    pub fn update_account(&mut self, now: &Account) -> Result<()> {
        let account = self.account();
        self.change_one(
            UPDATE,
            params![account, &now.name, now.language.tag(), &now.time_zone, now.acknowledgement.clone()],
        )
    }

    /// Adds a key for reply tokens; one that exists stays.
    pub fn insert_reply_key(&mut self, new: &ReplyKey) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change(INSERT_REPLY_KEY, params![account, new.key_id, new.secret.clone(), now])?;
        Ok(())
    }

    /// Sets which way the account's mail leaves.
    pub fn set_mail_way(&mut self, way: MailWay) -> Result<()> {
        let account = self.account();
        self.change_one(SET_MAIL_WAY, params![account, way.name()])
    }

    /// Sets the relay.
    pub fn put_relay(&mut self, relay: &Relay) -> Result<()> {
        let (account, now, by) = (self.account(), self.now(), self.principal());
        self.change_one(
            PUT_RELAY,
            params![
                account,
                relay.host.as_str(),
                i64::from(relay.port),
                relay.tls.name(),
                relay.username.clone(),
                relay.password.as_ref().map(|secret| secret.expose().to_owned()),
                now,
                by
            ],
        )
    }

    /// Takes the relay away.
    pub fn delete_relay(&mut self) -> Result<()> {
        let account = self.account();
        self.change(DELETE_RELAY, params![account])?;
        Ok(())
    }

    /// Adds a domain. A name twice: [`Error::Exists`].
    pub fn insert_domain(&mut self, new: &Domain) -> Result<()> {
        let account = self.account();
        self.change_one(
            INSERT_DOMAIN,
            params![
                account,
                new.id,
                new.name.as_str(),
                &new.selector,
                new.private_key.clone(),
                &new.record,
                new.created_at
            ],
        )
    }

    /// Notes what was found at a domain's record.
    pub fn domain_checked(&mut self, id: DomainId, result: &str) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change_one(CHECKED_DOMAIN, params![account, id, now, result])
    }

    /// Removes a domain.
    pub fn delete_domain(&mut self, id: DomainId) -> Result<()> {
        let account = self.account();
        self.change_one(DELETE_DOMAIN, params![account, id])
    }
}

fn domain(row: &Row<'_>) -> Result<Domain> {
    Ok(Domain {
        id: row.get(0)?,
        name: row.get::<String>(1)?.parse().map_err(|_| Error::Column(1))?,
        selector: row.get(2)?,
        private_key: row.get(3)?,
        record: row.get(4)?,
        checked_at: row.get(5)?,
        check_result: row.get(6)?,
        created_at: row.get(7)?,
    })
}
