//! The operator's file, `havn.toml`: read once, checked, with every default filled in.

mod database;
mod file;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

pub use database::{Database, DatabaseTls, DatabaseUrlError};
pub use file::{LogFormat, LogLevel};
use words::{DataCentre, Host, Region};

use file::File;

/// The file's name in the folder of an installation.
pub const FILE_NAME: &str = "havn.toml";

const WEB_CONNECTIONS_MAX: usize = 10_000;
const WEB_CONNECTIONS_PER_ADDRESS_MAX: usize = 2_000;
const MAIL_CONNECTIONS_MAX: usize = 4_000;
const MAIL_CONNECTIONS_PER_ADDRESS_MAX: usize = 500;
const HELD_MAIL_BYTES_MAX: usize = 256 * 1024 * 1024;
const IDLE_STORE_SECONDS: u64 = 5 * 60;
const METRICS_PORT: u16 = 9469;

/// Why the operator's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is none.
    #[error("there is no {0}; docs/havn.toml is one to begin with")]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Not TOML, a key that does not exist, or a value that does not fit.
    #[error("{path}: {why}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        why: String,
    },
    /// The table that the door reads.
    #[error("{path}: {source}")]
    Egress {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: egress::RegisterFileError,
    },
    /// One of certificate and key without the other.
    #[error("{path}: [{table}] names a certificate or a key; name both or neither")]
    HalfCertificate {
        /// The file.
        path: PathBuf,
        /// The table.
        table: &'static str,
    },
    /// The place of the accounts' rows.
    #[error("{path}: store.url: {source}")]
    StoreUrl {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DatabaseUrlError,
    },
}

/// Certificate and private key, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, the own certificate first.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// All that the operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file itself: the door reads it by itself.
    pub path: PathBuf,
    /// Accounts are at `<slug>.<base>`.
    pub base: Host,
    /// Whether browsers come by https.
    pub https: bool,
    /// The port that browsers use, if the file says.
    pub port: Option<u16>,
    /// The data folder.
    pub data: PathBuf,
    /// The folder of the region keys.
    pub keys: PathBuf,
    /// The region of this data centre.
    pub region: Region,
    /// This data centre.
    pub data_centre: DataCentre,
    /// The user that the door runs as, when Havn is started by root.
    pub door_user: Option<u32>,
    /// The pages.
    pub web: Web,
    /// Mail in.
    pub mail: Mail,
    /// Where health and metrics are told.
    pub metrics: SocketAddr,
    /// PostgreSQL for the accounts' rows; none: an encrypted file per account.
    pub database: Option<Database>,
    /// Limits.
    pub limits: Limits,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which are written.
    pub log_level: LogLevel,
}

/// The pages.
#[derive(Debug, Clone)]
pub struct Web {
    /// Where they are.
    pub listen: Vec<SocketAddr>,
    /// With TLS of our own, if there are files.
    pub certificate: Option<CertificateFiles>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

/// Mail in.
#[derive(Debug, Clone)]
pub struct Mail {
    /// What the server calls itself.
    pub name: Host,
    /// Where SMTP is spoken.
    pub smtp: Vec<SocketAddr>,
    /// Where LMTP is spoken.
    pub lmtp: Vec<SocketAddr>,
    /// For STARTTLS.
    pub certificate: Option<CertificateFiles>,
}

/// Limits.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest mail.
    pub mail_bytes_max: usize,
    /// Bytes of mails on their way in at once.
    pub held_mail_bytes_max: usize,
    /// Browsers' connections at once.
    pub web_connections_max: usize,
    /// Of one address.
    pub web_connections_per_address_max: usize,
    /// Mail connections at once.
    pub mail_connections_max: usize,
    /// Of one address.
    pub mail_connections_per_address_max: usize,
    /// A store that nobody used for so long is closed.
    pub idle_store_seconds: u64,
}

impl Config {
    /// Reads `havn.toml` in the folder `dir`. Paths in it that are not absolute begin there.
    pub fn read(dir: &Path) -> Result<Self, ConfigError> {
        let path = dir.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ConfigError::Missing(path)),
            Err(source) => return Err(ConfigError::Unreadable { path, source }),
        };
        Self::parse(&text, path)
    }

    /// Reads the text of the file at `path`.
    pub fn parse(text: &str, path: PathBuf) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| ConfigError::Toml {
            path: path.clone(),
            why: error.to_string().trim_end().to_owned(),
        })?;
        let register = egress::operator_file(text)
            .map_err(|source| ConfigError::Egress { path: path.clone(), source })?;
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        let beside = |given: Option<PathBuf>, name: &str| folder.join(given.unwrap_or_else(|| name.into()));
        let certificate = |table, certificate, key| match (certificate, key) {
            (Some(certificate), Some(key)) => {
                Ok(Some(CertificateFiles { certificate: folder.join(certificate), key: folder.join(key) }))
            }
            (None, None) => Ok(None),
            _ => Err(ConfigError::HalfCertificate { path: path.clone(), table }),
        };
        let web = Web {
            listen: file.web.listen.unwrap_or_else(|| vec![any(443)]),
            certificate: certificate("web", file.web.certificate, file.web.key)?,
            proxies: file.web.proxies.into_iter().flatten().map(|proxy| proxy.to_canonical()).collect(),
        };
        let mail = Mail {
            name: file.mail.name.unwrap_or_else(|| file.base.clone()),
            smtp: file.mail.smtp.unwrap_or_else(|| vec![any(25)]),
            lmtp: file.mail.lmtp.unwrap_or_default(),
            certificate: certificate("mail", file.mail.certificate, file.mail.key)?
                .or_else(|| web.certificate.clone()),
        };
        let database = file
            .store
            .url
            .map(|url| Database::read(&url, file.store.connections_max, &register))
            .transpose()
            .map_err(|source| ConfigError::StoreUrl { path: path.clone(), source })?;
        Ok(Self {
            base: file.base,
            https: file.https.unwrap_or(web.certificate.is_some() || !web.proxies.is_empty()),
            port: file.port,
            data: beside(file.data, "data"),
            keys: beside(file.keys, "keys"),
            region: file.region,
            data_centre: file.data_centre,
            door_user: file.door_user,
            web,
            mail,
            metrics: file
                .metrics
                .listen
                .unwrap_or_else(|| SocketAddr::new(IpAddr::from([127, 0, 0, 1]), METRICS_PORT)),
            database,
            limits: Limits::of(&file.limits),
            log_format: file.log.format.unwrap_or_default(),
            log_level: file.log.level.unwrap_or_default(),
            path,
        })
    }

    /// The folder in which the door writes what it did.
    pub fn spool(&self) -> PathBuf {
        self.data.join("door")
    }

    /// Where the signed register lies, and the key that it is checked by.
    pub fn rules_place(&self) -> egress::RulesPlace {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        egress::RulesPlace {
            rules: self.data.join("register").join("rules"),
            key: folder.join("register.pub"),
        }
    }

    /// Where the public key of the logs lies.
    pub fn log_public(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).join("log.pub")
    }

    /// The file in which the desk says where it listens.
    pub fn running(&self) -> PathBuf {
        self.data.join("running.json")
    }
}

impl Limits {
    fn of(file: &file::Limits) -> Self {
        Self {
            mail_bytes_max: file.mail_bytes_max.unwrap_or(mail::MAIL_BYTES_MAX),
            held_mail_bytes_max: file.held_mail_bytes_max.unwrap_or(HELD_MAIL_BYTES_MAX),
            web_connections_max: file.web_connections_max.unwrap_or(WEB_CONNECTIONS_MAX),
            web_connections_per_address_max: file
                .web_connections_per_address_max
                .unwrap_or(WEB_CONNECTIONS_PER_ADDRESS_MAX),
            mail_connections_max: file.mail_connections_max.unwrap_or(MAIL_CONNECTIONS_MAX),
            mail_connections_per_address_max: file
                .mail_connections_per_address_max
                .unwrap_or(MAIL_CONNECTIONS_PER_ADDRESS_MAX),
            idle_store_seconds: file.idle_store_seconds.unwrap_or(IDLE_STORE_SECONDS),
        }
    }
}

fn any(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::from([0; 16]), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "base = \"desk.example\"\nregion = \"eu\"\ndata_centre = \"cph-1\"\n";

    fn parse(more: &str) -> Result<Config, ConfigError> {
        Config::parse(&format!("{LEAST}{more}"), "/etc/havn/havn.toml".into())
    }

    #[test]
    fn the_least_file_is_enough() {
        let config = parse("").unwrap();
        assert_eq!(config.data, Path::new("/etc/havn/data"));
        assert_eq!(config.web.listen, ["[::]:443".parse().unwrap()]);
        assert_eq!(config.mail.name.as_str(), "desk.example");
        assert!(!config.https && config.database.is_none());
    }

    #[test]
    fn a_slip_of_the_pen_is_told() {
        for (wrong, word) in [
            ("bse = 1", "bse"),
            ("[web]\nlistens = []", "listens"),
            ("[web]\nlisten = [\"443\"]", "listen"),
            ("[web]\ncertificate = \"a.pem\"", "[web]"),
            ("[egress]\nresolver = []", "resolver"),
            ("[log]\nformat = \"xml\"", "format"),
            ("[store]\nurl = \"mysql://x\"", "store.url"),
        ] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains("havn.toml"), "{wrong}: {error}");
        }
    }

    #[test]
    fn behind_a_proxy_browsers_come_by_https() {
        let config = parse("[web]\nproxies = [\"10.0.0.1\"]").unwrap();
        assert!(config.https);
        assert!(!parse("https = false\n[web]\nproxies = [\"10.0.0.1\"]").unwrap().https);
    }
}
