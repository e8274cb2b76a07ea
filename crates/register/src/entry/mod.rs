//! One entry of the register: a third party that gets or could get service data.
//!
//! What is not known is left out and stays unknown (`None`, an empty list): nothing is filled in by a
//! guess, and `findings` says what is missing. Source of the fields: GDPR Art. 28(2), 28(4), 30(2) and
//! Annex IV of the standard clauses (EU) 2021/915.

mod certificate;
mod contract;
mod diligence;
mod endpoint;
mod place;
mod transfer;

pub use certificate::{Certificate, CertificateKind, CertificateStatus, Claim};
pub use contract::{Duty, DutyRecord};
pub use diligence::{Answer, Decision, Diligence, DiligenceFile, SupervisionPoint};
pub use endpoint::{Endpoint, EndpointError, HostPattern};
pub use place::{Country, PlaceUse, Site, WordError, is_inside};
pub use transfer::{Mechanism, Transfer};

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use words::{Category, Purpose, Region};

use jiff::civil::Date;

/// The longest id of an entry.
const ID_BYTES_MAX: usize = 63;

/// The id of an entry: lower-case letters, digits and hyphens, as `twilio`. It never changes and is
/// never used again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntryId(String);

impl EntryId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EntryId {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        let good = (1..=ID_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        good.then(|| Self(text.to_owned())).ok_or(WordError::EntryId)
    }
}

impl TryFrom<String> for EntryId {
    type Error = WordError;
    fn try_from(text: String) -> Result<Self, WordError> {
        text.parse()
    }
}

impl From<EntryId> for String {
    fn from(id: EntryId) -> String {
        id.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a sub-processor is to the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// A company of its own.
    ThirdParty,
    /// A company of the operator's group: a sub-processor too.
    GroupCompany,
    /// Works under the operator's direction.
    Subcontractor,
}

/// Under which heading the public page lists an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heading {
    /// Where servers and disks stand.
    Infrastructure,
    /// What part of the service they do.
    Service,
    /// Whose people work for it.
    Subcontractor,
}

impl Heading {
    /// All that there are, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Infrastructure, Self::Service, Self::Subcontractor];

    /// The name in files and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Infrastructure => "infrastructure",
            Self::Service => "service",
            Self::Subcontractor => "subcontractor",
        }
    }
}

/// What somebody is told who wants to know of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// Name and position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// By which one reaches them: a mail address, a form, a telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// What a company became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// Its new name, or that of the buyer.
    pub name: String,
    /// Since when.
    pub since: Date,
}

/// The facts of a sub-processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Whether it is an example only. It never opens a door.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sample: bool,
    /// Legal name; none: the list does not name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the page lists it.
    pub heading: Heading,
    /// What it is to the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// Its task, in words of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Number in which register, LEI or EUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where it has its seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The company that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// Its data protection officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpo: Option<String>,
    /// Its representative in the union (Art. 27).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representative: Option<String>,
    /// What it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Successor>,
    /// What for it gets data; empty: unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<Purpose>,
    /// Which data it gets; empty: unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// Special categories (Art. 9, 10), with their safeguards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub special: Option<String>,
    /// How long it processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// The entry above it in the chain; none: the operator itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<EntryId>,
    /// Regions whose accounts it serves; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serves: Vec<Region>,
    /// What Havn cannot see of it, in words of the page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// Where data lies, is worked on, and is looked at from.
    #[serde(default, rename = "place", skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Site>,
    /// Which hosts are theirs.
    #[serde(default, rename = "endpoint", skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<Endpoint>,
    /// On what a transfer to a third country rests.
    #[serde(default, rename = "transfer", skip_serializing_if = "Vec::is_empty")]
    pub transfers: Vec<Transfer>,
    /// Claims of certificates as the page makes them, joined or not.
    #[serde(default, rename = "claim", skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Certificates, one each.
    #[serde(default, rename = "certificate", skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<Certificate>,
    /// How it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diligence: Option<Diligence>,
    /// What it is bound to.
    #[serde(default, rename = "duty", skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<DutyRecord>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Entry {
    /// The name, or the id of one that the list does not name.
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.id.as_str())
    }

    /// Whether it names a legal person (Opinion 22/2024: identity of every processor in the chain).
    pub fn names_a_person(&self) -> bool {
        const NOBODY: [&str; 8] = [
            "affiliate",
            "affiliates",
            "subcontractor",
            "subcontractors",
            "partners",
            "group companies",
            "third parties",
            "vendors",
        ];
        self.name.as_deref().is_some_and(|name| {
            let name = name.trim().to_lowercase();
            !name.is_empty()
                && !NOBODY.iter().any(|nobody| name == *nobody || name.ends_with(&format!("our {nobody}")))
        })
    }
}
