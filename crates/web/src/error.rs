//! Why a request was not done, and the one place where that becomes people's words: a page with a way
//! on, a toast in an open page, or a problem of the API (RFC 9457).
//!
//! A handler returns an [`Error`]; `crate::serve` asks [`answer`] for the words when it knows who
//! asks, in which language, and for what. Debug and sources go to the log, never to the client.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use fluent::FluentValue;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use std::{borrow::Cow, sync::Arc};

use crate::{
    headers::StyleNonce,
    language::Texts,
    view::{
        Flaws,
        problem::{self, Problem},
        shell::{self, Head, Theme},
    },
};

/// The result of a handler.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing here, or one may not know of it.
    #[error("nothing is here")]
    NotFound,
    /// Nobody is logged in, or the token is not one.
    #[error("nobody is logged in")]
    NotSignedIn,
    /// A form came from another site.
    #[error("the form did not come from these pages")]
    Forged,
    /// The body or query is not what it must be.
    #[error("the request cannot be read: {0}")]
    Unreadable(String),
    /// A field does not hold what it must.
    #[error("{0} does not hold what it must")]
    Field(Cow<'static, str>, Flaw),
    /// More bytes than are taken.
    #[error("more bytes than are taken")]
    TooLarge,
    /// Too many requests.
    #[error("too many requests")]
    TooMany {
        /// When the next may come, in seconds.
        wait_seconds: i64,
    },
    /// The path exists, the method does not.
    #[error("this method is not known here")]
    Method,
    /// The same idempotency key came with another request.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// The same request is being done at this moment.
    #[error("the same request is under way")]
    UnderWay,
    /// Something outside did not do what it was asked for; its answer.
    #[error("outside: {0}")]
    Outside(String),
    /// It took too long.
    #[error("it took too long")]
    Late,
    /// The request itself did not come whole in time.
    #[error("the request did not come whole in time")]
    Slow,
    /// A verb said no.
    #[error(transparent)]
    Desk(#[from] desk::Error),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The access door said no.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// Control data said no.
    #[error(transparent)]
    Control(#[from] control::Error),
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// As the desk says.
    Desk(desk::Problem),
    /// It must be there.
    Missing,
    /// There is no such field.
    NotKnown,
    /// It stands there twice.
    Twice,
    /// Of another kind than it must be.
    Kind,
    /// Not an id, time, number or word that it can hold.
    Value,
    /// The password is one of these; why.
    Password(access::PasswordFlaw),
}

/// How a cause is told: status, the middle of its Fluent keys and of its problem type.
struct Told {
    status: StatusCode,
    code: &'static str,
}

const fn told(status: StatusCode, code: &'static str) -> Told {
    Told { status, code }
}

impl Error {
    /// A field that does not hold what it must.
    pub fn field(name: impl Into<Cow<'static, str>>, flaw: Flaw) -> Self {
        Self::Field(name.into(), flaw)
    }

    fn told(&self) -> Told {
        use StatusCode as S;
        match self {
            Self::NotFound => told(S::NOT_FOUND, "not-found"),
            Self::NotSignedIn => told(S::UNAUTHORIZED, "not-signed-in"),
            Self::Forged => told(S::FORBIDDEN, "forged"),
            Self::Unreadable(_) => told(S::BAD_REQUEST, "unreadable"),
            Self::Field(..) => told(S::UNPROCESSABLE_ENTITY, "field"),
            Self::TooLarge => told(S::PAYLOAD_TOO_LARGE, "too-large"),
            Self::TooMany { .. } => told(S::TOO_MANY_REQUESTS, "too-many"),
            Self::Method => told(S::METHOD_NOT_ALLOWED, "method"),
            Self::KeyReused => told(S::UNPROCESSABLE_ENTITY, "key-reused"),
            Self::UnderWay => told(S::CONFLICT, "under-way"),
            Self::Outside(_) => told(S::BAD_GATEWAY, "outside"),
            Self::Late | Self::Control(_) => told(S::SERVICE_UNAVAILABLE, "busy"),
            Self::Slow => told(S::REQUEST_TIMEOUT, "slow"),
            Self::Desk(error) => desk_told(error),
            Self::Store(error) => store_told(error),
            Self::Access(error) => access_told(error),
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.told().status
    }

    /// The field that is to blame, and what is wrong with it.
    pub fn blamed(&self) -> Option<(Cow<'_, str>, Flaw)> {
        match self {
            Self::Field(name, flaw) => Some((Cow::Borrowed(name.as_ref()), flaw.clone())),
            Self::Desk(desk::Error::Invalid { field, problem }) => {
                Some((Cow::Borrowed(field), Flaw::Desk(*problem)))
            }
            Self::Desk(desk::Error::NoSuchAgent) => Some((Cow::Borrowed("assignee_id"), Flaw::Value)),
            Self::Desk(desk::Error::NoSuchDepartment(_)) | Self::Access(access::Error::NoSuchDepartment) => {
                Some((Cow::Borrowed("department_id"), Flaw::Value))
            }
            Self::Desk(desk::Error::NoSuchTag(_)) => Some((Cow::Borrowed("tags"), Flaw::Value)),
            Self::Access(access::Error::Password(flaw)) => {
                Some((Cow::Borrowed("password"), Flaw::Password(*flaw)))
            }
            Self::Access(access::Error::Name) => {
                Some((Cow::Borrowed("name"), Flaw::Desk(desk::Problem::TooLong(100))))
            }
            Self::Access(access::Error::AddressTaken(_) | access::Error::MailboxTaken(_)) => {
                Some((Cow::Borrowed("address"), Flaw::Desk(desk::Problem::Taken)))
            }
            _ => None,
        }
    }

    /// What is wrong with a form, for its page: the field's own sentence, or one for the whole.
    pub fn flaws(&self, t: &Texts) -> Flaws {
        let field = self.blamed().map(|(field, _)| field.into_owned()).unwrap_or_default();
        Flaws(vec![(field, self.sentence(t))])
    }

    /// One sentence for people.
    pub fn sentence(&self, t: &Texts) -> String {
        match self.blamed() {
            Some((_, flaw)) => flaw.sentence(t),
            None => t.get(text_key(self.told().code)).to_owned(),
        }
    }
}

fn desk_told(error: &desk::Error) -> Told {
    use StatusCode as S;
    use desk::Error as E;
    match error {
        E::Store(error) => store_told(error),
        E::NoSuchConversation(_) | E::NoSuchMessage(_) => told(S::NOT_FOUND, "not-found"),
        E::NoSuchMailbox => told(S::UNPROCESSABLE_ENTITY, "no-mailbox"),
        E::NotAllowed => told(S::FORBIDDEN, "not-allowed"),
        E::TooLate => told(S::CONFLICT, "too-late"),
        E::NewerMessage { .. } => told(S::CONFLICT, "newer-message"),
        E::InUse => told(S::CONFLICT, "in-use"),
        E::Invalid { .. } | E::NoSuchDepartment(_) | E::NoSuchAgent | E::NoSuchTag(_) => {
            told(S::UNPROCESSABLE_ENTITY, "field")
        }
    }
}

fn store_told(error: &store::Error) -> Told {
    use StatusCode as S;
    use store::Error as E;
    match error {
        E::NoAccess => told(S::UNAUTHORIZED, "not-signed-in"),
        E::DiskFull => told(S::INSUFFICIENT_STORAGE, "disk-full"),
        E::Missed { .. } | E::NoSuchFile(_) => told(S::NOT_FOUND, "not-found"),
        E::Exists(_) => told(S::CONFLICT, "exists"),
        E::Busy | E::Unreachable(_) | E::Fenced { .. } | E::Unknown => told(S::SERVICE_UNAVAILABLE, "busy"),
        E::FileMissing(_) | E::FileDamaged(_) => told(S::INTERNAL_SERVER_ERROR, "file-damaged"),
        _ => told(S::INTERNAL_SERVER_ERROR, "fault"),
    }
}

fn access_told(error: &access::Error) -> Told {
    use StatusCode as S;
    use access::Error as E;
    match error {
        E::NotKnown => told(S::UNAUTHORIZED, "not-known"),
        E::Limited { .. } => told(S::TOO_MANY_REQUESTS, "too-many"),
        E::NoInvitation => told(S::NOT_FOUND, "no-invitation"),
        E::NotAllowed => told(S::FORBIDDEN, "not-allowed"),
        E::OwnersOnly => told(S::FORBIDDEN, "owners-only"),
        E::LastOwner => told(S::CONFLICT, "last-owner"),
        E::NoSuchAgent | E::NoSuchSession | E::NoSuchToken | E::NoSuchAccount | E::NoSuchMailbox => {
            told(S::NOT_FOUND, "not-found")
        }
        E::Full(_) => told(S::CONFLICT, "full"),
        E::Refused(_) => told(S::UNAUTHORIZED, "not-signed-in"),
        error if error.is_disk_full() => told(S::INSUFFICIENT_STORAGE, "disk-full"),
        E::Store(error) => store_told(error),
        E::Busy | E::NotHeldHere(_) => told(S::SERVICE_UNAVAILABLE, "busy"),
        E::Password(_) | E::Name | E::NoSuchDepartment | E::AddressTaken(_) | E::MailboxTaken(_) => {
            told(S::UNPROCESSABLE_ENTITY, "field")
        }
        _ => told(S::INTERNAL_SERVER_ERROR, "fault"),
    }
}

impl Flaw {
    /// One sentence for people.
    pub fn sentence(&self, t: &Texts) -> String {
        use desk::Problem as P;
        let number = |n: usize| FluentValue::from(i64::try_from(n).unwrap_or(i64::MAX));
        match self {
            Self::Desk(P::Empty) | Self::Missing => t.get("flaw-empty").to_owned(),
            Self::Desk(P::TooLong(max)) => t.with("flaw-too-long", &[("max", number(*max))]).into_owned(),
            Self::Desk(P::TooMany(max)) => t.with("flaw-too-many", &[("max", number(*max))]).into_owned(),
            Self::Desk(P::NotAnAddress) => t.get("flaw-not-an-address").to_owned(),
            Self::Desk(P::NotAHost) => t.get("flaw-not-a-host").to_owned(),
            Self::Desk(P::Unknown) | Self::Value => t.get("flaw-value").to_owned(),
            Self::Desk(P::Taken) => t.get("flaw-taken").to_owned(),
            Self::Desk(P::Past) => t.get("flaw-past").to_owned(),
            Self::NotKnown => t.get("flaw-not-known").to_owned(),
            Self::Twice => t.get("flaw-twice").to_owned(),
            Self::Kind => t.get("flaw-kind").to_owned(),
            Self::Password(flaw) => password_flaw(t, *flaw),
        }
    }
}

fn password_flaw(t: &Texts, flaw: access::PasswordFlaw) -> String {
    use access::PasswordFlaw as P;
    let text = match flaw {
        P::Short => t.with(
            "flaw-password-short",
            &[("least", FluentValue::from(i64::try_from(access::PASSWORD_CHARS_MIN).unwrap_or(0)))],
        ),
        P::Long => t.get("flaw-password-long").into(),
        P::Known => t.get("flaw-password-known").into(),
    };
    text.into_owned()
}

/// What the one who asked can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A page.
    Page,
    /// The pane of the open conversation: `Turbo-Frame: pane`.
    Pane,
    /// A change in an open page: `text/vnd.turbo-stream.html`.
    Stream,
    /// A problem of the API.
    Problem,
}

/// A response that `crate::serve` will put into words.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The words for an error.
pub fn answer(error: &Error, wanted: Wanted, t: &'static Texts, account: &str) -> Response {
    let Told { status, code } = error.told();
    if status.is_server_error() {
        tracing::error!(code, cause = %Chain(error), "a request failed");
    }
    let mut response = match wanted {
        Wanted::Problem => for_programs(error, status, code, t),
        Wanted::Stream => toast(error, status, t),
        Wanted::Pane => pane(status, code, t),
        Wanted::Page => page(status, code, t, account),
    };
    if let Error::TooMany { wait_seconds } = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*wait_seconds));
    }
    if matches!(wanted, Wanted::Problem) && status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn for_programs(error: &Error, status: StatusCode, code: &'static str, t: &Texts) -> Response {
    let mut body = json!({
        "type": format!("urn:havn:problem:{code}"),
        "title": t.get(title_key(code)),
        "status": status.as_u16(),
        "detail": error.sentence(t),
    });
    if let Some((field, flaw)) = error.blamed() {
        body["errors"] = json!([{ "field": field, "detail": flaw.sentence(t) }]);
        body["detail"] = json!(format!("{field}: {}", flaw.sentence(t)));
    }
    if let Error::Unreadable(why) | Error::Outside(why) = error {
        body["detail"] = json!(why);
    }
    if let Error::Desk(desk::Error::NewerMessage { newest }) = error {
        body["newest"] = json!(newest);
    }
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json; charset=utf-8"));
    response
}

fn toast(error: &Error, status: StatusCode, t: &Texts) -> Response {
    let notice = shell::Notice { kind: shell::NoticeKind::Failed, text: error.sentence(t) };
    let stream = crate::stream::append("toasts", &shell::toast(t, &notice));
    let mut response = crate::stream::response(&stream);
    *response.status_mut() = status;
    response
}

fn pane(status: StatusCode, code: &'static str, t: &Texts) -> Response {
    let told =
        Problem { status: status.as_u16(), title: t.get(title_key(code)), text: t.get(text_key(code)) };
    let mut response = axum::response::Html(problem::frame(t, &told).into_string()).into_response();
    *response.status_mut() = status;
    response
}

/// The page for an error within the desk, for somebody who is logged in.
pub fn in_desk(error: &Error, shell: &shell::Shell) -> maud::Markup {
    let (Told { status, code }, t) = (error.told(), shell.head.texts);
    let told =
        Problem { status: status.as_u16(), title: t.get(title_key(code)), text: t.get(text_key(code)) };
    problem::desk_page(shell, &told)
}

fn page(status: StatusCode, code: &'static str, t: &'static Texts, account: &str) -> Response {
    let nonce = crate::session::new_nonce();
    let head = Head { texts: t, theme: Theme::System, nonce: nonce.clone(), account: account.to_owned() };
    let told =
        Problem { status: status.as_u16(), title: t.get(title_key(code)), text: t.get(text_key(code)) };
    let page = problem::page(&head, &told);
    let mut response = axum::response::Html(page.into_string()).into_response();
    *response.status_mut() = status;
    response.extensions_mut().insert(StyleNonce(nonce));
    response
}

/// An error with what caused it, for the log. Causes of stores and doors hold no service data.
struct Chain<'a>(&'a Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = std::error::Error::source(self.0);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

/// The keys of all codes, so that the tests of the texts see them.
macro_rules! codes {
    ($($code:literal: $title:literal, $text:literal;)*) => {
        fn title_key(code: &str) -> &'static str {
            match code { $($code => $title,)* _ => "error-fault-title" }
        }
        fn text_key(code: &str) -> &'static str {
            match code { $($code => $text,)* _ => "error-fault-text" }
        }
    };
}

codes! {
    "not-found": "error-not-found-title", "error-not-found-text";
    "not-signed-in": "error-not-signed-in-title", "error-not-signed-in-text";
    "forged": "error-forged-title", "error-forged-text";
    "unreadable": "error-unreadable-title", "error-unreadable-text";
    "field": "error-field-title", "error-field-text";
    "too-large": "error-too-large-title", "error-too-large-text";
    "too-many": "error-too-many-title", "error-too-many-text";
    "method": "error-method-title", "error-method-text";
    "key-reused": "error-key-reused-title", "error-key-reused-text";
    "under-way": "error-under-way-title", "error-under-way-text";
    "outside": "error-outside-title", "error-outside-text";
    "no-mailbox": "error-no-mailbox-title", "error-no-mailbox-text";
    "not-allowed": "error-not-allowed-title", "error-not-allowed-text";
    "too-late": "error-too-late-title", "error-too-late-text";
    "newer-message": "error-newer-message-title", "error-newer-message-text";
    "in-use": "error-in-use-title", "error-in-use-text";
    "disk-full": "error-disk-full-title", "error-disk-full-text";
    "exists": "error-exists-title", "error-exists-text";
    "busy": "error-busy-title", "error-busy-text";
    "slow": "error-slow-title", "error-slow-text";
    "file-damaged": "error-file-damaged-title", "error-file-damaged-text";
    "not-known": "error-not-known-title", "error-not-known-text";
    "no-invitation": "error-no-invitation-title", "error-no-invitation-text";
    "owners-only": "error-owners-only-title", "error-owners-only-text";
    "last-owner": "error-last-owner-title", "error-last-owner-text";
    "full": "error-full-title", "error-full-text";
}
