//! What the pages are wired to: the accounts behind both doors, and the few things outside that an
//! admin asks for, as functions that the program hands in.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use access::Accounts;
use control::Control;
use desk::PickupFault;
use futures::future::BoxFuture;
use register::Access;
use store::Store;
use words::{AccountId, Clock, EmailAddress, Host, Language, MailboxId, Slug, Task};

use crate::{
    account::Account, error::Result, host::Base, language::Texts, public::Pages, view::pickup_fault,
};

/// An account that nobody asked for so long is forgotten (its store closes by rules of its own).
const FORGOTTEN_AFTER_SECONDS: u64 = 10 * 60;
/// How often that is looked at.
const LOOKED_AT_SECONDS: u64 = 60;

/// What the program hands in.
pub struct Wiring {
    /// The accounts of this process.
    pub accounts: Accounts,
    /// Control data: the register, which the public pages print.
    pub control: Control,
    /// Where browsers come to.
    pub base: Base,
    /// The time.
    pub clock: Clock,
    /// Proxies in front whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    /// Where mail for the accounts is to be delivered to, as admins are told: host and port.
    pub deliver_to: String,
    /// What lies outside of the desk.
    pub outside: Outside,
}

/// A function of the program.
pub type Call<I, O> = Arc<dyn Fn(I) -> BoxFuture<'static, O> + Send + Sync>;

/// What an admin asks for that lies outside of the desk. An `Err` is one sentence for the admin.
pub struct Outside {
    /// Sends a test mail through the account's relay to this address.
    pub test_relay: Call<(AccountId, EmailAddress), Result<(), String>>,
    /// Logs in where a mailbox's mail is collected, and opens the folder: mails in it.
    pub test_pickup: Call<(AccountId, MailboxId), Result<u32, PickupFailed>>,
    /// Makes a key for DKIM.
    pub make_domain_key: Call<Host, Result<DomainKey, String>>,
    /// Looks for a DKIM record.
    pub check_domain: Call<RecordToCheck, RecordFound>,
}

/// Why mail cannot be collected.
#[derive(Debug, Clone)]
pub struct PickupFailed {
    /// The cause.
    pub cause: PickupFault,
    /// What the other server said; may be empty.
    pub reply: String,
}

impl PickupFailed {
    /// What happened, for people.
    pub fn sentence(&self, texts: &Texts) -> String {
        pickup_fault::said(texts, Some(self.cause), &self.reply)
    }

    /// The same for programs: the cause by its name before it.
    pub fn detail(&self) -> String {
        format!("{}: {}", self.cause.name(), self.sentence(Texts::of(Language::En)))
    }
}

/// A key for DKIM that was just made.
pub struct DomainKey {
    /// The selector under which the record is to lie.
    pub selector: String,
    /// The private key, PKCS#8.
    pub private_key: Vec<u8>,
    /// The TXT record to publish.
    pub record: String,
}

/// A DKIM record to look for.
pub struct RecordToCheck {
    /// For whom: the look-up goes through the door.
    pub account: AccountId,
    /// The domain.
    pub name: Host,
    /// The selector.
    pub selector: String,
    /// What must be there.
    pub record: String,
}

/// What was found of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFound {
    /// It is there.
    Found,
    /// Nothing is there.
    Missing,
    /// Something else is there.
    Different,
    /// No name server could be asked.
    NotChecked,
}

impl RecordFound {
    /// The name in rows and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Missing => "missing",
            Self::Different => "different",
            Self::NotChecked => "not-checked",
        }
    }
}

/// What every request needs. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    wiring: Wiring,
    in_use: Mutex<HashMap<AccountId, Arc<Account>>>,
    pages: Arc<Pages>,
}

impl State {
    /// Joins the pages to what they are wired to. To be called inside the runtime.
    pub fn new(wiring: Wiring) -> Self {
        let inner = Arc::new(Inner { wiring, in_use: Mutex::default(), pages: Arc::default() });
        let weak = Arc::downgrade(&inner);
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(Duration::from_secs(LOOKED_AT_SECONDS));
            loop {
                tick.tick().await;
                let Some(inner) = weak.upgrade() else { return };
                inner.forget_idle();
            }
        });
        Self(inner)
    }

    /// The accounts of this process.
    pub fn accounts(&self) -> &Accounts {
        &self.0.wiring.accounts
    }

    /// Control data.
    pub fn control(&self) -> &Control {
        &self.0.wiring.control
    }

    /// The public pages as they were rendered.
    pub fn pages(&self) -> &Arc<Pages> {
        &self.0.pages
    }

    /// Where browsers come to.
    pub fn base(&self) -> &Base {
        &self.0.wiring.base
    }

    /// The time.
    pub fn clock(&self) -> &Clock {
        &self.0.wiring.clock
    }

    /// Proxies in front.
    pub fn proxies(&self) -> &[IpAddr] {
        &self.0.wiring.proxies
    }

    /// Where mail is to be delivered to.
    pub fn deliver_to(&self) -> &str {
        &self.0.wiring.deliver_to
    }

    /// What lies outside.
    pub fn outside(&self) -> &Outside {
        &self.0.wiring.outside
    }

    /// The account at the host of a slug.
    pub async fn account(&self, slug: &Slug) -> Result<Option<Arc<Account>>> {
        let Some(found) = self.accounts().by_slug(slug).await? else { return Ok(None) };
        let mut in_use = self.0.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let account = in_use
            .entry(found.id)
            .or_insert_with(|| Arc::new(Account::new(found.id, found.slug.clone(), self.base())));
        account.used(self.clock().now());
        Ok(Some(Arc::clone(account)))
    }

    /// The account's store for the task *sign-in*.
    pub async fn sign_in(&self, account: AccountId) -> Result<(Store, Access)> {
        Ok(self.accounts().open_task(account, Task::SignIn).await?)
    }
}

impl Inner {
    fn forget_idle(&self) {
        let before = self.wiring.clock.now().before(Duration::from_secs(FORGOTTEN_AFTER_SECONDS));
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.retain(|_, account| !account.is_idle(before));
    }
}
