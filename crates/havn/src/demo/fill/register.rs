//! The register of the demo: a list of 2019 as it was printed, and one that mends it, so that history and
//! differences show real content. Both are samples and open no door; what the accounts signed is real.

use std::path::Path;

use register::{Authorisation, Change, Document, OBJECTION_DAYS_DEFAULT, Terms};
use words::{Clock, Time};

use crate::{
    Error, Result,
    config::Config,
    demo::content,
    register::{Office, make_at},
};

/// The lists, by file, author, reason and day (UTC, seconds since 1970).
const LISTS: [(&str, &str, &str, i64); 2] = [
    ("register-2019.toml", "Sample", "The public page of 28 October 2019, as it was printed", 1_572_220_800),
    ("register-corrected.toml", "Sample", "What a reader stumbled over is mended", 1_793_610_000),
];

/// Writes the register, and what the accounts signed.
pub(super) fn write(dir: &Path, config: &Config, began: Time) -> Result<()> {
    let office = Office::open(dir)?;
    for (file, author, reason, day) in LISTS {
        let document = Document::read(&String::from_utf8_lossy(&content::file(file)?))
            .map_err(|faults| Error::Told(format!("{file}: {}", faults[0].sentence)))?;
        let at = Time::from_seconds(day);
        make_at(&office, (author, reason), at, |register| Ok(document.changes(register)))?;
    }
    let accounts = content::accounts()?.into_iter().map(|content| office.account(&content.slug));
    let accounts: Vec<_> = accounts.collect::<Result<_>>()?;
    let terms = Terms {
        authorisation: Authorisation::General,
        objection_days: OBJECTION_DAYS_DEFAULT,
        region: config.region.clone(),
        signed_at: began,
    };
    let signed =
        accounts.into_iter().map(|account| Change::Terms { account, terms: Box::new(terms.clone()) });
    make_at(&office, ("Demo", "The agreements were signed"), Clock::System.now(), |_| Ok(signed.collect()))?;
    Ok(())
}
