//! Countries and places.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use words::Region;

use jiff::civil::{Date, date};

/// A word of the register that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// Not the id of an entry.
    #[error("an entry's id is 1 to 63 lower-case letters, digits or hyphens")]
    EntryId,
    /// Not a country.
    #[error("a country is two capital letters (ISO 3166-1), as DK")]
    Country,
}

/// A country: its two letters by ISO 3166-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        match *text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(WordError::Country),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = WordError;
    fn try_from(text: String) -> Result<Self, WordError> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What happens to data at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceUse {
    /// It lies there.
    Store,
    /// It is worked on there.
    Process,
    /// People look at it from there.
    Look,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// What happens there.
    #[serde(rename = "use")]
    pub used_to: PlaceUse,
    /// The country; none: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The region that it counts as; none: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The town, the data centre; none: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Accounts of which regions are served from there; empty: those of the place's own region.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serves: Vec<Region>,
}

/// Since when a country belongs to the European Economic Area, and until when.
/// Sources: the treaties of accession; EEA Agreement; Withdrawal Agreement Art. 126 and 127 (United Kingdom).
#[rustfmt::skip]
const INSIDE: [(&str, Date, Option<Date>); 31] = [
    ("AT", date(1995, 1, 1), None), ("BE", date(1994, 1, 1), None), ("BG", date(2007, 1, 1), None),
    ("HR", date(2013, 7, 1), None), ("CY", date(2004, 5, 1), None), ("CZ", date(2004, 5, 1), None),
    ("DK", date(1994, 1, 1), None), ("EE", date(2004, 5, 1), None), ("FI", date(1995, 1, 1), None),
    ("FR", date(1994, 1, 1), None), ("DE", date(1994, 1, 1), None), ("GR", date(1994, 1, 1), None),
    ("HU", date(2004, 5, 1), None), ("IE", date(1994, 1, 1), None), ("IT", date(1994, 1, 1), None),
    ("LV", date(2004, 5, 1), None), ("LT", date(2004, 5, 1), None), ("LU", date(1994, 1, 1), None),
    ("MT", date(2004, 5, 1), None), ("NL", date(1994, 1, 1), None), ("PL", date(2004, 5, 1), None),
    ("PT", date(1994, 1, 1), None), ("RO", date(2007, 1, 1), None), ("SK", date(2004, 5, 1), None),
    ("SI", date(2004, 5, 1), None), ("ES", date(1994, 1, 1), None), ("SE", date(1995, 1, 1), None),
    ("IS", date(1994, 1, 1), None), ("LI", date(1995, 5, 1), None), ("NO", date(1994, 1, 1), None),
    ("GB", date(1994, 1, 1), Some(date(2020, 12, 31))),
];

/// Whether a country lies inside the European Economic Area on that day: no transfer needs a mechanism.
pub fn is_inside(country: Country, on: Date) -> bool {
    INSIDE
        .iter()
        .any(|(code, from, to)| *code == country.as_str() && *from <= on && to.is_none_or(|to| on <= to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_has_its_dates() {
        let (gb, dk, us) = ("GB".parse().unwrap(), "DK".parse().unwrap(), "US".parse().unwrap());
        assert!(is_inside(gb, date(2019, 10, 28)));
        assert!(!is_inside(gb, date(2021, 1, 1)));
        assert!(is_inside(dk, date(2026, 11, 25)));
        assert!(!is_inside(us, date(2026, 11, 25)));
        assert_eq!("dk".parse::<Country>(), Err(WordError::Country));
    }
}
