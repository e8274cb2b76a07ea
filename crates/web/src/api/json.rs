//! Bodies and answers of the API. A body means one thing: every field is known, stands once, and is of
//! its kind, or a problem names it.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{
    State,
    error::{Error, Flaw, Result},
    fields::FORM_BYTES_MAX,
};

/// A JSON body, read strictly.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<State> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &State) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if kind.is_none_or(|kind| kind.split(';').next().unwrap_or("").trim() != "application/json") {
            return Err(Error::Unreadable("the body must be application/json".into()));
        }
        let bytes = axum::body::to_bytes(request.into_body(), FORM_BYTES_MAX).await;
        read(&bytes.map_err(|_| Error::TooLarge)?).map(Self)
    }
}

/// Reads JSON strictly. Its depth is limited by the reader (128).
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| told(&error))?;
    reader.end().map_err(|_| Error::Unreadable("something follows the JSON value".into()))?;
    Ok(value)
}

fn told(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let inner = error.inner();
    if !inner.is_data() {
        return Error::Unreadable(format!("no JSON: line {}, column {}", inner.line(), inner.column()));
    }
    let text = inner.to_string();
    let named = |start: &str| {
        let rest = text.strip_prefix(start)?.strip_prefix('`')?;
        Some(rest.split('`').next()?.to_owned())
    };
    let path = error.path().to_string();
    let below = |name: String| {
        // The path of an unknown field ends in it; of a missing one it is the object's.
        if path == "." || path.ends_with(&name) { name } else { format!("{path}.{name}") }
    };
    if let Some(name) = named("unknown field ") {
        return Error::field(below(name), Flaw::NotKnown);
    }
    if let Some(name) = named("missing field ") {
        return Error::field(below(name), Flaw::Missing);
    }
    if let Some(name) = named("duplicate field ") {
        return Error::field(below(name), Flaw::Twice);
    }
    // A struct may be read from a list too, but a body is an object.
    if path == "." || path.starts_with('[') {
        return Error::Unreadable("the body must be a JSON object".into());
    }
    let flaw = if text.starts_with("unknown variant") { Flaw::Value } else { Flaw::Kind };
    Error::field(path, flaw)
}

/// A field that may be missing (nothing changes), null (it is taken away) or a value.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Given<T> {
    /// It is missing.
    #[default]
    Nothing,
    /// It is null.
    Null,
    /// It is there.
    Value(T),
}

impl<T> Given<T> {
    /// The same with another value, unless that cannot be made of it.
    pub fn read<U>(self, read: impl FnOnce(T) -> Result<U>) -> Result<Given<U>> {
        Ok(match self {
            Self::Nothing => Given::Nothing,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(read(value)?),
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(reader)?.map_or(Self::Null, Self::Value))
    }
}

/// An answer with a JSON value.
pub fn answer(status: StatusCode, value: &impl Serialize) -> Response {
    text_answer(status, serde_json::to_string(value).unwrap_or_default())
}

/// An answer with JSON that is written already.
pub fn text_answer(status: StatusCode, json: String) -> Response {
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// An answer without content.
pub fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for next; null at the end.
    pub next_cursor: Option<String>,
}

impl<T: Serialize> Page<T> {
    /// A list that is never long: all of it.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// The answer.
    pub fn answer(&self) -> Response {
        answer(StatusCode::OK, self)
    }
}

/// The most that one page of a list has.
pub const LIMIT_MAX: i64 = 100;
/// What a page has if nothing is said.
pub const LIMIT_USUAL: i64 = 50;

/// Reads `limit`, 1 to 100.
pub fn limit(query: &crate::fields::Fields) -> Result<i64> {
    let limit = query.parsed("limit")?.unwrap_or(LIMIT_USUAL);
    if (1..=LIMIT_MAX).contains(&limit) { Ok(limit) } else { Err(Error::field("limit", Flaw::Value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only read")]
        name: String,
        #[serde(default)]
        until: Given<i64>,
    }

    #[test]
    fn a_flaw_names_its_field() {
        let cases = [
            (r#"{"name":1}"#, "name", Flaw::Kind),
            (r#"{"name":"a","nam":1}"#, "nam", Flaw::NotKnown),
            (r#"{"name":"a","name":"b"}"#, "name", Flaw::Twice),
            (r"{}", "name", Flaw::Missing),
            (r#"{"name":"a","until":"x"}"#, "until", Flaw::Kind),
        ];
        for (body, field, flaw) in cases {
            match read::<Body>(body.as_bytes()) {
                Err(Error::Field(found, why)) => assert_eq!((found.as_ref(), why), (field, flaw), "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
        for body in ["", "[]", "1", "{", "{\"name\":NaN}", "{\"name\":\"a\"} x"] {
            assert!(matches!(read::<Body>(body.as_bytes()), Err(Error::Unreadable(_))), "{body}");
        }
        let deep = format!("{{\"name\":{}", "[".repeat(1_000_000));
        assert!(read::<Body>(deep.as_bytes()).is_err());
    }

    #[test]
    fn null_is_not_nothing() {
        let until = |body: &str| read::<Body>(body.as_bytes()).unwrap().until;
        assert_eq!(until(r#"{"name":"a"}"#), Given::Nothing);
        assert_eq!(until(r#"{"name":"a","until":null}"#), Given::Null);
        assert_eq!(until(r#"{"name":"a","until":5}"#), Given::Value(5));
    }
}
