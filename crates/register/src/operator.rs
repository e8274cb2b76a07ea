//! What the operator says of itself and of all entries together: the statements of the page.

use serde::{Deserialize, Serialize};
use words::Region;

use jiff::civil::Date;

use crate::Duty;

/// The operator, and what its page states. What the page does not say stays unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Operator {
    /// Legal name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the service is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Words before the list that say that it is an example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// The date that the page bears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_dated: Option<Date>,
    /// In which regions data lies, as the page states.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Region>,
    /// How one asks for an agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_by: Option<String>,
    /// Whether the page binds the operator; none: it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding: Option<bool>,
    /// Where earlier versions are; none: nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_versions: Option<String>,
    /// By which channel changes are told beforehand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_channel: Option<String>,
    /// How many days beforehand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_days: Option<u32>,
    /// To what the page says that all entries are bound.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub duties_stated: Vec<Duty>,
    /// Whether staff and subcontractors look only with the customer's consent, as the page states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_before_looking: Option<bool>,
}
