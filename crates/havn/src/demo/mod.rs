//! `havn demo`: two accounts full of mail in one folder, with an outside world beside them.
//!
//! The demo is an ordinary Havn: it writes an operator's file, fills the accounts by the way that mail
//! comes, and then is the supervisor itself. The outside world is a process of its own.

mod announce;
mod child;
mod content;
mod fill;
mod folder;
mod outside;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
};

use access::RegionKeys;
use serde::{Deserialize, Serialize};

pub use fill::run as fill;
pub use outside::run as outside;

use crate::{
    Error, Result,
    command::Demo,
    config::{Config, Database, FILE_NAME},
    log,
    serve::{self, Running},
};
use folder::Folder;

/// The file that tells how to log in, in the demo's folder.
const ACCOUNTS_FILE: &str = "demo.json";

/// An account of the demo, and how to get in.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Account {
    slug: String,
    name: String,
    mailbox: String,
    token: String,
    agents: Vec<Agent>,
}

/// An agent of the demo.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Agent {
    email: String,
    password: String,
    role: String,
}

/// Runs the demo until it is asked to end.
pub fn run(dir: Option<PathBuf>, how: &Demo) -> Result<ExitCode> {
    let folder = Folder::take(dir)?;
    let dir = folder.path();
    let before = Running::last(&dir.join("data/running.json"));
    let outside = if how.no_outside { None } else { Some(outside::Outside::start(dir)?) };
    let config = write_config(dir, how, outside.as_ref(), before.as_ref())?;
    if !config.keys.join(format!("{}.key", config.region)).exists() {
        RegionKeys::create(&config.keys, &config.region, &config.data)?;
    }
    let relay = how.relay.or(outside.as_ref().map(|outside| outside.world.smtp));
    if !fill::start(dir, how.empty, relay)? {
        return Ok(ExitCode::FAILURE);
    }
    log::begin(config.log_format, config.log_level);
    Running::end(&config.running()).map_err(|source| Error::File { path: config.running(), source })?;
    let plan = serve::plan(dir, &config)?;
    announce::when_ready(&folder, &config, outside.as_ref().map(|outside| outside.world.clone()), how.json)?;
    let code = egress::supervisor::run(&plan)?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Writes the operator's file: free ports, or those of the last time if nobody took them meanwhile.
fn write_config(
    dir: &Path,
    how: &Demo,
    outside: Option<&outside::Outside>,
    before: Option<&Running>,
) -> Result<Config> {
    let first = |addresses: fn(&Running) -> &Vec<SocketAddr>| {
        before.and_then(|before| addresses(before).first().copied())
    };
    let (web, smtp) = (free(first(|before| &before.web)), free(first(|before| &before.smtp)));
    let (lmtp, metrics) = (free(first(|before| &before.lmtp)), free(before.map(|before| before.metrics)));
    let mut private: Vec<String> = outside.iter().map(|outside| outside.world.smtp.to_string()).collect();
    private.extend(how.relay.map(|relay| relay.to_string()));
    let resolvers: Vec<String> = outside.iter().map(|outside| outside.world.names.to_string()).collect();
    let (mut store, mut database) = (String::new(), String::new());
    if let Some(url) = &how.store {
        let path = dir.join(FILE_NAME);
        let read = Database::parse(url, None)
            .map_err(|source| crate::config::ConfigError::StoreUrl { path, source })?;
        store = format!("[store]\nurl = {url:?}\n\n");
        database = format!("database = {{ host = {:?}, port = {} }}\n", read.host.as_str(), read.port);
    }
    let text = format!(
        "# Written anew at each start of `havn demo`.\n\
         base = \"localhost\"\nhttps = false\nregion = \"eu\"\ndata_centre = \"demo-1\"\n\n\
         [web]\nlisten = [\"{web}\"]\n\n\
         [mail]\nname = \"havn.example\"\nsmtp = [\"{smtp}\"]\nlmtp = [\"{lmtp}\"]\n\n\
         [metrics]\nlisten = \"{metrics}\"\n\n{store}[log]\nlevel = \"warn\"\n\n\
         [egress]\nprivate = {private:?}\nresolvers = {resolvers:?}\n{database}"
    );
    let path = dir.join(FILE_NAME);
    std::fs::write(&path, text).map_err(|source| Error::File { path, source })?;
    Ok(Config::read(dir)?)
}

/// The address of the last time, if nobody listens there now; else a free one of this machine.
fn free(before: Option<SocketAddr>) -> SocketAddr {
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    before.filter(|before| std::net::TcpListener::bind(before).is_ok()).unwrap_or(any)
}
