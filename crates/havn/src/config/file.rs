//! The operator's file as it is written: every table and key that there is, and no other.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, de::IgnoredAny};
use words::{DataCentre, Host, Region};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub base: Host,
    pub https: Option<bool>,
    pub port: Option<u16>,
    pub data: Option<PathBuf>,
    pub keys: Option<PathBuf>,
    pub region: Region,
    pub data_centre: DataCentre,
    pub door_user: Option<u32>,
    #[serde(default)]
    pub web: Web,
    #[serde(default)]
    pub mail: Mail,
    #[serde(default)]
    pub metrics: Metrics,
    #[serde(default)]
    pub store: Store,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub log: Log,
    /// The door reads this one by itself.
    #[serde(default, rename = "egress")]
    pub _egress: Option<IgnoredAny>,
}

/// The table `[web]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    pub listen: Option<Vec<SocketAddr>>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub proxies: Option<Vec<IpAddr>>,
}

/// The table `[mail]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    pub name: Option<Host>,
    pub smtp: Option<Vec<SocketAddr>>,
    pub lmtp: Option<Vec<SocketAddr>>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

/// The table `[metrics]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    pub listen: Option<SocketAddr>,
}

/// The table `[store]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    pub url: Option<String>,
    pub connections_max: Option<usize>,
}

/// The table `[limits]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub mail_bytes_max: Option<usize>,
    pub held_mail_bytes_max: Option<usize>,
    pub web_connections_max: Option<usize>,
    pub web_connections_per_address_max: Option<usize>,
    pub mail_connections_max: Option<usize>,
    pub mail_connections_per_address_max: Option<usize>,
    pub idle_store_seconds: Option<u64>,
}

/// The table `[log]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub format: Option<LogFormat>,
    pub level: Option<LogLevel>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON text per line.
    Json,
}

/// From which weight on lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// And what is odd.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And how.
    Debug,
}

impl LogFormat {
    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl LogLevel {
    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}
