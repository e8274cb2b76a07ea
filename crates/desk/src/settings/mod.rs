//! What an admin sets up. Each verb is one unit: rows and an event, by which pages learn of it.

mod account;
mod department;
mod domain;
mod pickup;
mod relay;
mod tag;

pub use account::update_account;
pub use department::{DepartmentFields, add_department, remove_department, update_department};
pub use domain::{NewDomain, add_domain, domain_checked, remove_domain};
pub use pickup::{remove_pickup, set_pickup};
pub use relay::{remove_relay, set_mail_way, set_relay};
pub use tag::{TAG_COLOURS, add_tag, remove_tag, update_tag};

use register::Access;
use serde_json::json;
use store::{EventKind, NewEvent, Tx};

use crate::{Error, Problem, Result};

fn may_set_up(access: &Access) -> Result<()> {
    if access.may_set_up() { Ok(()) } else { Err(Error::NotAllowed) }
}

/// Says that a setting changed: which, not to what.
fn changed(tx: &mut Tx<'_>, what: &'static str) -> Result<()> {
    tx.append_event(&NewEvent {
        kind: EventKind::Settings,
        conversation: None,
        message: None,
        department: None,
        data: json!({ "changed": what }),
    })?;
    Ok(())
}

/// A name that exists already is a fault of the field.
fn taken(field: &'static str) -> impl Fn(store::Error) -> Error {
    move |error| match error {
        store::Error::Exists(_) => Error::invalid(field, Problem::Taken),
        other => other.into(),
    }
}
