//! Room on the disk, and who owns the data folder.

use std::os::unix::fs::PermissionsExt;

use super::Findings;
use crate::config::Config;

/// With less room than this, something is wrong.
const FREE_BYTES_MIN: u64 = 256 * 1024 * 1024;
/// With less room than this, it is said.
const FREE_BYTES_GOOD: u64 = 2 * 1024 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

/// Looks at the data folder.
pub fn examine(config: &Config, findings: &mut Findings) {
    let Ok(data) = std::fs::metadata(&config.data) else {
        findings.odd(&format!("the data folder {} is not there yet", config.data.display()));
        return;
    };
    let mode = data.permissions().mode() & 0o777;
    if mode & 0o006 != 0 {
        findings.bad(&format!("everybody may read or write the data folder (mode {mode:o}); make it 700"));
    }
    match rustix::fs::statvfs(&config.data) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let sentence = format!("{} MiB are free on the disk of the data folder", free / MIB);
            match free {
                0..FREE_BYTES_MIN => findings.bad(&sentence),
                FREE_BYTES_MIN..FREE_BYTES_GOOD => findings.odd(&sentence),
                _ => findings.good(&sentence),
            }
        }
        Err(error) => findings.bad(&format!("the disk does not say how much is free: {error}")),
    }
}
