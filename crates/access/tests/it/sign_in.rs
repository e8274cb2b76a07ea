//! Log-in: who gets in, who does not, and that nobody learns why.

use std::{net::IpAddr, time::Duration};

use access::{Error, SignIn};
use testkit::havn::{PASSWORD, sign_in};
use words::{EmailAddress, Language, Role};

use crate::place::on_both;

on_both! {
    async fn each_case_has_its_reason(desk: &Desk) {
        let invite = access::Invite {
            address: "ida@acme.example".parse().unwrap(),
            role: Role::Agent,
            departments: None,
            language: Language::Da,
        };
        access::invitation::invite(&desk.store, &desk.owner, invite).await.unwrap();
        access::agent::disable(&desk.store, &desk.owner, desk.account.agent.id).await.unwrap();
        let too_long = "x".repeat(100_000);
        let cases = [
            ("right", "olga@acme.example", PASSWORD, true),
            ("right, written otherwise", "Olga@ACME.example", PASSWORD, true),
            ("wrong password", "olga@acme.example", "wrong horse battery", false),
            ("no password", "olga@acme.example", "", false),
            ("a password of another length class", "olga@acme.example", too_long.as_str(), false),
            ("unknown", "nobody@acme.example", PASSWORD, false),
            ("shut out", "anton@acme.example", PASSWORD, false),
            ("invited only", "ida@acme.example", PASSWORD, false),
            ("invited only, no password", "ida@acme.example", "", false),
        ];
        for (case, address, password, gets_in) in cases {
            let address: EmailAddress = address.parse().unwrap();
            let before = desk.havn.accounts.door().passwords_hashed();
            let answer = desk.havn.accounts.door().sign_in(&desk.store, sign_in(&address, password)).await;
            let hashes = desk.havn.accounts.door().passwords_hashed() - before;
            // The same work for everybody (A15), and one answer for every refusal.
            assert_eq!(hashes, 1, "{case}");
            match answer {
                Ok(signed_in) => {
                    assert!(gets_in, "{case}");
                    assert!(desk.seen(&signed_in.token).await.is_some(), "{case}");
                }
                Err(error) => {
                    assert!(!gets_in && matches!(error, Error::NotKnown), "{case}: {error}");
                    assert_eq!(error.to_string(), "address or password is wrong", "{case}");
                }
            }
        }
    }

    async fn a_stranger_does_not_lock_the_owner_out(desk: &Desk) {
        let owner = desk.account.owner.address.clone();
        // The stranger never logged in from there, the owner has from REMOTE.
        let stranger = |password: &str| SignIn { remote: "198.51.100.7".parse().unwrap(), ..sign_in(&owner, password) };
        let door = desk.havn.accounts.door();
        let mut refused = 0;
        for _ in 0..15 {
            match door.sign_in(&desk.store, stranger("a guess at it")).await {
                Err(Error::NotKnown) => {}
                Err(Error::Limited { again_at }) => {
                    assert!(again_at > desk.havn.clock.now());
                    refused += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(refused, 5, "ten guesses, and no more");
        let right = door.sign_in(&desk.store, stranger(PASSWORD)).await;
        assert!(matches!(right, Err(Error::Limited { .. })), "nor is the right one tried from there");
        assert!(desk.sign_in(&desk.account.owner, PASSWORD).await.is_ok(), "the owner gets in from home");
        desk.havn.clock.advance(Duration::from_mins(31));
        assert!(door.sign_in(&desk.store, stranger(PASSWORD)).await.is_ok(), "and from elsewhere later");
    }

    async fn one_place_does_not_try_a_thousand_addresses(desk: &Desk) {
        let door = desk.havn.accounts.door();
        let before = door.passwords_hashed();
        let remote: IpAddr = "203.0.113.9".parse().unwrap();
        let mut limited = 0;
        for n in 0..80 {
            let address: EmailAddress = format!("user{n}@acme.example").parse().unwrap();
            let tried = door.sign_in(&desk.store, SignIn { remote, ..sign_in(&address, "a guess at it") }).await;
            limited += usize::from(matches!(tried, Err(Error::Limited { .. })));
        }
        assert_eq!((limited, door.passwords_hashed() - before), (20, 60));
        let elsewhere = desk.sign_in(&desk.account.agent, PASSWORD).await;
        assert!(elsewhere.is_ok(), "others are not held up");
    }

    async fn success_is_not_counted(desk: &Desk) {
        for _ in 0..30 {
            desk.begin(&desk.account.owner).await;
        }
        for _ in 0..9 {
            assert!(matches!(desk.sign_in(&desk.account.owner, "a guess at it").await, Err(Error::NotKnown)));
        }
        assert!(desk.sign_in(&desk.account.owner, PASSWORD).await.is_ok());
    }

    async fn a_password_of_one_account_opens_no_other(desk: &Desk) {
        let other = desk.havn.account("other").await;
        let (store, _) = desk.havn.setup(other.id).await;
        let door = desk.havn.accounts.door();
        let there = door.sign_in(&store, sign_in(&desk.account.owner.address, PASSWORD)).await;
        assert!(matches!(there, Err(Error::NotKnown)));
        let here = desk.begin(&desk.account.owner).await;
        assert!(door.session(&store, &here.token).await.unwrap().is_none(), "nor does a session");
        let seen = desk.seen(&here.token).await.unwrap();
        let read = store.read(&seen.access, |read| read.agents()).await;
        assert!(matches!(read, Err(store::Error::NoAccess)), "nor an access");
    }
}
