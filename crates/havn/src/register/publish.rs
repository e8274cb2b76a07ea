//! What was changed is signed and laid where the door reads it, whole or not at all.

use control::Control;
use evidence::sign_text;
use register::{Register, Rulebook, Rules};
use words::Time;

use crate::{
    Result,
    config::Config,
    signing::{KeyFile, SigningKey, lay},
};

/// Signs the rules of a register for the door, and the operator's log.
pub(super) fn publish(
    config: &Config,
    control: &Control,
    key: &SigningKey,
    register: &Register,
    now: Time,
) -> Result<()> {
    let log = SigningKey::of_logs(config)?;
    control.sign_log(&log.origin, &log.key, now)?;
    let place = config.rules_place();
    let rules = serde_json::to_string(&Rules::of(register, now)).expect("rules are always JSON");
    let signed = sign_text(&key.key, egress::RULES_USE, &rules);
    // The key comes last: without it the door takes the rules for what nobody has signed yet, and with it
    // they must be there.
    lay(&place.rules, &signed)?;
    key.lay_public(config, KeyFile::Register)
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
    match SigningKey::read(config, KeyFile::Register)? {
        Some(key) => publish(config, &control, &key, &history.register, now),
        None if config.rules_place().rules.exists() => Ok(()),
        None => lay(&config.rules_place().rules, NOT_SIGNED),
    }
}
