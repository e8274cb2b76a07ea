//! The program, started as anybody starts it, and what one says to it over the loopback.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long something may take that happens at once on a quiet machine.
const WAIT: Duration = Duration::from_mins(1);

/// The program's file.
pub fn havn() -> &'static str {
    env!("CARGO_BIN_EXE_havn")
}

/// The root of the tree.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Runs a command to its end.
pub fn run(words: &[&str], dir: &Path) -> Output {
    Command::new(havn()).args(words).arg("--dir").arg(dir).stdin(Stdio::null()).output().unwrap()
}

/// A demo that runs. It ends with this value.
pub struct Demo {
    child: Child,
    /// The line it printed.
    pub says: Value,
}

impl Demo {
    /// Starts it, and waits until it is ready.
    pub fn start(dir: &Path, words: &[&str]) -> Self {
        let mut child = Command::new(havn())
            .args(["demo", "--json", "--dir"])
            .arg(dir)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let says = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the demo says {line:?}"));
        Self { child, says }
    }

    /// The account of this number.
    pub fn account(&self, number: usize) -> &Value {
        &self.says["accounts"][number]
    }

    /// An address that it printed.
    pub fn address(&self, name: &str) -> SocketAddr {
        self.says[name].as_str().unwrap().parse().unwrap()
    }

    /// Asks the API of an account.
    pub fn api(&self, account: usize, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let account = self.account(account);
        let (host, token) =
            (&account["url"].as_str().unwrap()["http://".len()..], account["token"].as_str().unwrap());
        let port = host.rsplit_once(':').unwrap().1.parse().unwrap();
        let to = SocketAddr::from(([127, 0, 0, 1], port));
        let (status, body) = http(to, host, method, path, Some(token), body);
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// What the outside world got.
    pub fn outside(&self) -> Vec<Value> {
        let host = &self.says["outside"]["url"].as_str().unwrap()["http://".len()..];
        let (_, body) = http(host.parse().unwrap(), host, "GET", "/letters.json", None, None);
        serde_json::from_str::<Value>(&body).unwrap()["items"].as_array().unwrap().clone()
    }

    /// Asks it to end, and waits until it has.
    pub fn end(mut self) -> i32 {
        self.signal("-TERM");
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.signal("-TERM");
        let _ = self.child.wait();
    }
}

/// Waits until something is there.
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_in(WAIT, what, look)
}

/// The same for what may take its time.
pub fn until_in<T>(wait: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < wait, "waited too long for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[expect(clippy::disallowed_methods, reason = "a client of the program under test, on the loopback")]
pub fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    stream
}

/// One request on a connection of its own: status and body.
pub fn http(
    to: SocketAddr,
    host: &str,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> (u16, String) {
    let mut stream = connect(to);
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    if let Some(token) = token {
        head = format!("{head}Authorization: Bearer {token}\r\n");
    }
    if !body.is_empty() {
        head = format!("{head}Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) =
        answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {path}: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    (status, if chunked { unchunked(body) } else { body.to_owned() })
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Ok(size @ 1..) = usize::from_str_radix(size, 16) else { break };
        whole.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

/// Brings a mail by SMTP, and gives the last reply.
pub fn smtp(to: SocketAddr, from: &str, recipient: &str, mail: &str) -> String {
    let mut stream = BufReader::new(connect(to));
    reply(&mut stream);
    for line in
        ["EHLO client.example", &format!("MAIL FROM:<{from}>"), &format!("RCPT TO:<{recipient}>"), "DATA"]
    {
        stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        let said = reply(&mut stream);
        assert!(said.starts_with(['2', '3']), "{line}: {said}");
    }
    let mail = mail.replace('\n', "\r\n");
    stream.get_mut().write_all(format!("{mail}\r\n.\r\n").as_bytes()).unwrap();
    reply(&mut stream)
}

fn reply(stream: &mut BufReader<TcpStream>) -> String {
    let mut whole = String::new();
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the server hung up: {whole}");
        let last = line.as_bytes().get(3) != Some(&b'-');
        whole.push_str(&line);
        if last {
            return whole;
        }
    }
}
