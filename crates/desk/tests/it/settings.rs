//! What an admin sets up, and that an agent cannot.

use desk::{
    Error, Problem,
    settings::{
        DepartmentFields, add_department, add_tag, remove_department, remove_tag, set_relay, update_tag,
    },
};
use store::{Relay, RelayTls};
use words::Secret;

use crate::{conversation_of, from_mads, on_both};

fn fields(name: &str) -> DepartmentFields {
    DepartmentFields {
        name: name.into(),
        from_name: "Harbour".into(),
        signature: "<b onclick=x>Hi</b>".into(),
    }
}

on_both! {
    async fn a_department_has_a_name_of_its_own(desk: &Desk) {
        let id = add_department(&desk.store, &desk.owner, &fields("Returns")).await.expect("added");
        let kept = desk.store.read(&desk.owner, move |read| read.department(id)).await.expect("it answers");
        assert!(!kept.expect("it is there").signature.contains("onclick"));
        let twice = add_department(&desk.store, &desk.owner, &fields("Returns")).await;
        assert!(matches!(twice, Err(Error::Invalid { field: "name", problem: Problem::Taken })), "{twice:?}");
        remove_department(&desk.store, &desk.owner, id).await.expect("removed");
        let in_use = remove_department(&desk.store, &desk.owner, desk.account.support).await;
        assert!(matches!(in_use, Err(Error::InUse)), "{in_use:?}");
    }

    async fn an_agent_sets_nothing_up(desk: &Desk) {
        let refused = add_department(&desk.store, &desk.agent, &fields("Returns")).await;
        assert!(matches!(refused, Err(Error::NotAllowed)), "{refused:?}");
    }

    async fn a_renamed_tag_is_renamed_everywhere(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let tag = add_tag(&desk.store, &desk.owner, "Urgent", 1).await.expect("a tag");
        desk::conversation::tag(&desk.store, &desk.owner, id, tag).await.expect("tagged");
        update_tag(&desk.store, &desk.owner, tag, "Haster", 2).await.expect("renamed");
        assert_eq!(desk.conversation(id).await.tags, ["Haster"]);
        remove_tag(&desk.store, &desk.owner, tag).await.expect("removed");
        assert!(desk.conversation(id).await.tags.is_empty());
    }

    async fn a_password_stays_if_none_is_given(desk: &Desk) {
        let relay = |host: &str, password: Option<&str>| Relay {
            host: host.parse().expect("a host"),
            port: 587,
            tls: RelayTls::Starttls,
            username: Some("harbour".into()),
            password: password.map(|text| Secret::new(text.into())),
        };
        set_relay(&desk.store, &desk.owner, relay("a.example", Some("secret"))).await.expect("set");
        set_relay(&desk.store, &desk.owner, relay("a.example", None)).await.expect("set");
        let kept = desk.store.read(&desk.owner, |read| read.relay()).await.expect("it answers").expect("a relay");
        assert_eq!(kept.password.map(|secret| secret.expose().to_owned()).as_deref(), Some("secret"));
        set_relay(&desk.store, &desk.owner, relay("b.example", None)).await.expect("set");
        let moved = desk.store.read(&desk.owner, |read| read.relay()).await.expect("it answers").expect("a relay");
        assert!(moved.password.is_none(), "a password is not sent to another host");
    }
}
