//! What a reader of the page would stumble over: findings with a code, the entry and a sentence.
//!
//! One question a function; each asks the register alone, or the register beside what was observed.

mod entry;
mod page;
mod use_of;

use std::fmt;

use serde::{Deserialize, Serialize};
use words::{AccountId, Host, Purpose, Time};

use crate::{EntryId, Register, day};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What kind of finding it is. The names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// All that there are.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in files and pages.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

codes! {
    /// The list does not name them.
    Unnamed = "unnamed",
    /// Without a postal address.
    NoAddress = "no-address",
    /// Nobody to ask.
    NoContact = "no-contact",
    /// It does not say what for.
    NoPurpose = "no-purpose",
    /// It does not say which data.
    NoCategories = "no-categories",
    /// It does not say where.
    NoPlace = "no-place",
    /// Certificates joined by "or".
    CertificatesJoined = "certificates-joined",
    /// A certificate that does not exist.
    NoSuchCertificate = "no-such-certificate",
    /// A certificate whose standard was followed by another.
    CertificateSuperseded = "certificate-superseded",
    /// A certificate whose time is over.
    CertificateLapsed = "certificate-lapsed",
    /// A certificate that nobody has seen.
    CertificateUnproven = "certificate-unproven",
    /// A certificate that cannot stand alone.
    CertificateInvalid = "certificate-invalid",
    /// A place outside the region that it serves.
    OutsideRegion = "outside-region",
    /// A third country, or one that nobody knows, without a mechanism.
    NoMechanism = "no-mechanism",
    /// A mechanism that does not carry regular flows.
    MechanismDoesNotStand = "mechanism-does-not-stand",
    /// A duty without a clause.
    DutyWithoutClause = "duty-without-clause",
    /// A duty whose document lapsed.
    DutyLapsed = "duty-lapsed",
    /// Nobody other than the author decided that they may be used.
    NotDecided = "not-decided",
    /// The decision is to be renewed.
    DecisionLapsed = "decision-lapsed",
    /// It became another company.
    Succeeded = "succeeded",
    /// It is called a subcontractor and listed as something else: does the rule of consent bind it?
    ConsentUnclear = "consent-unclear",
    /// A host and port that two entries have.
    EndpointShared = "endpoint-shared",
    /// The page says that it does not bind.
    PageNotBinding = "page-not-binding",
    /// A region or place that the page's own words do not name.
    StatementContradicted = "statement-contradicted",
    /// There is no earlier version.
    NoEarlierVersion = "no-earlier-version",
    /// Nobody knows how many days before a change is told.
    NoNoticeDate = "no-notice-date",
    /// Nobody knows by which channel a change is told.
    NoNoticeChannel = "no-notice-channel",
    /// Bytes went to somebody whom the register does not name.
    ObservedNotDeclared = "observed-not-declared",
    /// Nobody ever sent anything there.
    DeclaredNeverUsed = "declared-never-used",
    /// An objection without an answer.
    ObjectionUnanswered = "objection-unanswered",
    /// A notice that came back.
    NoticeBounced = "notice-bounced",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Of which kind.
    pub code: Code,
    /// Which entry it is about; none: the page as a whole.
    pub entry: Option<EntryId>,
    /// The finding, in one sentence.
    pub sentence: String,
}

/// To whom bytes went, as the door counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// For which account; none: for Havn itself.
    pub account: Option<AccountId>,
    /// What for.
    pub purpose: Purpose,
    /// To which host.
    pub host: Host,
    /// To which port.
    pub port: u16,
    /// Whether the ground was an entry: what goes to an addressee, on an instruction or to what the
    /// operator's file names, no entry need name.
    pub on_entry: bool,
    /// When last.
    pub last: Time,
}

/// All findings on that register at that moment, by code and entry.
pub fn check(register: &Register, observed: &[Observed], at: Time) -> Vec<Finding> {
    let on = day(at);
    let mut findings = page::check(register);
    for held in register.listed() {
        findings.extend(entry::check(register, held, on));
    }
    findings.extend(use_of::check(register, observed));
    findings.sort();
    findings.dedup();
    findings
}

fn on_entry(code: Code, entry: &EntryId, sentence: String) -> Finding {
    Finding { code, entry: Some(entry.clone()), sentence }
}

fn on_page(code: Code, sentence: impl Into<String>) -> Finding {
    Finding { code, entry: None, sentence: sentence.into() }
}
