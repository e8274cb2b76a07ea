//! `havn serve` as browsers and proxies meet it: TLS, limits, and its end.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::{CertificateDer, ServerName};
use tempfile::tempdir;

use crate::{
    program::{connect, run, until},
    served::{Served, change_file, ended_demo},
};

/// What HTTP/2 begins with: its first line, and empty settings.
const BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A certificate for the accounts of the demo: chain and key as PEM, and the certificate.
fn certificate() -> (String, String, CertificateDer<'static>) {
    let names = vec!["localhost".to_owned(), "nordlys.localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem(), made.cert.der().clone())
}

/// TLS to the desk as somebody who trusts this certificate alone; the error is the handshake's.
fn tls(
    to: SocketAddr,
    host: &str,
    trusted: &CertificateDer<'static>,
    protocols: &[&str],
) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(host.split(':').next().unwrap().to_owned()).unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, connect(to));
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

/// The first line of the answer to a request that is written out.
fn first_line(stream: &mut (impl Read + Write), request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}

fn get(host: &str) -> String {
    format!("GET /login HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// `GET /login` as the header block of HTTP/2, every name and value written out.
fn get_block(host: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x87, 0x44];
    for (index, value) in ["/login", host].into_iter().enumerate() {
        if index == 1 {
            block.push(0x41);
        }
        block.push(u8::try_from(value.len()).unwrap());
        block.extend(value.as_bytes());
    }
    block
}

/// Reads frames until one of this kind comes: its payload.
fn read_until(stream: &mut impl Read, kind: u8) -> Vec<u8> {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).unwrap();
        if head[3] == kind {
            return payload;
        }
    }
}

/// Writes both files where the operator's file names them.
fn put(dir: &Path, certificate: &str, key: &str) {
    fs::write(dir.join("tls.pem"), certificate).unwrap();
    fs::write(dir.join("tls.key"), key).unwrap();
}

fn serve_with_tls(dir: &Path, certificate: &str, key: &str) -> Served {
    let demo = ended_demo(dir);
    put(dir, certificate, key);
    change_file(
        dir,
        &[
            ("https = false", "https = true"),
            ("[web]\n", "[web]\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n"),
            ("level = \"warn\"", "level = \"info\""),
        ],
    );
    Served::start(dir, demo)
}

#[test]
fn a_certificate_is_taken_anew_when_it_changes_and_a_wrong_one_is_not() {
    let folder = tempdir().unwrap();
    let dir = folder.path();
    let ((chain, key, first), (new_chain, new_key, second)) = (certificate(), certificate());
    let served = serve_with_tls(dir, &chain, &key);
    let (web, host) = (served.address("web"), served.host());

    let said = run(&["doctor"], dir);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("the pages' certificate does not hold for *.localhost"), "{said}");
    let mut stream = tls(web, &host, &first, &["h2", "http/1.1"]).unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
    stream.write_all(BEGINNING).unwrap();
    stream.write_all(&frame(1, 5, 1, &get_block(&host))).unwrap();
    assert_eq!(read_until(&mut stream, 1)[0], 0x88, "HTTP/2 gives the page: status 200");
    let mut stream = tls(web, &host, &first, &["http/1.1"]).unwrap();
    assert!(first_line(&mut stream, &get(&host)).starts_with("HTTP/1.1 200"));
    let mut plain = connect(web);
    plain.write_all(get(&host).as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "where TLS is spoken, nothing else is");

    for (wrong, what) in
        [(&new_chain[..new_chain.len() / 2], "half of it"), (&new_chain[..], "another key's")]
    {
        let told = served.log().matches("the old one stays").count();
        fs::write(dir.join("tls.pem"), wrong).unwrap();
        until(what, || (served.log().matches("the old one stays").count() > told).then_some(()));
        let mut stream = tls(web, &host, &first, &["http/1.1"]).expect(what);
        assert!(first_line(&mut stream, &get(&host)).starts_with("HTTP/1.1 200"), "{what}");
    }
    fs::write(dir.join("tls.key"), &new_key).unwrap();
    until("the new certificate", || tls(web, &host, &second, &["h2"]).ok());
    assert!(tls(web, &host, &first, &["h2"]).is_err(), "the old one is gone");
    assert_eq!(served.end(), 0);
}

#[test]
fn what_is_too_much_is_refused_with_a_word() {
    let folder = tempdir().unwrap();
    let (chain, key, trusted) = certificate();
    let served = serve_with_tls(folder.path(), &chain, &key);
    let (web, host) = (served.address("web"), served.host());
    let over_http1 = || tls(web, &host, &trusted, &["http/1.1"]).unwrap();

    let long = format!("GET / HTTP/1.1\r\nHost: {host}\r\nX-Long: {}\r\n\r\n", "x".repeat(70_000));
    assert!(first_line(&mut over_http1(), &long).starts_with("HTTP/1.1 431"), "a head of 70 kB");
    let many = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{}\r\n", "X-Many: 1\r\n".repeat(200));
    assert!(first_line(&mut over_http1(), &many).starts_with("HTTP/1.1 431"), "200 headers");
    let two = format!(
        "POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    );
    let said = first_line(&mut over_http1(), &two);
    assert!(!said.starts_with("HTTP/1.1 200"), "a body of two lengths: {said}");

    // HTTP/2 rapid reset: requests taken back as fast as they are made.
    let mut stream = tls(web, &host, &trusted, &["h2"]).unwrap();
    stream.write_all(BEGINNING).unwrap();
    let mut burst = Vec::new();
    for number in 0..1_000 {
        burst.extend(frame(1, 5, 2 * number + 1, &get_block(&host)));
        burst.extend(frame(3, 0, 2 * number + 1, &8_u32.to_be_bytes()));
    }
    // It may hang up while we write.
    let _ = stream.write_all(&burst);
    let away = read_until(&mut stream, 7);
    assert_eq!(away[4..8], 11_u32.to_be_bytes(), "it is told to calm down");
    // Headers without end.
    let mut stream = tls(web, &host, &trusted, &["h2"]).unwrap();
    stream.write_all(BEGINNING).unwrap();
    let piece = [&[0x00, 0x01, b'x', 0x7f, 0x81, 0x7c][..], &vec![b'y'; 16_000]].concat();
    let _ = stream.write_all(&frame(1, 1, 1, &piece));
    for _ in 0..200 {
        if stream.write_all(&frame(9, 0, 1, &piece)).is_err() {
            break;
        }
    }
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(first_line(&mut over_http1(), &get(&host)).starts_with("HTTP/1.1 200"), "others are served");
}

#[test]
fn one_connection_too_many_is_told_but_a_named_proxy_connects_for_many() {
    let folder = tempdir().unwrap();
    let demo = ended_demo(folder.path());
    let file = folder.path().join("havn.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[limits]\nweb_connections_per_address_max = 2\n")).unwrap();
    let served = Served::start(folder.path(), demo.clone());
    let held = [connect(served.address("web")), connect(served.address("web"))];
    let mut third = connect(served.address("web"));
    let mut said = String::new();
    third.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("Retry-After"), "{said:?}");
    drop(held);
    assert_eq!(served.end(), 0);

    change_file(folder.path(), &[("[web]\n", "[web]\nproxies = [\"127.0.0.1\"]\n")]);
    let served = Served::start(folder.path(), demo);
    let _held: Vec<_> = (0..5).map(|_| connect(served.address("web"))).collect();
    let mut sixth = connect(served.address("web"));
    let request =
        get(&served.host()).replacen("Connection", "X-Forwarded-For: 198.51.100.7\r\nConnection", 1);
    assert!(first_line(&mut sixth, &request).starts_with("HTTP/1.1 200"));
}

#[test]
fn at_the_end_a_mail_in_the_middle_is_stored_and_streams_close() {
    let folder = tempdir().unwrap();
    let demo = ended_demo(folder.path());
    let served = Served::start(folder.path(), demo.clone());
    let mailbox = served.mailbox();

    let mut events = BufReader::new(connect(served.address("web")));
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nAccept: text/event-stream\r\n\r\n",
        served.host(),
        served.token()
    );
    let mut line = String::new();
    events.get_mut().write_all(request.as_bytes()).unwrap();
    events.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");

    let mut smtp = BufReader::new(connect(served.address("smtp")));
    let mut said = |words: &str| {
        smtp.get_mut().write_all(words.as_bytes()).unwrap();
        let mut reply = String::new();
        while smtp.read_line(&mut reply).unwrap() > 0 && reply.lines().last().unwrap().as_bytes()[3] == b'-' {
        }
        reply
    };
    said("");
    said("EHLO client.example\r\n");
    said("MAIL FROM:<kim@post.example>\r\n");
    assert!(said(&format!("RCPT TO:<{mailbox}>\r\n")).starts_with("250"));
    assert!(said("DATA\r\n").starts_with("354"));
    let idle = connect(served.address("smtp"));
    let mut idle = BufReader::new(idle);
    let mut greeting = String::new();
    idle.read_line(&mut greeting).unwrap();

    served.ask_to_end();
    let mut goodbye = String::new();
    idle.read_line(&mut goodbye).unwrap();
    assert!(goodbye.starts_with("421"), "who is between mails is sent away: {goodbye}");
    let mail = "From: kim@post.example\r\nSubject: At the last moment\r\nMessage-ID: <last@post.example>\r\n\r\nHello\r\n.\r\n";
    assert!(said(mail).starts_with("250"), "the mail in the middle is stored");
    let mut rest = Vec::new();
    events.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(b"\r\n0\r\n\r\n"), "the stream ends whole: {}", rest.escape_ascii());
    assert_eq!(served.wait(), 0);

    change_file(folder.path(), &[("level = \"warn\"", "level = \"debug\"")]);
    let again = Served::start_without_log(folder.path(), demo);
    let (_, list) = again.api("GET", "/api/v1/conversations?limit=5", None);
    assert_eq!(list["items"][0]["subject"], "At the last moment", "{list}");
    assert_eq!(again.end(), 0, "that its log cannot be written stops nobody");
}
