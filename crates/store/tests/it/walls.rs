//! The walls between accounts, and those around a database that is not ours to open.

use store::{AccountKey, Error, Place, PostgresPool, Stores, params};

use crate::place::{Desk, beside, file, lease, on_both, task};

const CANARIES: &str = "SELECT name FROM account";

on_both! {
    async fn nobody_sees_the_rows_of_another_account(desk: &Desk) {
        let neighbour = desk.neighbour().await;
        // No account is asked for: what holds here is the wall, not the query.
        let all = desk.read(|read| read.rows(CANARIES, &[], |row| row.get::<String>(0))).await.unwrap();
        assert_eq!(all.len(), 1);
        let other = neighbour.account();
        let changed = desk.write(move |tx| tx.change("UPDATE account SET name = 'x' WHERE account_id = $1", params![other]));
        assert_eq!(changed.await.unwrap(), 0);
        let added = desk.write(move |tx| {
            tx.change("INSERT INTO reply_keys (account_id, key_id, secret, created_at) VALUES ($1, 9, $2, 0)", params![other, b"x".as_slice()])
        }).await;
        if desk.database.is_some() {
            assert!(matches!(added, Err(Error::Refused(_))), "{added:?}");
        }
        let theirs = neighbour.read(&task(other), |read| read.reply_keys()).await.unwrap();
        assert_eq!(theirs.len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_account_no_row_is_seen() {
    let desk = Desk::on_postgres().await;
    let (client, driver) = desk.database.as_ref().unwrap().connect().await.unwrap();
    tokio::spawn(driver);
    assert_eq!(client.query(CANARIES, &[]).await.unwrap().len(), 0);
    // What a pooled connection is left with after a transaction: an empty setting.
    client.batch_execute("BEGIN; SELECT set_config('havn.account', 'x', true); ROLLBACK").await.unwrap();
    assert_eq!(client.query(CANARIES, &[]).await.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_forced_row_level_security() {
    let desk = Desk::on_postgres().await;
    let outsider = desk.database.as_ref().unwrap().superuser().await;
    let open = "SELECT relname::text FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid))";
    let open: Vec<String> = outsider.query(open, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(open, ["schema_version"]);
    let keys = "SELECT relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE relnamespace = 'public'::regnamespace AND (indisprimary OR indisunique) AND a.attname <> 'account_id'";
    assert_eq!(outsider.query(keys, &[]).await.unwrap().len(), 0, "each key begins with the account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_looks_past_the_walls_is_refused() {
    let database = testkit::postgres().await;
    let refused = PostgresPool::open(database.superuser_connector(), 2).await.err();
    assert!(matches!(refused, Some(Error::TooPowerful(_))), "{refused:?}");
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let made: i64 = database.superuser().await.query_one(tables, &[]).await.unwrap().get(0);
    assert_eq!(made, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_migrate_at_once_migrate_once() {
    let database = testkit::postgres().await;
    let opened = futures::future::join_all((0..4).map(|_| PostgresPool::open(database.connector(), 2))).await;
    assert!(opened.iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_postgres_schema_is_refused_and_left_alone() {
    let database = testkit::postgres().await;
    drop(PostgresPool::open(database.connector(), 2).await.unwrap());
    let outsider = database.superuser().await;
    outsider.batch_execute("UPDATE schema_version SET version = 99").await.unwrap();
    let refused = PostgresPool::open(database.connector(), 2).await.err();
    assert!(matches!(refused, Some(Error::NewerSchema { found: 99, known: store::SCHEMA })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_opens_nothing() {
    let desk = Desk::on_sqlite().await;
    let stores = Stores::new(Place::Folder(desk.folder.path().to_owned()), desk.clock.clone());
    let key = AccountKey::from_bytes([9; 32]);
    let store = stores.open(&lease(desk.account, 1), &key, &desk.access()).unwrap();
    let read = store.read(&desk.access(), |read| read.newest_event()).await;
    assert!(matches!(read, Err(Error::WrongKey)), "{read:?}");
    let write = store.write(&desk.access(), |tx| tx.next_number(store::Counter::Event)).await;
    assert!(matches!(write, Err(Error::WrongKey)), "{write:?}");
    assert_eq!(desk.read(|read| read.newest_event()).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_sqlite_schema_is_refused_and_left_alone() {
    let desk = Desk::on_sqlite().await;
    let path = file(desk.folder.path(), desk.account);
    drop((desk.store, desk.stores));
    while path.with_extension("db-wal").exists() {
        tokio::task::yield_now().await;
    }
    let connection = beside(&path);
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    let stores = Stores::new(Place::Folder(desk.folder.path().to_owned()), desk.clock.clone());
    let store = stores.open(&lease(desk.account, 1), &desk.key, &task(desk.account)).unwrap();
    let read = store.read(&task(desk.account), |read| read.newest_event()).await;
    assert!(matches!(read, Err(Error::NewerSchema { found: 99, known: store::SCHEMA })), "{read:?}");
    let write = store.write(&task(desk.account), |tx| tx.next_number(store::Counter::Event)).await;
    assert!(matches!(write, Err(Error::NewerSchema { .. })), "{write:?}");
    drop((store, stores));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_tells_nothing() {
    let desk = Desk::on_sqlite().await;
    desk.write(|tx| tx.update_account(&crate::place::account_row("a planted sentence"))).await.unwrap();
    drop((desk.store, desk.stores));
    for entry in std::fs::read_dir(file(desk.folder.path(), desk.account).parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(9).any(|part| part == b"a planted" || part == b"SQLite fo"), "{path:?}");
        }
    }
}
