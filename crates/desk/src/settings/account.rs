//! The account's own settings.

use register::Access;
use store::{Account, Store};
use words::Language;

use super::{changed, may_set_up};
use crate::{Error, Problem, Result, error::filled};

/// Characters of an account's name at most.
const NAME_CHARS_MAX: usize = 100;
/// Characters of the automatic answer at most.
const ACKNOWLEDGEMENT_CHARS_MAX: usize = 5_000;

/// Sets name, language, time zone and the automatic answer (none: none is sent). The time zone is one
/// that the caller knows (an IANA name).
pub async fn update_account(
    store: &Store,
    access: &Access,
    name: &str,
    language: Language,
    time_zone: String,
    acknowledgement: Option<String>,
) -> Result<()> {
    may_set_up(access)?;
    let name = filled("name", name, NAME_CHARS_MAX)?;
    let acknowledgement = acknowledgement.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if acknowledgement.as_ref().is_some_and(|text| text.chars().count() > ACKNOWLEDGEMENT_CHARS_MAX) {
        return Err(Error::invalid("acknowledgement", Problem::TooLong(ACKNOWLEDGEMENT_CHARS_MAX)));
    }
    store
        .write(access, move |tx| {
            let created_at = tx.account_settings()?.map(|account| account.created_at).unwrap_or_default();
            tx.update_account(&Account { name, language, time_zone, acknowledgement, created_at })?;
            changed(tx, "account")
        })
        .await
}
