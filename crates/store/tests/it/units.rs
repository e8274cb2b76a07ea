//! Units of work: whole or not at all, each alone, in order, under a right that still holds.

use std::time::Duration;

use futures::future::join_all;
use store::{Counter, Error, EventKind, NewEvent, Tx, params};

use crate::place::{Desk, agent, lease, on_both, task};

fn event() -> NewEvent {
    NewEvent {
        kind: EventKind::Settings,
        conversation: None,
        message: None,
        department: None,
        data: serde_json::Value::Null,
    }
}

fn note(tx: &mut Tx<'_>) -> store::Result<i64> {
    tx.append_event(&event())
}

async fn numbers(desk: &Desk) -> Vec<i64> {
    let events = desk.read(|read| read.events_after(0, 10_000)).await.unwrap();
    events.iter().map(|event| event.number).collect()
}

on_both! {
    async fn what_was_acknowledged_is_read(desk: &Desk) {
        let number = desk.write(note).await.unwrap();
        assert_eq!((number, numbers(desk).await), (1, vec![1]));
        assert_eq!(*desk.store.committed().borrow(), 1);
    }

    async fn units_that_wait_together_are_numbered_without_gap(desk: &Desk) {
        let writes = (0..100).map(|_| desk.write(note));
        let mut given: Vec<i64> = join_all(writes).await.into_iter().map(Result::unwrap).collect();
        given.sort_unstable();
        let all: Vec<i64> = (1..=100).collect();
        assert_eq!((given, numbers(desk).await), (all.clone(), all));
        assert_eq!(*desk.store.committed().borrow(), 100);
    }

    async fn a_unit_that_fails_fails_alone(desk: &Desk) {
        let writes = (0..90).map(|n| desk.write(move |tx| {
            let number = note(tx)?;
            match n % 3 {
                0 => Ok(number),
                1 => Err(Error::Damaged("as the test wishes".into())),
                _ => panic!("as the test wishes"),
            }
        }));
        let answers = join_all(writes).await;
        for (n, answer) in answers.iter().enumerate() {
            match n % 3 {
                0 => assert!(answer.is_ok(), "{n}: {answer:?}"),
                1 => assert!(matches!(answer, Err(Error::Damaged(_))), "{n}: {answer:?}"),
                _ => assert!(matches!(answer, Err(Error::Panicked)), "{n}: {answer:?}"),
            }
        }
        assert_eq!(numbers(desk).await, (1..=30).collect::<Vec<_>>());
    }

    async fn a_lone_unit_that_fails_leaves_nothing(desk: &Desk) {
        let failed: Result<(), _> = desk.write(|tx| { note(tx)?; Err(Error::NoAccess) }).await;
        assert!(matches!(failed, Err(Error::NoAccess)));
        let panicked: Result<(), _> = desk.write(|tx| { note(tx)?; panic!("as the test wishes") }).await;
        assert!(matches!(panicked, Err(Error::Panicked)));
        assert!(numbers(desk).await.is_empty());
        assert_eq!(desk.write(note).await.unwrap(), 1);
    }

    async fn a_unit_cannot_pass_over_an_error_of_the_database(desk: &Desk) {
        const TWICE: &str = "INSERT INTO reply_keys (account_id, key_id, secret, created_at) VALUES ($1, 1, $2, 0)";
        let write = |tx: &mut Tx<'_>| {
            let secret = b"secret".as_slice();
            tx.change(TWICE, params![tx.account(), secret])?;
            // What follows would run on one database and be refused by the other.
            let _ = tx.change(TWICE, params![tx.account(), secret]);
            Ok(())
        };
        let answer = desk.write(write).await;
        assert!(matches!(answer, Err(Error::Exists(_))), "{answer:?}");
        let pair = join_all([desk.write(write), desk.write(write)]).await;
        assert!(pair.iter().all(|answer| matches!(answer, Err(Error::Exists(_)))), "{pair:?}");
        assert_eq!(desk.read(|read| read.reply_keys()).await.unwrap().len(), 0);
    }

    async fn counters_do_not_share_numbers(desk: &Desk) {
        let given = desk.write(|tx| {
            Ok([tx.next_number(Counter::Message)?, tx.next_number(Counter::Message)?, tx.next_number(Counter::Conversation)?])
        });
        assert_eq!(given.await.unwrap(), [1, 2, 1]);
    }

    async fn an_access_that_ended_opens_nothing(desk: &Desk) {
        let access = desk.access();
        desk.clock.advance(Duration::from_secs(3_601));
        let read = desk.store.read(&access, |read| read.newest_event()).await;
        assert!(matches!(read, Err(Error::NoAccess)), "{read:?}");
        let write = desk.store.write(&access, note).await;
        assert!(matches!(write, Err(Error::NoAccess)), "{write:?}");
        assert!(matches!(desk.stores.open(&lease(desk.account, 1), &desk.key, &access), Err(Error::NoAccess)));
    }

    async fn an_access_that_ends_while_its_unit_waits_opens_nothing(desk: &Desk) {
        let clock = desk.clock.clone();
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let (began, begun) = tokio::sync::oneshot::channel();
        let first = desk.write(move |tx| { let _ = began.send(()); let _ = held.recv(); note(tx) });
        let second = async {
            begun.await.unwrap();
            let waits = desk.write(note);
            let mut waits = std::pin::pin!(waits);
            // Asked once, it stands in the queue behind the first.
            assert!(futures::poll!(&mut waits).is_pending());
            clock.advance(Duration::from_secs(3_601));
            hold.send(()).unwrap();
            waits.await
        };
        let (first, second) = tokio::join!(first, second);
        assert_eq!(first.unwrap(), 1);
        assert!(matches!(second, Err(Error::NoAccess)), "{second:?}");
    }

    async fn the_access_of_another_account_opens_nothing(desk: &Desk) {
        let neighbour = desk.neighbour().await;
        let theirs = task(neighbour.account());
        let read = desk.store.read(&theirs, |read| read.newest_event()).await;
        assert!(matches!(read, Err(Error::NoAccess)), "{read:?}");
        let write = desk.store.write(&theirs, note).await;
        assert!(matches!(write, Err(Error::NoAccess)), "{write:?}");
        assert!(desk.stores.open(&lease(desk.account, 1), &desk.key, &theirs).is_err());
    }

    async fn an_older_lease_writes_nothing(desk: &Desk) {
        desk.write(note).await.unwrap();
        let newer = desk.elsewhere(desk.place().await, 2);
        newer.write(&desk.access(), note).await.unwrap();
        let paused = join_all([desk.write(note), desk.write(note)]).await;
        for answer in &paused {
            assert!(matches!(answer, Err(Error::Fenced { ours: 1, theirs: 2 })), "{answer:?}");
        }
        assert_eq!(numbers(desk).await, [1, 2]);
        let older = desk.stores.open(&lease(desk.account, 0), &desk.key, &desk.access());
        assert!(matches!(older, Err(Error::Fenced { .. })));
    }

    async fn two_nodes_of_one_lease_share_the_numbers(desk: &Desk) {
        let other = desk.elsewhere(desk.place().await, 1);
        let access = desk.access();
        let ours = (0..40).map(|_| desk.write(note));
        let theirs = (0..40).map(|_| other.write(&access, note));
        let (ours, theirs) = tokio::join!(join_all(ours), join_all(theirs));
        assert!(ours.iter().chain(&theirs).all(Result::is_ok));
        assert_eq!(numbers(desk).await, (1..=80).collect::<Vec<_>>());
    }

    async fn a_read_is_of_one_moment(desk: &Desk) {
        desk.write(note).await.unwrap();
        let (go, went) = std::sync::mpsc::channel::<()>();
        let (began, begun) = tokio::sync::oneshot::channel();
        let read = desk.read(move |read| {
            let before = read.newest_event()?;
            let _ = began.send(());
            let _ = went.recv();
            Ok((before, read.newest_event()?))
        });
        let write = async {
            begun.await.unwrap();
            desk.write(note).await.unwrap();
            go.send(()).unwrap();
        };
        let (read, ()) = tokio::join!(read, write);
        assert_eq!(read.unwrap(), (1, 1));
    }

    async fn a_read_that_panics_breaks_nothing(desk: &Desk) {
        for _ in 0..20 {
            let read: store::Result<()> = desk.read(|read| { read.newest_event()?; panic!("as the test wishes") }).await;
            assert!(matches!(read, Err(Error::Panicked)));
        }
        assert_eq!(desk.read(|read| read.newest_event()).await.unwrap(), 0);
    }

    async fn events_are_seen_by_those_of_the_department_alone(desk: &Desk) {
        let (ours, theirs) = (words::DepartmentId::new(desk.clock.now()), words::DepartmentId::new(desk.clock.now()));
        let id = words::AgentId::new(desk.clock.now());
        desk.write(move |tx| {
            const PUT: &str = "INSERT INTO agent_departments (account_id, agent_id, department_id) VALUES ($1, $2, $3)";
            tx.change_one(PUT, params![tx.account(), id, ours])?;
            for department in [Some(ours), Some(theirs), None] {
                tx.append_event(&NewEvent { department, ..event() })?;
            }
            Ok(())
        }).await.unwrap();
        let seen = |access| async move { desk.store.read(&access, |read| read.events_after(0, 10)).await.unwrap().len() };
        let some = register::Departments::Only(vec![ours]);
        assert_eq!(seen(agent(desk.account, id, some)).await, 2);
        assert_eq!(seen(agent(desk.account, id, register::Departments::All)).await, 3);
    }
}
