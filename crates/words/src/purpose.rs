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
}

impl Purpose {
    /// All that there are.
    pub const ALL: [Self; 6] = [
        Self::MailRelay,
        Self::MailAddressee,
        Self::MailPolicy,
        Self::MailPickup,
        Self::NameLookup,
        Self::Database,
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
        }
    }

    /// The categories of data that it may carry.
    pub const fn carries(self) -> &'static [Category] {
        match self {
            Self::MailRelay | Self::MailAddressee => &[Category::Content, Category::Metadata],
            Self::MailPickup => &[Category::Content, Category::Metadata, Category::Credentials],
            Self::MailPolicy | Self::NameLookup => &[Category::Metadata],
            Self::Database => &[Category::Content, Category::Metadata, Category::Credentials],
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
