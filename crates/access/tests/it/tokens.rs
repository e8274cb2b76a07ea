//! API tokens: what they open, for how long, and who makes and revokes them.

use std::time::Duration;

use access::{Error, NewToken, TOKEN_PREFIX, agent, token};
use register::{Access, Departments, Rights};
use store::{Token, TokenScope};
use testkit::havn::Person;
use words::{Role, Secret, Task, Time};

use crate::place::{Desk, on_both};

on_both! {
    async fn a_token_opens_what_its_scope_says(desk: &Desk) {
        let person = &desk.account.agent;
        let (read, _) = make(desk, &desk.agent, person, TokenScope::Read, None).await.unwrap();
        let (write, _) = make(desk, &desk.agent, person, TokenScope::Write, None).await.unwrap();
        assert!(read.expose().starts_with(TOKEN_PREFIX));
        let read = seen(desk, &read).await.unwrap();
        assert_eq!((read.rights(), read.may_write()), (Rights::ReadOnly, false));
        let write = seen(desk, &write).await.unwrap();
        assert_eq!((write.rights(), write.may_write()), (Rights::Agent(Role::Agent), true));
        for access in [read, write] {
            assert_eq!(*access.departments(), Departments::Only(vec![desk.account.support]));
            assert_eq!(access.agent(), Some(person.id));
        }
    }

    async fn what_is_no_token_opens_nothing(desk: &Desk) {
        let (secret, _) = make(desk, &desk.owner, &desk.account.owner, TokenScope::Write, None).await.unwrap();
        let mut other = secret.expose().to_owned();
        let last = other.pop().unwrap();
        other.push(if last == 'a' { 'b' } else { 'a' });
        let session = desk.begin(&desk.account.owner).await.token;
        for wrong in ["", TOKEN_PREFIX, other.as_str(), &secret.expose()[TOKEN_PREFIX.len()..], session.expose()] {
            assert!(seen(desk, &Secret::new(wrong.to_owned())).await.is_none(), "{wrong}");
        }
        assert!(desk.seen(&secret).await.is_none(), "nor is a token a session");
    }

    async fn a_token_ends(desk: &Desk) {
        let ends_at = desk.havn.clock.now().after(Duration::from_hours(1));
        let (secret, _) = make(desk, &desk.owner, &desk.account.owner, TokenScope::Write, Some(ends_at)).await.unwrap();
        let access = seen(desk, &secret).await.unwrap();
        assert_eq!(access.ends(), ends_at);
        desk.havn.clock.advance(Duration::from_hours(1));
        assert!(seen(desk, &secret).await.is_none());
        let read = desk.store.read(&access, |read| read.agents()).await;
        assert!(matches!(read, Err(store::Error::NoAccess)), "nor does the access from before open anything");
    }

    async fn it_sleeps_while_its_agent_is_shut_out_and_has_their_role(desk: &Desk) {
        let person = &desk.account.agent;
        let (secret, _) = make(desk, &desk.agent, person, TokenScope::Write, None).await.unwrap();
        agent::disable(&desk.store, &desk.owner, person.id).await.unwrap();
        assert!(seen(desk, &secret).await.is_none());
        agent::enable(&desk.store, &desk.owner, person.id).await.unwrap();
        agent::change_role(&desk.store, &desk.owner, person.id, Role::Admin).await.unwrap();
        assert_eq!(seen(desk, &secret).await.unwrap().rights(), Rights::Agent(Role::Admin));
    }

    async fn only_oneself_makes_ones_tokens(desk: &Desk) {
        let (owner, person) = (&desk.account.owner, &desk.account.agent);
        let for_owner = make(desk, &desk.agent, owner, TokenScope::Read, None).await;
        assert!(matches!(for_owner, Err(Error::NotAllowed)));
        let for_agent = make(desk, &desk.owner, person, TokenScope::Read, None).await;
        assert!(matches!(for_agent, Err(Error::NotAllowed)), "not even the owner for others");
        let (secret, _) = make(desk, &desk.owner, owner, TokenScope::Write, None).await.unwrap();
        let token = seen(desk, &secret).await.unwrap();
        let by_token = make(desk, &token, owner, TokenScope::Write, None).await;
        assert!(matches!(by_token, Err(Error::NotAllowed)), "a token makes no tokens");
        make(desk, &desk.task(Task::Setup), person, TokenScope::Read, None).await.unwrap();
        assert_eq!(desk.newest_change().await, "token-made");
    }

    async fn revoking_is_at_once_and_ones_own_or_an_admins(desk: &Desk) {
        let (owners, owners_row) = make(desk, &desk.owner, &desk.account.owner, TokenScope::Read, None).await.unwrap();
        let (agents, agents_row) = make(desk, &desk.agent, &desk.account.agent, TokenScope::Read, None).await.unwrap();
        let ids = |tokens: Vec<Token>| tokens.into_iter().map(|token| token.id).collect::<Vec<_>>();
        assert_eq!(ids(token::list(&desk.store, &desk.agent).await.unwrap()), [agents_row.id]);
        assert_eq!(token::list(&desk.store, &desk.owner).await.unwrap().len(), 2);
        let not_theirs = token::revoke(&desk.store, &desk.agent, owners_row.id).await;
        assert!(matches!(not_theirs, Err(Error::NoSuchToken)), "they do not learn that there is one");
        let reader = seen(desk, &agents).await.unwrap();
        let by_reader = token::revoke(&desk.store, &reader, agents_row.id).await;
        assert!(matches!(by_reader, Err(Error::NotAllowed)));
        token::revoke(&desk.store, &desk.owner, agents_row.id).await.unwrap();
        assert!(seen(desk, &agents).await.is_none());
        assert!(seen(desk, &owners).await.is_some());
    }
}

async fn make(
    desk: &Desk,
    by: &Access,
    person: &Person,
    scope: TokenScope,
    ends_at: Option<Time>,
) -> Result<(Secret, Token), Error> {
    token::create(&desk.store, by, NewToken { name: "a program".into(), agent: person.id, scope, ends_at })
        .await
}

async fn seen(desk: &Desk, secret: &Secret) -> Option<Access> {
    let seen = desk.havn.accounts.door().token(&desk.store, secret).await.expect("the store answers");
    seen.map(|seen| seen.access)
}
