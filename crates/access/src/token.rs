//! API tokens: made by an agent for a program, which then acts on that agent's behalf.

use register::Access;
use store::{Agent, Store, TOKENS_MAX, Token, TokenScope};
use words::{AgentId, Principal, Secret, Task, Time, TokenId};

use crate::{Door, Error, Result, agent::note, right, rule, session::SEEN_EVERY};

/// By which a leaked token is recognised.
pub const TOKEN_PREFIX: &str = "havn_";

/// A token to make.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What its maker calls it.
    pub name: String,
    /// On whose behalf it acts: its maker's, but for the command line.
    pub agent: AgentId,
    /// What it may do.
    pub scope: TokenScope,
    /// When it ends; never, if none.
    pub ends_at: Option<Time>,
}

/// A token that holds, and what it opens.
#[derive(Debug, Clone)]
pub struct TokenSeen {
    /// The token.
    pub token: Token,
    /// On whose behalf it acts.
    pub agent: Agent,
    /// What it opens.
    pub access: Access,
}

impl Door {
    /// The token with this secret, if it holds: not over, and its agent not shut out. That it was used
    /// is written once a minute, beside the request.
    pub async fn token(&self, store: &Store, secret: &Secret) -> Result<Option<TokenSeen>> {
        if !secret.expose().starts_with(TOKEN_PREFIX) {
            return Ok(None);
        }
        let (access, hash) = (self.task(store.account(), Task::SignIn)?, secret.hash());
        let seen = store.read(&access, move |read| {
            let Some((token, agent)) = read.token_by_secret(hash)? else { return Ok::<_, Error>(None) };
            if !holds(&token, &agent, read.now()) {
                return Ok(None);
            }
            let access = right::of_token(read, &token, &agent)?;
            Ok(Some((TokenSeen { token, agent, access }, read.now())))
        });
        let Some((seen, now)) = seen.await? else { return Ok(None) };
        if seen.token.used_at.is_none_or(|used_at| now.since(used_at) >= SEEN_EVERY) {
            let (store, id) = (store.clone(), seen.token.id);
            tokio::spawn(async move { store.write(&access, move |tx| tx.touch_token(id)).await });
        }
        Ok(Some(seen))
    }
}

/// Whether a token holds. The rules, in order: its agent is not shut out, and can log in; it is not over.
fn holds(token: &Token, agent: &Agent, now: Time) -> bool {
    agent.disabled_at.is_none() && agent.has_password && token.ends_at.is_none_or(|ends_at| now < ends_at)
}

/// Makes a token and gives its secret, which nobody sees again. Only an agent in the browser makes one,
/// for themselves; the command line makes one for anybody.
pub async fn create(store: &Store, access: &Access, new: NewToken) -> Result<(Secret, Token)> {
    let may = match access.principal() {
        Principal::Agent(agent) => agent == new.agent,
        Principal::System(task) => task == Task::Setup,
        Principal::Token(_) => false,
    };
    if !may {
        return Err(Error::NotAllowed);
    }
    let secret = Secret::random(TOKEN_PREFIX);
    let row = store::NewToken {
        name: rule::name(&new.name)?,
        token_hash: secret.hash(),
        agent: new.agent,
        scope: new.scope,
        ends_at: new.ends_at,
    };
    let made = store.write(access, move |tx| {
        if tx.count_tokens()? >= TOKENS_MAX {
            return Err(Error::Full(TOKENS_MAX));
        }
        tx.agent_by_id(row.agent)?.ok_or(Error::NoSuchAgent)?;
        let id = tx.insert_token(&row)?;
        note(tx, "token-made", row.agent)?;
        tx.token_by_id(id)?.ok_or(Error::NoSuchToken)
    });
    Ok((secret, made.await?))
}

/// The tokens that one may see: one's own, or all for whoever sets the account up.
pub async fn list(store: &Store, access: &Access) -> Result<Vec<Token>> {
    let (all, agent) = (access.may_set_up(), access.agent());
    let tokens = store.read(access, move |read| match agent {
        _ if all => read.tokens(),
        Some(agent) => read.tokens_of_agent(agent),
        None => Ok(Vec::new()),
    });
    Ok(tokens.await?)
}

/// Revokes a token: one's own, or any for whoever sets the account up. It dies at once.
pub async fn revoke(store: &Store, access: &Access, id: TokenId) -> Result<()> {
    let (all, by) = (access.may_set_up(), access.agent());
    if !access.may_write() {
        return Err(Error::NotAllowed);
    }
    let revoked = store.write(access, move |tx| {
        let token = tx.token_by_id(id)?.filter(|token| all || by == Some(token.agent));
        let token = token.ok_or(Error::NoSuchToken)?;
        tx.revoke_token(id)?;
        note(tx, "token-revoked", token.agent)
    });
    revoked.await
}
