//! One dial: who is let through, what is written, what comes back.

use crate::desk::{desk, naming, relay, relay_at};
use egress::DialError;
use evidence::Flow;
use register::{Ask, Basis, PermitRefusal};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use words::Purpose;

#[tokio::test]
async fn a_permitted_connection_works_and_leaves_intent_and_outcome() {
    let relay_server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = relay_server.local_addr().unwrap();
    let desk = desk(naming(&[address]));

    let mut connection = desk.egress.dial(relay_at(address)).await.unwrap();
    assert_eq!(connection.peer().unwrap(), address);
    let intents = desk.flows(|flows| !flows.is_empty()).await;
    assert!(
        matches!(&intents[..], [Flow::Intent { connection: 0, purpose: Purpose::MailRelay, address: to, basis, .. }]
            if *to == address.to_string() && basis == "instruction"),
        "{intents:?}"
    );

    let (mut other, _) = relay_server.accept().await.unwrap();
    connection.write_all(b"EHLO\r\n").await.unwrap();
    other.write_all(b"250 ok\r\n").await.unwrap();
    let mut answer = [0; 8];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"250 ok\r\n");
    drop(connection);

    let mut rest = Vec::new();
    other.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"EHLO\r\n", "the door closed what the desk was done with");
    assert_eq!(desk.outcome().await, (6, 8, None));
}

#[tokio::test]
async fn a_refusal_has_its_reason_and_its_line() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let desk = desk(naming(&[]));
    let refused = desk.egress.dial(relay_at(address)).await.unwrap_err();
    assert_eq!(refused, DialError::Refused(PermitRefusal::PrivateAddress(address.ip())));

    let wrong = Ask { basis: Basis::Operator, ..relay("relay.example", 25) };
    assert_eq!(desk.egress.dial(wrong).await.unwrap_err(), DialError::Refused(PermitRefusal::WrongBasis));

    let flows = desk.flows(|flows| flows.len() == 2).await;
    assert!(flows.iter().all(|flow| matches!(flow, Flow::Refused { .. })), "{flows:?}");
}

#[tokio::test]
async fn another_port_of_a_named_address_is_refused() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let desk = desk(naming(&[server.local_addr().unwrap()]));
    let refused = desk.egress.dial(relay_at(other.local_addr().unwrap())).await;
    assert!(matches!(refused, Err(DialError::Refused(PermitRefusal::PrivateAddress(_)))));
}

#[tokio::test]
async fn nobody_listening_is_told_and_counted_as_nothing() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    drop(server);
    let desk = desk(naming(&[address]));
    assert_eq!(desk.egress.dial(relay_at(address)).await.unwrap_err(), DialError::NobodyListens);
    let (out, into, error) = desk.outcome().await;
    assert_eq!((out, into, error.as_deref()), (0, 0, Some("nobody listens there")));
}

#[tokio::test]
async fn many_at_once_each_get_their_own() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let desk = desk(naming(&[address]));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = server.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = socket.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    let callers: Vec<_> = (0..100_u8)
        .map(|n| {
            let egress = desk.egress.clone();
            tokio::spawn(async move {
                let mut connection = egress.dial(relay_at(address)).await.unwrap();
                connection.write_all(&[n; 10]).await.unwrap();
                let mut back = [0; 10];
                connection.read_exact(&mut back).await.unwrap();
                assert_eq!(back, [n; 10]);
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let outcome =
        |flow: &&Flow| matches!(flow, Flow::Outcome { bytes_out: 10, bytes_in: 10, error: None, .. });
    desk.flows(|flows| flows.iter().filter(outcome).count() == 100).await;
}
