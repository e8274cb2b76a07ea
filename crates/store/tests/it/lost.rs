//! A connection to PostgreSQL that breaks: what is not known is said to be unknown.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use store::{Connector, Error, Place, PostgresPool, Stores};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_postgres::NoTls;
use words::Clock;

use crate::place::{Desk, NOON, lease};

/// Where the connection breaks, once.
#[derive(Debug, Clone, Copy)]
enum Break {
    /// Before the server has heard of the commit.
    Before,
    /// After it, before its answer.
    After,
}

/// Connections over a stream that breaks at the next commit, if `armed`.
async fn breaking(desk: &Desk, at: Break, armed: Arc<AtomicBool>) -> Connector {
    let database = desk.database.as_ref().unwrap();
    let (_, config) = database.stream().await;
    let streams = Arc::new(tokio::sync::Mutex::new(Vec::new()));
    for _ in 0..8 {
        streams.lock().await.push(database.stream().await.0);
    }
    Arc::new(move || {
        let (streams, config, armed) = (Arc::clone(&streams), config.clone(), Arc::clone(&armed));
        Box::pin(async move {
            let server = streams.lock().await.pop().expect("enough streams were made");
            let (ours, theirs) = tokio::io::duplex(64 * 1_024);
            tokio::spawn(stand_between(theirs, server, at, armed));
            let (client, connection) = config.connect_raw(ours, NoTls).await?;
            let driver: futures::future::BoxFuture<'static, ()> =
                Box::pin(async move { drop(connection.await) });
            Ok((client, driver))
        })
    })
}

async fn stand_between(
    client: DuplexStream,
    server: tokio::net::UnixStream,
    at: Break,
    armed: Arc<AtomicBool>,
) {
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut buffer = vec![0; 64 * 1_024];
    while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
        let bytes = &buffer[..length];
        let is_commit = bytes.windows(6).any(|part| part == b"COMMIT");
        if is_commit && armed.swap(false, Ordering::SeqCst) {
            back.abort();
            if matches!(at, Break::After) {
                let _ = to_server.write_all(bytes).await;
                // Not an end that the server sees before it has done what it was told.
                let _ = to_server.flush().await;
                std::mem::forget(to_server);
            }
            return;
        }
        if to_server.write_all(bytes).await.is_err() {
            return;
        }
    }
}

async fn a_lost_answer(at: Break) {
    let desk = Desk::on_postgres().await;
    let armed = Arc::new(AtomicBool::new(false));
    let pool = PostgresPool::open(breaking(&desk, at, Arc::clone(&armed)).await, 2).await.unwrap();
    let folder = desk.folder.path().to_owned();
    let stores = Stores::new(Place::Postgres { pool, folder }, Clock::fixed(NOON));
    let store = stores.open(&lease(desk.account, 1), &desk.key, &desk.access()).unwrap();
    let note = |tx: &mut store::Tx<'_>| tx.next_number(store::Counter::Conversation);
    assert_eq!(store.write(&desk.access(), note).await.unwrap(), 1);
    armed.store(true, Ordering::SeqCst);
    let lost = store.write(&desk.access(), note).await;
    assert!(matches!(lost, Err(Error::Unknown)), "{lost:?}");
    // The next unit has a new connection and a number that was not acknowledged to anybody.
    let next = store.write(&desk.access(), note).await.unwrap();
    match at {
        Break::Before => assert_eq!(next, 2),
        Break::After => assert_eq!(next, 3),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_did_not_arrive_is_unknown() {
    a_lost_answer(Break::Before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_unknown() {
    a_lost_answer(Break::After).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_sessions_is_asked_again() {
    let desk = Desk::on_postgres().await;
    desk.write(|tx| tx.next_number(store::Counter::Event)).await.unwrap();
    let outsider = desk.database.as_ref().unwrap().superuser().await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended: i64 = outsider.query_one(end, &[]).await.unwrap().get(0);
    assert!(ended > 0);
    // At most one unit meets each ended session, and is told; then it goes on.
    let mut refused = 0;
    let number = loop {
        match desk.write(|tx| tx.next_number(store::Counter::Event)).await {
            Ok(number) => break number,
            Err(Error::Unreachable(_)) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
        assert!(refused <= ended, "it goes on refusing");
    };
    assert_eq!(number, 2);
}
