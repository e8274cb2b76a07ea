//! The access door's decision: who may look into an account, and at what.

use serde::{Deserialize, Serialize};
use words::{AccountId, AgentId, DepartmentId, Principal, Role, Task, Time};

/// What the holder of an access may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rights {
    /// Read and write conversations as an agent.
    Agent(Role),
    /// A token that may only read.
    ReadOnly,
    /// What the named task needs.
    Task(Task),
}

/// Which departments' conversations the holder sees. The store puts it into every query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Departments {
    /// Every department.
    All,
    /// These alone; none at all if empty.
    Only(Vec<DepartmentId>),
}

impl Departments {
    /// Whether conversations of `department` are seen.
    pub fn include(&self, department: DepartmentId) -> bool {
        match self {
            Self::All => true,
            Self::Only(some) => some.contains(&department),
        }
    }
}

/// What was found out about the one who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The account that is asked for.
    pub account: AccountId,
    /// Who asks.
    pub principal: Principal,
    /// The agent they are, or on whose behalf they act (a token's owner); none for a task.
    pub agent: Option<AgentId>,
    /// What they may do there.
    pub rights: Rights,
    /// What they see there.
    pub departments: Departments,
    /// When the session, token or task ends.
    pub ends: Time,
}

/// The right to look into one account: the only key that opens a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access(Scope);

/// Why there is no access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefusal {
    /// The session, token or task is over.
    #[error("this access has ended")]
    Ended,
    /// Rights and principal do not belong together.
    #[error("these rights are not this principal's")]
    NotTheirs,
}

/// Decides over access. The rules, in order:
///
/// 1. What has ended is closed, and nothing later reopens it.
/// 2. A task has the rights of that task and of no other; an agent has a role's; a token has a
///    role's or may only read.
/// 3. Agent and token act as an agent of the account, a task as nobody.
pub fn access(scope: Scope, now: Time) -> Result<Access, AccessRefusal> {
    if now >= scope.ends {
        return Err(AccessRefusal::Ended);
    }
    let theirs = match (scope.principal, scope.rights) {
        (Principal::System(task), Rights::Task(rights)) => task == rights && scope.agent.is_none(),
        (Principal::Agent(agent), Rights::Agent(_)) => scope.agent == Some(agent),
        (Principal::Token(_), Rights::Agent(_) | Rights::ReadOnly) => scope.agent.is_some(),
        _ => false,
    };
    if theirs { Ok(Access(scope)) } else { Err(AccessRefusal::NotTheirs) }
}

impl Access {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.0.account
    }

    /// Who looks.
    pub fn principal(&self) -> Principal {
        self.0.principal
    }

    /// The agent they are or act for.
    pub fn agent(&self) -> Option<AgentId> {
        self.0.agent
    }

    /// What they may do.
    pub fn rights(&self) -> Rights {
        self.0.rights
    }

    /// What they see.
    pub fn departments(&self) -> &Departments {
        &self.0.departments
    }

    /// When it ends.
    pub fn ends(&self) -> Time {
        self.0.ends
    }

    /// Whether it still holds.
    pub fn holds(&self, now: Time) -> bool {
        now < self.0.ends
    }

    /// May set the account up (agents, mailboxes, relay, tokens, …).
    pub fn may_set_up(&self) -> bool {
        match self.rights() {
            Rights::Agent(role) => role.may_set_up(),
            Rights::ReadOnly => false,
            Rights::Task(task) => task == Task::Setup,
        }
    }

    /// May change conversations.
    pub fn may_write(&self) -> bool {
        self.rights() != Rights::ReadOnly
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the rule itself is tried here")]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_000);

    fn scope(principal: Principal, rights: Rights) -> Scope {
        Scope {
            account: AccountId::new(NOW),
            principal,
            agent: match principal {
                Principal::Agent(agent) => Some(agent),
                _ => None,
            },
            rights,
            departments: Departments::All,
            ends: Time::from_seconds(1_001),
        }
    }

    #[test]
    fn ended_is_closed() {
        let scope = scope(Principal::Agent(AgentId::new(NOW)), Rights::Agent(Role::Owner));
        assert!(access(scope.clone(), NOW).is_ok());
        assert_eq!(access(scope, Time::from_seconds(1_001)), Err(AccessRefusal::Ended));
    }

    #[test]
    fn rights_belong_to_their_principal() {
        let agent = Principal::Agent(AgentId::new(NOW));
        let task = Principal::System(Task::Deliver);
        let cases = [
            (agent, Rights::Task(Task::Deliver)),
            (agent, Rights::ReadOnly),
            (task, Rights::Agent(Role::Owner)),
            (task, Rights::Task(Task::SignIn)),
        ];
        for (principal, rights) in cases {
            assert_eq!(
                access(scope(principal, rights), NOW),
                Err(AccessRefusal::NotTheirs),
                "{principal:?} {rights:?}"
            );
        }
        assert!(access(scope(task, Rights::Task(Task::Deliver)), NOW).is_ok());
    }
}
