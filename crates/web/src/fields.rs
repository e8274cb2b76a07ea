//! Forms and queries: names and values, read once, each asked for by its name.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::{header, request::Parts};
use std::str::FromStr;
use words::EmailAddress;

use crate::{
    State,
    error::{Error, Flaw, Result},
};

/// Bytes of a form at most; files come by multipart, which has limits of its own.
pub const FORM_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Values in a form at most.
const VALUES_MAX: usize = 2_000;
/// Addresses in one field at most.
const ADDRESSES_MAX: usize = 50;

/// The values of a form or query, in order.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=b&c=d`.
    pub fn read(encoded: &[u8]) -> Result<Self> {
        let pairs: Vec<_> = url::form_urlencoded::parse(encoded).take(VALUES_MAX + 1).collect();
        if pairs.len() > VALUES_MAX {
            return Err(Error::TooLarge);
        }
        Ok(Self(pairs.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
    }

    /// Takes values as they came.
    pub fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of a field that stands at most once; empty is as if it were not there.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>> {
        let mut values = self.0.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(Error::field(name, Flaw::Twice));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// The value of a field, or nothing in it.
    pub fn text(&self, name: &'static str) -> Result<String> {
        Ok(self.one(name)?.unwrap_or_default().to_owned())
    }

    /// The value of a field as something of ours, if it is there.
    pub fn parsed<T: FromStr>(&self, name: &'static str) -> Result<Option<T>> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        value.parse().map(Some).map_err(|_| Error::field(name, Flaw::Value))
    }

    /// The value of a field that must be there, as something of ours.
    pub fn must<T: FromStr>(&self, name: &'static str) -> Result<T> {
        self.parsed(name)?.ok_or(Error::field(name, Flaw::Missing))
    }

    /// All values of a field that may stand many times, as something of ours.
    pub fn every<T: FromStr>(&self, name: &'static str) -> Result<Vec<T>> {
        let values = self.0.iter().filter(|(found, value)| found == name && !value.is_empty());
        values.map(|(_, value)| value.parse().map_err(|_| Error::field(name, Flaw::Value))).collect()
    }

    /// Whether a field is there, empty or not.
    pub fn stands(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &'static str) -> Result<bool> {
        Ok(self.one(name)?.is_some())
    }

    /// Addresses separated by commas or semicolons, each with or without a name before it.
    pub fn addresses(&self, name: &'static str) -> Result<Vec<EmailAddress>> {
        addresses(name, self.one(name)?.unwrap_or_default())
    }
}

/// The first that is no address, of addresses separated by commas or semicolons.
pub fn not_an_address(text: &str) -> Option<&str> {
    let all = text.split([',', ';', '\n']).map(str::trim).filter(|one| !one.is_empty());
    all.into_iter().find(|one| addresses("", one).is_err())
}

/// Reads addresses separated by commas or semicolons.
pub fn addresses(name: &'static str, text: &str) -> Result<Vec<EmailAddress>> {
    let mut found = Vec::new();
    for one in text.split([',', ';', '\n']).map(str::trim).filter(|one| !one.is_empty()) {
        let bare = match (one.rfind('<'), one.strip_suffix('>')) {
            (Some(open), Some(closed)) => &closed[open + 1..],
            _ => one,
        };
        let not_one = |_| Error::field(name, Flaw::Desk(desk::Problem::NotAnAddress));
        found.push(bare.parse().map_err(not_one)?);
        if found.len() > ADDRESSES_MAX {
            return Err(Error::field(name, Flaw::Desk(desk::Problem::TooMany(ADDRESSES_MAX))));
        }
    }
    Ok(found)
}

/// The query of a request.
pub struct Query(pub Fields);

impl FromRequestParts<State> for Query {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self> {
        Ok(Self(Fields::read(parts.uri.query().unwrap_or("").as_bytes())?))
    }
}

/// The form of a request: `application/x-www-form-urlencoded`, or nothing at all.
pub struct Form(pub Fields);

impl FromRequest<State> for Form {
    type Rejection = Error;
    async fn from_request(request: Request, _: &State) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let good = kind.is_none_or(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let bytes = axum::body::to_bytes(request.into_body(), FORM_BYTES_MAX).await;
        let bytes = bytes.map_err(|_| Error::TooLarge)?;
        if !good && !bytes.is_empty() {
            return Err(Error::Unreadable("the body is not a form".into()));
        }
        Ok(Self(Fields::read(&bytes)?))
    }
}

/// Parts of the path as ids of ours: anything else is not found.
pub struct At<T>(pub T);

impl<T: serde::de::DeserializeOwned + Send> FromRequestParts<State> for At<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Error::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_stands_once_where_it_must() {
        let fields = Fields::read(b"a=1&b=&c=1&c=2&d=x").unwrap();
        assert_eq!(fields.one("a").unwrap(), Some("1"));
        assert_eq!(fields.one("b").unwrap(), None);
        assert!(matches!(fields.one("c"), Err(Error::Field(name, Flaw::Twice)) if name == "c"));
        assert_eq!(fields.every::<i64>("c").unwrap(), [1, 2]);
        assert!(matches!(fields.must::<i64>("d"), Err(Error::Field(name, Flaw::Value)) if name == "d"));
        assert!(matches!(fields.must::<i64>("e"), Err(Error::Field(name, Flaw::Missing)) if name == "e"));
    }

    #[test]
    fn addresses_come_as_people_write_them() {
        let read = addresses("to", "Åse Holm <aase@example.dk>, ib@example.dk; b@example.dk").unwrap();
        let read: Vec<_> = read.iter().map(EmailAddress::as_str).collect();
        assert_eq!(read, ["aase@example.dk", "ib@example.dk", "b@example.dk"]);
        for bad in ["a@b.dk\r\nBcc: c@d.dk", "nobody", "a@b c"] {
            assert!(addresses("to", bad).is_err(), "{bad}");
        }
    }
}
