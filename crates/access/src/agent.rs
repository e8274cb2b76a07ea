//! Agents: made, changed, shut out and let in again. Each verb writes row and event as one unit.

use register::Access;
use serde_json::json;
use store::{AGENTS_MAX, Agent, EventKind, NewEvent, Read, Store, Tx};
use words::{AgentId, DepartmentId, EmailAddress, Language, Principal, Role, Secret, SessionId};

use control::AttemptKey;

use crate::{
    Door, Error, Result, password,
    rule::{self, Change},
    session::SignedIn,
};

/// An agent to make with a password, from the command line.
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
    /// Their password.
    pub password: Secret,
}

/// A change of one's own password.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The session that asks; it goes on under a new token, the others end.
    pub session: SessionId,
    /// The password until now.
    pub old: Secret,
    /// The password from now on.
    pub new: Secret,
}

impl Door {
    /// Makes an agent who can log in at once.
    pub async fn add_agent(&self, store: &Store, access: &Access, new: NewAgent) -> Result<AgentId> {
        rule::may_change(access, Change { before: None, after: Some(new.role), another_owner: true })?;
        let name = rule::name(&new.name)?;
        password::will_do(&new.password, &new.address, &name)?;
        let password_hash = Some(self.passwords().hash(&new.password).await?);
        let NewAgent { address, role, departments, language, .. } = new;
        let row =
            store::NewAgent { name, address: address.clone(), role, departments, language, password_hash };
        let added = store.write(access, move |tx| {
            if tx.count_agents()? >= AGENTS_MAX {
                return Err(Error::Full(AGENTS_MAX));
            }
            let id = tx.insert_agent(&row).map_err(|error| address_taken(no_department(error), &address))?;
            note(tx, "agent-added", id)?;
            Ok(id)
        });
        added.await
    }

    /// Changes one's own password, given the old one. The asking session gets a new token, all others
    /// end. [`Error::NotKnown`] if the old password is wrong.
    pub async fn change_password(
        &self,
        store: &Store,
        access: &Access,
        change: PasswordChange,
    ) -> Result<SignedIn> {
        let Principal::Agent(id) = access.principal() else { return Err(Error::NotAllowed) };
        let found = store.read(access, move |read| own_row(read, id)).await?;
        password::will_do(&change.new, &found.0.address, &found.0.name)?;
        let old_hash = found.1;
        let attempts = self.control().attempts();
        let attempt = attempts.begin(&[AttemptKey::own_password(store.account(), id)], self.clock().now())?;
        if !self.passwords().verify(&change.old, Some(old_hash.clone())).await? {
            return Err(Error::NotKnown);
        }
        attempts.succeeded(&attempt);
        let new_hash = self.passwords().hash(&change.new).await?;
        store.write(access, move |tx| replace_password(tx, id, change.session, &old_hash, &new_hash)).await
    }
}

fn own_row(read: &Read<'_>, id: AgentId) -> Result<(Agent, String)> {
    let agent = read.agent_by_id(id)?.ok_or(Error::NoSuchAgent)?;
    let hash = read.password_hash(id)?.ok_or(Error::NotKnown)?;
    Ok((agent, hash))
}

fn replace_password(tx: &mut Tx<'_>, id: AgentId, kept: SessionId, old: &str, new: &str) -> Result<SignedIn> {
    if tx.password_hash(id)?.is_none_or(|now| now != old) {
        return Err(Error::NotKnown);
    }
    let session = tx.sessions_of_agent(id)?.into_iter().find(|session| session.id == kept);
    let ends_at = session.ok_or(Error::NoSuchSession)?.ends_at;
    let token = Secret::random("");
    tx.set_agent_password(id, new)?;
    tx.remove_invitations(id)?;
    tx.end_sessions(id, Some(kept))?;
    tx.rotate_session(kept, token.hash(), Secret::random("").expose())?;
    note(tx, "password-changed", id)?;
    Ok(SignedIn { token, session: kept, agent: id, ends_at })
}

/// Changes what an agent may do. Their sessions end: what was given for one role is not used with
/// another.
pub async fn change_role(store: &Store, access: &Access, id: AgentId, role: Role) -> Result<()> {
    let by = access.clone();
    let changed = store.write(access, move |tx| {
        let before = tx.agent_by_id(id)?.ok_or(Error::NoSuchAgent)?.role;
        let another_owner = tx.another_owner_than(id)?;
        rule::may_change(&by, Change { before: Some(before), after: Some(role), another_owner })?;
        if before == role {
            return Ok(());
        }
        tx.set_agent_role(id, role)?;
        tx.end_sessions(id, None)?;
        note(tx, "role-changed", id)
    });
    changed.await
}

/// Changes which departments an agent sees; none: every one. Owners and admins see all, whatever is
/// kept here. It holds from their next request on.
pub async fn change_departments(
    store: &Store,
    access: &Access,
    id: AgentId,
    departments: Option<Vec<DepartmentId>>,
) -> Result<()> {
    if !access.may_set_up() {
        return Err(Error::NotAllowed);
    }
    let changed = store.write(access, move |tx| {
        tx.agent_by_id(id)?.ok_or(Error::NoSuchAgent)?;
        tx.set_agent_departments(id, departments.as_deref()).map_err(no_department)?;
        note(tx, "departments-changed", id)
    });
    changed.await
}

/// Shuts an agent out: sessions end, invitations are void, tokens sleep. Again changes nothing.
pub async fn disable(store: &Store, access: &Access, id: AgentId) -> Result<()> {
    let by = access.clone();
    let disabled = store.write(access, move |tx| {
        let agent = tx.agent_by_id(id)?.ok_or(Error::NoSuchAgent)?;
        let another_owner = tx.another_owner_than(id)?;
        rule::may_change(&by, Change { before: Some(agent.role), after: None, another_owner })?;
        if agent.disabled_at.is_some() {
            return Ok(());
        }
        let now = tx.now();
        tx.set_agent_disabled(id, Some(now))?;
        tx.end_sessions(id, None)?;
        tx.remove_invitations(id)?;
        note(tx, "agent-disabled", id)
    });
    disabled.await
}

/// Lets an agent in again. Again changes nothing.
pub async fn enable(store: &Store, access: &Access, id: AgentId) -> Result<()> {
    let by = access.clone();
    let enabled = store.write(access, move |tx| {
        let agent = tx.agent_by_id(id)?.ok_or(Error::NoSuchAgent)?;
        rule::may_change(&by, Change { before: None, after: Some(agent.role), another_owner: true })?;
        if agent.disabled_at.is_none() {
            return Ok(());
        }
        tx.set_agent_disabled(id, None)?;
        note(tx, "agent-enabled", id)
    });
    enabled.await
}

/// Changes an agent's name and the language of their pages: one's own, or an admin anybody's.
pub async fn rename(
    store: &Store,
    access: &Access,
    id: AgentId,
    name: &str,
    language: Language,
) -> Result<()> {
    one_self_or_admin(access, id)?;
    let name = rule::name(name)?;
    let renamed = store.write(access, move |tx| {
        tx.agent_by_id(id)?.ok_or(Error::NoSuchAgent)?;
        tx.set_agent_name(id, &name)?;
        tx.set_agent_language(id, language)?;
        note(tx, "agent-renamed", id)
    });
    renamed.await
}

/// Whether somebody acts for themselves, or sets the account up. A token that only reads does neither.
pub(crate) fn one_self_or_admin(access: &Access, agent: AgentId) -> Result<()> {
    let own = access.agent() == Some(agent) && access.may_write();
    if own || access.may_set_up() { Ok(()) } else { Err(Error::NotAllowed) }
}

/// Appends the event of a change: what it was, and to whom. Open pages and streams ask for their
/// session again when they see it.
pub(crate) fn note(tx: &mut Tx<'_>, what: &str, agent: AgentId) -> Result<()> {
    tx.append_event(&NewEvent {
        kind: EventKind::Settings,
        conversation: None,
        message: None,
        department: None,
        data: json!({ "changed": what, "agent": agent }),
    })?;
    Ok(())
}

pub(crate) fn address_taken(error: Error, address: &EmailAddress) -> Error {
    match error {
        Error::Store(store::Error::Exists(_)) => Error::AddressTaken(address.clone()),
        other => other,
    }
}

pub(crate) fn no_department(error: store::Error) -> Error {
    match error {
        store::Error::Missed { .. } => Error::NoSuchDepartment,
        other => other.into(),
    }
}
