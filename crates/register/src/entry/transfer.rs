//! On what a transfer to a third country rests (GDPR Art. 44 to 49).

use serde::{Deserialize, Serialize};

use super::Country;
use jiff::civil::Date;

/// A mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// A decision on the country (Art. 45(3)).
    Adequacy,
    /// The standard clauses (EU) 2021/914 (Art. 46(2)(c)).
    StandardClauses,
    /// Binding corporate rules (Art. 46(2)(b), 47).
    CorporateRules,
    /// An approved code of conduct (Art. 46(2)(e)).
    Code,
    /// An approved certification (Art. 46(2)(f)).
    Certification,
    /// A derogation (Art. 49(1)): never one for regular flows.
    Derogation,
}

impl Mechanism {
    /// Whether it can carry flows that come again and again.
    pub const fn stands(self) -> bool {
        !matches!(self, Self::Derogation)
    }

    /// The name in files and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Adequacy => "adequacy",
            Self::StandardClauses => "standard-clauses",
            Self::CorporateRules => "corporate-rules",
            Self::Code => "code",
            Self::Certification => "certification",
            Self::Derogation => "derogation",
        }
    }
}

/// The mechanism for one country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// To which country.
    pub country: Country,
    /// On what it rests.
    pub mechanism: Mechanism,
    /// The decision or document, with its number or hash.
    pub document: String,
    /// From when it holds.
    pub valid_from: Date,
    /// The last day on which it holds; none: until it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// What was found of the country's law and of powers over this recipient, and the next look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
}

impl Transfer {
    /// Whether it carries a regular flow to the country on that day.
    pub fn carries(&self, country: Country, on: Date) -> bool {
        self.country == country
            && self.mechanism.stands()
            && self.valid_from <= on
            && self.valid_to.is_none_or(|to| on <= to)
    }
}
