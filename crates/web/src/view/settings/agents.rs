//! Agents: who may answer, with which role, in which departments.

use maud::{Markup, html};
use words::{Role, Time};

use super::{Section, part};
use crate::{
    language::Texts,
    view::{
        form::{self, Flaws, Line},
        icon,
        people::{self, Agent, Department},
        shell::Shell,
        time::{Telling, time},
    },
};

/// The page of agents.
pub struct Agents {
    /// All that there are.
    pub agents: Vec<AgentLine>,
    /// All departments.
    pub departments: Vec<Department>,
    /// The one who looks may make and unmake owners.
    pub may_make_owners: bool,
    /// The link of an invitation that was just made: shown this once.
    pub link: Option<Link>,
    /// A new agent as typed before.
    pub new_email: String,
    /// What the new one may, as chosen before.
    pub new: AgentFields,
    /// What is wrong with it.
    pub flaws: Flaws,
}

/// The link of an invitation.
pub struct Link {
    /// For whom.
    pub email: String,
    /// The whole address.
    pub url: String,
    /// Until when it can be taken up.
    pub until: Time,
}

/// What an agent may.
#[derive(Debug, Clone)]
pub struct AgentFields {
    /// The role.
    pub role: Role,
    /// Every department, now and later.
    pub all_departments: bool,
    /// If not: these.
    pub departments: Vec<Department>,
}

/// An agent.
pub struct AgentLine {
    /// Who; the name is empty until the invitation is taken up.
    pub agent: Agent,
    /// By which they log in.
    pub email: String,
    /// What they may.
    pub fields: AgentFields,
    /// Where they stand.
    pub state: AgentState,
    /// The one who looks.
    pub is_me: bool,
    /// What is wrong with what was sent for them.
    pub flaws: Flaws,
}

/// Where an agent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentState {
    /// They can log in.
    Active,
    /// Invited, not yet in.
    Invited,
    /// Shut out since then.
    Disabled(Time),
}

/// The page at `/settings/agents`.
pub fn agents(shell: &Shell, page: &Agents) -> Markup {
    let t = shell.head.texts;
    let email = Line {
        name: "email",
        label: t.get("email"),
        kind: "email",
        value: &page.new_email,
        required: true,
        ..Line::default()
    };
    let content = html! {
        @if let Some(link) = &page.link { (self::link(t, link)) }
        ul.lines role="list" { @for line in &page.agents { (self::line(t, page, line)) } }
        (part(t.get("agent-new-title"), t.get("agent-new-about"), &html! {
            form.form method="post" action="/settings/agents" data-turbo="false" {
                (form::whole_flaw(&page.flaws))
                (form::line("new-", &email, &page.flaws))
                (fields(t, "new-", page, &page.new, &page.flaws))
                div.buttons { button.button.button-main type="submit" { (icon::USER_PLUS) (t.get("agent-invite")) } }
            }
        }))
    };
    super::page(shell, Section::Agents, t.get("settings-agents-about"), &content)
}

fn link(t: &Texts, link: &Link) -> Markup {
    html! {
        section.card.is-new role="status" {
            header.card-head { h2 { (t.with("invite-link-title", &[("email", link.email.as_str().into())])) } }
            p { (t.get("invite-link-about")) " " (time(t, link.until, Telling::Long)) }
            div.secret {
                code.copyable { (link.url) }
                button.button type="button" data-controller="copy" data-action="copy#copy" data-needs-script
                    data-copy-text-value=(link.url) data-copy-done-value=(t.get("copied")) { (icon::COPY) (t.get("copy")) }
            }
        }
    }
}

const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Agent => "role-agent",
        Role::Admin => "role-admin",
        Role::Owner => "role-owner",
    }
}

fn line(t: &Texts, page: &Agents, line: &AgentLine) -> Markup {
    let action = format!("/settings/agents/{}", line.agent.id);
    let shown = if line.agent.name.is_empty() { &line.email } else { &line.agent.name };
    html! {
        li.line-item id={ "agent-" (line.agent.id) } data-off[matches!(line.state, AgentState::Disabled(_))] {
            details open[!line.flaws.0.is_empty()] {
                summary.line-head {
                    (people::initials(&Agent { name: shown.clone(), ..line.agent.clone() }, false))
                    span.line-name { (shown) @if line.is_me { " " span.quiet { (t.get("agent-me")) } } }
                    span.line-about { (line.email) }
                    (state(t, line.state))
                    span.line-role { (t.get(role_key(line.fields.role))) }
                    (icon::CHEVRON_DOWN)
                }
                div.line-body {
                    form.form method="post" action=(action) {
                        (form::whole_flaw(&line.flaws))
                        (fields(t, &format!("{}-", line.agent.id), page, &line.fields, &line.flaws))
                        (super::save(t))
                    }
                    @if !line.is_me { (acts(t, &action, shown, line.state)) }
                }
            }
        }
    }
}

fn state(t: &Texts, state: AgentState) -> Markup {
    match state {
        AgentState::Active => html! {},
        AgentState::Invited => html! { span.chip.is-wait { (t.get("agent-invited")) } },
        AgentState::Disabled(since) => {
            html! { span.chip { (t.get("agent-disabled")) " " (time(t, since, Telling::Short)) } }
        }
    }
}

fn acts(t: &Texts, action: &str, name: &str, state: AgentState) -> Markup {
    html! {
        div.line-acts {
            @if state == AgentState::Invited {
                form method="post" action={ (action) "/invitation" } data-turbo="false" { button.button type="submit" { (icon::LINK) (t.get("invite-again")) } }
            }
            @if matches!(state, AgentState::Disabled(_)) {
                form method="post" action={ (action) "/disablement?method=delete" } {
                    button.button type="submit" { (icon::ROTATE_CCW) (t.get("agent-enable")) }
                }
            } @else {
                form method="post" action={ (action) "/disablement" } data-turbo-confirm=(t.with("agent-lost", &[("name", name.into())])) {
                    button.button type="submit" { (icon::USER_MINUS) (t.get("agent-disable")) }
                }
            }
        }
    }
}

fn fields(t: &Texts, prefix: &str, page: &Agents, fields: &AgentFields, flaws: &Flaws) -> Markup {
    let role = Line {
        name: "role",
        label: t.get("role"),
        hint: t.get("role-hint"),
        value: fields.role.name(),
        ..Line::default()
    };
    let mut roles = vec![("agent", t.get("role-agent")), ("admin", t.get("role-admin"))];
    if page.may_make_owners || fields.role == Role::Owner {
        roles.push(("owner", t.get("role-owner")));
    }
    html! {
        (form::choice(prefix, &role, &roles, flaws))
        fieldset.field.agent-departments {
            legend { (t.get("agent-departments")) }
            label.check { input type="checkbox" name="all_departments" value="yes" checked[fields.all_departments]; (t.get("agent-all")) }
            @for department in &page.departments {
                label.check { input type="checkbox" name="department" value=(department.id) checked[fields.departments.contains(department)]; (department.name) }
            }
        }
    }
}
