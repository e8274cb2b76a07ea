//! The user that the door runs as when root starts Havn, and what that user can reach.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use egress::supervisor::User;

use crate::config::Config;

/// Where the users of this machine are listed.
const USERS: &str = "/etc/passwd";

/// What is asked of a file or folder: a digit of its mode.
#[derive(Debug, Clone, Copy)]
enum Want {
    Read = 4,
    PassThrough = 1,
}

/// The user that the door is to run as: none without `door_user`, or if somebody else than root starts
/// Havn, who cannot choose.
pub fn door_user(config: &Config) -> Option<User> {
    let user = config.door_user.filter(|_| rustix::process::geteuid().is_root())?;
    let users = std::fs::read_to_string(USERS).unwrap_or_default();
    // A number that stands for nobody is a user all the same: of no group but its own.
    Some(listed(&users, user).unwrap_or(User { user, group: user }))
}

/// Whether this machine lists the user.
pub fn is_listed(user: u32) -> bool {
    std::fs::read_to_string(USERS).is_ok_and(|users| listed(&users, user).is_some())
}

fn listed(users: &str, user: u32) -> Option<User> {
    users.lines().find_map(|line| {
        let mut numbers = line.split(':').skip(2).map(str::parse::<u32>);
        let (number, group) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        (number == user).then_some(User { user, group })
    })
}

/// The first file or folder on the way to `path` that the user may not read or pass through.
pub fn obstacle(path: &Path, user: User) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let mut way: Vec<&Path> = path.ancestors().collect();
    way.reverse();
    let stands = |place: &&&Path| {
        let want = if **place == path && path.is_file() { Want::Read } else { Want::PassThrough };
        place.metadata().is_ok_and(|found| !permits(&found, user, want))
    };
    way.iter().find(stands).map(|place| place.to_path_buf())
}

/// Whether owner, group and mode let the user do it (lists of further rights are not looked at).
fn permits(found: &Metadata, user: User, want: Want) -> bool {
    let digit = digit(found.mode(), (found.uid(), found.gid()), user);
    digit & want as u32 != 0
}

/// The digit of a mode that holds for the user.
fn digit(mode: u32, (owner, group): (u32, u32), user: User) -> u32 {
    let place = if owner == user.user {
        6
    } else if group == user.group {
        3
    } else {
        0
    };
    mode >> place & 7
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOOR: User = User { user: 990, group: 980 };

    #[test]
    fn a_user_is_found_by_its_number() {
        let users = "root:x:0:0:root:/:/bin/sh\nbroken\nhavn-door:x:990:980::/nonexistent:/bin/false\n";
        assert_eq!(listed(users, 990), Some(DOOR));
        assert_eq!(listed(users, 980), None);
    }

    #[test]
    fn the_owners_digit_goes_before_the_groups_and_that_before_everybodys() {
        assert_eq!(digit(0o740, (990, 980), DOOR), 7);
        assert_eq!(digit(0o740, (0, 980), DOOR), 4);
        assert_eq!(digit(0o741, (0, 0), DOOR), 1);
        assert_eq!(digit(0o047, (990, 980), DOOR), 0);
    }
}
