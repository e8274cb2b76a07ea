//! Agents: the people of the account who answer, and the departments that they see.

use words::{AgentId, DepartmentId, EmailAddress, Language, Role, Time};

use crate::{Column, Error, Read, Result, Row, Tx, params};

/// Agents that one list shows; an account has no more.
pub const AGENTS_MAX: i64 = 2_000;

/// A person of the account who answers.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Their id.
    pub id: AgentId,
    /// Their name, as colleagues and contacts see it; empty until they took up the invitation.
    pub name: String,
    /// By which they log in.
    pub address: EmailAddress,
    /// What they may do.
    pub role: Role,
    /// Whether they see every department, whatever [`Read::departments_of_agent`] says.
    pub all_departments: bool,
    /// The language of their pages.
    pub language: Language,
    /// Whether they can log in with a password; if not, they are invited only.
    pub has_password: bool,
    /// Since when they are shut out.
    pub disabled_at: Option<Time>,
    /// When they were invited or made.
    pub created_at: Time,
}

impl Agent {
    /// How many columns of a row make an agent.
    pub(crate) const COLUMNS: usize = 9;

    /// Reads an agent from its columns, of which `first` is the first.
    pub(crate) fn of(row: &Row<'_>, first: usize) -> Result<Self> {
        Ok(Self {
            id: row.get(first)?,
            name: row.get(first + 1)?,
            address: parsed(row, first + 2)?,
            role: parsed(row, first + 3)?,
            all_departments: row.get(first + 4)?,
            language: parsed(row, first + 5)?,
            has_password: row.get(first + 6)?,
            disabled_at: row.get(first + 7)?,
            created_at: row.get(first + 8)?,
        })
    }
}

/// An agent to add.
#[derive(Debug, Clone)]
pub struct NewAgent {
    /// Their name.
    pub name: String,
    /// By which they log in.
    pub address: EmailAddress,
    /// What they may do.
    pub role: Role,
    /// The departments that they see; none: every one.
    pub departments: Option<Vec<DepartmentId>>,
    /// The language of their pages.
    pub language: Language,
    /// The PHC string of their password; none for one who is invited.
    pub password_hash: Option<String>,
}

/// What log-in needs to know of the one behind an address.
#[derive(Clone)]
pub struct Credentials {
    /// Who it is.
    pub agent: Agent,
    /// The PHC string of the password.
    pub password_hash: Option<String>,
    /// Whether they have a session that began at this network address.
    pub known_remote: bool,
}

const INSERT: &str = "
    INSERT INTO agents (account_id, id, name, address, address_key, role, all_departments, language,
        password_hash, disabled_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10)";

const BY_ID: &str = "
    SELECT id, name, address, role, all_departments, language, password_hash IS NOT NULL, disabled_at, created_at
    FROM agents WHERE account_id = $1 AND id = $2";

const BY_ADDRESS: &str = "
    SELECT id, name, address, role, all_departments, language, password_hash IS NOT NULL, disabled_at, created_at
    FROM agents WHERE account_id = $1 AND address_key = $2";

const ALL: &str = "
    SELECT id, name, address, role, all_departments, language, password_hash IS NOT NULL, disabled_at, created_at
    FROM agents WHERE account_id = $1 ORDER BY lower(name), address_key LIMIT $2";

const CREDENTIALS: &str = "
    SELECT id, name, address, role, all_departments, language, password_hash IS NOT NULL, disabled_at, created_at,
        password_hash,
        EXISTS (SELECT 1 FROM sessions s WHERE s.account_id = $1 AND s.agent_id = agents.id AND s.remote = $3)
    FROM agents WHERE account_id = $1 AND address_key = $2";

const PASSWORD: &str = "SELECT password_hash FROM agents WHERE account_id = $1 AND id = $2";

const COUNT: &str = "SELECT count(*) FROM agents WHERE account_id = $1";

const OTHER_OWNERS: &str = "
    SELECT count(*) FROM agents
    WHERE account_id = $1 AND id <> $2 AND role = 'owner' AND disabled_at IS NULL AND password_hash IS NOT NULL";

const DEPARTMENTS: &str = "SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $2 ORDER BY department_id";

const ALL_DEPARTMENTS: &str = "
    SELECT agent_id, department_id FROM agent_departments WHERE account_id = $1 ORDER BY agent_id, department_id";

const CLEAR_DEPARTMENTS: &str = "DELETE FROM agent_departments WHERE account_id = $1 AND agent_id = $2";

const ADD_DEPARTMENT: &str = "
    INSERT INTO agent_departments (account_id, agent_id, department_id)
    SELECT $1, $2, id FROM departments WHERE account_id = $1 AND id = $3";

const SET_ALL_DEPARTMENTS: &str = "UPDATE agents SET all_departments = $3 WHERE account_id = $1 AND id = $2";
const SET_ROLE: &str = "UPDATE agents SET role = $3 WHERE account_id = $1 AND id = $2";
const SET_NAME: &str = "UPDATE agents SET name = $3 WHERE account_id = $1 AND id = $2";
const SET_LANGUAGE: &str = "UPDATE agents SET language = $3 WHERE account_id = $1 AND id = $2";
const SET_PASSWORD: &str = "UPDATE agents SET password_hash = $3 WHERE account_id = $1 AND id = $2";
const SET_DISABLED: &str = "UPDATE agents SET disabled_at = $3 WHERE account_id = $1 AND id = $2";

const WORKS_IN: &str = "
    SELECT created_at FROM agents WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL
      AND (all_departments OR EXISTS (SELECT 1 FROM agent_departments
        WHERE account_id = $1 AND agent_id = $2 AND department_id = $3))";

impl Read<'_> {
    /// Whether the agent can log in and works in the department.
    pub fn agent_works_in(&self, id: AgentId, department: DepartmentId) -> Result<bool> {
        let found = self.row(WORKS_IN, params![self.account(), id, department], |row| row.get::<i64>(0))?;
        Ok(found.is_some())
    }

    /// The agent.
    pub fn agent_by_id(&self, id: AgentId) -> Result<Option<Agent>> {
        self.row(BY_ID, params![self.account(), id], |row| Agent::of(row, 0))
    }

    /// The agent who logs in by this address.
    pub fn agent_by_address(&self, address: &EmailAddress) -> Result<Option<Agent>> {
        self.row(BY_ADDRESS, params![self.account(), address.key()], |row| Agent::of(row, 0))
    }

    /// All agents by name, those shut out and those invited too.
    pub fn agents(&self) -> Result<Vec<Agent>> {
        self.rows(ALL, params![self.account(), AGENTS_MAX], |row| Agent::of(row, 0))
    }

    /// How many agents there are.
    pub fn count_agents(&self) -> Result<i64> {
        Ok(self.row(COUNT, params![self.account()], |row| row.get(0))?.unwrap_or(0))
    }

    /// What log-in needs to know of the one behind this address who comes from `remote`.
    pub fn credentials(&self, address: &EmailAddress, remote: &str) -> Result<Option<Credentials>> {
        self.row(CREDENTIALS, params![self.account(), address.key(), remote], |row| {
            Ok(Credentials {
                agent: Agent::of(row, 0)?,
                password_hash: row.get(Agent::COLUMNS)?,
                known_remote: row.get(Agent::COLUMNS + 1)?,
            })
        })
    }

    /// The PHC string of the agent's password.
    pub fn password_hash(&self, id: AgentId) -> Result<Option<String>> {
        Ok(self.row(PASSWORD, params![self.account(), id], |row| row.get(0))?.flatten())
    }

    /// Whether somebody other than `id` is an owner who can log in.
    pub fn another_owner_than(&self, id: AgentId) -> Result<bool> {
        let others = self.row(OTHER_OWNERS, params![self.account(), id], |row| row.get::<i64>(0))?;
        Ok(others.unwrap_or(0) > 0)
    }

    /// The departments that were given to the agent one by one.
    pub fn departments_of_agent(&self, id: AgentId) -> Result<Vec<DepartmentId>> {
        self.rows(DEPARTMENTS, params![self.account(), id], |row| row.get(0))
    }

    /// Who has which department, for those who do not see all.
    pub fn departments_of_agents(&self) -> Result<Vec<(AgentId, DepartmentId)>> {
        self.rows(ALL_DEPARTMENTS, params![self.account()], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

impl Tx<'_> {
    /// Adds an agent. [`Error::Exists`] if the address has one.
    pub fn insert_agent(&mut self, agent: &NewAgent) -> Result<AgentId> {
        let (account, now) = (self.account(), self.now());
        let id = AgentId::new(now);
        self.change_one(
            INSERT,
            params![
                account,
                id,
                agent.name.as_str(),
                agent.address.as_str(),
                agent.address.key(),
                agent.role.name(),
                agent.departments.is_none(),
                agent.language.tag(),
                agent.password_hash.clone(),
                now
            ],
        )?;
        self.set_agent_departments(id, agent.departments.as_deref())?;
        Ok(id)
    }

    /// Gives the agent these departments and no others; none: every one.
    /// [`Error::Missed`] if one of them does not exist.
    pub fn set_agent_departments(&mut self, id: AgentId, departments: Option<&[DepartmentId]>) -> Result<()> {
        let account = self.account();
        self.change_one(SET_ALL_DEPARTMENTS, params![account, id, departments.is_none()])?;
        self.change(CLEAR_DEPARTMENTS, params![account, id])?;
        for department in departments.unwrap_or_default() {
            self.change_one(ADD_DEPARTMENT, params![account, id, *department])?;
        }
        Ok(())
    }

    /// Changes what the agent may do.
    pub fn set_agent_role(&mut self, id: AgentId, role: Role) -> Result<()> {
        let account = self.account();
        self.change_one(SET_ROLE, params![account, id, role.name()])
    }

    /// Changes the agent's name.
    pub fn set_agent_name(&mut self, id: AgentId, name: &str) -> Result<()> {
        let account = self.account();
        self.change_one(SET_NAME, params![account, id, name])
    }

    /// Changes the language of the agent's pages.
    pub fn set_agent_language(&mut self, id: AgentId, language: Language) -> Result<()> {
        let account = self.account();
        self.change_one(SET_LANGUAGE, params![account, id, language.tag()])
    }

    /// Keeps a new password, as its PHC string.
    pub fn set_agent_password(&mut self, id: AgentId, password_hash: &str) -> Result<()> {
        let account = self.account();
        self.change_one(SET_PASSWORD, params![account, id, password_hash])
    }

    /// Shuts the agent out since then, or lets them in again.
    pub fn set_agent_disabled(&mut self, id: AgentId, since: Option<Time>) -> Result<()> {
        let account = self.account();
        self.change_one(SET_DISABLED, params![account, id, since])
    }
}

/// A column whose text is one of ours.
fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> Result<T> {
    String::of(row, column)?.parse().map_err(|_| Error::Column(column))
}
