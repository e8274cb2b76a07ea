//! Who may change whom.

use access::{Error, agent};
use words::{AgentId, Language, Role};

use crate::place::on_both;

on_both! {
    async fn the_last_owner_stays(desk: &Desk) {
        let id = desk.account.owner.id;
        for role in [Role::Admin, Role::Agent] {
            let answer = agent::change_role(&desk.store, &desk.owner, id, role).await;
            assert!(matches!(answer, Err(Error::LastOwner)));
        }
        assert!(matches!(agent::disable(&desk.store, &desk.owner, id).await, Err(Error::LastOwner)));
        let invite = access::Invite {
            address: "oda@acme.example".parse().unwrap(),
            role: Role::Owner,
            departments: None,
            language: Language::Da,
        };
        access::invitation::invite(&desk.store, &desk.owner, invite).await.unwrap();
        let answer = agent::disable(&desk.store, &desk.owner, id).await;
        assert!(matches!(answer, Err(Error::LastOwner)), "one who is invited only is no other owner");
        let address = "otto@acme.example".parse().unwrap();
        let second = desk.havn.person(desk.account.id, &address, Role::Owner, None).await;
        agent::change_role(&desk.store, &desk.owner, id, Role::Agent).await.unwrap();
        let second = desk.seen(&desk.begin(&second).await.token).await.unwrap();
        let answer = agent::disable(&desk.store, &second.access, second.agent.id).await;
        assert!(matches!(answer, Err(Error::LastOwner)));
    }

    async fn each_change_needs_its_rights(desk: &Desk) {
        let (owner, agent) = (desk.account.owner.id, desk.account.agent.id);
        let address = "ada@acme.example".parse().unwrap();
        let admin_person = desk.havn.person(desk.account.id, &address, Role::Admin, None).await;
        let admin = desk.seen(&desk.begin(&admin_person).await.token).await.unwrap().access;
        let change = async |by, id: AgentId, role| reason(agent::change_role(&desk.store, by, id, role).await);
        assert_eq!(change(&desk.agent, agent, Role::Admin).await, "not allowed");
        assert_eq!(change(&admin, agent, Role::Owner).await, "owners only");
        assert_eq!(change(&admin, owner, Role::Agent).await, "owners only");
        assert_eq!(change(&admin, agent, Role::Admin).await, "ok");
        assert_eq!(change(&admin, AgentId::new(desk.havn.clock.now()), Role::Admin).await, "no such agent");
        assert_eq!(reason(agent::disable(&desk.store, &admin, owner).await), "owners only");
        assert_eq!(reason(agent::disable(&desk.store, &desk.agent, admin_person.id).await), "not allowed");
        let departments = agent::change_departments(&desk.store, &desk.agent, agent, None).await;
        assert_eq!(reason(departments), "not allowed");
        let rename = agent::rename(&desk.store, &desk.agent, owner, "Somebody", Language::En).await;
        assert_eq!(reason(rename), "not allowed");
        assert_eq!(reason(agent::rename(&desk.store, &desk.agent, agent, "Anton A.", Language::Da).await), "ok");
        assert_eq!(desk.newest_change().await, "agent-renamed");
    }

    async fn a_token_does_not_touch_owners(desk: &Desk) {
        let new = access::NewToken {
            name: "a program".into(),
            agent: desk.account.owner.id,
            scope: store::TokenScope::Write,
            ends_at: None,
        };
        let (secret, _) = access::token::create(&desk.store, &desk.owner, new).await.unwrap();
        let token = desk.havn.accounts.door().token(&desk.store, &secret).await.unwrap().unwrap().access;
        let answer = agent::change_role(&desk.store, &token, desk.account.agent.id, Role::Owner).await;
        assert_eq!(reason(answer), "owners only");
        let answer = agent::change_role(&desk.store, &token, desk.account.agent.id, Role::Admin).await;
        assert_eq!(reason(answer), "ok");
    }

    async fn what_is_refused_leaves_no_event(desk: &Desk) {
        let newest = |access| desk.store.read(access, |read| read.newest_event());
        let before = newest(&desk.owner).await.unwrap();
        let _ = agent::disable(&desk.store, &desk.owner, desk.account.owner.id).await;
        let _ = agent::enable(&desk.store, &desk.owner, desk.account.owner.id).await;
        let _ = agent::change_role(&desk.store, &desk.owner, desk.account.agent.id, Role::Agent).await;
        assert_eq!(newest(&desk.owner).await.unwrap(), before);
    }
}

fn reason(answer: Result<(), Error>) -> &'static str {
    match answer {
        Ok(()) => "ok",
        Err(Error::NotAllowed) => "not allowed",
        Err(Error::OwnersOnly) => "owners only",
        Err(Error::NoSuchAgent) => "no such agent",
        Err(other) => panic!("{other}"),
    }
}
