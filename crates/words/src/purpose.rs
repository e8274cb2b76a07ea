//! What bytes may leave for, and what they carry.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a connection out is for: a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Mail to the account's own relay.
    MailRelay,
    /// Mail straight to the mail exchanger of somebody one writes to.
    MailAddressee,
    /// What the domain of somebody one writes to demands of connections (MTA-STS, RFC 8461).
    MailPolicy,
    /// Mail out of an account's mailbox at another server.
    MailPickup,
    /// Look-up of a name (a resolver learns who writes to whom).
    NameLookup,
    /// Rows of an account in PostgreSQL.
    Database,
    /// Files of an account in an object store.
    ObjectStorage,
    /// Machines and disks on which Havn runs.
    Hosting,
    /// Word of what happened to the account's own program.
    Webhook,
    /// Telephone calls and text messages.
    Voice,
    /// Log-in by somebody else's word.
    Identity,
    /// Certificates for hosts of the accounts (the authority learns their names).
    Certificates,
    /// People who help the operator or its accounts.
    Support,
}

impl Purpose {
    /// All that there are.
    pub const ALL: [Self; 13] = [
        Self::MailRelay,
        Self::MailAddressee,
        Self::MailPolicy,
        Self::MailPickup,
        Self::NameLookup,
        Self::Database,
        Self::ObjectStorage,
        Self::Hosting,
        Self::Webhook,
        Self::Voice,
        Self::Identity,
        Self::Certificates,
        Self::Support,
    ];

    /// The name in rows, files and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MailRelay => "mail-relay",
            Self::MailAddressee => "mail-addressee",
            Self::MailPolicy => "mail-policy",
            Self::MailPickup => "mail-pickup",
            Self::NameLookup => "name-lookup",
            Self::Database => "database",
            Self::ObjectStorage => "object-storage",
            Self::Hosting => "hosting",
            Self::Webhook => "webhook",
            Self::Voice => "voice",
            Self::Identity => "identity",
            Self::Certificates => "certificates",
            Self::Support => "support",
        }
    }

    /// The categories of data that it may carry.
    pub const fn carries(self) -> &'static [Category] {
        match self {
            Self::MailRelay
            | Self::MailAddressee
            | Self::ObjectStorage
            | Self::Webhook
            | Self::Voice
            | Self::Support => &[Category::Content, Category::Metadata],
            Self::MailPolicy | Self::NameLookup | Self::Identity | Self::Certificates => {
                &[Category::Metadata]
            }
            Self::MailPickup | Self::Database | Self::Hosting => {
                &[Category::Content, Category::Metadata, Category::Credentials]
            }
        }
    }
}

impl FromStr for Purpose {
    type Err = crate::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|p| p.name() == text).ok_or(crate::IdError)
    }
}

/// A category of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// What people wrote and the files with it.
    Content,
    /// Who wrote to whom and when.
    Metadata,
    /// Hashes of passwords, sessions and tokens.
    Credentials,
}

impl Category {
    /// The name in files and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Metadata => "metadata",
            Self::Credentials => "credentials",
        }
    }
}
