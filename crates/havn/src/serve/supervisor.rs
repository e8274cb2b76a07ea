//! The first process: it opens the listening sockets, starts door and desk, and reads nothing else.

use std::{
    ffi::OsString,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown},
    path::Path,
    process::ExitCode,
};

use access::RegionKeys;
use control::Control;
use egress::{
    Door,
    supervisor::{Plan, User},
};
use words::Clock;

use crate::{
    Error, Result,
    command::Child,
    config::{Config, FILE_NAME},
    door_user::door_user,
    log, schema,
    signing::SigningKey,
};

/// What lets a build serve that keeps no evidence (feature `without-evidence-for-the-benchmark` of
/// `store`): set to anything, by the benchmark. On any other build it does nothing.
const MEASURED: &str = "HAVN_MEASURED_WITHOUT_EVIDENCE";

/// Serves until asked to end.
pub fn supervise(dir: &Path) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    log::begin(config.log_format, config.log_level);
    let code = egress::supervisor::run(&plan(dir, &config)?)?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// What the supervisor starts and opens, with the folder that the door writes to made for it.
pub fn plan(dir: &Path, config: &Config) -> Result<Plan> {
    if !store::KEEPS_EVIDENCE && std::env::var_os(MEASURED).is_none() {
        return Err(Error::WithoutEvidence(MEASURED));
    }
    check_keys(config)?;
    let door_user = door_user(config);
    make_spool(config, door_user)?;
    let child = |name: &str| -> Vec<OsString> {
        let (format, level) = (config.log_format.name(), config.log_level.name());
        let words = [name, "--log-format", format, "--log-level", level, "--dir"].map(OsString::from);
        words.into_iter().chain([dir.as_os_str().to_owned()]).collect()
    };
    Ok(Plan { door: child("door"), desk: child("desk"), door_user, listen: listen(config) })
}

/// Whether the region's key is there and the right one, and the folder none of a newer program, before
/// anything is touched or started.
fn check_keys(config: &Config) -> Result<()> {
    let keys = RegionKeys::load(&config.keys, std::slice::from_ref(&config.region), &config.data)?;
    schema::refuse_newer(&config.data)?;
    drop(SigningKey::of_logs(config)?);
    if Control::exists(&config.data) {
        drop(Control::open(&config.data, &keys.marks(), Clock::System.now())?);
        crate::register::publish_what_is_not(config, Clock::System.now())?;
    }
    Ok(())
}

fn make_spool(config: &Config, door_user: Option<User>) -> Result<()> {
    let spool = config.spool();
    let failed = |source| Error::File { path: spool.clone(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&spool).map_err(failed)?;
    if let Some(user) = door_user {
        give(&spool, user).map_err(failed)?;
        // The door comes by this folder to its own, and may not look into it.
        let data = std::fs::metadata(&config.data).map_err(failed)?;
        let mode = data.permissions().mode() | 0o001;
        std::fs::set_permissions(&config.data, std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    Ok(())
}

/// Gives a folder to the user, with what an earlier door wrote there, which may have run as another.
fn give(spool: &Path, User { user, group }: User) -> std::io::Result<()> {
    if std::fs::metadata(spool)?.uid() == user {
        return Ok(());
    }
    for entry in std::fs::read_dir(spool)? {
        lchown(entry?.path(), Some(user), Some(group))?;
    }
    // Last: until it is theirs, nobody puts anything else there.
    lchown(spool, Some(user), Some(group))
}

/// The names under which the desk finds its listening sockets: what for, and the how-manieth.
pub(super) fn listen(config: &Config) -> Vec<(String, SocketAddr)> {
    let numbered = |what: &str, addresses: &[SocketAddr]| -> Vec<(String, SocketAddr)> {
        addresses.iter().enumerate().map(|(number, address)| (format!("{what}.{number}"), *address)).collect()
    };
    [
        numbered("web", &config.web.listen),
        numbered("smtp", &config.mail.smtp),
        numbered("lmtp", &config.mail.lmtp),
        numbered("metrics", &[config.metrics]),
    ]
    .concat()
}

/// Is the door.
pub fn door(dir: &Path, how: &Child) -> ExitCode {
    log::begin(how.log_format, how.log_level);
    let (spool, rules) = match Config::read(dir) {
        Ok(config) => (config.spool(), config.rules_place()),
        Err(error) => {
            eprintln!("havn: the door: {}", Error::from(error).sentence());
            return ExitCode::FAILURE;
        }
    };
    match Door::process(&dir.join(FILE_NAME), rules, &spool) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("havn: the door: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
