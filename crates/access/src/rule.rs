//! Who may change whom: the rules about agents and their roles.

use register::{Access, Rights};
use words::{Principal, Role, Task};

use crate::{Error, Result};

/// A change of what somebody is in the account; `None` is nobody, or one who is shut out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub before: Option<Role>,
    pub after: Option<Role>,
    /// Whether somebody else is an owner who can log in.
    pub another_owner: bool,
}

/// Decides whether an agent may be made, changed or shut out. The rules, in order:
///
/// 1. Whoever may not set the account up changes nobody.
/// 2. Only an owner in the browser (or the command line) makes an owner, unmakes one, or gives one a
///    new way in.
/// 3. The last owner who can log in stays one.
pub(crate) fn may_change(access: &Access, change: Change) -> Result<()> {
    if !access.may_set_up() {
        return Err(Error::NotAllowed);
    }
    let touches_owner = change.before == Some(Role::Owner) || change.after == Some(Role::Owner);
    if touches_owner && !is_owner(access) {
        return Err(Error::OwnersOnly);
    }
    let unmakes_owner = change.before == Some(Role::Owner) && change.after != Some(Role::Owner);
    if unmakes_owner && !change.another_owner {
        return Err(Error::LastOwner);
    }
    Ok(())
}

fn is_owner(access: &Access) -> bool {
    match (access.principal(), access.rights()) {
        (Principal::Agent(_), Rights::Agent(role)) => role == Role::Owner,
        (Principal::System(task), _) => task == Task::Setup,
        _ => false,
    }
}

/// A name as it is kept: trimmed, of a sane length, on one line.
pub(crate) fn name(text: &str) -> Result<String> {
    let name = text.trim();
    let good = (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && !name.contains(char::is_control);
    if good { Ok(name.to_owned()) } else { Err(Error::Name) }
}

/// The longest name of an agent or token.
const NAME_CHARS_MAX: usize = 100;
