//! Sessions: new at each log-in, rotated, and ended by time, hand or change.

use std::time::Duration;

use access::{Error, PasswordChange, agent, session};
use register::{Departments, Rights};
use testkit::havn::PASSWORD;
use words::{Role, Secret, Task};

use crate::place::{Desk, on_both};

const DAY: Duration = Duration::from_hours(24);
const NEW_PASSWORD: &str = "an entirely new one";

on_both! {
    async fn each_log_in_has_a_token_of_its_own(desk: &Desk) {
        let first = desk.begin(&desk.account.owner).await;
        let second = desk.begin(&desk.account.owner).await;
        assert_ne!(first.token.expose(), second.token.expose());
        assert_ne!(first.session, second.session);
        let (first, second) = (desk.seen(&first.token).await.unwrap(), desk.seen(&second.token).await.unwrap());
        assert_ne!(first.session.form_token, second.session.form_token);
        assert_ne!(first.session.style_nonce, second.session.style_nonce);
        for fixed in ["", "0", "chosen by somebody else"] {
            assert!(desk.seen(&Secret::new(fixed.into())).await.is_none(), "{fixed:?}");
        }
    }

    async fn a_session_opens_what_its_agent_may(desk: &Desk) {
        let seen = desk.seen(&desk.begin(&desk.account.owner).await.token).await.unwrap();
        assert_eq!(seen.access.rights(), Rights::Agent(Role::Owner));
        assert_eq!(*seen.access.departments(), Departments::All);
        let seen = desk.seen(&desk.begin(&desk.account.agent).await.token).await.unwrap();
        assert_eq!(seen.access.rights(), Rights::Agent(Role::Agent));
        assert_eq!(*seen.access.departments(), Departments::Only(vec![desk.account.support]));
        assert_eq!(seen.access.agent(), Some(desk.account.agent.id));
    }

    async fn it_ends_when_nobody_uses_it(desk: &Desk) {
        let begun = desk.begin(&desk.account.owner).await;
        desk.havn.clock.advance(6 * DAY);
        assert!(desk.seen(&begun.token).await.is_some());
        wait_until_touched(desk, &begun.token).await;
        desk.havn.clock.advance(6 * DAY);
        assert!(desk.seen(&begun.token).await.is_some(), "it was used six days ago");
        wait_until_touched(desk, &begun.token).await;
        desk.havn.clock.advance(7 * DAY);
        assert!(desk.seen(&begun.token).await.is_none());
    }

    async fn it_ends_after_thirty_days_whatever_happens(desk: &Desk) {
        let begun = desk.begin(&desk.account.owner).await;
        for _ in 0..5 {
            desk.havn.clock.advance(5 * DAY + Duration::from_hours(23));
            let seen = desk.seen(&begun.token).await.expect("used all the time");
            assert!(seen.access.ends() <= begun.ends_at);
            wait_until_touched(desk, &begun.token).await;
        }
        desk.havn.clock.advance(Duration::from_hours(5));
        assert!(desk.seen(&begun.token).await.is_none());
        let removed = session::remove_ended(&desk.store, &desk.task(Task::Housekeeping)).await.unwrap();
        assert!(removed >= 1);
    }

    async fn that_it_was_seen_is_written_once_a_minute(desk: &Desk) {
        let begun = desk.begin(&desk.account.owner).await;
        let seen_at = desk.seen(&begun.token).await.unwrap().session.seen_at;
        desk.havn.clock.advance(Duration::from_secs(59));
        desk.seen(&begun.token).await.unwrap();
        desk.havn.clock.advance(Duration::from_micros(999_999));
        assert_eq!(desk.seen(&begun.token).await.unwrap().session.seen_at, seen_at);
        desk.havn.clock.advance(Duration::from_micros(1));
        desk.seen(&begun.token).await.unwrap();
        wait_until_touched(desk, &begun.token).await;
    }

    async fn logging_out_ends_it_at_once(desk: &Desk) {
        let (begun, other) = (desk.begin(&desk.account.agent).await, desk.begin(&desk.account.agent).await);
        let id = desk.account.agent.id;
        session::end(&desk.store, &desk.agent, id, begun.session).await.unwrap();
        assert!(desk.seen(&begun.token).await.is_none());
        assert!(desk.seen(&other.token).await.is_some());
        assert_eq!(desk.newest_change().await, "session-ended");
        let again = session::end(&desk.store, &desk.agent, id, begun.session).await;
        assert!(matches!(again, Err(Error::NoSuchSession)));
    }

    async fn all_but_one_can_be_ended(desk: &Desk) {
        let (kept, other) = (desk.begin(&desk.account.agent).await, desk.begin(&desk.account.agent).await);
        let id = desk.account.agent.id;
        let ended = session::end_all(&desk.store, &desk.agent, id, Some(kept.session)).await.unwrap();
        assert_eq!(ended, 2, "that of the log-in before the test, too");
        assert!(desk.seen(&kept.token).await.is_some());
        assert!(desk.seen(&other.token).await.is_none());
        let list = session::list(&desk.store, &desk.agent, id).await.unwrap();
        assert_eq!(list.iter().map(|session| session.id).collect::<Vec<_>>(), [kept.session]);
        assert_eq!(list[0].browser, "Mozilla/5.0 (test)");
    }

    async fn others_sessions_are_an_admins_and_an_owners_an_owners(desk: &Desk) {
        let (owner, agent) = (desk.account.owner.id, desk.account.agent.id);
        let look = session::list(&desk.store, &desk.agent, owner).await;
        assert!(matches!(look, Err(Error::NotAllowed)));
        let end = session::end_all(&desk.store, &desk.agent, owner, None).await;
        assert!(matches!(end, Err(Error::NotAllowed)));
        let address = "ada@acme.example".parse().unwrap();
        let admin = desk.havn.person(desk.account.id, &address, Role::Admin, None).await;
        let admin = desk.seen(&desk.begin(&admin).await.token).await.unwrap().access;
        session::end_all(&desk.store, &admin, agent, None).await.unwrap();
        let end = session::end_all(&desk.store, &admin, owner, None).await;
        assert!(matches!(end, Err(Error::OwnersOnly)));
    }

    async fn a_change_of_password_rotates_one_and_ends_the_rest(desk: &Desk) {
        let (mine, other) = (desk.begin(&desk.account.agent).await, desk.begin(&desk.account.agent).await);
        let before = desk.seen(&mine.token).await.unwrap();
        let change = |old: &str, new: &str| PasswordChange {
            session: mine.session,
            old: Secret::new(old.into()),
            new: Secret::new(new.into()),
        };
        let door = desk.havn.accounts.door();
        let wrong = door.change_password(&desk.store, &before.access, change("not this one", NEW_PASSWORD)).await;
        assert!(matches!(wrong, Err(Error::NotKnown)));
        let short = door.change_password(&desk.store, &before.access, change(PASSWORD, "short")).await;
        assert!(matches!(short, Err(Error::Password(access::PasswordFlaw::Short))));
        assert!(desk.seen(&other.token).await.is_some(), "nothing happened yet");

        let changed = door.change_password(&desk.store, &before.access, change(PASSWORD, NEW_PASSWORD)).await.unwrap();
        assert!(desk.seen(&mine.token).await.is_none(), "the old token is dead");
        assert!(desk.seen(&other.token).await.is_none(), "and so is the other session");
        let after = desk.seen(&changed.token).await.expect("the new token goes on");
        assert_eq!(after.session.id, before.session.id);
        assert_ne!(after.session.form_token, before.session.form_token);
        assert!(matches!(desk.sign_in(&desk.account.agent, PASSWORD).await, Err(Error::NotKnown)));
        assert!(desk.sign_in(&desk.account.agent, NEW_PASSWORD).await.is_ok());
    }

    async fn it_ends_with_a_change_of_role_and_with_its_agent(desk: &Desk) {
        let id = desk.account.agent.id;
        let begun = desk.begin(&desk.account.agent).await;
        agent::change_role(&desk.store, &desk.owner, id, Role::Admin).await.unwrap();
        assert!(desk.seen(&begun.token).await.is_none(), "another role");
        let begun = desk.begin(&desk.account.agent).await;
        agent::disable(&desk.store, &desk.owner, id).await.unwrap();
        assert!(desk.seen(&begun.token).await.is_none(), "shut out");
        agent::enable(&desk.store, &desk.owner, id).await.unwrap();
        assert!(desk.seen(&begun.token).await.is_none(), "what has ended is not opened again");
        assert!(desk.sign_in(&desk.account.agent, PASSWORD).await.is_ok());
    }

    async fn an_agent_has_so_many_and_no_more(desk: &Desk) {
        let first = desk.begin(&desk.account.agent).await;
        for _ in 0..store::SESSIONS_PER_AGENT_MAX {
            desk.havn.clock.advance(Duration::from_secs(1));
            desk.begin(&desk.account.agent).await;
        }
        assert!(desk.seen(&first.token).await.is_none(), "the oldest made room");
        let list = session::list(&desk.store, &desk.agent, desk.account.agent.id).await.unwrap();
        assert_eq!(i64::try_from(list.len()).unwrap(), store::SESSIONS_PER_AGENT_MAX);
    }
}

/// The note that a session was seen is written beside the request: waits for it.
async fn wait_until_touched(desk: &Desk, token: &Secret) {
    let now = desk.havn.clock.now();
    let access = desk.task(Task::SignIn);
    loop {
        let hash = token.hash();
        let found = desk.store.read(&access, move |read| read.session_by_token(hash)).await.unwrap();
        if found.expect("there is a session").0.seen_at == now {
            return;
        }
        tokio::task::yield_now().await;
    }
}
