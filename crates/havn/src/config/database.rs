//! Where PostgreSQL is, from a `postgres://` address.

use std::path::PathBuf;

use register::OperatorFile;
use words::{Host, Secret};

const PORT: u16 = 5432;

/// Why the address of a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another form.
    #[error("write postgres://user:password@host:port/database")]
    Malformed,
    /// A word after the `?` that would be passed over.
    #[error("after the ? only sslmode and sslrootcert are known, not {0}")]
    Parameter(String),
    /// A manner of TLS that is none of ours: half of it would be none.
    #[error(
        "sslmode is disable, require or verify-full (the last two check the server's certificate), not {0}"
    )]
    SslMode(String),
    /// Whom to trust, without TLS or without a whole path.
    #[error("sslrootcert is the whole path of a PEM file, and goes with sslmode=verify-full")]
    SslRootCert,
    /// The door would not dial it.
    #[error(
        "the door reaches no database that its own table does not name; add to [egress]: database = {{ host = \"{0}\", port = {1} }}"
    )]
    NotNamed(Host, u16),
}

/// Whether the database is spoken to over TLS, and who vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseTls {
    /// In the clear: for a database on this machine, or a network that is one's own.
    None,
    /// The certificate authorities that browsers trust.
    PublicAuthorities,
    /// Those of this file.
    Authorities(PathBuf),
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
    /// Whether TLS is spoken.
    pub tls: DatabaseTls,
    /// Connections at once.
    pub connections_max: usize,
}

impl Database {
    /// Reads an address; `register` must name it as the database.
    pub fn read(
        url: &str,
        connections_max: Option<usize>,
        register: &OperatorFile,
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
            tls: tls(&url)?,
            connections_max: connections_max.unwrap_or(store::CONNECTIONS_MAX),
        })
    }
}

/// What the address says of TLS, word by word: nothing is passed over.
fn tls(url: &url::Url) -> Result<DatabaseTls, DatabaseUrlError> {
    let (mut mode, mut file) = (None, None);
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            "sslmode" => mode = Some(value.into_owned()),
            "sslrootcert" => file = Some(PathBuf::from(value.as_ref())),
            _ => return Err(DatabaseUrlError::Parameter(name.into_owned())),
        }
    }
    match (mode.as_deref(), file) {
        (None | Some("disable"), None) => Ok(DatabaseTls::None),
        (Some("require" | "verify-full"), None) => Ok(DatabaseTls::PublicAuthorities),
        (Some("require" | "verify-full"), Some(file)) if file.is_absolute() => {
            Ok(DatabaseTls::Authorities(file))
        }
        (Some("require" | "verify-full" | "disable") | None, Some(_)) => Err(DatabaseUrlError::SslRootCert),
        (Some(other), _) => Err(DatabaseUrlError::SslMode(other.to_owned())),
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
    fn tls_is_as_asked_for_or_refused() {
        let tls =
            |words: &str| Database::parse(&format!("postgres://a@b/c{words}"), None).map(|read| read.tls);
        assert_eq!(tls("").unwrap(), DatabaseTls::None);
        assert_eq!(tls("?sslmode=disable").unwrap(), DatabaseTls::None);
        assert_eq!(tls("?sslmode=require").unwrap(), DatabaseTls::PublicAuthorities);
        let own = tls("?sslmode=verify-full&sslrootcert=%2Fetc%2Fhavn%2Fdb.pem").unwrap();
        assert_eq!(own, DatabaseTls::Authorities("/etc/havn/db.pem".into()));
        for (words, why) in [
            ("?sslmode=prefer", "not prefer"),
            ("?sslmode=verify-ca", "not verify-ca"),
            ("?sslmode=REQUIRE", "not REQUIRE"),
            ("?ssl=true", "not ssl"),
            ("?sslrootcert=/etc/havn/db.pem", "goes with sslmode"),
            ("?sslmode=require&sslrootcert=db.pem", "whole path"),
        ] {
            let error = tls(words).unwrap_err().to_string();
            assert!(error.contains(why), "{words}: {error}");
        }
    }

    #[test]
    fn the_door_must_know_it() {
        let register = OperatorFile::default();
        let error = Database::read("postgres://a@db.example/c", None, &register).unwrap_err();
        assert!(error.to_string().contains("host = \"db.example\", port = 5432"));
    }
}
