//! The one place that makes an [`Access`], and what it is made from.

use std::time::Duration;

use register::{Access, Departments, Rights, Scope};
use store::{Agent, Read, Session, Token, TokenScope};
use words::{AccountId, Principal, Task, Time};

use crate::{
    Result,
    door::TASK_SECONDS_MAX,
    session::{IDLE, idle_end},
};

/// The access of a task of Havn itself.
pub(crate) fn of_task(account: AccountId, task: Task, now: Time) -> Result<Access> {
    let scope = Scope {
        account,
        principal: Principal::System(task),
        agent: None,
        rights: Rights::Task(task),
        departments: Departments::All,
        ends: now.after(Duration::from_secs(TASK_SECONDS_MAX)),
    };
    grant(scope, now)
}

/// The access of an agent in a session that was just seen.
pub(crate) fn of_session(read: &Read<'_>, session: &Session, agent: &Agent) -> Result<Access> {
    let scope = Scope {
        account: read.account(),
        principal: Principal::Agent(agent.id),
        agent: Some(agent.id),
        rights: Rights::Agent(agent.role),
        departments: departments(read, agent)?,
        ends: idle_end(read.now()).min(session.ends_at),
    };
    grant(scope, read.now())
}

/// The access of a program that shows an API token.
pub(crate) fn of_token(read: &Read<'_>, token: &Token, agent: &Agent) -> Result<Access> {
    let scope = Scope {
        account: read.account(),
        principal: Principal::Token(token.id),
        agent: Some(agent.id),
        rights: match token.scope {
            TokenScope::Read => Rights::ReadOnly,
            TokenScope::Write => Rights::Agent(agent.role),
        },
        departments: departments(read, agent)?,
        // A request lasts seconds; one that stays open (a stream of events) is to ask again.
        ends: token.ends_at.unwrap_or(Time::from_micros(i64::MAX)).min(read.now().after(IDLE)),
    };
    grant(scope, read.now())
}

/// What an agent sees: whoever may set the account up sees all of it.
fn departments(read: &Read<'_>, agent: &Agent) -> Result<Departments> {
    if agent.all_departments || agent.role.may_set_up() {
        return Ok(Departments::All);
    }
    Ok(Departments::Only(read.departments_of_agent(agent.id)?))
}

#[expect(clippy::disallowed_methods, reason = "the access door: the one place that makes an Access")]
fn grant(scope: Scope, now: Time) -> Result<Access> {
    Ok(register::access(scope, now)?)
}
