//! Invitations: one link, one agent, once, within seven days.

use std::time::Duration;

use access::{Acceptance, Error, Invite, Invited, PasswordFlaw, agent, invitation};
use register::{Access, Departments};
use testkit::havn::{PASSWORD, REMOTE};
use words::{Language, Role, Secret};

use crate::place::{Desk, on_both};

const DAY: Duration = Duration::from_hours(24);

on_both! {
    async fn it_lets_one_in_once(desk: &Desk) {
        let invited = invite(desk, &desk.owner, Role::Agent).await.unwrap();
        let (_, who) = desk.havn.accounts.door().invitation(&desk.store, &invited.token).await.unwrap().unwrap();
        assert_eq!(who.address.as_str(), "ida@acme.example");
        assert_eq!(invitation::list(&desk.store, &desk.owner).await.unwrap().len(), 1);
        let begun = accept(desk, &invited, PASSWORD).await.unwrap();
        let seen = desk.seen(&begun.token).await.expect("she is logged in");
        assert_eq!((seen.agent.name.as_str(), seen.agent.role), ("Ida Holm", Role::Agent));
        assert_eq!(*seen.access.departments(), Departments::Only(vec![desk.account.sales]));
        assert_eq!(desk.newest_change().await, "invitation-accepted");
        let again = accept(desk, &invited, "another password").await;
        assert!(matches!(again, Err(Error::NoInvitation)));
        assert!(invitation::list(&desk.store, &desk.owner).await.unwrap().is_empty());
    }

    async fn of_two_at_once_one_gets_in(desk: &Desk) {
        let invited = invite(desk, &desk.owner, Role::Agent).await.unwrap();
        let (first, second) = tokio::join!(accept(desk, &invited, PASSWORD), accept(desk, &invited, "another password"));
        assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
        assert!([first, second].into_iter().filter_map(Result::err).all(|e| matches!(e, Error::NoInvitation)));
    }

    async fn it_ends_after_seven_days(desk: &Desk) {
        let invited = invite(desk, &desk.owner, Role::Agent).await.unwrap();
        desk.havn.clock.advance(6 * DAY + Duration::from_hours(23));
        assert!(desk.havn.accounts.door().invitation(&desk.store, &invited.token).await.unwrap().is_some());
        desk.havn.clock.advance(Duration::from_hours(1));
        assert!(matches!(accept(desk, &invited, PASSWORD).await, Err(Error::NoInvitation)));
    }

    async fn a_new_link_ends_the_one_before(desk: &Desk) {
        let first = invite(desk, &desk.owner, Role::Agent).await.unwrap();
        let second = invitation::invite_again(&desk.store, &desk.owner, first.agent).await.unwrap();
        assert!(matches!(accept(desk, &first, PASSWORD).await, Err(Error::NoInvitation)));
        assert!(accept(desk, &second, PASSWORD).await.is_ok());
    }

    async fn it_is_the_way_back_in(desk: &Desk) {
        let person = &desk.account.agent;
        let before = desk.begin(person).await;
        let link = invitation::invite_again(&desk.store, &desk.owner, person.id).await.unwrap();
        assert!(desk.seen(&before.token).await.is_some(), "nothing ends before it is taken up");
        accept(desk, &link, "an entirely new one").await.unwrap();
        assert!(desk.seen(&before.token).await.is_none());
        assert!(desk.sign_in(person, PASSWORD).await.is_err());
        assert!(desk.sign_in(person, "an entirely new one").await.is_ok());
    }

    async fn withdrawn_and_shut_out_are_closed(desk: &Desk) {
        let invited = invite(desk, &desk.owner, Role::Agent).await.unwrap();
        invitation::withdraw(&desk.store, &desk.owner, invited.agent).await.unwrap();
        assert!(matches!(accept(desk, &invited, PASSWORD).await, Err(Error::NoInvitation)));
        let again = invitation::invite_again(&desk.store, &desk.owner, invited.agent).await.unwrap();
        agent::disable(&desk.store, &desk.owner, invited.agent).await.unwrap();
        agent::enable(&desk.store, &desk.owner, invited.agent).await.unwrap();
        assert!(matches!(accept(desk, &again, PASSWORD).await, Err(Error::NoInvitation)));
    }

    async fn a_poor_password_or_name_takes_nothing_up(desk: &Desk) {
        let invited = invite(desk, &desk.owner, Role::Agent).await.unwrap();
        let cases = [("short", PasswordFlaw::Short), ("ida@acme.example", PasswordFlaw::Known), ("Ida  Holm", PasswordFlaw::Short)];
        for (password, flaw) in cases {
            let answer = accept(desk, &invited, password).await;
            assert!(matches!(answer, Err(Error::Password(found)) if found == flaw), "{password}");
        }
        let door = desk.havn.accounts.door();
        for name in ["", "  ", "Ida\r\nBcc: all@acme.example"] {
            let acceptance = Acceptance { name: name.into(), ..acceptance(&invited, PASSWORD) };
            assert!(matches!(door.accept_invitation(&desk.store, acceptance).await, Err(Error::Name)), "{name:?}");
        }
        assert!(accept(desk, &invited, PASSWORD).await.is_ok(), "the link still holds");
    }

    async fn who_may_invite_whom(desk: &Desk) {
        let address = "ada@acme.example".parse().unwrap();
        let admin = desk.havn.person(desk.account.id, &address, Role::Admin, None).await;
        let admin = desk.seen(&desk.begin(&admin).await.token).await.unwrap().access;
        assert!(matches!(invite(desk, &desk.agent, Role::Agent).await, Err(Error::NotAllowed)));
        assert!(matches!(invite(desk, &admin, Role::Owner).await, Err(Error::OwnersOnly)));
        let again = invitation::invite_again(&desk.store, &admin, desk.account.owner.id).await;
        assert!(matches!(again, Err(Error::OwnersOnly)), "an admin gets no link into an owner's place");
        assert!(invite(desk, &admin, Role::Admin).await.is_ok());
        assert!(matches!(invite(desk, &desk.owner, Role::Owner).await, Err(Error::AddressTaken(_))));
    }

    async fn a_department_that_is_not_there_makes_no_agent(desk: &Desk) {
        let nowhere = words::DepartmentId::new(desk.havn.clock.now());
        let invite = Invite { departments: Some(vec![nowhere]), ..whom(desk, Role::Agent) };
        let answer = invitation::invite(&desk.store, &desk.owner, invite).await;
        assert!(matches!(answer, Err(Error::NoSuchDepartment)));
        assert!(self::invite(desk, &desk.owner, Role::Agent).await.is_ok(), "nothing was left of it");
    }
}

fn whom(desk: &Desk, role: Role) -> Invite {
    Invite {
        address: "ida@acme.example".parse().unwrap(),
        role,
        departments: Some(vec![desk.account.sales]),
        language: Language::Da,
    }
}

async fn invite(desk: &Desk, by: &Access, role: Role) -> Result<Invited, Error> {
    invitation::invite(&desk.store, by, whom(desk, role)).await
}

fn acceptance(invited: &Invited, password: &str) -> Acceptance {
    Acceptance {
        token: invited.token.clone(),
        name: "Ida Holm".into(),
        password: Secret::new(password.into()),
        remote: REMOTE,
        browser: "Mozilla/5.0 (test)".into(),
    }
}

async fn accept(desk: &Desk, invited: &Invited, password: &str) -> Result<access::SignedIn, Error> {
    desk.havn.accounts.door().accept_invitation(&desk.store, acceptance(invited, password)).await
}
