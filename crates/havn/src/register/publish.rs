//! What was changed is signed and laid where the door reads it, whole or not at all.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use control::Control;
use evidence::sign_text;
use register::{Register, Rulebook, Rules};
use words::Time;

use super::RegisterKey;
use crate::{Error, Result, config::Config};

/// Signs the rules of a register for the door, and the operator's log.
pub(super) fn publish(
    config: &Config,
    control: &Control,
    key: &RegisterKey,
    register: &Register,
    now: Time,
) -> Result<()> {
    control.sign_log(&key.origin, &key.key, now)?;
    let place = config.rules_place();
    let rules = serde_json::to_string(&Rules::of(register, now)).expect("rules are always JSON");
    let signed = sign_text(&key.key, egress::RULES_USE, &rules);
    // The key comes last: without it the door takes the rules for what nobody has signed yet, and with it
    // they must be there.
    lay(&place.rules, &signed)?;
    let public = key.public();
    if fs::read_to_string(&place.key).is_ok_and(|there| there.trim() == public) {
        return Ok(());
    }
    lay(&place.key, &format!("{public}\n"))
}

/// What stands where the signed rules should be, when there is a register and nobody here can sign it: the
/// door does not believe it, and is shut.
const NOT_SIGNED: &str = "this register is not signed: put register.key back into the keys folder\n";

/// Signs anew what a command changed and was cut off before it could sign it, or what came out of a backup.
/// Without the key the door must not go on as if there were no register.
pub(crate) fn publish_what_is_not(config: &Config, now: Time) -> Result<()> {
    let control = Control::open(&config.data, &[], now)?;
    let history = control.register_history()?;
    let signed = match egress::read_rules(&config.rules_place()) {
        Rulebook::Signed(snapshot) => Some(snapshot.number()),
        Rulebook::NoneYet | Rulebook::Unreadable => None,
    };
    if history.register.number == 0 || signed == Some(history.register.number) {
        return Ok(());
    }
    match RegisterKey::read(config)? {
        Some(key) => publish(config, &control, &key, &history.register, now),
        None if config.rules_place().rules.exists() => Ok(()),
        None => lay(&config.rules_place().rules, NOT_SIGNED),
    }
}

/// Writes a file whole, in place of the one before. It holds no service data, and the door may run as
/// another user.
fn lay(path: &Path, text: &str) -> Result<()> {
    let written = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        let beside = path.with_extension("new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(folder)?.sync_all()
    };
    written().map_err(|source| Error::File { path: path.to_owned(), source })
}
