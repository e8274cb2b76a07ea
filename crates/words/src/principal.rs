//! Who acts: everything in Havn runs as somebody.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::{AgentId, TokenId};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// An agent in the browser.
    Agent(AgentId),
    /// A program with an API token.
    Token(TokenId),
    /// Havn itself, for one named task.
    System(Task),
}

/// What Havn does by itself. Each is listed in `docs/who-may-what.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Creates an account or an agent from the command line.
    Setup,
    /// Reads agents, passwords, sessions and tokens to tell who asks.
    SignIn,
    /// Takes in a mail.
    Receive,
    /// Sends what is queued.
    Deliver,
    /// Takes in an old mailbox.
    Import,
    /// Sends drafts whose ten seconds are over, wakes what was snoozed, removes what has ended.
    Housekeeping,
    /// Copies, restores or checks a store.
    Backup,
    /// Changes the register, and signs it.
    Register,
}

impl Task {
    /// All that there are.
    pub const ALL: [Self; 8] = [
        Self::Setup,
        Self::SignIn,
        Self::Receive,
        Self::Deliver,
        Self::Import,
        Self::Housekeeping,
        Self::Backup,
        Self::Register,
    ];

    /// The name in rows and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::SignIn => "sign-in",
            Self::Receive => "receive",
            Self::Deliver => "deliver",
            Self::Import => "import",
            Self::Housekeeping => "housekeeping",
            Self::Backup => "backup",
            Self::Register => "register",
        }
    }
}

impl fmt::Display for Principal {
    /// The form in rows and logs: `agent:<id>`, `token:<id>`, `system:<task>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Token(id) => write!(f, "token:{id}"),
            Self::System(task) => write!(f, "system:{}", task.name()),
        }
    }
}

impl std::str::FromStr for Principal {
    type Err = crate::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = text.split_once(':').ok_or(crate::IdError)?;
        match kind {
            "agent" => rest.parse().map(Self::Agent),
            "token" => rest.parse().map(Self::Token),
            "system" => {
                Task::ALL.into_iter().find(|task| task.name() == rest).map(Self::System).ok_or(crate::IdError)
            }
            _ => Err(crate::IdError),
        }
    }
}

/// What an agent may do in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Answers conversations.
    Agent,
    /// Answers, and sets the account up.
    Admin,
    /// An admin who may also make and unmake owners.
    Owner,
}

impl Role {
    /// The name in rows, forms and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// May set the account up.
    pub fn may_set_up(self) -> bool {
        self >= Self::Admin
    }
}

impl std::str::FromStr for Role {
    type Err = crate::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Agent, Self::Admin, Self::Owner]
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or(crate::IdError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Time;

    #[test]
    fn a_principal_reads_as_written() {
        let agent = Principal::Agent(AgentId::new(Time::from_micros(5)));
        assert_eq!(agent.to_string().parse(), Ok(agent));
        for task in Task::ALL {
            let principal = Principal::System(task);
            assert_eq!(principal.to_string().parse(), Ok(principal));
        }
    }

    #[test]
    fn roles_rise() {
        assert!(Role::Owner.may_set_up() && Role::Admin.may_set_up() && !Role::Agent.may_set_up());
    }
}
