//! What the door writes is what the other side counted, whoever closes first.

use crate::desk::{desk, naming, relay_at};
use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Who ends the connection, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The desk drops it; the other side reads to the end.
    DeskDrops,
    /// The desk says that no more comes, then reads to the end.
    DeskShuts,
    /// The other side closes when it has everything; the desk reads to the end.
    OtherCloses,
}

fn ends() -> impl Strategy<Value = End> {
    prop_oneof![Just(End::DeskDrops), Just(End::DeskShuts), Just(End::OtherCloses)]
}

fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0), Just(1), 2..2000_usize, 60_000..70_000_usize, 500_000..3_000_000_usize]
}

async fn counted(out: usize, into: usize, end: End) -> ((u64, u64, Option<String>), (u64, u64)) {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let desk = desk(naming(&[address]));
    let mut connection = desk.egress.dial(relay_at(address)).await.unwrap();
    let (mut other, _) = server.accept().await.unwrap();

    let other_side = tokio::spawn(async move {
        other.write_all(&vec![b'i'; into]).await.unwrap();
        let mut received = vec![0; out];
        other.read_exact(&mut received).await.unwrap();
        if end == End::OtherCloses {
            drop(other);
            return received.len();
        }
        out + other.read_to_end(&mut received).await.unwrap()
    });

    let mut received = vec![0; into];
    connection.read_exact(&mut received).await.unwrap();
    connection.write_all(&vec![b'o'; out]).await.unwrap();
    if end == End::DeskShuts {
        connection.shutdown().await.unwrap();
    }
    if end != End::DeskDrops {
        assert_eq!(connection.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    }
    drop(connection);
    let other_counted = other_side.await.unwrap();
    (desk.outcome().await, (other_counted as u64, into as u64))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn equal_what_the_other_side_counted(out in sizes(), into in sizes(), end in ends()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ((written_out, written_in, error), (other_in, other_out)) = runtime.block_on(counted(out, into, end));
        prop_assert_eq!((written_out, written_in), (other_in, other_out));
        prop_assert_eq!(error, None);
    }
}

#[tokio::test]
async fn a_copy_of_the_socket_sends_nothing_after_the_count() {
    use std::{io::Write, os::fd::AsFd};
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let desk = desk(naming(&[address]));
    let mut connection = desk.egress.dial(relay_at(address)).await.unwrap();
    let (mut other, _) = server.accept().await.unwrap();
    connection.write_all(b"counted").await.unwrap();
    let mut copy = std::net::TcpStream::from(connection.as_fd().try_clone_to_owned().unwrap());
    drop(connection);
    assert_eq!(desk.outcome().await, (7, 0, None));
    assert!(copy.write_all(b"not counted").is_err());
    let mut received = Vec::new();
    other.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"counted");
}
