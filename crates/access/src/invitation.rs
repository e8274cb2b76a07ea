//! Invitations: a link by which one agent sets a password, once, within seven days. The same link is
//! the way back in for one who forgot theirs.

use std::{net::IpAddr, time::Duration};

use register::Access;
use store::{AGENTS_MAX, Agent, Invitation, Read, Store};
use words::{AgentId, DepartmentId, EmailAddress, Language, Role, Secret, SecretHash, Task, Time};

use crate::{
    Door, Error, Result,
    agent::{address_taken, no_department, note},
    password,
    rule::{self, Change},
    session::{Begin, SignedIn},
};

const LIFE: Duration = Duration::from_hours(7 * 24);

/// Whom to invite.
#[derive(Debug, Clone)]
pub struct Invite {
    /// By which they will log in.
    pub address: EmailAddress,
    /// What they may do.
    pub role: Role,
    /// The departments that they see; none: every one.
    pub departments: Option<Vec<DepartmentId>>,
    /// The language of their pages.
    pub language: Language,
}

/// Somebody who was invited.
#[derive(Debug)]
pub struct Invited {
    /// Whom the link lets in.
    pub agent: AgentId,
    /// The secret of the link: shown once, stored as a hash.
    pub token: Secret,
    /// When it ends.
    pub ends_at: Time,
}

/// Taking up an invitation.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The secret of the link.
    pub token: Secret,
    /// Their name.
    pub name: String,
    /// The password that they choose.
    pub password: Secret,
    /// Where they come from.
    pub remote: IpAddr,
    /// The browser's User-Agent.
    pub browser: String,
}

/// Invites somebody: makes the agent, who cannot log in yet, and the link.
pub async fn invite(store: &Store, access: &Access, invite: Invite) -> Result<Invited> {
    let change = Change { before: None, after: Some(invite.role), another_owner: true };
    rule::may_change(access, change)?;
    let token = Secret::random("");
    let (hash, address) = (token.hash(), invite.address.clone());
    let new = store::NewAgent {
        name: String::new(),
        address: invite.address,
        role: invite.role,
        departments: invite.departments,
        language: invite.language,
        password_hash: None,
    };
    let invited = store.write(access, move |tx| {
        if tx.count_agents()? >= AGENTS_MAX {
            return Err(Error::Full(AGENTS_MAX));
        }
        let agent = tx.insert_agent(&new).map_err(|error| address_taken(no_department(error), &address))?;
        let ends_at = tx.now().after(LIFE);
        tx.insert_invitation(hash, agent, ends_at)?;
        note(tx, "agent-invited", agent)?;
        Ok((agent, ends_at))
    });
    let (agent, ends_at) = invited.await?;
    Ok(Invited { agent, token, ends_at })
}

/// Makes a new link for an agent in place of any before: the first was lost, or they forgot their
/// password. Sessions and password stay until it is taken up.
pub async fn invite_again(store: &Store, access: &Access, agent: AgentId) -> Result<Invited> {
    let (by, token) = (access.clone(), Secret::random(""));
    let hash = token.hash();
    let invited = store.write(access, move |tx| {
        let found = tx.agent_by_id(agent)?.ok_or(Error::NoSuchAgent)?;
        let same = Change { before: Some(found.role), after: Some(found.role), another_owner: true };
        rule::may_change(&by, same)?;
        let ends_at = tx.now().after(LIFE);
        tx.insert_invitation(hash, agent, ends_at)?;
        note(tx, "agent-invited", agent)?;
        Ok::<_, Error>(ends_at)
    });
    let ends_at = invited.await?;
    Ok(Invited { agent, token, ends_at })
}

/// Takes an agent's invitations back.
pub async fn withdraw(store: &Store, access: &Access, agent: AgentId) -> Result<()> {
    if !access.may_set_up() {
        return Err(Error::NotAllowed);
    }
    let withdrawn = store.write(access, move |tx| {
        tx.agent_by_id(agent)?.ok_or(Error::NoSuchAgent)?;
        tx.remove_invitations(agent)?;
        note(tx, "invitation-withdrawn", agent)
    });
    withdrawn.await
}

/// The invitations that nobody took up yet.
pub async fn list(store: &Store, access: &Access) -> Result<Vec<Invitation>> {
    if !access.may_set_up() {
        return Err(Error::NotAllowed);
    }
    Ok(store.read(access, |read| read.open_invitations()).await?)
}

impl Door {
    /// Whom a link lets in, for the page that asks for name and password.
    pub async fn invitation(&self, store: &Store, token: &Secret) -> Result<Option<(Invitation, Agent)>> {
        let (access, hash) = (self.task(store.account(), Task::SignIn)?, token.hash());
        store.read(&access, move |read| open(read, hash)).await
    }

    /// Takes an invitation up: sets name and password, ends what sessions there were, and logs in.
    pub async fn accept_invitation(&self, store: &Store, acceptance: Acceptance) -> Result<SignedIn> {
        let access = self.task(store.account(), Task::SignIn)?;
        let found = self.invitation(store, &acceptance.token).await?;
        let (_, agent) = found.ok_or(Error::NoInvitation)?;
        let name = rule::name(&acceptance.name)?;
        password::will_do(&acceptance.password, &agent.address, &name)?;
        let password_hash = self.passwords().hash(&acceptance.password).await?;
        let begin = Begin::new(agent.id, acceptance.remote, &acceptance.browser, self.clock().now());
        let hash = acceptance.token.hash();
        let accepted = store.write(&access, move |tx| {
            // Asked again in the transaction: of two who have the link, one gets in.
            let (invitation, _) = open(tx, hash)?.ok_or(Error::NoInvitation)?;
            tx.remove_invitations(invitation.agent)?;
            tx.set_agent_name(invitation.agent, &name)?;
            tx.set_agent_password(invitation.agent, &password_hash)?;
            tx.end_sessions(invitation.agent, None)?;
            note(tx, "invitation-accepted", invitation.agent)?;
            begin.insert(tx)
        });
        accepted.await
    }
}

/// The invitation with this link, unless it has ended or its agent is shut out.
fn open(read: &Read<'_>, token: SecretHash) -> Result<Option<(Invitation, Agent)>> {
    let found = read.invitation_by_token(token)?;
    let now = read.now();
    Ok(found.filter(|(invitation, agent)| now < invitation.ends_at && agent.disabled_at.is_none()))
}
