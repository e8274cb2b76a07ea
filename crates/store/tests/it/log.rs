//! The account's log: no act without an entry, none without its act, and what is wrong with it is found.

use std::time::Duration;

use evidence::{
    Act, Checkpoint, Edge, Ending, Entry, Export, Hash, HashName, Kind, LogKey, Origin, Ref, RefName, Salt,
    Stage, TileId, continues, includes, verify,
};
use store::{Error, EventKind, NewEvent, Place, Problem, Result, Store, Stores, Tx, params};
use uuid::Uuid;
use words::{ActId, ConversationId, MessageId};

use crate::place::{Desk, NOON, beside, file, lease, on_both, task};

fn event(tx: &mut Tx<'_>, kind: EventKind, conversation: Option<ConversationId>) -> Result<i64> {
    tx.append_event(&NewEvent {
        kind,
        conversation,
        message: None,
        department: None,
        data: serde_json::Value::Null,
    })
}

async fn events(desk: &Desk, count: usize) {
    for at in (0..count).step_by(100) {
        let some = (count - at).min(100);
        let work = move |tx: &mut Tx<'_>| {
            (0..some).try_for_each(|_| event(tx, EventKind::Settings, None).map(|_| ()))
        };
        desk.write(work).await.unwrap();
    }
}

/// All entries of the log, as bytes.
async fn log(store: &Store) -> Vec<Vec<u8>> {
    let access = task(store.account());
    let read = store.read(&access, |read| {
        let (mut all, size) = (Vec::new(), read.log_size()?);
        while (all.len() as u64) < size {
            all.extend(read.log_entries(all.len() as u64, size)?);
        }
        Ok::<_, Error>(all)
    });
    read.await.unwrap()
}

async fn entries(store: &Store) -> Vec<Entry> {
    log(store).await.iter().map(|entry| Entry::read(entry).unwrap()).collect()
}

/// Which event each entry tells of.
fn told(entries: &[Entry]) -> Vec<Ref> {
    entries.iter().filter_map(|entry| entry.act.reference(RefName::Event).cloned()).collect()
}

fn act(number: u128) -> ActId {
    ActId::from_uuid(Uuid::from_u128(number))
}

/// What the versions of the schema after the second made.
const BACK_TO_THE_SECOND: &str = "
    DROP TABLE evidence_entries; DROP TABLE evidence_tiles; DROP TABLE evidence_checkpoints;
    DROP TABLE evidence_intents; DROP TABLE evidence_salts; ALTER TABLE account DROP COLUMN logged_from;
    DROP TABLE pickups; DROP TABLE pickup_left; ALTER TABLE account DROP COLUMN mail_way;";

/// The log of an account that had none begins with the first event after it was given one.
async fn begins_later(store: &Store, access: &register::Access) {
    assert_eq!(store.read(access, |read| read.log_size()).await.unwrap(), 0);
    assert_eq!(store.check(access).await.unwrap().problems, []);
    store.write(access, |tx| event(tx, EventKind::Tagged, None)).await.unwrap();
    assert_eq!(told(&entries(store).await), [Ref::Number(8)]);
    assert_eq!(store.check(access).await.unwrap().problems, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_file_gets_a_log() {
    let desk = Desk::on_sqlite().await;
    events(&desk, 7).await;
    let access = desk.access();
    let path = file(desk.folder.path(), desk.account);
    drop((desk.store, desk.stores));
    while path.with_extension("db-wal").exists() {
        tokio::task::yield_now().await;
    }
    let connection = beside(&path);
    connection.execute_batch(BACK_TO_THE_SECOND).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    drop(connection);
    let stores = Stores::new(Place::Folder(desk.folder.path().to_owned()), desk.clock.clone());
    begins_later(&stores.open(&lease(desk.account, 1), &desk.key, &access).unwrap(), &access).await;
}

/// Else each entry would dirty pages of an index as well.
#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_an_entry_is_its_place_in_the_file() {
    let desk = Desk::on_sqlite().await;
    let connection = beside(&file(desk.folder.path(), desk.account));
    let plan =
        "EXPLAIN QUERY PLAN SELECT entry FROM evidence_entries WHERE account_id = x'00' AND number = 1";
    let step: String = connection.query_row(plan, [], |row| row.get(3)).unwrap();
    assert_eq!(step, "SEARCH evidence_entries USING INTEGER PRIMARY KEY (rowid=?)");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_postgres_database_gets_logs() {
    let desk = Desk::on_postgres().await;
    events(&desk, 7).await;
    let (client, driver) = desk.database.as_ref().unwrap().connect().await.unwrap();
    tokio::spawn(driver);
    client.batch_execute(BACK_TO_THE_SECOND).await.unwrap();
    client.batch_execute("UPDATE schema_version SET version = 2").await.unwrap();
    begins_later(&desk.elsewhere(desk.place().await, 1), &desk.access()).await;
}

on_both! {
    async fn an_event_has_its_entry_and_nothing_of_its_text(desk: &Desk) {
        let (conversation, message) = (ConversationId::new(NOON), MessageId::new(NOON));
        desk.write(move |tx| {
            tx.append_event(&NewEvent {
                kind: EventKind::Received,
                conversation: Some(conversation),
                message: Some(message),
                department: None,
                data: serde_json::json!({"subject": "a planted sentence"}),
            })
        }).await.unwrap();
        let all = entries(&desk.store).await;
        let told = Act::new(Kind::MessageReceived)
            .about(RefName::Conversation, conversation.uuid())
            .about(RefName::Message, message.uuid())
            .about(RefName::Event, 1);
        assert_eq!(all, [Entry { number: 0, at: NOON, by: desk.access().principal(), act: told }]);
        assert!(!String::from_utf8_lossy(&log(&desk.store).await[0]).contains("planted"));
    }

    async fn what_is_not_committed_is_not_told(desk: &Desk) {
        let work = |fails: bool| move |tx: &mut Tx<'_>| {
            event(tx, EventKind::Closed, None)?;
            if fails { Err(Error::NoAccess) } else { Ok(()) }
        };
        // Together, so that some of a batch are kept and others not.
        let all = (0..40).map(|n| desk.write(work(n % 3 == 0)));
        let done = futures::future::join_all(all).await;
        let kept = done.iter().filter(|done| done.is_ok()).count();
        assert_eq!(kept, 26);
        let broken = desk.write(|tx| {
            event(tx, EventKind::Closed, None)?;
            // An error of the database that the unit passes over.
            let _ = tx.change("INSERT INTO events (account_id, number) VALUES ($1, $2)", params![tx.account(), 1]);
            Ok(())
        });
        assert!(broken.await.is_err());
        let all = entries(&desk.store).await;
        let numbers: Vec<Ref> = (1..=26).map(Ref::Number).collect();
        assert_eq!(told(&all), numbers);
        assert!(all.iter().zip(0..).all(|(entry, number)| entry.number == number));
        assert_eq!(desk.store.check(&desk.access()).await.unwrap().problems, []);
    }

    async fn the_log_proves_what_is_in_it(desk: &Desk) {
        let key = LogKey::from_seed(&[7; 32]);
        let origin = Origin::account(&"havn.example".parse().unwrap(), desk.account);
        events(desk, 300).await;
        let signed = |size: u64| {
            let origin = origin.clone();
            desk.read(move |read| Ok(Checkpoint { origin, size, root: read.log_root(size)? }))
        };
        let kept = signed(300).await.unwrap();
        events(desk, 700).await;
        let now = signed(1_000).await.unwrap();
        let (first, second) = (kept.sign(&key), now.sign(&key));
        let (one, other) = (first.clone(), second.clone());
        desk.write(move |tx| { tx.keep_checkpoint(300, &one)?; tx.keep_checkpoint(1_000, &other) }).await.unwrap();
        let found = desk.read(|read| Ok((read.checkpoint_up_to(999)?, read.checkpoint_up_to(u64::MAX)?))).await.unwrap();
        assert_eq!((found.0.unwrap().note, found.1.unwrap().size), (first.clone(), 1_000));

        let all = log(&desk.store).await;
        let export = Export { checkpoint: &second, entries: all.iter().map(Vec::as_slice).collect() };
        assert_eq!(verify(&export, &origin, &key.public(), &[&first]).unwrap().kept, Some(300));
        for number in [0, 255, 256, 700, 999] {
            let proof = desk.read(move |read| read.prove_entry(1_000, number)).await.unwrap();
            let leaf = Hash::of_entry(&all[usize::try_from(number).unwrap()]);
            assert!(includes(1_000, now.root, number, leaf, &proof), "{number}");
        }
        let proof = desk.read(|read| read.prove_log_continues(1_000, 300)).await.unwrap();
        assert!(continues((1_000, now.root), (300, kept.root), &proof));
        let tile = desk.read(|read| read.log_tile(TileId { level: 1, position: 0, width: 2 })).await.unwrap();
        assert_eq!(tile.len(), 64);
        let none = desk.read(|read| read.prove_entry(1_000, 1_000)).await;
        assert!(matches!(none, Err(Error::Damaged(_))), "{none:?}");
    }

    async fn another_writer_goes_on_with_the_log(desk: &Desk) {
        events(desk, 260).await;
        let other = desk.elsewhere(desk.place().await, 1);
        for _ in 0..3 {
            other.write(&desk.access(), |tx| event(tx, EventKind::Moved, None)).await.unwrap();
            // What we knew of the end is not so any more.
            events(desk, 1).await;
        }
        let all = log(&desk.store).await;
        assert_eq!(all.len(), 266);
        let mut edge = Edge::empty();
        for entry in &all {
            edge.append(entry);
        }
        assert_eq!(desk.read(|read| read.log_root(266)).await.unwrap(), edge.root());
        assert_eq!(desk.store.check(&desk.access()).await.unwrap().problems, []);
    }

    async fn open_stores_tell_how_far_they_lengthened_their_logs(desk: &Desk) {
        // This process wrote the account's row, and noted nothing yet.
        assert_eq!(desk.stores.logs(), [(desk.account, None)]);
        events(desk, 3).await;
        assert_eq!(desk.stores.logs(), [(desk.account, Some(3))]);
    }

    async fn an_intent_without_an_outcome_becomes_unknown(desk: &Desk) {
        desk.write(|tx| {
            tx.record(Act::intent(Kind::Flow, act(1)))?;
            tx.record(Act::intent(Kind::AccountExported, act(2)))
        }).await.unwrap();
        desk.write(|tx| tx.record(Act::outcome(Kind::Flow, act(1), Ending::Done))).await.unwrap();
        assert_eq!(desk.read(|read| read.open_intents()).await.unwrap(), [(Kind::AccountExported, act(2))]);
        // One that began after the start may still come to its end.
        let (start, ours) = (NOON.before(Duration::from_secs(1)), ActId::new(NOON));
        desk.write(move |tx| tx.record(Act::intent(Kind::Flow, ours))).await.unwrap();
        assert_eq!(desk.write(move |tx| tx.settle_intents(start)).await.unwrap(), 1);
        assert_eq!(desk.write(move |tx| tx.settle_intents(start)).await.unwrap(), 0);
        desk.write(move |tx| tx.record(Act::outcome(Kind::Flow, ours, Ending::Done))).await.unwrap();
        let all = entries(&desk.store).await;
        assert_eq!(all[4].act.stage(), Stage::Outcome(act(2), Ending::Unknown));
        assert_eq!(evidence::unknown_outcomes(&all), []);
        let twice = desk.write(|tx| tx.record(Act::intent(Kind::Flow, act(3))).and_then(|()| tx.record(Act::intent(Kind::Flow, act(3)))));
        assert!(matches!(twice.await, Err(Error::Exists(_))));
    }

    async fn a_salt_can_be_erased_and_the_log_stays(desk: &Desk) {
        let (letter, salt) = (MessageId::new(NOON).uuid(), Salt::from_bytes([9; 32]));
        let hash = salt.hash(b"a letter");
        desk.write(move |tx| {
            tx.keep_evidence_salt(letter, HashName::Letter, &salt)?;
            tx.record(Act::new(Kind::MessageReceived).about(RefName::Message, letter).with_hash(HashName::Letter, hash))
        }).await.unwrap();
        let kept = desk.read(move |read| read.evidence_salt(letter, HashName::Letter)).await.unwrap().unwrap();
        let before = log(&desk.store).await;
        assert_eq!(Entry::read(&before[0]).unwrap().act.hash(HashName::Letter), Some(kept.hash(b"a letter")));
        assert_eq!(desk.write(move |tx| tx.forget_evidence_salts(letter)).await.unwrap(), 1);
        assert!(desk.read(move |read| read.evidence_salt(letter, HashName::Letter)).await.unwrap().is_none());
        assert_eq!(log(&desk.store).await, before);
    }

    async fn what_is_wrong_with_the_log_is_found(desk: &Desk) {
        events(desk, 600).await;
        let check = || async { desk.store.check(&desk.access()).await.unwrap().problems };
        assert_eq!(check().await, []);
        let first: Vec<u8> = log(&desk.store).await[5].clone();
        let put = |number: i64, entry: Vec<u8>| desk.write(move |tx| {
            tx.change_one("UPDATE evidence_entries SET entry = $3 WHERE account_id = $1 AND number = $2", params![tx.account(), number, entry])
        });
        let altered = String::from_utf8(first.clone()).unwrap().replace("system:receive", "system:deliver");
        put(5, altered.into_bytes()).await.unwrap();
        assert_eq!(check().await, [Problem::Entry(5)]);
        let mut flipped = first.clone();
        flipped[2] ^= 4;
        put(5, flipped).await.unwrap();
        assert_eq!(check().await.first(), Some(&Problem::Entry(5)));
        put(5, first).await.unwrap();
        assert_eq!(check().await, []);
        desk.write(|tx| tx.change("UPDATE evidence_tiles SET hashes = $2 WHERE account_id = $1 AND level = 1", params![tx.account(), vec![0_u8; 64]])).await.unwrap();
assert_eq!(check().await, [Problem::Tile("tile/1/000.p/1".into())]);
    }

    async fn a_log_that_was_signed_otherwise_is_found(desk: &Desk) {
        events(desk, 40).await;
        let origin = Origin::account(&"havn.example".parse().unwrap(), desk.account);
        let forged = Checkpoint { origin, size: 30, root: Hash::of_entry(b"another") }.sign(&LogKey::from_seed(&[7; 32]));
        desk.write(move |tx| tx.keep_checkpoint(30, &forged)).await.unwrap();
        let problems = desk.store.check(&desk.access()).await.unwrap().problems;
        assert_eq!(problems, [Problem::LogNotAsSigned(30)]);
    }

    async fn an_event_without_an_entry_is_found(desk: &Desk) {
        events(desk, 10).await;
        desk.write(|tx| tx.change_one("DELETE FROM evidence_entries WHERE account_id = $1 AND number = 9", params![tx.account()])).await.unwrap();
        let problems = desk.store.check(&desk.access()).await.unwrap().problems;
        assert_eq!(problems, [Problem::EventWithoutEntry(10)]);
    }
}
