//! What an account has agreed to, was told, and said: by which entries are in force for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use words::{Region, Time};

use crate::{Calendar, EntryId, Period, ends_at};

/// The shortest period for an objection that Havn proposes.
pub const OBJECTION_DAYS_DEFAULT: u32 = 30;

/// How an account authorises sub-processors (GDPR Art. 28(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authorisation {
    /// It is told, and silence accepts after the signed period.
    General,
    /// It is asked, and silence refuses.
    Specific,
}

/// The signed values that the register obeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// General or specific.
    pub authorisation: Authorisation,
    /// Days in which it may object, from the proven delivery of the notice.
    pub objection_days: u32,
    /// The region of its data.
    pub region: Region,
    /// When it was signed. What was active then is part of it.
    pub signed_at: Time,
}

/// An objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objection {
    /// When.
    pub at: Time,
    /// Why.
    pub reason: String,
    /// What the operator answered; none: not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// How an account stands to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Standing {
    /// When its notice was proven to be delivered; none: the clock has not started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Time>,
    /// Whether the notice came back.
    pub bounced: bool,
    /// When it said yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Time>,
    /// Its objection, until it takes it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objection: Option<Objection>,
}

/// An account as the register knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTerms {
    /// What it signed.
    pub terms: Terms,
    /// How it stands to entries; none: nothing was said.
    pub standings: BTreeMap<EntryId, Standing>,
}

/// Why an entry is not in force for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotInForce {
    /// It objects.
    #[error("the account objects")]
    Objected,
    /// It was not told yet, or the notice came back.
    #[error("the account was not told yet, or the notice came back")]
    NotTold,
    /// The period for objections is not over.
    #[error("the period in which the account may object is not over")]
    MayObject,
    /// It has not said yes.
    #[error("the account has not said yes, and its agreement asks for that")]
    NotAccepted,
}

impl AccountTerms {
    /// Since when, or from when on, an entry that became active at `active_since` is in force for the
    /// account. The rules, in order:
    ///
    /// 1. An objection shuts it, whatever else was said.
    /// 2. What was active when the account signed is part of its agreement.
    /// 3. A yes opens it from then on.
    /// 4. Under a specific authorisation nothing else does.
    /// 5. Under a general one, silence does after the signed period, counted from the proven delivery
    ///    as the law counts ([`ends_at`]).
    pub fn in_force_from(&self, entry: &EntryId, active_since: Time) -> Result<Time, NotInForce> {
        let standing = self.standings.get(entry);
        if standing.is_some_and(|standing| standing.objection.is_some()) {
            return Err(NotInForce::Objected);
        }
        if active_since <= self.terms.signed_at {
            return Ok(active_since);
        }
        if let Some(accepted_at) = standing.and_then(|standing| standing.accepted_at) {
            return Ok(accepted_at.max(active_since));
        }
        if self.terms.authorisation == Authorisation::Specific {
            return Err(NotInForce::NotAccepted);
        }
        let told_at = standing.and_then(|standing| standing.told_at).ok_or(NotInForce::NotTold)?;
        // The calendar that belongs to an account is not signed yet: days of UTC, without holidays.
        let period = Period::Days(self.terms.objection_days);
        let ended = ends_at(told_at, period, &Calendar::utc()).ok_or(NotInForce::MayObject)?;
        Ok(ended.max(active_since))
    }

    /// Whether an entry is in force for the account at `now`.
    pub fn in_force(&self, entry: &EntryId, active_since: Time, now: Time) -> Result<(), NotInForce> {
        if self.in_force_from(entry, active_since)? <= now { Ok(()) } else { Err(NotInForce::MayObject) }
    }
}
