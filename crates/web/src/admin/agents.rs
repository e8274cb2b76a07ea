//! `/settings/agents`: who may answer, with which role, in which departments.

use access::{Invite, Invited, agent, invitation};
use axum::response::Response;
use store::Agent;
use words::{AgentId, DepartmentId, Role};

use super::{Admin, of_form};
use crate::{
    directory::Directory,
    error::{Error, Flaw, Result},
    fields::{At, Fields, Form},
    serve::see,
    view::{
        self, Flaws,
        settings::{AgentFields, AgentLine, AgentState, Agents, Link},
    },
};

/// Shows them.
pub async fn show(admin: Admin) -> Result<Response> {
    shown(&admin, None, None).await
}

/// What was wrong: with an agent or with a new one, and what was typed.
struct Wrong {
    agent: Option<AgentId>,
    email: String,
    error: Error,
}

async fn shown(admin: &Admin, link: Option<Link>, wrong: Option<Wrong>) -> Result<Response> {
    let signed = &admin.0;
    let (shell, directory) = admin.shell().await?;
    let read = signed
        .store
        .read(signed.access(), |read| Ok::<_, Error>((read.agents()?, read.departments_of_agents()?)));
    let (agents, given) = read.await?;
    let lines = agents.into_iter().map(|one| line(one, signed.agent(), &given, &directory));
    let mut page = Agents {
        agents: lines.collect(),
        departments: directory.all_departments(),
        may_make_owners: signed.role() == Role::Owner,
        link,
        new_email: String::new(),
        new: AgentFields { role: Role::Agent, all_departments: true, departments: Vec::new() },
        flaws: Flaws::default(),
    };
    let Some(wrong) = wrong else { return Ok(admin.page(view::settings::agents(&shell, &page), None)) };
    let flaws = wrong.error.flaws(signed.texts());
    if let Some(line) = page.agents.iter_mut().find(|line| Some(line.agent.id) == wrong.agent) {
        line.flaws = flaws;
    } else {
        (page.new_email, page.flaws) = (wrong.email, renamed(flaws));
    }
    Ok(admin.page(view::settings::agents(&shell, &page), Some(&wrong.error)))
}

/// The form calls the address by another name than the access door.
fn renamed(mut flaws: Flaws) -> Flaws {
    for (field, _) in &mut flaws.0 {
        if field == "address" {
            "email".clone_into(field);
        }
    }
    flaws
}

fn line(one: Agent, me: AgentId, given: &[(AgentId, DepartmentId)], directory: &Directory) -> AgentLine {
    let own = given.iter().filter(|(agent, _)| *agent == one.id);
    AgentLine {
        state: match one.disabled_at {
            Some(since) => AgentState::Disabled(since),
            None if one.has_password => AgentState::Active,
            None => AgentState::Invited,
        },
        agent: view::Agent { id: one.id, name: one.name },
        email: one.address.to_string(),
        fields: AgentFields {
            role: one.role,
            all_departments: one.all_departments,
            departments: own.map(|(_, department)| directory.department(*department)).collect(),
        },
        is_me: one.id == me,
        flaws: Flaws::default(),
    }
}

/// The departments of a form; none: every one.
fn departments(form: &Fields) -> Result<Option<Vec<DepartmentId>>> {
    if form.ticked("all_departments")? { Ok(None) } else { form.every("department").map(Some) }
}

/// Invites somebody, and shows the link.
pub async fn create(admin: Admin, Form(form): Form) -> Result<Response> {
    let email = form.text("email")?;
    match invite(&admin, &form).await {
        Ok(invited) => linked(&admin, email, &invited).await,
        Err(error) => {
            let error = of_form(error)?;
            shown(&admin, None, Some(Wrong { agent: None, email, error })).await
        }
    }
}

async fn invite(admin: &Admin, form: &Fields) -> Result<Invited> {
    let signed = &admin.0;
    let typed = form.one("email")?.ok_or(Error::field("address", Flaw::Missing))?;
    let not_one = |_| Error::field("address", Flaw::Desk(desk::Problem::NotAnAddress));
    let invite = Invite {
        address: typed.parse().map_err(not_one)?,
        role: form.must("role")?,
        departments: departments(form)?,
        language: signed.directory().await?.language,
    };
    Ok(invitation::invite(&signed.store, signed.access(), invite).await?)
}

async fn linked(admin: &Admin, email: String, invited: &Invited) -> Result<Response> {
    admin.0.account.forget();
    let url = format!("{}/invitations/{}", admin.0.account.desk, invited.token.expose());
    shown(admin, Some(Link { email, url, until: invited.ends_at }), None).await
}

/// Makes a new link for somebody.
pub async fn invite_again(admin: Admin, At(id): At<AgentId>) -> Result<Response> {
    let signed = &admin.0;
    let invited = invitation::invite_again(&signed.store, signed.access(), id).await?;
    let found = signed.store.read(signed.access(), move |read| Ok::<_, Error>(read.agent_by_id(id)?)).await?;
    let email = found.ok_or(Error::NotFound)?.address.to_string();
    linked(&admin, email, &invited).await
}

/// Changes what somebody may.
pub async fn update(admin: Admin, At(id): At<AgentId>, Form(form): Form) -> Result<Response> {
    match change(&admin, id, &form).await {
        Ok(()) => Ok(done(&admin)),
        Err(error) => {
            let error = of_form(error)?;
            shown(&admin, None, Some(Wrong { agent: Some(id), email: String::new(), error })).await
        }
    }
}

async fn change(admin: &Admin, id: AgentId, form: &Fields) -> Result<()> {
    let (store, access) = (&admin.0.store, admin.0.access());
    let (role, departments) = (form.must("role")?, departments(form)?);
    agent::change_role(store, access, id, role).await?;
    agent::change_departments(store, access, id, departments).await?;
    Ok(())
}

/// Shuts somebody out.
pub async fn disable(admin: Admin, At(id): At<AgentId>) -> Result<Response> {
    agent::disable(&admin.0.store, admin.0.access(), id).await?;
    Ok(done(&admin))
}

/// Lets somebody in again.
pub async fn enable(admin: Admin, At(id): At<AgentId>) -> Result<Response> {
    agent::enable(&admin.0.store, admin.0.access(), id).await?;
    Ok(done(&admin))
}

fn done(admin: &Admin) -> Response {
    admin.0.account.forget();
    see("/settings/agents")
}
