//! One Havn with one account in it, under a clock that the test moves.

use access::{Error, Seen, SignedIn};
use register::Access;
use store::Store;
use testkit::{
    Havn, On,
    havn::{Account, PASSWORD, Person, sign_in},
};
use words::{Clock, Secret, Task, Time};

/// Runs a test on both databases.
macro_rules! on_both {
    ($(async fn $name:ident($desk:ident: &Desk) $body:block)*) => {
        $(async fn $name($desk: &crate::place::Desk) $body)*
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::$name(&crate::place::Desk::on(testkit::On::Sqlite).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::$name(&crate::place::Desk::on(testkit::On::Postgres).await).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// The instant at which tests begin.
pub const NOON: Time = Time::from_seconds(1_795_000_000);

pub struct Desk {
    pub havn: Havn,
    pub account: Account,
    /// Its store.
    pub store: Store,
    /// What its owner's session opens.
    pub owner: Access,
    /// What its agent's session opens.
    pub agent: Access,
}

impl Desk {
    pub async fn on(on: On) -> Self {
        let havn = Havn::start_at(on, Clock::fixed(NOON)).await;
        let account = havn.account("acme").await;
        let (store, owner, _) = havn.signed_in(account.id, &account.owner).await;
        let (_, agent, _) = havn.signed_in(account.id, &account.agent).await;
        Self { havn, account, store, owner: owner.access, agent: agent.access }
    }

    /// Logs somebody in with a password.
    pub async fn sign_in(&self, person: &Person, password: &str) -> Result<SignedIn, Error> {
        self.havn.accounts.door().sign_in(&self.store, sign_in(&person.address, password)).await
    }

    /// Logs somebody in who can.
    pub async fn begin(&self, person: &Person) -> SignedIn {
        self.sign_in(person, PASSWORD).await.expect("they log in")
    }

    /// The session with this token, if it holds.
    pub async fn seen(&self, token: &Secret) -> Option<Seen> {
        self.havn.accounts.door().session(&self.store, token).await.expect("the store answers")
    }

    /// The access of one of Havn's tasks.
    pub fn task(&self, task: Task) -> Access {
        self.havn.accounts.door().task(self.account.id, task).expect("a task has access")
    }

    /// What the newest event says that changed.
    pub async fn newest_change(&self) -> String {
        let access = self.task(Task::Setup);
        let newest = self.store.read(&access, |read| {
            let newest = read.newest_event()?;
            read.events_after(newest - 1, 1)
        });
        let newest = newest.await.expect("the store answers");
        newest[0].data["changed"].as_str().unwrap_or_default().to_owned()
    }
}
