//! Makes an account of the demo: departments, mailboxes, agents, tags, a signing domain, a token.

use std::collections::BTreeMap;

use access::NewToken;
use desk::settings::{DepartmentFields, NewDomain, add_department, add_domain, add_tag, update_department};
use mail::domain::{KeyKind, make_key, record_name};
use register::Access;
use store::{Store, TokenScope};
use words::{AccountId, AgentId, Clock, DepartmentId, EmailAddress, MailboxId, Role, Secret, TagId, Task};

use crate::{
    Error, Result,
    config::Config,
    demo::{self, content},
    doors::Doors,
};

/// Everybody's password: the demo listens on this machine alone.
const PASSWORD: &str = "tea and bicycles";
const SELECTOR: &str = "havn";

/// An account of the demo that was made.
pub struct Made {
    pub id: AccountId,
    pub departments: BTreeMap<String, DepartmentId>,
    pub mailboxes: BTreeMap<String, MailboxId>,
    pub first_mailbox: EmailAddress,
    pub agents: BTreeMap<String, (AgentId, EmailAddress)>,
    pub tags: BTreeMap<String, TagId>,
    /// The name and text of the record that tells of its key.
    pub record: (String, String),
    /// How to get in.
    pub shown: demo::Account,
}

/// Everybody's password.
pub fn password() -> Secret {
    Secret::new(PASSWORD.to_owned())
}

/// Makes an account with everything but its mail.
pub async fn make(doors: &Doors, config: &Config, content: &content::Account, clock: &Clock) -> Result<Made> {
    let first =
        content.departments.first().ok_or_else(|| Error::Told("a demo account has a department".into()))?;
    let new = access::NewAccount {
        slug: content.slug.clone(),
        name: content.name.clone(),
        region: config.region.clone(),
        data_centre: config.data_centre.clone(),
        language: content.language,
        time_zone: content.time_zone.clone(),
        department: first.name.clone(),
    };
    let id = doors.accounts.create(new).await?;
    let (store, access) = doors.accounts.open_task(id, Task::Setup).await?;
    let departments = departments(&store, &access, content).await?;
    let mut mailboxes = BTreeMap::new();
    for department in &content.departments {
        for address in &department.mailboxes {
            let added =
                doors.accounts.add_mailbox(&access, address.clone(), departments[&department.name]).await?;
            mailboxes.insert(address.key(), added);
            // One after the other: the earliest is the department's own.
            clock.advance(std::time::Duration::from_secs(1));
        }
    }
    let agents = agents(doors, &store, &access, content, &departments).await?;
    let mut tags = BTreeMap::new();
    for (name, colour) in &content.tags {
        tags.insert(name.clone(), add_tag(&store, &access, name, *colour).await?);
    }
    let record = sign_for(&store, &access, content).await?;
    let owner = content.agents.iter().find(|agent| agent.role == Role::Owner);
    let owner = owner.and_then(|owner| agents.get(owner.email.local())).map(|(id, _)| *id);
    let owner = owner.ok_or_else(|| Error::Told("a demo account has an owner".into()))?;
    let token = NewToken { name: "demo".into(), agent: owner, scope: TokenScope::Write, ends_at: None };
    let (secret, _) = access::token::create(&store, &access, token).await?;
    let first_mailbox = first.mailboxes.first().cloned();
    let first_mailbox = first_mailbox.ok_or_else(|| Error::Told("a demo account has a mailbox".into()))?;
    let shown = demo::Account {
        slug: content.slug.to_string(),
        name: content.name.clone(),
        mailbox: first_mailbox.to_string(),
        token: secret.expose().to_owned(),
        agents: content.agents.iter().map(shown_agent).collect(),
    };
    Ok(Made { id, departments, mailboxes, first_mailbox, agents, tags, record, shown })
}

fn shown_agent(agent: &content::Agent) -> demo::Agent {
    demo::Agent {
        email: agent.email.to_string(),
        password: PASSWORD.to_owned(),
        role: agent.role.name().to_owned(),
    }
}

async fn departments(
    store: &Store,
    access: &Access,
    content: &content::Account,
) -> Result<BTreeMap<String, DepartmentId>> {
    let there = store.read(access, |read| read.departments()).await?;
    let mut made = BTreeMap::new();
    for department in &content.departments {
        let fields = DepartmentFields {
            name: department.name.clone(),
            from_name: department.from_name.clone(),
            signature: department.signature.clone(),
        };
        let id = match there.iter().find(|there| there.name == department.name) {
            Some(there) => {
                update_department(store, access, there.id, &fields).await?;
                there.id
            }
            None => add_department(store, access, &fields).await?,
        };
        made.insert(department.name.clone(), id);
    }
    Ok(made)
}

async fn agents(
    doors: &Doors,
    store: &Store,
    access: &Access,
    content: &content::Account,
    departments: &BTreeMap<String, DepartmentId>,
) -> Result<BTreeMap<String, (AgentId, EmailAddress)>> {
    let mut made = BTreeMap::new();
    for agent in &content.agents {
        let seen = agent.departments.as_ref();
        let new = access::NewAgent {
            name: agent.name.clone(),
            address: agent.email.clone(),
            role: agent.role,
            departments: seen
                .map(|names| names.iter().filter_map(|name| departments.get(name).copied()).collect()),
            language: agent.language,
            password: password(),
        };
        let id = doors.accounts.door().add_agent(store, access, new).await?;
        made.insert(agent.email.local().to_owned(), (id, agent.email.clone()));
    }
    Ok(made)
}

/// Mail from the account's domain is signed; the outside world publishes the record.
async fn sign_for(store: &Store, access: &Access, content: &content::Account) -> Result<(String, String)> {
    let key = make_key(KeyKind::Ed25519).map_err(std::io::Error::other)?;
    let record = (record_name(&content.domain, SELECTOR), key.record.clone());
    let new = NewDomain {
        name: content.domain.clone(),
        selector: SELECTOR.into(),
        private_key: key.private_key,
        record: key.record,
    };
    add_domain(store, access, new).await?;
    Ok(record)
}
