//! The pages, wired to what lies outside of the desk.

use std::sync::Arc;

use access::Accounts;
use desk::PickupFault;
use egress::Egress;
use letter::Outgoing;
use mail::{
    Names,
    delivery::{RelayTest, test_relay},
    domain::{KeyKind, check_record, make_key},
    pickup::test_pickup,
};
use web::{Base, DomainKey, Outside, PickupFailed, RecordFound, RecordToCheck, State, Wiring};
use words::{AccountId, Clock, DomainId, EmailAddress, Host, MailboxId, Secret, Task};

use super::{Running, trust};
use crate::{Error, Result, config::Config, doors::Doors};

/// The selector of new DKIM keys.
const SELECTOR: &str = "havn";

/// Pages, API and live events of all accounts.
pub fn router(config: &Config, doors: &Doors, names: &Arc<Names>, running: &Running) -> axum::Router {
    web::router(State::new(Wiring {
        accounts: doors.accounts.clone(),
        control: doors.control.clone(),
        base: base(config, running),
        clock: Clock::System,
        proxies: config.web.proxies.clone(),
        deliver_to: deliver_to(config, running),
        outside: outside(config, doors, names),
    }))
}

/// Where browsers come to. Without a word in the file: to the port where we listen, or that of https
/// where a proxy stands before us.
fn base(config: &Config, running: &Running) -> Base {
    let scheme_port = if config.https { 443 } else { 80 };
    let own = running.web.first().map(std::net::SocketAddr::port).filter(|_| config.web.proxies.is_empty());
    let port = config.port.or(own).filter(|port| *port != scheme_port);
    Base { https: config.https, domain: config.base.to_string(), port }
}

/// Where mail for the accounts is to be delivered to: our name, and the port where we listen.
fn deliver_to(config: &Config, running: &Running) -> String {
    let port = running.smtp.first().map_or(25, std::net::SocketAddr::port);
    format!("{}:{port}", config.mail.name)
}

fn outside(config: &Config, doors: &Doors, names: &Arc<Names>) -> Outside {
    let hello = config.mail.name.to_string();
    let (accounts, egress, tls) = (doors.accounts.clone(), doors.egress.clone(), trust::client());
    let for_pickup = (accounts.clone(), egress.clone(), tls.clone());
    let names = Arc::clone(names);
    Outside {
        test_relay: Arc::new(move |(account, to)| {
            let (accounts, egress, tls, hello) =
                (accounts.clone(), egress.clone(), tls.clone(), hello.clone());
            Box::pin(async move {
                match try_relay(&accounts, &egress, &tls, &hello, account, to).await {
                    Ok(said) => said,
                    Err(error) => Err(error.sentence()),
                }
            })
        }),
        test_pickup: Arc::new(move |(account, mailbox)| {
            let (accounts, egress, tls) = (for_pickup.0.clone(), for_pickup.1.clone(), for_pickup.2.clone());
            Box::pin(async move { try_pickup(&accounts, &egress, &tls, account, mailbox).await })
        }),
        make_domain_key: Arc::new(|_domain| Box::pin(domain_key())),
        check_domain: Arc::new(move |asked| {
            let names = Arc::clone(&names);
            Box::pin(async move { check(&names, asked).await })
        }),
    }
}

/// Sends a test mail through the account's relay; the inner error is what the relay said.
async fn try_relay(
    accounts: &Accounts,
    egress: &Egress,
    tls: &Arc<rustls::ClientConfig>,
    hello: &str,
    account: AccountId,
    to: EmailAddress,
) -> Result<Result<(), String>> {
    let (store, access) = accounts.open_task(account, Task::Setup).await?;
    let found = store
        .read(&access, |read| Ok::<_, store::Error>((read.relay()?, read.mailboxes()?, read.domains()?)));
    let (relay, mailboxes, domains) = found.await?;
    let Some(relay) = relay else { return Ok(Err("there is no relay".into())) };
    let Some(from) = mailboxes.into_iter().next().map(|mailbox| mailbox.address) else {
        return Ok(Err("there is no mailbox to send from".into()));
    };
    let raw = test_mail(&from, &to);
    let domain = domains.iter().find(|domain| domain.name.as_str() == from.domain());
    let test = RelayTest { account, relay: &relay, from: &from, to: &to, raw: &raw, domain };
    let steps = test_relay(egress, tls, hello, test).await;
    let wrong = steps.into_iter().find(|step| !step.went_well);
    Ok(wrong.map_or(Ok(()), |step| Err(format!("{}: {}", step.name, step.reply))))
}

/// Logs in where a mailbox's mail is picked up, and opens the folder.
async fn try_pickup(
    accounts: &Accounts,
    egress: &Egress,
    tls: &Arc<rustls::ClientConfig>,
    account: AccountId,
    mailbox: MailboxId,
) -> Result<u32, PickupFailed> {
    let ours = |error: Error| {
        tracing::error!(%account, error = %error.sentence(), "a pickup cannot be tried");
        PickupFailed { cause: PickupFault::Store, reply: String::new() }
    };
    let (store, access) =
        accounts.open_task(account, Task::Setup).await.map_err(|error| ours(error.into()))?;
    let kept =
        store.read(&access, move |read| read.pickup(mailbox)).await.map_err(|error| ours(error.into()))?;
    let Some(kept) = kept else {
        return Err(PickupFailed { cause: PickupFault::NoPassword, reply: String::new() });
    };
    let found = test_pickup(egress, tls, account, &kept.pickup).await;
    found.map_err(|fault| PickupFailed { cause: fault.cause, reply: fault.reply })
}

fn test_mail(from: &EmailAddress, to: &EmailAddress) -> Vec<u8> {
    letter::compose(&Outgoing {
        from: ("Havn".into(), from.clone()),
        to: vec![(String::new(), to.clone())],
        cc: Vec::new(),
        subject: "Havn: test".into(),
        date: Clock::System.now(),
        message_id: format!("{}@{}", Secret::random("test.").expose(), from.domain()),
        in_reply_to: None,
        references: Vec::new(),
        automatic: true,
        text: "This mail shows that the relay works. / Denne mail viser, at relæet virker.".into(),
        html: None,
        files: Vec::new(),
    })
}

async fn domain_key() -> Result<DomainKey, String> {
    let made = tokio::task::spawn_blocking(|| make_key(KeyKind::Rsa)).await;
    let key = made.map_err(|_| "the work broke off".to_owned())?.map_err(|error| error.to_string())?;
    Ok(DomainKey { selector: SELECTOR.into(), private_key: key.private_key, record: key.record })
}

async fn check(names: &Names, asked: RecordToCheck) -> RecordFound {
    let domain = domain(asked.name, asked.selector, asked.record);
    match check_record(names, &domain).await {
        mail::domain::Found::Found => RecordFound::Found,
        mail::domain::Found::Missing => RecordFound::Missing,
        mail::domain::Found::Different => RecordFound::Different,
        mail::domain::Found::NotChecked => RecordFound::NotChecked,
    }
}

/// A domain as far as its record goes.
fn domain(name: Host, selector: String, record: String) -> store::Domain {
    let now = Clock::System.now();
    store::Domain {
        id: DomainId::new(now),
        name,
        selector,
        private_key: Vec::new(),
        record,
        checked_at: None,
        check_result: None,
        created_at: now,
    }
}
