//! Invitations: a link that lets one agent set a password, once.

use words::{AgentId, InvitationId, Principal, SecretHash, Time};

use crate::{Agent, Read, Result, Row, Tx, params};

/// An invitation, without the secret of its link.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it lets in.
    pub agent: AgentId,
    /// When it ends.
    pub ends_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// Who made it.
    pub created_by: Principal,
}

const INSERT: &str = "
    INSERT INTO invitations (account_id, id, token_hash, agent_id, ends_at, created_at, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

const WITH_AGENT: &str = "
    SELECT i.id, i.agent_id, i.ends_at, i.created_at, i.created_by,
        a.id, a.name, a.address, a.role, a.all_departments, a.language, a.password_hash IS NOT NULL,
        a.disabled_at, a.created_at
    FROM invitations i JOIN agents a ON a.account_id = i.account_id AND a.id = i.agent_id
    WHERE i.account_id = $1 AND i.token_hash = $2";

const OPEN: &str = "
    SELECT id, agent_id, ends_at, created_at, created_by FROM invitations
    WHERE account_id = $1 AND ends_at > $2 ORDER BY created_at, id LIMIT $3";

const REMOVE_OF_AGENT: &str = "DELETE FROM invitations WHERE account_id = $1 AND agent_id = $2";

const REMOVE_ENDED: &str = "DELETE FROM invitations WHERE account_id = $1 AND ends_at <= $2";

impl Read<'_> {
    /// The invitation with this link, ended or not, and whom it lets in.
    pub fn invitation_by_token(&self, token: SecretHash) -> Result<Option<(Invitation, Agent)>> {
        self.row(WITH_AGENT, params![self.account(), token], |row| {
            Ok((Invitation::of(row)?, Agent::of(row, Invitation::COLUMNS)?))
        })
    }

    /// The invitations that nobody took up yet and that have not ended, the oldest first.
    pub fn open_invitations(&self) -> Result<Vec<Invitation>> {
        self.rows(OPEN, params![self.account(), self.now(), crate::AGENTS_MAX], Invitation::of)
    }
}

impl Tx<'_> {
    /// Keeps an invitation in place of all earlier ones of the agent.
    pub fn insert_invitation(
        &mut self,
        token: SecretHash,
        agent: AgentId,
        ends_at: Time,
    ) -> Result<InvitationId> {
        let (account, now, by) = (self.account(), self.now(), self.principal());
        let id = InvitationId::new(now);
        self.remove_invitations(agent)?;
        self.change_one(INSERT, params![account, id, token, agent, ends_at, now, by])?;
        Ok(id)
    }

    /// Removes the agent's invitations: one was taken up, or they are taken back. Tells how many.
    pub fn remove_invitations(&mut self, agent: AgentId) -> Result<u64> {
        let account = self.account();
        self.change(REMOVE_OF_AGENT, params![account, agent])
    }

    /// Removes the invitations that have ended by now.
    pub fn remove_ended_invitations(&mut self) -> Result<u64> {
        let (account, now) = (self.account(), self.now());
        self.change(REMOVE_ENDED, params![account, now])
    }
}

impl Invitation {
    /// How many columns of a row make an invitation.
    const COLUMNS: usize = 5;

    fn of(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            agent: row.get(1)?,
            ends_at: row.get(2)?,
            created_at: row.get(3)?,
            created_by: row.get(4)?,
        })
    }
}
