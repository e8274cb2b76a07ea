//! Copies of a whole Havn, of all accounts or one: taken, put back and checked while it runs.
//!
//! A backup is a folder: `control.db`, and under `accounts` a folder for each account by its id. The
//! region key is not in it: keep that in another place.

mod check;
mod restore;
mod take;

pub use check::check;
pub use restore::restore;
pub use take::take;

/// The copy of control data.
const CONTROL: &str = "control.db";
/// The folder of the accounts.
const ACCOUNTS: &str = "accounts";

/// The accounts that a command is for: all, or the one that was named.
async fn chosen(
    doors: &crate::doors::Doors,
    only: Option<&words::Slug>,
) -> crate::Result<Vec<control::Account>> {
    let mut accounts = doors.accounts.all().await?;
    if let Some(slug) = only {
        accounts.retain(|account| account.slug == *slug);
        if accounts.is_empty() {
            return Err(crate::Error::NoSuchAccount(slug.clone()));
        }
    }
    Ok(accounts)
}
