//! Experiment A24: requests that two programs could read in two ways, or that are too much.

use std::{
    io::{Read, Write},
    net::SocketAddr,
};

use tempfile::tempdir;

use crate::program::{Demo, connect, http};

/// The desk may have grown so much by all of it.
const GROWN_KILOBYTES_MAX: u64 = 64 * 1024;

/// Where an account's pages are.
fn site(demo: &Demo) -> (SocketAddr, String) {
    let host = demo.account(0)["url"].as_str().unwrap()["http://".len()..].to_owned();
    (SocketAddr::from(([127, 0, 0, 1], host.rsplit_once(':').unwrap().1.parse().unwrap())), host)
}

/// Sends bytes on a connection of their own, and reads until the server hangs up. Once it answers, it is told
/// that no more will come: told before, it would not answer at all.
fn send(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(to);
    // A server that has read enough hangs up in the middle.
    let _ = stream.write_all(bytes);
    let mut answer = vec![0; 64 * 1024];
    let begun = stream.read(&mut answer).unwrap_or_default();
    answer.truncate(begun);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses of all answers on a connection.
fn statuses(answer: &str) -> Vec<u16> {
    let heads = answer.split("HTTP/1.1 ").skip(1);
    heads.filter_map(|head| head.get(..3)?.parse().ok()).collect()
}

#[test]
fn a_request_has_one_meaning_or_none() {
    let folder = tempdir().unwrap();
    let demo = Demo::start(folder.path(), &["--empty", "--no-outside"]);
    let (to, host) = site(&demo);
    let hidden = format!("GET /smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let post = |headers: &str, body: &str| {
        format!("POST /login HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n\r\n{body}")
    };
    let refused = [
        ("two lengths", post("Content-Length: 0\r\nContent-Length: 44", &hidden)),
        ("two lengths in one", post("Content-Length: 0, 44", &hidden)),
        ("a signed length", post("Content-Length: +0", "")),
        ("a length in hexadecimal", post("Content-Length: 0x10", &hidden)),
        ("an unknown coding", post("Transfer-Encoding: xchunked", &format!("0\r\n\r\n{hidden}"))),
        (
            "chunked, and not last",
            post("Transfer-Encoding: chunked, identity", &format!("0\r\n\r\n{hidden}")),
        ),
        ("a blank before the colon", post("Transfer-Encoding : chunked", &format!("0\r\n\r\n{hidden}"))),
        ("a folded header", post("X-One: a\r\n Transfer-Encoding: chunked", &format!("0\r\n\r\n{hidden}"))),
        ("a NUL", post("X-One: a\0b", "")),
        ("a bare carriage return", post("X-One: a\rTransfer-Encoding: chunked", "")),
        ("an unknown version", format!("GET / HTTP/3.7\r\nHost: {host}\r\n\r\n")),
        ("no version", "GET /\r\n\r\n".into()),
        ("a blank in the path", format!("GET /a b HTTP/1.1\r\nHost: {host}\r\n\r\n")),
        ("too many headers", format!("GET / HTTP/1.1\r\nHost: {host}\r\n{}\r\n", "X: y\r\n".repeat(500))),
    ];
    for (what, request) in refused {
        let answer = send(to, request.as_bytes());
        let statuses = statuses(&answer);
        assert!(statuses.iter().all(|status| (400..500).contains(status)), "{what}: {answer}");
        assert!(statuses.len() <= 1, "{what}: a second request was read: {answer}");
    }
    // Both a length and chunks: what a proxy that counts by the length lets through is not read as a request.
    for (what, headers) in [
        ("a length before chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        ("a length after chunks", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
    ] {
        let answer = send(to, post(headers, &format!("0\r\n\r\n{hidden}")).as_bytes());
        let ends = answer.to_ascii_lowercase().contains("connection: close");
        assert!(ends && statuses(&answer).len() == 1, "{what}: {answer}");
    }
    for (what, path) in [
        ("escaped dots", "/%2e%2e/login"),
        ("two slashes", "//login"),
        ("a semicolon", "/login;x"),
        ("dots", "/x/../login"),
    ] {
        let (status, body) = http(to, &host, "GET", path, None, None);
        assert_eq!(status, 404, "{what}: {body}");
    }
    let elsewhere = send(to, b"GET /login HTTP/1.1\r\nHost: nobody.localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(statuses(&elsewhere), [404], "another host");
    let two =
        format!("GET /login HTTP/1.1\r\nHost: {host}\r\nHost: other.localhost\r\nConnection: close\r\n\r\n");
    assert!(
        statuses(&send(to, two.as_bytes())).iter().all(|status| (400..500).contains(status)),
        "two hosts"
    );
    let (status, _) = http(to, &host, "GET", "/login", None, None);
    assert_eq!(status, 200, "others go on");
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A request's headers, each as a literal.
fn block(headers: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    headers.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

#[test]
fn a_large_request_ends_early_and_others_go_on() {
    let folder = tempdir().unwrap();
    let demo = Demo::start(folder.path(), &["--empty", "--no-outside"]);
    let (to, host) = site(&demo);
    let token = demo.account(0)["token"].as_str().unwrap().to_owned();
    let desk: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("data/running.json")).unwrap()).unwrap();
    let kilobytes = || -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", desk["pid"])).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let before = kilobytes();
    let head = format!(
        "POST /api/v1/tags HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
        Content-Type: application/json\r\nConnection: close\r\n"
    );
    let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let cases = [
        (
            "100 MB",
            format!("{head}Content-Length: 104857600\r\n\r\n{{\"name\":\"").into_bytes(),
            vec![b'a'; 8 << 20],
        ),
        (
            "no end",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes(),
            b"10000\r\n"
                .iter()
                .copied()
                .chain(vec![b'['; 1 << 16])
                .chain(*b"\r\n")
                .cycle()
                .take(8 << 20)
                .collect(),
        ),
        (
            "a chunk beyond all numbers",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes(),
            b"fffffffffffffffff\r\n".to_vec(),
        ),
        (
            "packed",
            format!("{head}Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n").into_bytes(),
            bomb.to_vec(),
        ),
        (
            "a head without end",
            format!("GET / HTTP/1.1\r\nHost: {host}\r\n").into_bytes(),
            b"X-Header: value\r\n".repeat(500_000),
        ),
    ];
    for (what, head, body) in cases {
        let answer = send(to, &[head, body].concat());
        let good = statuses(&answer).iter().all(|status| (400..500).contains(status));
        assert!(good, "{what}: {}", answer.chars().take(300).collect::<String>());
    }
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut odd = [preface.as_slice(), &frame(4, 0, 0, &[])].concat();
    let smuggled = [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/login"),
        (":authority", &host),
        ("x-one", "a\r\nx-two: b"),
    ];
    odd.extend(frame(1, 5, 1, &block(&smuggled)));
    let answer = send(to, &odd);
    assert!(!answer.contains("<html"), "a line end in a header of HTTP/2 is no request");
    // Opened and taken back, again and again.
    let mut resets = [preface.as_slice(), &frame(4, 0, 0, &[])].concat();
    for stream in (1..20_000_u32).step_by(2) {
        resets.extend(frame(1, 5, stream, &block(&smuggled[..4])));
        resets.extend(frame(3, 0, stream, &8_u32.to_be_bytes()));
    }
    send(to, &resets);
    let (status, _) = http(to, &host, "GET", "/login", None, None);
    assert_eq!(status, 200, "others go on");
    let grown = kilobytes().saturating_sub(before);
    assert!(grown < GROWN_KILOBYTES_MAX, "the desk has grown by {grown} kB");
}
