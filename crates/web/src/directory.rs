//! The names of an account's agents, departments and tags, read once and kept until one changes.

use std::collections::HashMap;

use register::Departments;
use store::{Mailbox, Read};
use words::{AgentId, DepartmentId, Language, TagId};

use crate::view::{Agent, Department, Tag};

/// The names of an account.
pub struct Directory {
    /// The account's name.
    pub name: String,
    /// The language of what Havn writes for it.
    pub language: Language,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Agents who can log in, by name.
    pub agents: Vec<Agent>,
    /// Departments by name.
    pub departments: Vec<store::Department>,
    /// Tags by name.
    pub tags: Vec<Tag>,
    /// Mailboxes by address.
    pub mailboxes: Vec<Mailbox>,
    names: HashMap<AgentId, String>,
    members: HashMap<AgentId, Vec<DepartmentId>>,
    everywhere: Vec<AgentId>,
}

impl Directory {
    /// Reads it.
    pub fn read(read: &Read<'_>) -> store::Result<Self> {
        let account = read.account_settings()?;
        let agents = read.agents()?;
        let shown = |agent: &store::Agent| {
            if agent.name.is_empty() { agent.address.as_str().to_owned() } else { agent.name.clone() }
        };
        let names = agents.iter().map(|agent| (agent.id, shown(agent))).collect();
        let everywhere = agents
            .iter()
            .filter(|agent| agent.all_departments || agent.role.may_set_up())
            .map(|agent| agent.id)
            .collect();
        let agents = agents
            .iter()
            .filter(|agent| agent.disabled_at.is_none() && agent.has_password)
            .map(|agent| Agent { id: agent.id, name: shown(agent) })
            .collect();
        let mut members: HashMap<AgentId, Vec<DepartmentId>> = HashMap::new();
        for (agent, department) in read.departments_of_agents()? {
            members.entry(agent).or_default().push(department);
        }
        let tags = read
            .tags()?
            .into_iter()
            .map(|tag| Tag { id: tag.id, name: tag.name, colour: u8::try_from(tag.colour).unwrap_or(0) })
            .collect();
        let (name, language, time_zone) = match account {
            Some(account) => (account.name, account.language, account.time_zone),
            None => (String::new(), Language::En, "UTC".into()),
        };
        Ok(Self {
            name,
            language,
            time_zone,
            agents,
            departments: read.departments()?,
            tags,
            mailboxes: read.mailboxes()?,
            names,
            members,
            everywhere,
        })
    }

    /// An agent by id, also one who is shut out.
    pub fn agent(&self, id: AgentId) -> Agent {
        Agent { id, name: self.names.get(&id).cloned().unwrap_or_default() }
    }

    /// A department by id.
    pub fn department(&self, id: DepartmentId) -> Department {
        let name = self.departments.iter().find(|one| one.id == id).map(|one| one.name.clone());
        Department { id, name: name.unwrap_or_default() }
    }

    /// A tag by id.
    pub fn tag(&self, id: TagId) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.id == id)
    }

    /// Tags by their names.
    pub fn tags_named(&self, names: &[String]) -> Vec<Tag> {
        let named = |name: &String| self.tags.iter().find(|tag| tag.name == *name).cloned();
        names.iter().filter_map(named).collect()
    }

    /// The departments that somebody sees.
    pub fn departments_seen(&self, seen: &Departments) -> Vec<Department> {
        let all = self.departments.iter().filter(|one| seen.include(one.id));
        all.map(|one| Department { id: one.id, name: one.name.clone() }).collect()
    }

    /// All departments: a conversation may go to any.
    pub fn all_departments(&self) -> Vec<Department> {
        self.departments.iter().map(|one| Department { id: one.id, name: one.name.clone() }).collect()
    }

    /// The agents who work in a department.
    pub fn agents_of(&self, department: DepartmentId) -> Vec<Agent> {
        let works = |agent: &&Agent| {
            self.everywhere.contains(&agent.id)
                || self.members.get(&agent.id).is_some_and(|some| some.contains(&department))
        };
        self.agents.iter().filter(works).cloned().collect()
    }
}
