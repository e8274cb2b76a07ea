//! Certificates: what is claimed, what is evidenced, and how long it counts (law.md part 13).

use serde::{Deserialize, Serialize};

use jiff::{
    ToSpan,
    civil::{Date, date},
};

/// A standard by which certificates or reports are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateKind {
    /// ISO/IEC 27001.
    Iso27001,
    /// ISO/IEC 27701.
    Iso27701,
    /// ISO/IEC 27018, which rides on a 27001.
    Iso27018,
    /// SSAE 16, followed by SSAE 18.
    Ssae16,
    /// SOC 2.
    Soc2,
    /// ISAE 3000.
    Isae3000,
    /// ISAE 3402.
    Isae3402,
    /// PCI DSS.
    PciDss,
    /// Uptime Institute, tier I.
    Tier1,
    /// Uptime Institute, tier II.
    Tier2,
    /// Uptime Institute, tier III.
    Tier3,
    /// Uptime Institute, tier IV.
    Tier4,
}

/// The last report day for SSAE 16 (SSAE 18 applies to reports dated on or after 1 May 2017).
const SSAE_16_ENDED: Date = date(2017, 4, 30);
/// The last day of certificates by the edition of 2013 of ISO/IEC 27001 (IAF MD 26:2023).
const ISO_27001_2013_ENDED: Date = date(2025, 10, 31);
/// Years for which an ISO/IEC 27001 certificate is given at most (ISO/IEC 17021-1, 9.1.3).
const ISO_YEARS_MAX: i64 = 3;
/// Months after its period in which a report still says something.
const REPORT_MONTHS_MAX: i64 = 12;
/// Years for which the award for a design counts (Uptime Institute, tier certification of design documents).
const DESIGN_AWARD_YEARS_MAX: i64 = 2;

impl CertificateKind {
    /// The name as people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Iso27001 => "ISO/IEC 27001",
            Self::Iso27701 => "ISO/IEC 27701",
            Self::Iso27018 => "ISO/IEC 27018",
            Self::Ssae16 => "SSAE 16",
            Self::Soc2 => "SOC 2",
            Self::Isae3000 => "ISAE 3000",
            Self::Isae3402 => "ISAE 3402",
            Self::PciDss => "PCI DSS",
            Self::Tier1 => "Tier I",
            Self::Tier2 => "Tier II",
            Self::Tier3 => "Tier III",
            Self::Tier4 => "Tier IV",
        }
    }

    /// The last day on which it could be given, if it was followed by another.
    pub const fn ended(self) -> Option<Date> {
        match self {
            Self::Ssae16 => Some(SSAE_16_ENDED),
            _ => None,
        }
    }

    const fn is_report(self) -> bool {
        matches!(self, Self::Soc2 | Self::Ssae16 | Self::Isae3000 | Self::Isae3402 | Self::PciDss)
    }
}

/// How far a certificate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateStatus {
    /// They say so.
    Claimed,
    /// Somebody has checked the document.
    Evidenced,
    /// Its time is over.
    Lapsed,
    /// Its standard was followed by another.
    Superseded,
    /// There is no such thing, or it cannot stand alone.
    Invalid,
}

impl CertificateStatus {
    /// The name in files and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Evidenced => "evidenced",
            Self::Lapsed => "lapsed",
            Self::Superseded => "superseded",
            Self::Invalid => "invalid",
        }
    }
}

/// A claim as a page makes it. "A or B" claims nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The very words.
    pub words: String,
    /// What the words name, joined by "or"; as many as can be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<CertificateKind>,
    /// Words in it that name no certificate that exists, as "Tier III+".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_such: Vec<String>,
}

/// One certificate or report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// By which standard.
    pub kind: CertificateKind,
    /// Its edition, as `2022`; of a tier: `design`, `facility` or `operations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Who gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Which sites it covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// When it was given; of a report: the last day of its period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Date>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// SHA-256 of the document that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Who looked at the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_on: Option<Date>,
}

impl Certificate {
    /// How far it counts on that day.
    pub fn status(&self, on: Date) -> CertificateStatus {
        if self.kind == CertificateKind::Iso27018 && self.edition.is_none() && self.file.is_none() {
            // It rides on a 27001 and is no certificate of its own.
            return CertificateStatus::Invalid;
        }
        if self.is_superseded(on) {
            return CertificateStatus::Superseded;
        }
        if self.last_day().is_some_and(|last| last < on) {
            return CertificateStatus::Lapsed;
        }
        let seen =
            self.file.is_some() && self.checked_by.is_some() && self.checked_on.is_some_and(|day| day <= on);
        let named = self.issuer.is_some() && self.scope.is_some() && self.issued.is_some();
        if seen && named { CertificateStatus::Evidenced } else { CertificateStatus::Claimed }
    }

    fn is_superseded(&self, on: Date) -> bool {
        let old_edition = self.kind == CertificateKind::Iso27001
            && self.edition.as_deref() == Some("2013")
            && on > ISO_27001_2013_ENDED;
        // One that was given while the standard stood lapses by its own time.
        let followed =
            self.kind.ended().is_some_and(|ended| on > ended && self.issued.is_none_or(|day| day > ended));
        old_edition || followed
    }

    /// The last day on which it says something; none: it does not tell when it was given.
    fn last_day(&self) -> Option<Date> {
        let longest = self.issued.and_then(|issued| {
            let span = match self.kind {
                CertificateKind::Iso27001 | CertificateKind::Iso27701 => ISO_YEARS_MAX.years(),
                kind if kind.is_report() => REPORT_MONTHS_MAX.months(),
                CertificateKind::Tier1
                | CertificateKind::Tier2
                | CertificateKind::Tier3
                | CertificateKind::Tier4
                    if self.edition.as_deref() == Some("design") =>
                {
                    DESIGN_AWARD_YEARS_MAX.years()
                }
                _ => return None,
            };
            issued.checked_add(span).ok()
        });
        match (self.expires, longest) {
            (Some(own), Some(longest)) => Some(own.min(longest)),
            (own, longest) => own.or(longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(kind: CertificateKind) -> Certificate {
        Certificate {
            kind,
            edition: None,
            number: None,
            entity: None,
            issuer: Some("A body".into()),
            scope: Some("Hosting in Dublin".into()),
            sites: vec!["Dublin".into()],
            issued: Some(date(2024, 1, 10)),
            expires: None,
            file: Some("00".repeat(32)),
            checked_by: Some("Mette".into()),
            checked_on: Some(date(2024, 2, 1)),
        }
    }

    #[test]
    fn claimed_is_not_evidenced() {
        let seen = Certificate { edition: Some("2022".into()), ..certificate(CertificateKind::Iso27001) };
        let today = date(2026, 11, 25);
        assert_eq!(seen.status(today), CertificateStatus::Evidenced);
        for less in [
            Certificate { file: None, ..seen.clone() },
            Certificate { checked_by: None, ..seen.clone() },
            Certificate { scope: None, ..seen.clone() },
            Certificate { checked_on: Some(date(2027, 1, 1)), ..seen.clone() },
        ] {
            assert_eq!(less.status(today), CertificateStatus::Claimed);
        }
    }

    #[test]
    fn each_has_its_last_day() {
        let iso = Certificate { expires: Some(date(2030, 1, 1)), ..certificate(CertificateKind::Iso27001) };
        assert_eq!(iso.status(date(2027, 1, 10)), CertificateStatus::Evidenced);
        assert_eq!(iso.status(date(2027, 1, 11)), CertificateStatus::Lapsed, "three years at most");
        let report = certificate(CertificateKind::Soc2);
        assert_eq!(report.status(date(2025, 1, 10)), CertificateStatus::Evidenced);
        assert_eq!(
            report.status(date(2025, 1, 11)),
            CertificateStatus::Lapsed,
            "twelve months after its period"
        );
        let design = Certificate { edition: Some("design".into()), ..certificate(CertificateKind::Tier3) };
        assert_eq!(design.status(date(2026, 1, 11)), CertificateStatus::Lapsed);
        let facility = Certificate { edition: Some("facility".into()), ..design };
        assert_eq!(facility.status(date(2026, 1, 11)), CertificateStatus::Evidenced);
    }

    #[test]
    fn what_was_followed_by_another_is_superseded() {
        let claimed = Certificate { issued: None, ..certificate(CertificateKind::Ssae16) };
        assert_eq!(claimed.status(date(2019, 10, 28)), CertificateStatus::Superseded);
        let old = Certificate { edition: Some("2013".into()), ..certificate(CertificateKind::Iso27001) };
        assert_eq!(old.status(date(2025, 10, 31)), CertificateStatus::Evidenced);
        assert_eq!(old.status(date(2025, 11, 1)), CertificateStatus::Superseded);
    }
}
