//! Where PostgreSQL is, from a `postgres://` address.

use register::Register;
use words::{Host, Secret};

const PORT: u16 = 5432;

/// Why the address of a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another form.
    #[error("write postgres://user:password@host:port/database")]
    Malformed,
    /// The door would not dial it.
    #[error(
        "the door reaches no database that its own table does not name; add to [egress]: database = {{ host = \"{0}\", port = {1} }}"
    )]
    NotNamed(Host, u16),
}

/// A PostgreSQL database and how to log in there.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its host.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// Its name.
    pub name: String,
    /// Who logs in.
    pub user: String,
    /// With which password, if any.
    pub password: Option<Secret>,
    /// Connections at once.
    pub connections_max: usize,
}

impl Database {
    /// Reads an address; `register` must name it as the database.
    pub fn read(
        url: &str,
        connections_max: Option<usize>,
        register: &Register,
    ) -> Result<Self, DatabaseUrlError> {
        let database = Self::parse(url, connections_max)?;
        if register.database != Some((database.host.clone(), database.port)) {
            return Err(DatabaseUrlError::NotNamed(database.host, database.port));
        }
        Ok(database)
    }

    /// Reads an address.
    pub fn parse(url: &str, connections_max: Option<usize>) -> Result<Self, DatabaseUrlError> {
        let url = url::Url::parse(url).map_err(|_| DatabaseUrlError::Malformed)?;
        let name = url.path().trim_start_matches('/');
        if !matches!(url.scheme(), "postgres" | "postgresql") || url.username().is_empty() || name.is_empty()
        {
            return Err(DatabaseUrlError::Malformed);
        }
        let host = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
        Ok(Self {
            host: host.ok_or(DatabaseUrlError::Malformed)?,
            port: url.port().unwrap_or(PORT),
            name: plain(name),
            user: plain(url.username()),
            password: url.password().map(|password| Secret::new(plain(password))),
            connections_max: connections_max.unwrap_or(store::CONNECTIONS_MAX),
        })
    }
}

/// Without percent-encoding.
fn plain(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_address() {
        let database = Database::parse("postgres://havn:p%40ss@127.0.0.1:5433/desk", None).unwrap();
        assert_eq!((database.host.as_str(), database.port), ("127.0.0.1", 5433));
        assert_eq!((database.user.as_str(), database.name.as_str()), ("havn", "desk"));
        assert_eq!(database.password.unwrap().expose(), "p@ss");
        for wrong in ["mysql://a@b/c", "postgres://b/c", "postgres://a@b", "postgres", "postgres://a@/c"] {
            assert!(Database::parse(wrong, None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_door_must_know_it() {
        let register = Register::default();
        let error = Database::read("postgres://a@db.example/c", None, &register).unwrap_err();
        assert!(error.to_string().contains("host = \"db.example\", port = 5432"));
    }
}
