//! The user that the door runs as: whether there is one, and whether it reaches what it needs.

use std::path::Path;

use super::Findings;
use crate::{
    config::Config,
    door_user::{door_user, is_listed, obstacle},
};

/// Looks at `door_user`.
pub fn examine(config: &Config, findings: &mut Findings) {
    let is_root = rustix::process::geteuid().is_root();
    let Some(number) = config.door_user else {
        if is_root {
            findings.odd("root runs Havn, and its door as root, too: name another user by door_user");
        }
        return;
    };
    if !is_listed(number) {
        findings
            .bad(&format!("there is no user {number} on this machine; door_user must be the number of one"));
        return;
    }
    let Some(user) = door_user(config) else {
        findings.odd("door_user is named, but only root can start the door as another user");
        return;
    };
    let places = [(config.path.as_path(), "read"), (config.data.as_path(), "reach its record in")];
    let mut reached = true;
    for (path, what) in places {
        // What Havn makes at its start, it makes so that the door reaches it.
        if let Some(place) = obstacle(path, user).filter(|place| !is_own(place, config)) {
            reached = false;
            findings.bad(&format!(
                "user {number} (door_user) cannot {what} {}: {} keeps it out",
                path.display(),
                place.display()
            ));
        }
    }
    if reached {
        findings.good(&format!("user {number} (door_user) reaches what the door needs"));
    }
}

/// The data folder itself is opened to the door at each start.
fn is_own(place: &Path, config: &Config) -> bool {
    config.data.canonicalize().is_ok_and(|data| data == place)
}
