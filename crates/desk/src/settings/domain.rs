//! Mail domains that the account signs for (DKIM).

use register::Access;
use store::{Domain, Store};
use words::{DomainId, Host};

use super::{changed, may_set_up, taken};
use crate::Result;

/// A domain with the key that was made for it.
pub struct NewDomain {
    /// The domain.
    pub name: Host,
    /// The selector under which the record is to lie.
    pub selector: String,
    /// The private key, PKCS#8.
    pub private_key: Vec<u8>,
    /// The TXT record to publish.
    pub record: String,
}

/// Adds a domain; mail from it is signed from now on.
pub async fn add_domain(store: &Store, access: &Access, new: NewDomain) -> Result<DomainId> {
    may_set_up(access)?;
    store
        .write(access, move |tx| {
            let now = tx.now();
            let id = DomainId::new(now);
            tx.insert_domain(&Domain {
                id,
                name: new.name,
                selector: new.selector,
                private_key: new.private_key,
                record: new.record,
                checked_at: None,
                check_result: None,
                created_at: now,
            })
            .map_err(taken("name"))?;
            changed(tx, "domains")?;
            Ok(id)
        })
        .await
}

/// Notes what was found at a domain's record: `found`, `missing`, `different`, `not-checked`.
pub async fn domain_checked(
    store: &Store,
    access: &Access,
    id: DomainId,
    result: &'static str,
) -> Result<()> {
    may_set_up(access)?;
    store
        .write(access, move |tx| {
            tx.domain_checked(id, result)?;
            changed(tx, "domains")
        })
        .await
}

/// Removes a domain; mail from it is signed no more.
pub async fn remove_domain(store: &Store, access: &Access, id: DomainId) -> Result<()> {
    may_set_up(access)?;
    store
        .write(access, move |tx| {
            tx.delete_domain(id)?;
            changed(tx, "domains")
        })
        .await
}
