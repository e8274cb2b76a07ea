//! Places and languages.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A text that should name a place or language and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Not a region's name.
    #[error("a region is 2 to 16 lower-case letters, digits or hyphens")]
    Region,
    /// Not a data centre's name.
    #[error("a data centre is 2 to 32 lower-case letters, digits or hyphens")]
    DataCentre,
    /// Not a language that Havn speaks.
    #[error("Havn speaks en and da")]
    Language,
}

/// A legal place where service data may lie: `eu`, `uk`, `us`, `sg`, …
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// One site in a region where Havn runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DataCentre(String);

fn is_name(text: &str, longest: usize) -> bool {
    (2..=longest).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

macro_rules! place {
    ($name:ident, $longest:literal, $error:expr) => {
        impl FromStr for $name {
            type Err = PlaceError;
            fn from_str(text: &str) -> Result<Self, PlaceError> {
                is_name(text, $longest).then(|| Self(text.to_owned())).ok_or($error)
            }
        }
        impl TryFrom<String> for $name {
            type Error = PlaceError;
            fn try_from(text: String) -> Result<Self, PlaceError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(place: $name) -> String {
                place.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl $name {
            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

place!(Region, 16, PlaceError::Region);
place!(DataCentre, 32, PlaceError::DataCentre);

/// A language of Havn's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Danish.
    Da,
}

impl Language {
    /// All that there are.
    pub const ALL: [Self; 2] = [Self::En, Self::Da];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Da => "da",
        }
    }
}

impl FromStr for Language {
    type Err = PlaceError;
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        Self::ALL.into_iter().find(|l| l.tag() == text).ok_or(PlaceError::Language)
    }
}
