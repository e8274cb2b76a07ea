//! Region keys.

use std::{path::Path, process::ExitCode};

use access::RegionKeys;

use crate::{Result, config::Config};

/// Makes the key of this data centre's region.
pub fn create(dir: &Path) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    RegionKeys::create(&config.keys, &config.region, &config.data)?;
    println!(
        "The key of region {} lies in {}. Keep a copy in another place: without it no account opens.",
        config.region,
        config.keys.display()
    );
    Ok(ExitCode::SUCCESS)
}
