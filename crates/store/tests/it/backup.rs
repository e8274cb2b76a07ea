//! Backups: taken while the account is in use, put back into either database, and checks that find
//! what is wrong.

use std::{collections::BTreeSet, fmt::Write, fs};

use store::{AccountKey, Error, Place, Problem, SearchFilter, Status, Store, Stores, params, query};
use words::{DepartmentId, MessageId};

use crate::{
    letters,
    place::{Desk, NOON, file, lease, on_both, task},
};

/// A few letters, small and large, and a file. Gives the messages.
async fn fill(desk: &Desk, store: &Store) -> Vec<MessageId> {
    let access = task(store.account());
    let department = DepartmentId::new(NOON);
    let mut all = Vec::new();
    for size in [10, 1_000, 400_000] {
        let raw = store.prepare_raw(vec![7; size]).await.unwrap();
        let write = store.write(&access, move |tx| {
            let conversation = letters::begin(tx, department, Status::Open)?;
            let (message, _) = letters::receive(tx, conversation, "a planted sentence about apples")?;
            tx.insert_raw(message, &raw, "trace")?;
            tx.append_event(&store::NewEvent {
                kind: store::EventKind::Received,
                conversation: Some(conversation),
                message: Some(message),
                department: None,
                data: serde_json::json!({"ø": [1, 2]}),
            })?;
            Ok::<_, Error>(message)
        });
        all.push(write.await.unwrap());
    }
    desk.store.put_file(&desk.access(), b"a file".to_vec()).await.unwrap();
    let pickup = crate::pickup::pickup(words::MailboxId::new(NOON), "INBOX");
    let set = store.write(&access, move |tx| {
        tx.put_pickup(&pickup)?;
        let changed_at = tx.pickup(pickup.mailbox)?.map(|state| state.changed_at).unwrap_or_default();
        let at = store::PickupPlace { mailbox: pickup.mailbox, changed_at, uid_validity: 1, uid: 3 };
        tx.pickup_begins(at, 0)?;
        tx.pickup_leaves(at, &crate::pickup::left(3, None))
    });
    set.await.unwrap();
    all
}

/// All rows of an account, table by table, for comparison.
async fn rows(store: &Store) -> Vec<(String, BTreeSet<String>)> {
    let access = task(store.account());
    let read = store.read(&access, |read| {
        let mut all = Vec::new();
        for table in store::backed_up_tables() {
            let sql: &'static str = format!("SELECT * FROM {table} WHERE account_id = $1").leak();
            let rows = read.rows(sql, params![read.account()], |row| {
                let mut text = String::new();
                for column in 0..64 {
                    let Ok(value) = row.get::<store::Value>(column) else { break };
                    write!(text, "{value:?} ").unwrap();
                }
                Ok(text)
            })?;
            all.push((table.to_owned(), rows.into_iter().collect()));
        }
        Ok::<_, Error>(all)
    });
    read.await.unwrap()
}

async fn round_trip(from: &Desk, to: &Desk) {
    let messages = fill(from, &from.store).await;
    let target = from.folder.path().join("backup");
    let taken = from.store.backup(&from.access(), &from.key, &target).await.unwrap();
    assert_eq!((taken.files, taken.lost.len()), (2, 0));
    let again = from.store.backup(&from.access(), &from.key, &target).await;
    assert!(matches!(again, Err(Error::Exists(_))), "{again:?}");

    let restored =
        to.stores.restore(&lease(from.account, 5), &from.key, &from.access(), &target).await.unwrap();
    let (before, after) = (rows(&from.store).await, rows(&restored).await);
    for ((table, before), (_, after)) in
        before.iter().zip(&after).filter(|((table, _), _)| table != "account")
    {
        assert_eq!(before, after, "{table}");
    }
    assert_eq!(
        before.iter().map(|(_, rows)| rows.len()).sum::<usize>(),
        usize::try_from(taken.rows).unwrap()
    );
    for message in messages {
        let raw = |store: &Store| {
            let store = store.clone();
            async move { store.raw(&task(store.account()), message).await.unwrap() }
        };
        assert!(raw(&from.store).await == raw(&restored).await);
    }
    let apples = query("apples").unwrap();
    let access = from.access();
    let search = restored.read(&access, move |read| read.search(&apples, &SearchFilter::default(), None, 9));
    assert_eq!(search.await.unwrap().hits.len(), 3);
    let checked = restored.check(&from.access()).await.unwrap();
    assert_eq!((checked.messages, checked.files, checked.problems), (3, 2, vec![]));
    // What is restored goes on, under its own lease.
    restored.write(&from.access(), |tx| tx.next_number(store::Counter::Event)).await.unwrap();
    let twice = to.stores.restore(&lease(from.account, 5), &from.key, &from.access(), &target).await.err();
    assert!(matches!(twice, Some(Error::Exists(_))), "{twice:?}");
}

macro_rules! round_trips {
    ($($name:ident: $from:ident to $to:ident;)*) => {
        $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
            round_trip(&Desk::$from().await, &Desk::$to().await).await;
        })*
    };
}

round_trips! {
    sqlite_to_sqlite: on_sqlite to on_sqlite;
    sqlite_to_postgres: on_sqlite to on_postgres;
    postgres_to_sqlite: on_postgres to on_sqlite;
    postgres_to_postgres: on_postgres to on_postgres;
}

on_both! {
    async fn a_backup_is_of_one_moment(desk: &Desk) {
        fill(desk, &desk.store).await;
        let target = desk.folder.path().join("backup");
        let (store, access) = (desk.store.clone(), desk.access());
        let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
        let writes = tokio::spawn(async move {
            let department = DepartmentId::new(NOON);
            let mut count = 0;
            while stopped.try_recv().is_err() {
                let raw = store.prepare_raw(vec![u8::try_from(count % 251).unwrap(); 300_000]).await.unwrap();
                store.write(&access, move |tx| {
                    let conversation = letters::begin(tx, department, Status::Open)?;
                    let (message, _) = letters::receive(tx, conversation, "more")?;
                    tx.insert_raw(message, &raw, "")
                }).await.unwrap();
                count += 1;
            }
        });
        for round in 0..3 {
            let folder = target.with_extension(round.to_string());
            desk.store.backup(&desk.access(), &desk.key, &folder).await.unwrap();
            let place = tempfile::tempdir().unwrap();
            let stores = Stores::new(Place::Folder(place.path().to_owned()), desk.clock.clone());
            let restored = stores.restore(&lease(desk.account, 1), &desk.key, &desk.access(), &folder).await.unwrap();
            assert_eq!(restored.check(&desk.access()).await.unwrap().problems, []);
        }
        stop.send(()).unwrap();
        writes.await.unwrap();
    }

    async fn what_is_wrong_is_found(desk: &Desk) {
        let messages = fill(desk, &desk.store).await;
        let check = || async { desk.store.check(&desk.access()).await.unwrap().problems };
        assert_eq!(check().await, []);
        let first = messages[0];
        desk.write(move |tx| tx.delete_raw(first)).await.unwrap();
        assert_eq!(check().await, [Problem::RawMissing(first)]);
        desk.write(|tx| tx.unindex_message(2)).await.unwrap();
        assert!(check().await.contains(&Problem::Search { found: 2, expected: 3 }));
        desk.write(|tx| tx.change("DELETE FROM events WHERE account_id = $1 AND number = 2", params![tx.account()])).await.unwrap();
        assert!(check().await.contains(&Problem::Events { found: 2, expected: 3 }));
        desk.write(|tx| tx.change("UPDATE conversation_counts SET n = n + 1 WHERE account_id = $1", params![tx.account()])).await.unwrap();
        assert!(check().await.iter().any(|problem| matches!(problem, Problem::Counts(_))));
        let folder = desk.stores.folder(desk.account).join("files");
        for folder in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                let mut bytes = fs::read(&path).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                fs::write(&path, bytes).unwrap();
            }
        }
        let damaged = check().await.iter().filter(|problem| matches!(problem, Problem::FileDamaged(_))).count();
        assert_eq!(damaged, 2);
        let target = desk.folder.path().join("backup");
        let taken = desk.store.backup(&desk.access(), &desk.key, &target).await.unwrap();
        assert_eq!((taken.files, taken.lost.len()), (0, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_tells_nothing_and_notices_each_flipped_bit() {
    let desk = Desk::on_sqlite().await;
    fill(&desk, &desk.store).await;
    let target = desk.folder.path().join("backup");
    desk.store.backup(&desk.access(), &desk.key, &target).await.unwrap();
    let bytes = fs::read(target.join("rows")).unwrap();
    assert!(!bytes.windows(9).any(|part| part == b"a planted"));
    let place = tempfile::tempdir().unwrap();
    let stores = Stores::new(Place::Folder(place.path().to_owned()), desk.clock.clone());
    let (ours, access) = (lease(desk.account, 1), desk.access());
    let restore = || stores.restore(&ours, &desk.key, &access, &target);
    for at in (0..bytes.len()).step_by(bytes.len() / 50) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 4;
        fs::write(target.join("rows"), flipped).unwrap();
        assert!(matches!(restore().await.err(), Some(Error::Damaged(_))), "{at}");
    }
    fs::write(target.join("rows"), &bytes).unwrap();
    let other = AccountKey::from_bytes([1; 32]);
    let wrong = stores.restore(&lease(desk.account, 1), &other, &desk.access(), &target).await.err();
    assert!(matches!(wrong, Some(Error::Damaged(_))), "{wrong:?}");
    assert!(!file(place.path(), desk.account).exists() || restore().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bit_that_flips_in_the_database_is_found() {
    let desk = Desk::on_sqlite().await;
    fill(&desk, &desk.store).await;
    let path = file(desk.folder.path(), desk.account);
    drop((desk.store, desk.stores));
    // The writer closes the file a moment after its last answer, and folds the log into it.
    while path.with_extension("db-wal").exists() {
        tokio::task::yield_now().await;
    }
    let bytes = fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(bytes.len() / 60) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        fs::write(&path, flipped).unwrap();
        let stores = Stores::new(Place::Folder(desk.folder.path().to_owned()), desk.clock.clone());
        let store = stores.open(&lease(desk.account, 1), &desk.key, &task(desk.account)).unwrap();
        match store.check(&task(desk.account)).await {
            Ok(checked) => assert!(
                checked.problems.iter().any(|problem| matches!(problem, Problem::Database(_))),
                "{at}: {:?}",
                checked.problems
            ),
            Err(Error::Damaged(_) | Error::WrongKey) => {}
            Err(other) => panic!("{at}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_table_is_backed_up() {
    let desk = Desk::on_postgres().await;
    let outsider = desk.database.as_ref().unwrap().superuser().await;
    let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND relname NOT IN ('schema_version', 'search')";
    let found: BTreeSet<String> =
        outsider.query(tables, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let expected: BTreeSet<String> = store::backed_up_tables().map(String::from).collect();
    assert_eq!(found, expected);
}
