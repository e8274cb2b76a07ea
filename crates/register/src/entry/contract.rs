//! What a contract must bind a sub-processor to, duty by duty (GDPR Art. 28(3), 28(4), 29, 32(4), 33(2);
//! standard clauses (EU) 2021/915, clauses 7.4 and 7.7).

use serde::{Deserialize, Serialize};

use jiff::civil::Date;

macro_rules! duties {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A duty.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Duty { $($(#[$doc])* $variant,)* }

        impl Duty {
            /// All that there are; the first five are those of the page.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in files and pages.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

duties! {
    /// Only on the account's documented instructions, passed on in writing.
    Instructions = "instructions",
    /// Reliable people, bound to confidentiality.
    Confidentiality = "confidentiality",
    /// Regular training of those with access.
    Training = "training",
    /// The measures of Art. 32, named.
    Measures = "measures",
    /// Prompt word of every actual or potential breach, and help with requests.
    Breaches = "breaches",
    /// No further processor without authorisation.
    FurtherProcessors = "further-processors",
    /// Deletion or return at the end.
    Deletion = "deletion",
    /// Information and audits.
    Audits = "audits",
    /// Says at once if an instruction breaks the law.
    UnlawfulInstructions = "unlawful-instructions",
    /// A copy of the contract to the account on request.
    ContractCopy = "contract-copy",
    /// The operator tells the account of any failure.
    FailureNotice = "failure-notice",
    /// The account may step in if the operator vanishes.
    StepIn = "step-in",
    /// People look only as far as strictly necessary; the list of them is reviewed.
    LimitedAccess = "limited-access",
}

/// Where a contract says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyRecord {
    /// The duty.
    pub duty: Duty,
    /// The clause.
    pub clause: String,
    /// The document: its SHA-256.
    pub document: String,
    /// From when it binds.
    pub valid_from: Date,
    /// The last day on which it binds; none: until it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

impl DutyRecord {
    /// Whether it binds on that day.
    pub fn binds(&self, on: Date) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|to| on <= to)
    }
}
