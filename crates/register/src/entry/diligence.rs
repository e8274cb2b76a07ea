//! How a sub-processor was chosen: questions, evidence, a decision by somebody else (GDPR Art. 28(1), (5)).

use serde::{Deserialize, Serialize};

use jiff::civil::Date;

/// An answer of the questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// security, privacy or confidentiality.
    pub subject: String,
    /// The question.
    pub question: String,
    /// What they said.
    pub answer: String,
    /// Which file bears it out; none: it is claimed only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A file that bears something out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiligenceFile {
    /// Its SHA-256.
    pub hash: String,
    /// Who issued it.
    pub issuer: String,
    /// What it covers.
    pub scope: String,
    /// The last day on which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

/// A point of Datatilsynet's guide on supervision (October 2021), with its reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupervisionPoint {
    /// A people, B special categories, C other confidential data, D kind of processing.
    pub letter: char,
    /// How many points.
    pub points: u8,
    /// Why so many.
    pub reason: String,
}

/// The decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Who decided: never the one who wrote the entry.
    pub by: String,
    /// When.
    pub on: Date,
    /// Why.
    pub reason: String,
    /// Whether they may be used.
    pub accepted: bool,
}

/// The diligence of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diligence {
    /// Who wrote it.
    pub author: String,
    /// The decision; none: not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The last day on which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_by: Option<Date>,
    /// The questionnaire.
    #[serde(default, rename = "answer", skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The evidence.
    #[serde(default, rename = "file", skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<DiligenceFile>,
    /// Datatilsynet's points.
    #[serde(default, rename = "point", skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<SupervisionPoint>,
}

impl Diligence {
    /// Whether somebody other than the author said yes, and it still counts on that day.
    pub fn holds(&self, on: Date) -> bool {
        let accepted = self.decision.as_ref().is_some_and(|decision| {
            decision.accepted && decision.by.trim() != self.author.trim() && decision.on <= on
        });
        accepted && self.renew_by.is_none_or(|day| on <= day)
    }
}
