//! Accounts: made, found by host and by address, opened for a task.

use access::{Accounts, Error, LeaseGiver, NewAccount};
use control::{AccountState, KeyUseOutcome};
use testkit::havn::here;
use words::{EmailAddress, Language, Principal, Slug, Task};

use crate::place::on_both;

on_both! {
    async fn they_are_found_by_host_and_by_address(desk: &Desk) {
        let accounts = &desk.havn.accounts;
        let found = accounts.by_slug(&slug("acme")).await.unwrap().unwrap();
        assert_eq!((found.id, found.state), (desk.account.id, AccountState::Active));
        assert!(accounts.by_slug(&slug("nobody")).await.unwrap().is_none());
        let cases = [
            ("support@acme.example", Some((desk.account.support_mailbox, None))),
            ("SUPPORT@Acme.Example", Some((desk.account.support_mailbox, None))),
            ("support+a1b2@acme.example", Some((desk.account.support_mailbox, Some("a1b2")))),
            ("sales+@acme.example", Some((desk.account.sales_mailbox, Some("")))),
            ("nobody@acme.example", None),
            ("nobody+support@acme.example", None),
            ("support@other.example", None),
        ];
        for (written, expected) in cases {
            let found = accounts.by_mailbox(&address(written)).await.unwrap();
            let found = found.map(|found| (found.mailbox.unwrap(), found.detail));
            let expected = expected.map(|(mailbox, detail)| (mailbox, detail.map(str::to_owned)));
            assert_eq!(found, expected, "{written}");
        }
    }

    async fn an_address_belongs_to_one_account(desk: &Desk) {
        let other = desk.havn.account("other").await;
        let (_, others) = desk.havn.setup(other.id).await;
        let accounts = &desk.havn.accounts;
        let taken = accounts.add_mailbox(&others, address("Support@acme.example"), other.support).await;
        assert!(matches!(taken, Err(Error::MailboxTaken(_))));
        let twice = accounts.add_mailbox(&desk.owner, address("support@acme.example"), desk.account.sales).await;
        assert!(matches!(twice, Err(Error::MailboxTaken(_))));
        let by_agent = accounts.add_mailbox(&desk.agent, address("new@acme.example"), desk.account.support).await;
        assert!(matches!(by_agent, Err(Error::NotAllowed)));
        let nowhere = accounts.add_mailbox(&desk.owner, address("new@acme.example"), other.support).await;
        assert!(matches!(nowhere, Err(Error::NoSuchDepartment)));

        accounts.remove_mailbox(&desk.owner, desk.account.support_mailbox).await.unwrap();
        assert!(accounts.by_mailbox(&address("support@acme.example")).await.unwrap().is_none(), "at once");
        accounts.add_mailbox(&others, address("support@acme.example"), other.support).await.unwrap();
        let gone = accounts.remove_mailbox(&desk.owner, desk.account.support_mailbox).await;
        assert!(matches!(gone, Err(Error::NoSuchMailbox)));
        let found = accounts.by_mailbox(&address("support@acme.example")).await.unwrap().unwrap();
        assert_eq!(found.account, other.id);
        accounts.add_mailbox(&others, address("new@acme.example"), other.support).await.unwrap();
    }

    async fn what_was_cut_off_between_directory_and_store_is_gone_on_with(desk: &Desk) {
        let made = words::MailboxId::new(desk.havn.clock.now());
        desk.havn.control.claim_mailbox(&address("half@acme.example"), desk.account.id, made).unwrap();
        let id = desk.havn.accounts.add_mailbox(&desk.owner, address("half@acme.example"), desk.account.sales).await;
        assert_eq!(id.unwrap(), made);
    }

    async fn a_half_made_account_is_gone_on_with(desk: &Desk) {
        let door = desk.havn.accounts.door().clone();
        let nowhere = LeaseGiver::new(|_| async { Err::<register::Lease, _>("the home door is shut") });
        let cut_off = Accounts::new(door, nowhere).create(new_account("whole")).await;
        assert!(matches!(cut_off, Err(Error::NotHeldHere(_))));
        let begun = desk.havn.control.account_by_slug(&slug("whole")).unwrap().unwrap();
        assert_eq!(begun.state, AccountState::Creating);
        let accounts = &desk.havn.accounts;
        assert!(accounts.by_slug(&slug("whole")).await.unwrap().is_none(), "not in use");
        let early = accounts.open_task(begun.id, Task::Receive).await;
        assert!(matches!(early, Err(Error::NoSuchAccount)));

        let whole = accounts.create(new_account("whole")).await.unwrap();
        assert_eq!(whole, begun.id);
        let again = accounts.create(new_account("whole")).await;
        assert!(matches!(again, Err(Error::AccountExists(ref found)) if *found == slug("whole")));
        let (store, access) = accounts.open_task(whole, Task::Housekeeping).await.unwrap();
        let (settings, departments, keys) = store
            .read(&access, |read| Ok::<_, store::Error>((read.account_settings()?, read.departments()?, read.reply_keys()?)))
            .await
            .unwrap();
        let settings = settings.unwrap();
        assert_eq!((settings.name.as_str(), settings.language), ("Whole A/S", Language::Da));
        assert_eq!(departments.len(), 1);
        assert_eq!((keys.len(), keys[0].secret.len()), (1, 32));
    }

    async fn a_region_elsewhere_is_refused_before_anything_is_made(desk: &Desk) {
        let new = NewAccount { region: "us".parse().unwrap(), ..new_account("abroad") };
        let answer = desk.havn.accounts.create(new).await;
        assert!(matches!(answer, Err(Error::NoKeyOf(_))));
        assert!(desk.havn.control.account_by_slug(&slug("abroad")).unwrap().is_none());
    }

    async fn each_use_of_a_key_leaves_a_line(desk: &Desk) {
        let uses = desk.havn.control.key_uses(desk.account.id, 10).unwrap();
        assert_eq!(uses.len(), 1, "an open store needs its key once");
        assert_eq!(uses[0].principal, Principal::System(Task::Setup));
        assert_eq!(uses[0].outcome, Some(KeyUseOutcome::Opened));
        desk.havn.accounts.open_task(desk.account.id, Task::Deliver).await.unwrap();
        assert_eq!(desk.havn.control.key_uses(desk.account.id, 10).unwrap().len(), 1);
    }

    async fn what_another_process_changes_is_seen(desk: &Desk) {
        let command = desk.havn.command().await;
        let other = command.account("other").await;
        let found = desk.havn.accounts.by_slug(&slug("other")).await.unwrap();
        assert_eq!(found.unwrap().id, other.id, "what was not there before is found at once");
        let found = desk.havn.accounts.by_mailbox(&address("sales@other.example")).await.unwrap();
        assert_eq!(found.unwrap().mailbox, Some(other.sales_mailbox));
    }
}

fn new_account(name: &str) -> NewAccount {
    NewAccount {
        slug: slug(name),
        name: "Whole A/S".into(),
        region: here().region,
        data_centre: here().data_centre,
        language: Language::Da,
        time_zone: "Europe/Copenhagen".into(),
        department: "Support".into(),
    }
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}
