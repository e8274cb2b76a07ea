//! Values into and out of both databases.

use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use uuid::Uuid;
use words::{
    AccountId, ActId, AgentId, AttachmentId, ContactId, ConversationId, DeliveryId, DepartmentId, DomainId,
    DraftId, FileId, InvitationId, MailboxId, MessageId, Principal, SecretHash, SessionId, TagId, Time,
    TokenId,
};

use crate::{Error, Result};

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A text. NUL bytes are replaced, since PostgreSQL cannot hold them.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An id.
    Uuid(Uuid),
}

/// `params![a, b, …]`: the parameters of a statement, `$1` first.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(rusqlite::types::Value::Null),
            Self::Int(value) => ToSqlOutput::from(*value),
            Self::Bool(value) => ToSqlOutput::from(*value),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
            Self::Uuid(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value.as_bytes())),
        })
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            Self::Int(value) if *kind == Type::BOOL => (*value != 0).to_sql(kind, out),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Bool(value) => value.to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
            Self::Bytes(value) => value.to_sql(kind, out),
            Self::Uuid(value) => {
                out.extend_from_slice(value.as_bytes());
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        if value.contains('\0') { Self::Text(value.replace('\0', "\u{fffd}")) } else { Self::Text(value) }
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        value.clone().into()
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}

impl From<SecretHash> for Value {
    fn from(value: SecretHash) -> Self {
        Self::Bytes(value.bytes().to_vec())
    }
}

impl From<Time> for Value {
    fn from(value: Time) -> Self {
        Self::Int(value.micros())
    }
}

impl From<Principal> for Value {
    fn from(value: Principal) -> Self {
        Self::Text(value.to_string())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer.
pub enum Row<'a> {
    /// From SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// From PostgreSQL.
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The value of a column, counted from 0.
    pub fn get<T: Column>(&self, column: usize) -> Result<T> {
        T::of(self, column)
    }
}

impl Row<'_> {
    /// The names of the columns.
    pub(crate) fn columns(&self) -> Vec<String> {
        match self {
            Self::Sqlite(row) => row.as_ref().column_names().map(str::to_owned).collect(),
            Self::Postgres(row) => row.columns().iter().map(|column| column.name().to_owned()).collect(),
        }
    }
}

/// A type that a column can hold.
pub trait Column: Sized {
    /// Reads it from the row.
    fn of(row: &Row<'_>, column: usize) -> Result<Self>;
}

macro_rules! plain_columns {
    ($($kind:ty),*) => {$(
        impl Column for $kind {
            fn of(row: &Row<'_>, column: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => row.get(column).map_err(|_| Error::Column(column)),
                    Row::Postgres(row) => row.try_get(column).map_err(|_| Error::Column(column)),
                }
            }
        }
        impl Column for Option<$kind> {
            fn of(row: &Row<'_>, column: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => row.get(column).map_err(|_| Error::Column(column)),
                    Row::Postgres(row) => row.try_get(column).map_err(|_| Error::Column(column)),
                }
            }
        }
    )*};
}

plain_columns!(i64, bool, String, Vec<u8>);

/// Sixteen bytes, as `PostgreSQL` sends a uuid.
struct Sixteen([u8; 16]);

impl<'a> tokio_postgres::types::FromSql<'a> for Sixteen {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw.try_into()?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::UUID
    }
}

impl Column for Option<Uuid> {
    fn of(row: &Row<'_>, column: usize) -> Result<Self> {
        let wrong = Error::Column(column);
        match row {
            Row::Sqlite(row) => match row.get_ref(column) {
                Ok(ValueRef::Null) => Ok(None),
                Ok(ValueRef::Blob(bytes)) => Uuid::from_slice(bytes).map(Some).map_err(|_| wrong),
                _ => Err(wrong),
            },
            Row::Postgres(row) => row
                .try_get::<_, Option<Sixteen>>(column)
                .map(|value| value.map(|sixteen| Uuid::from_bytes(sixteen.0)))
                .map_err(|_| wrong),
        }
    }
}

impl Column for Uuid {
    fn of(row: &Row<'_>, column: usize) -> Result<Self> {
        row.get::<Option<Self>>(column)?.ok_or(Error::Column(column))
    }
}

/// The value of any column, in the same form from both databases: ids are bytes, yes is 1.
impl Column for Value {
    fn of(row: &Row<'_>, column: usize) -> Result<Self> {
        let wrong = Error::Column(column);
        match row {
            Row::Sqlite(row) => match row.get_ref(column).map_err(|_| Error::Column(column))? {
                ValueRef::Null => Ok(Self::Null),
                ValueRef::Integer(value) => Ok(Self::Int(value)),
                ValueRef::Text(text) => String::from_utf8(text.to_vec()).map(Self::Text).map_err(|_| wrong),
                ValueRef::Blob(bytes) => Ok(Self::Bytes(bytes.to_vec())),
                ValueRef::Real(_) => Err(wrong),
            },
            Row::Postgres(columns) => match *columns.columns().get(column).ok_or(wrong)?.type_() {
                Type::INT8 => Ok(row.get::<Option<i64>>(column)?.map_or(Self::Null, Self::Int)),
                Type::TEXT => Ok(row.get::<Option<String>>(column)?.map_or(Self::Null, Self::Text)),
                Type::BYTEA => Ok(row.get::<Option<Vec<u8>>>(column)?.map_or(Self::Null, Self::Bytes)),
                Type::BOOL => {
                    Ok(row.get::<Option<bool>>(column)?.map_or(Self::Null, |yes| Self::Int(i64::from(yes))))
                }
                Type::UUID => {
                    let id = row.get::<Option<Uuid>>(column)?;
                    Ok(id.map_or(Self::Null, |id| Self::Bytes(id.into_bytes().to_vec())))
                }
                _ => Err(Error::Column(column)),
            },
        }
    }
}

impl Column for Time {
    fn of(row: &Row<'_>, column: usize) -> Result<Self> {
        row.get::<i64>(column).map(Self::from_micros)
    }
}

impl Column for Option<Time> {
    fn of(row: &Row<'_>, column: usize) -> Result<Self> {
        Ok(row.get::<Option<i64>>(column)?.map(Time::from_micros))
    }
}

impl Column for SecretHash {
    fn of(row: &Row<'_>, column: usize) -> Result<Self> {
        let bytes = row.get::<Vec<u8>>(column)?;
        Ok(Self::from_bytes(bytes.try_into().map_err(|_| Error::Column(column))?))
    }
}

impl Column for Principal {
    fn of(row: &Row<'_>, column: usize) -> Result<Self> {
        row.get::<String>(column)?.parse().map_err(|_| Error::Column(column))
    }
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::Uuid(id.uuid())
            }
        }
        impl Column for $id {
            fn of(row: &Row<'_>, column: usize) -> Result<Self> {
                row.get::<Uuid>(column).map(Self::from_uuid)
            }
        }
        impl Column for Option<$id> {
            fn of(row: &Row<'_>, column: usize) -> Result<Self> {
                Ok(row.get::<Option<Uuid>>(column)?.map(<$id>::from_uuid))
            }
        }
    )*};
}

ids!(
    AccountId,
    ActId,
    AgentId,
    AttachmentId,
    ContactId,
    ConversationId,
    DeliveryId,
    DepartmentId,
    DomainId,
    DraftId,
    FileId,
    InvitationId,
    MailboxId,
    MessageId,
    SessionId,
    TagId,
    TokenId
);
