//! The home door's suite: processes that follow one another, on one folder and both databases.

use std::time::Duration;

use access::Error as Shut;
use fleet::{Error, LEASE_SECONDS};
use store::Store;
use testkit::{Havn, On};
use words::{AccountId, Clock, Task, Time};

/// The instant at which tests begin.
const NOON: Time = Time::from_seconds(1_795_000_000);

/// Runs a test on both databases.
macro_rules! on_both {
    ($(async fn $name:ident($havn:ident: &Havn) $body:block)*) => {
        $(async fn $name($havn: &Havn) $body)*
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::$name(&super::Havn::start_at(super::On::Sqlite, super::Clock::fixed(super::NOON)).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::$name(&super::Havn::start_at(super::On::Postgres, super::Clock::fixed(super::NOON)).await).await;
            })*
        }
    };
}

on_both! {
    // F13: the older of two holders fails at its first write, and nothing of it is stored.
    async fn of_two_holders_the_older_cannot_write(havn: &Havn) {
        let account = havn.account("acme").await.id;
        let (older, access) = havn.accounts.open_task(account, Task::Housekeeping).await.unwrap();
        let newer = havn.started_again().await;
        assert!(write(havn, &older, "before the other wrote").await.is_ok(), "nobody knows of the newer one yet");
        let (store, _) = newer.accounts.open_task(account, Task::Housekeeping).await.unwrap();
        write(&newer, &store, "of the newer").await.unwrap();
        for _ in 0..3 {
            let answer = write(havn, &older, "of the older").await;
            assert!(matches!(answer, Err(store::Error::Fenced { ours, theirs }) if ours < theirs), "{answer:?}");
        }
        write(&newer, &store, "of the newer again").await.unwrap();
        let names = store.read(&access, |read| read.departments()).await.unwrap();
        assert!(!names.iter().any(|department| department.name == "of the older"));
        assert_eq!(names.len(), 5);
    }

    async fn the_older_does_not_take_it_back_from_one_that_lives(havn: &Havn) {
        let account = havn.account("acme").await.id;
        let newer = havn.started_again().await;
        let taken = newer.fleet.lease(account).await.unwrap();
        havn.fleet.forget(account);
        let answer = havn.fleet.lease(account).await;
        assert!(matches!(answer, Err(Error::TakenOver { until }) if until == taken.until()), "{answer:?}");
        let shut = havn.accounts.open_task(account, Task::Receive).await;
        assert!(matches!(shut, Err(Shut::NotHeldHere(_))));
        newer.fleet.release().await.unwrap();
        let again = havn.fleet.lease(account).await.unwrap();
        assert_eq!(again.fencing(), taken.fencing() + 1);
        let (store, _) = havn.accounts.open_task(account, Task::Housekeeping).await.unwrap();
        write(havn, &store, "again").await.unwrap();
    }

    async fn one_that_is_paused_learns_of_it_when_it_goes_on(havn: &Havn) {
        let account = havn.account("acme").await.id;
        let before = havn.fleet.lease(account).await.unwrap();
        havn.clock.advance(Duration::from_secs(LEASE_SECONDS + 1));
        let command = havn.command().await;
        let taken = command.fleet.lease(account).await.unwrap();
        assert_eq!(taken.fencing(), before.fencing() + 1, "nobody who lives holds it");
        assert!(matches!(havn.fleet.lease(account).await, Err(Error::TakenOver { .. })));
        command.fleet.release().await.unwrap();
        assert_eq!(havn.fleet.lease(account).await.unwrap().fencing(), taken.fencing() + 1);
    }

    async fn a_command_works_beside_one_that_serves(havn: &Havn) {
        let account = havn.account("acme").await.id;
        let (store, _) = havn.accounts.open_task(account, Task::Housekeeping).await.unwrap();
        let command = havn.command().await;
        let (beside, _) = command.accounts.open_task(account, Task::Housekeeping).await.unwrap();
        for _ in 0..3 {
            write(&command, &beside, &name(havn)).await.unwrap();
            write(havn, &store, &name(havn)).await.unwrap();
        }
        assert_eq!(command.fleet.lease(account).await.unwrap().fencing(), havn.fleet.lease(account).await.unwrap().fencing());
        command.fleet.release().await.unwrap();
        write(havn, &store, &name(havn)).await.unwrap();

        // The server is replaced: the command's next write fails, and what it opens anew works.
        let newer = havn.started_again().await;
        let (store, _) = newer.accounts.open_task(account, Task::Housekeeping).await.unwrap();
        write(&newer, &store, &name(havn)).await.unwrap();
        assert!(matches!(write(&command, &beside, &name(havn)).await, Err(store::Error::Fenced { .. })));
        command.fleet.forget(account);
        let (beside, _) = command.accounts.open_task(account, Task::Housekeeping).await.unwrap();
        write(&command, &beside, &name(havn)).await.unwrap();
    }

    async fn it_is_renewed_in_use_and_by_hand(havn: &Havn) {
        let account = havn.account("acme").await.id;
        let first = havn.fleet.lease(account).await.unwrap();
        havn.clock.advance(Duration::from_secs(LEASE_SECONDS - 1));
        let renewed = havn.fleet.lease(account).await.unwrap();
        assert_eq!(renewed.fencing(), first.fencing());
        assert_eq!(renewed.until(), havn.clock.now().after(Duration::from_secs(LEASE_SECONDS)));
        havn.clock.advance(Duration::from_secs(5));
        havn.fleet.renew().await.unwrap();
        let until = havn.fleet.lease(account).await.unwrap().until();
        assert_eq!(until, havn.clock.now().after(Duration::from_secs(LEASE_SECONDS)));
        // Even long after its end, if nobody took it meanwhile.
        havn.clock.advance(Duration::from_hours(24));
        assert_eq!(havn.fleet.lease(account).await.unwrap().fencing(), first.fencing());
    }

    async fn there_is_no_lease_of_nothing(havn: &Havn) {
        let answer = havn.fleet.lease(AccountId::new(NOON)).await;
        assert!(matches!(answer, Err(Error::NoSuchAccount)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_data_centre_holds_nothing_of_this_one() {
    let havn = Havn::start_at(On::Sqlite, Clock::fixed(NOON)).await;
    let account = havn.account("acme").await.id;
    let there = control::Here { data_centre: "test-2".parse().unwrap(), region: "eu".parse().unwrap() };
    let elsewhere = fleet::Fleet::serve(havn.control.clone(), there, havn.clock.clone()).unwrap();
    let before = havn.control.held(account).unwrap();
    let answer = elsewhere.lease(account).await;
    assert!(matches!(answer, Err(Error::Refused(register::LeaseRefusal::Elsewhere(_)))), "{answer:?}");
    assert_eq!(havn.control.held(account).unwrap(), before, "asking changes nothing");
    let moved = control::Here { data_centre: "test-1".parse().unwrap(), region: "us".parse().unwrap() };
    assert!(fleet::Fleet::serve(havn.control.clone(), moved, havn.clock.clone()).is_err());
}

/// A department's name that is free.
fn name(havn: &Havn) -> String {
    words::TagId::new(havn.clock.now()).to_string()
}

async fn write(havn: &Havn, store: &Store, name: &str) -> Result<(), store::Error> {
    let access = havn.accounts.door().task(store.account(), Task::Housekeeping).unwrap();
    let now = havn.clock.now();
    let department = store::Department {
        id: words::DepartmentId::new(now),
        name: name.to_owned(),
        from_name: String::new(),
        signature: String::new(),
        created_at: now,
    };
    store.write(&access, move |tx| tx.insert_department(&department)).await
}
