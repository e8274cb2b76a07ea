//! Tables `automatic_mail` and `pepper`: one short automatic mail per address and day over all
//! accounts (hardening rule 4).

use rusqlite::{OptionalExtension, Transaction, params};
use words::{EmailAddress, Secret, Time};

use crate::{Control, Result};

const DAY_SECONDS: i64 = 86_400;

impl Control {
    /// Takes the address's one automatic mail of the day (UTC). True for the first who asks.
    pub fn claim_automatic_mail(&self, address: &EmailAddress, now: Time) -> Result<bool> {
        let day = now.seconds().div_euclid(DAY_SECONDS);
        self.change(|tx| {
            let hash = Secret::new(format!("{}{}", pepper(tx)?, address.key())).hash();
            tx.execute("DELETE FROM automatic_mail WHERE day < ?1 - 1", [day])?;
            let met = tx.execute(
                "INSERT INTO automatic_mail (day, address_hash) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![day, hash.bytes()],
            )?;
            Ok(met == 1)
        })
    }
}

/// The secret that is hashed with each address; made at its first use.
fn pepper(tx: &Transaction<'_>) -> Result<String> {
    let found = tx.query_row("SELECT secret FROM pepper", [], |row| row.get(0)).optional()?;
    if let Some(pepper) = found {
        return Ok(pepper);
    }
    let made = Secret::random("");
    tx.execute("INSERT INTO pepper (id, secret) VALUES (1, ?1)", [made.expose()])?;
    Ok(made.expose().to_owned())
}
