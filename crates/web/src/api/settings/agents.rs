//! Agents: listed, invited, changed, shut out; and whose token this is.

use access::{Invite, agent, invitation};
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use words::{AgentId, DepartmentId, Language};

use crate::{
    api::{
        caller::{Caller, Setter},
        json::{Given, Json, Page, answer},
        shapes::time,
    },
    error::{Error, Flaw, Result},
    fields::At,
};

/// An agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agent {
    /// Their id.
    pub id: String,
    /// Their name; empty until they took up the invitation.
    pub name: String,
    /// By which they log in.
    pub address: String,
    /// `agent`, `admin` or `owner`.
    pub role: String,
    /// The departments that they see; null: every one.
    pub department_ids: Option<Vec<String>>,
    /// `en` or `da`.
    pub language: String,
    /// Since when they are shut out.
    pub disabled_at: Option<String>,
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgent {
    address: String,
    role: String,
    /// Null or nothing: every one.
    department_ids: Option<Vec<String>>,
    /// The account's without it.
    language: Option<String>,
}

/// Somebody who was invited.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    /// Whom the link lets in.
    pub agent: Agent,
    /// The link: shown once.
    pub link: String,
    /// When it ends.
    pub ends_at: String,
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentChange {
    name: Option<String>,
    language: Option<String>,
    role: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    department_ids: Given<Vec<String>>,
    disabled: Option<bool>,
}

async fn all(caller: &Caller) -> Result<Vec<Agent>> {
    let read = caller
        .store
        .read(caller.access(), |read| Ok::<_, Error>((read.agents()?, read.departments_of_agents()?)));
    let (agents, departments) = read.await?;
    let shown = |agent: store::Agent| {
        let own = departments.iter().filter(|(one, _)| *one == agent.id);
        let own = own.map(|(_, department)| department.to_string()).collect();
        Agent {
            id: agent.id.to_string(),
            name: agent.name,
            address: agent.address.to_string(),
            role: agent.role.name().into(),
            department_ids: (!agent.all_departments).then_some(own),
            language: agent.language.tag().into(),
            disabled_at: agent.disabled_at.map(time),
        }
    };
    Ok(agents.into_iter().map(shown).collect())
}

async fn one(caller: &Caller, id: AgentId) -> Result<Agent> {
    let id = id.to_string();
    all(caller).await?.into_iter().find(|agent| agent.id == id).ok_or(Error::NotFound)
}

/// Lists the agents.
#[utoipa::path(get, path = "/agents", tag = "settings",
    responses((status = 200, description = "All agents", body = Page<Agent>)))]
pub async fn index(caller: Caller) -> Result<Response> {
    Ok(Page::whole(all(&caller).await?).answer())
}

/// Shows the agent on whose behalf the token acts.
#[utoipa::path(get, path = "/me", tag = "settings",
    responses((status = 200, description = "The agent", body = Agent)))]
pub async fn me(caller: Caller) -> Result<Response> {
    Ok(answer(StatusCode::OK, &one(&caller, caller.agent()).await?))
}

/// Invites somebody: the answer has the link, once.
#[utoipa::path(post, path = "/agents", tag = "settings", request_body = NewAgent,
    responses((status = 201, description = "The agent and the link", body = Invited)))]
pub async fn create(Setter(caller): Setter, Json(new): Json<NewAgent>) -> Result<Response> {
    let invite = Invite {
        address: new
            .address
            .parse()
            .map_err(|_| Error::field("address", Flaw::Desk(desk::Problem::NotAnAddress)))?,
        role: new.role.parse().map_err(|_| Error::field("role", Flaw::Value))?,
        departments: new.department_ids.as_deref().map(departments).transpose()?,
        language: match new.language {
            Some(tag) => tag.parse().map_err(|_| Error::field("language", Flaw::Value))?,
            None => caller.directory().await?.language,
        },
    };
    let invited = invitation::invite(&caller.store, caller.access(), invite).await?;
    caller.account.forget();
    let link = format!("{}/invitations/{}", caller.account.desk, invited.token.expose());
    let agent = one(&caller, invited.agent).await?;
    Ok(answer(StatusCode::CREATED, &Invited { agent, link, ends_at: time(invited.ends_at) }))
}

/// Changes an agent.
#[utoipa::path(patch, path = "/agents/{id}", tag = "settings", request_body = AgentChange,
    params(("id" = String, Path, description = "their id")),
    responses((status = 200, description = "The agent as they are now", body = Agent)))]
pub async fn update(
    Setter(caller): Setter,
    At(id): At<AgentId>,
    Json(change): Json<AgentChange>,
) -> Result<Response> {
    let (store, access) = (&caller.store, caller.access());
    let before = one(&caller, id).await?;
    let role = change.role.map(|role| role.parse().map_err(|_| Error::field("role", Flaw::Value)));
    let (role, given) = (role.transpose()?, change.department_ids.read(|ids| departments(&ids))?);
    if change.name.is_some() || change.language.is_some() {
        let tag = change.language.unwrap_or(before.language);
        let language: Language = tag.parse().map_err(|_| Error::field("language", Flaw::Value))?;
        agent::rename(store, access, id, &change.name.unwrap_or(before.name), language).await?;
    }
    if let Some(role) = role {
        agent::change_role(store, access, id, role).await?;
    }
    match given {
        Given::Nothing => {}
        Given::Null => agent::change_departments(store, access, id, None).await?,
        Given::Value(some) => agent::change_departments(store, access, id, Some(some)).await?,
    }
    match change.disabled {
        Some(true) => agent::disable(store, access, id).await?,
        Some(false) => agent::enable(store, access, id).await?,
        None => {}
    }
    caller.account.forget();
    Ok(answer(StatusCode::OK, &one(&caller, id).await?))
}

fn departments(given: &[String]) -> Result<Vec<DepartmentId>> {
    given.iter().map(|id| id.parse().map_err(|_| Error::field("department_ids", Flaw::Value))).collect()
}
