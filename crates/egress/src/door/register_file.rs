//! The operator's file, as far as the door reads it: by itself, so that the desk cannot talk it round.

use register::{OperatorFile, Resolver};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use words::Host;

/// The port of name servers.
const NAME_SERVER_PORT: u16 = 53;

/// Why the operator's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegisterFileError {
    /// Not TOML, or a value that does not fit.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// `resolvers = "system"`, and the system names none.
    #[error("egress.resolvers is \"system\", but /etc/resolv.conf cannot be read: {0}")]
    System(std::io::Error),
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    egress: Egress,
}

/// The table `[egress]`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Egress {
    private: Vec<SocketAddr>,
    resolvers: Resolvers,
    database: Option<Database>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "resolvers is a list of addresses with ports, or \"system\"")]
enum Resolvers {
    These(Vec<SocketAddr>),
    System(SystemsOwn),
}

#[derive(Deserialize)]
enum SystemsOwn {
    #[serde(rename = "system")]
    System,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Database {
    host: Host,
    port: u16,
}

impl Default for Resolvers {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

/// Reads the table `[egress]` of the operator's file; other tables are left alone.
///
/// ```toml
/// [egress]
/// private = ["127.0.0.1:2525"]     # addresses that are not public and may be dialled all the same
/// resolvers = ["9.9.9.9:53"]       # name servers, in this order; "system" for those of /etc/resolv.conf
/// database = { host = "db.example", port = 5432 }
/// ```
///
/// What is missing means none.
pub fn operator_file(text: &str) -> Result<OperatorFile, RegisterFileError> {
    let egress = toml::from_str::<File>(text)?.egress;
    let servers = match egress.resolvers {
        Resolvers::These(servers) => servers,
        Resolvers::System(SystemsOwn::System) => {
            servers_of(&std::fs::read_to_string("/etc/resolv.conf").map_err(RegisterFileError::System)?)
        }
    };
    Ok(OperatorFile {
        private: egress.private,
        resolvers: if servers.is_empty() { Resolver::None } else { Resolver::Servers(servers) },
        database: egress.database.map(|database| (database.host, database.port)),
    })
}

/// The name servers in the text of `/etc/resolv.conf`.
fn servers_of(text: &str) -> Vec<SocketAddr> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .filter_map(|address| address.trim().parse::<IpAddr>().ok())
        .map(|ip| SocketAddr::new(ip, NAME_SERVER_PORT))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_table_and_leaves_the_others() {
        let register = operator_file(
            "[web]\nlisten = \"x\"\n[egress]\nprivate = [\"127.0.0.1:2525\"]\nresolvers = [\"[::1]:5353\"]\n\
             database = { host = \"DB.example.\", port = 5432 }",
        )
        .unwrap();
        assert_eq!(register.private, ["127.0.0.1:2525".parse().unwrap()]);
        assert_eq!(register.resolvers, Resolver::Servers(vec!["[::1]:5353".parse().unwrap()]));
        assert_eq!(register.database, Some(("db.example".parse().unwrap(), 5432)));
    }

    #[test]
    fn nothing_said_is_nothing_permitted() {
        assert_eq!(operator_file("").unwrap(), OperatorFile::default());
    }

    #[test]
    fn a_slip_of_the_pen_is_told() {
        for wrong in
            ["[egress]\nprivat = []", "[egress]\nprivate = [\"127.0.0.1\"]", "[egress]\nresolvers = \"all\""]
        {
            assert!(operator_file(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_the_systems_servers() {
        let text = "# x\nsearch home\nnameserver 192.168.1.1\nnameserver ::1\nnameserver fe80::1%eth0\n";
        assert_eq!(servers_of(text), ["192.168.1.1:53".parse().unwrap(), "[::1]:53".parse().unwrap()]);
    }
}
