//! Supervisor, door and sealed desk as three processes of this very test program.

use crate::desk::{is_outcome, relay_at};
use egress::{
    Connection, Door, Egress, Inherited, RulesPlace, seal,
    supervisor::{Plan, run},
};
use evidence::Flow;
use std::{
    ffi::OsString,
    fs,
    net::SocketAddr,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Where the processes of one test meet: `havn.toml`, the folder `spool`, and the file `desk` with the
/// desk's number and address.
const FOLDER: &str = "EGRESS_TEST_FOLDER";

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

fn become_test(name: &str) -> Vec<OsString> {
    [name, "--exact", "--ignored", "--nocapture"].map(OsString::from).to_vec()
}

#[test]
#[ignore = "the supervisor of the tests below"]
fn as_supervisor() {
    if folder().is_none() {
        return;
    }
    let plan = Plan {
        door: become_test("supervised::as_door"),
        desk: become_test("supervised::as_desk"),
        door_user: None,
        listen: vec![("orders".into(), "127.0.0.1:0".parse().unwrap())],
    };
    std::process::exit(run(&plan).unwrap());
}

#[test]
#[ignore = "the door of the tests below"]
fn as_door() {
    let Some(folder) = folder() else { return };
    let code = match Door::process(&folder.join("havn.toml"), rules_of(&folder), &folder.join("spool")) {
        Ok(()) => 0,
        Err(error) => error.exit_code(),
    };
    std::process::exit(code.into());
}

/// A sealed desk that does what callers order, a line each: `dial ADDRESS`, `say WORD`, `hear N`, `drop`,
/// `seize PROCESS`, `move FOLDER`, `end CODE`, `panic`.
#[test]
#[ignore = "the desk of the tests below"]
fn as_desk() {
    let Some(folder) = folder() else { return };
    let mut inherited = Inherited::for_desk().unwrap();
    let listener = inherited.listener("orders").unwrap();
    let address = listener.local_addr().unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let egress = Egress::on(inherited.channel.try_clone().unwrap()).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let mut asked_to_end =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
        seal().unwrap();
        fs::write(folder.join("desk.new"), format!("{} {address}", std::process::id())).unwrap();
        fs::rename(folder.join("desk.new"), folder.join("desk")).unwrap();
        loop {
            let (caller, _) = tokio::select! {
                caller = listener.accept() => caller.unwrap(),
                _ = asked_to_end.recv() => std::process::exit(0),
            };
            tokio::spawn(obey(caller, egress.clone()));
        }
    });
}

async fn obey(caller: TcpStream, egress: Egress) {
    let (from, mut to) = caller.into_split();
    let mut orders = BufReader::new(from).lines();
    let mut connection: Option<Connection> = None;
    while let Some(order) = orders.next_line().await.unwrap() {
        let (verb, rest) = order.split_once(' ').unwrap_or((&order, ""));
        let answer = match verb {
            "dial" => match egress.dial(relay_at(rest.parse().unwrap())).await {
                Ok(dialled) => {
                    connection = Some(dialled);
                    "ok".to_owned()
                }
                Err(error) => error.to_string(),
            },
            "say" => {
                connection.as_mut().unwrap().write_all(rest.as_bytes()).await.unwrap();
                "ok".to_owned()
            }
            "hear" => {
                let mut heard = vec![0; rest.parse().unwrap()];
                connection.as_mut().unwrap().read_exact(&mut heard).await.unwrap();
                String::from_utf8(heard).unwrap()
            }
            "drop" => {
                connection = None;
                "ok".to_owned()
            }
            "seize" => match fs::OpenOptions::new().write(true).open(format!("/proc/{rest}/mem")) {
                Ok(_) => "seized".to_owned(),
                Err(error) => error.kind().to_string(),
            },
            "move" => {
                let (from, to) = (format!("{rest}/from"), format!("{rest}/to"));
                fs::create_dir_all(&from).and_then(|()| fs::create_dir_all(&to)).unwrap();
                fs::write(format!("{from}/file"), "kept").unwrap();
                match fs::rename(format!("{from}/file"), format!("{to}/file")) {
                    Ok(()) => "moved".to_owned(),
                    Err(error) => error.to_string(),
                }
            }
            "panic" => std::process::exit(101),
            "end" => std::process::exit(rest.parse().unwrap()),
            other => format!("no order: {other}"),
        };
        to.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
    }
}

/// A whole Havn in small, and one who gives orders to its desk.
struct Havn {
    folder: TempDir,
    supervisor: Child,
}

impl Havn {
    fn start(private: &[SocketAddr]) -> Self {
        Self::start_with(&format!("[egress]\nprivate = {private:?}\n", private = texts(private)))
    }

    fn start_with(config: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("havn.toml"), config).unwrap();
        let supervisor = Command::new(std::env::current_exe().unwrap())
            .args(become_test("supervised::as_supervisor"))
            .env(FOLDER, folder.path())
            .spawn()
            .unwrap();
        Self { folder, supervisor }
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// The desk's process and address, once it has said so.
    async fn desk(&self) -> (u32, SocketAddr) {
        let text = until(|| fs::read_to_string(self.folder.path().join("desk")).ok()).await;
        let (process, address) = text.split_once(' ').unwrap();
        (process.parse().unwrap(), address.parse().unwrap())
    }

    /// The living child of this name, once there is one that is not `but`.
    async fn child(&self, name: &str, but: Option<u32>) -> u32 {
        until(|| children(self.supervisor.id(), name).into_iter().find(|process| Some(*process) != but)).await
    }

    async fn caller(&self) -> Caller {
        Caller { orders: BufReader::new(call(self.desk().await.1).await) }
    }

    fn flows(&self) -> Vec<Flow> {
        egress::spool::read(&self.spool()).unwrap().into_iter().map(|line| line.flow).collect()
    }

    async fn end(&mut self) -> ExitStatus {
        signal(self.supervisor.id(), libc::SIGTERM);
        self.ended().await
    }

    async fn ended(&mut self) -> ExitStatus {
        until(|| self.supervisor.try_wait().unwrap()).await
    }
}

impl Drop for Havn {
    fn drop(&mut self) {
        let _ = self.supervisor.kill();
        let _ = self.supervisor.wait();
    }
}

struct Caller {
    orders: BufReader<TcpStream>,
}

impl Caller {
    async fn order(&mut self, order: &str) -> String {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.orders.read_line(&mut answer).await.unwrap();
        answer.trim_end().to_owned()
    }
}

#[expect(clippy::disallowed_methods, reason = "somebody from outside, who is no part of Havn")]
async fn call(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

fn texts(addresses: &[SocketAddr]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn signal(process: u32, signal: i32) {
    let pid = rustix::process::Pid::from_raw(process.try_into().unwrap()).unwrap();
    let signal = rustix::process::Signal::from_named_raw(signal).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// The processes with this parent and this name (`havn-door`, `havn-desk`).
fn children(parent: u32, name: &str) -> Vec<u32> {
    let is_child = |process: &u32| {
        let folder = PathBuf::from(format!("/proc/{process}"));
        let stat = fs::read_to_string(folder.join("stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let line = fs::read(folder.join("cmdline")).unwrap_or_default();
        after_name.split_whitespace().nth(1) == Some(&parent.to_string()) && line.starts_with(name.as_bytes())
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(is_child)
        .collect()
}

fn is_gone(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.is_empty() || stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
}

async fn somebody() -> (TcpListener, SocketAddr) {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    (server, address)
}

#[tokio::test]
async fn a_sealed_desk_is_handed_a_connection_and_all_ends_when_asked() {
    let (server, address) = somebody().await;
    let mut havn = Havn::start(&[address]);
    let mut caller = havn.caller().await;
    assert_eq!(caller.order(&format!("dial {address}")).await, "ok");
    let (mut other, _) = server.accept().await.unwrap();
    assert_eq!(caller.order("say hello").await, "ok");
    other.write_all(b"good day").await.unwrap();
    assert_eq!(caller.order("hear 8").await, "good day");

    let (desk, _) = havn.desk().await;
    let door = havn.child("havn-door", None).await;
    let status = havn.end().await;
    assert_eq!(status.code(), Some(0));
    assert!(is_gone(desk) && is_gone(door));
    let flows = havn.flows();
    assert!(
        matches!(
            flows[..],
            [Flow::Intent { .. }, Flow::Outcome { bytes_out: 5, bytes_in: 8, error: None, .. }]
        ),
        "{flows:?}"
    );
}

#[tokio::test]
async fn a_killed_door_is_started_again_and_what_was_open_is_unknown() {
    let (server, address) = somebody().await;
    let mut havn = Havn::start(&[address]);
    let mut caller = havn.caller().await;
    assert_eq!(caller.order(&format!("dial {address}")).await, "ok");
    let _other = server.accept().await.unwrap();

    let door = havn.child("havn-door", None).await;
    signal(door, libc::SIGKILL);
    havn.child("havn-door", Some(door)).await;
    let unknown = |flow: &Flow| {
        is_outcome(flow)
            && matches!(flow, Flow::Outcome { error: Some(error), .. } if error.starts_with("unknown"))
    };
    until(|| havn.flows().iter().any(unknown).then_some(())).await;

    // What is asked while nobody is at the door may fail, and says so; asked again, it works.
    let mut again = havn.caller().await;
    let mut answer = again.order(&format!("dial {address}")).await;
    if answer == "the door was started again meanwhile" {
        answer = again.order(&format!("dial {address}")).await;
    }
    assert_eq!(answer, "ok");
    let (mut other, _) = server.accept().await.unwrap();
    assert_eq!(again.order("say abc").await, "ok");
    assert_eq!(again.order("drop").await, "ok");
    let mut heard = String::new();
    other.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "abc");
    assert_eq!(havn.end().await.code(), Some(0));
    assert!(matches!(havn.flows().last(), Some(Flow::Outcome { bytes_out: 3, error: None, .. })));
}

#[tokio::test]
async fn a_killed_desk_comes_back_at_the_same_port() {
    let (server, address) = somebody().await;
    let mut havn = Havn::start(&[address]);
    let mut caller = havn.caller().await;
    assert_eq!(caller.order(&format!("dial {address}")).await, "ok");
    let (mut other, _) = server.accept().await.unwrap();
    let (desk, at) = havn.desk().await;
    fs::remove_file(havn.folder.path().join("desk")).unwrap();
    signal(desk, libc::SIGKILL);
    // Its connections end with it, counted.
    assert_eq!(other.read(&mut [0; 1]).await.unwrap(), 0);
    let (new_desk, new_at) = havn.desk().await;
    assert!(new_desk != desk && new_at == at);
    let mut caller = havn.caller().await;
    assert_eq!(caller.order(&format!("dial {address}")).await, "ok");
    assert_eq!(havn.end().await.code(), Some(0));
    assert_eq!(
        havn.flows().iter().filter(|flow| matches!(flow, Flow::Outcome { error: None, .. })).count(),
        2
    );
}

#[tokio::test]
async fn the_desk_cannot_reach_into_the_door_the_supervisor_or_a_stranger() {
    let havn = Havn::start(&[]);
    let mut caller = havn.caller().await;
    let door = havn.child("havn-door", None).await;
    // This process is a stranger of the same user, which anybody of that user may look into.
    for process in [door, havn.supervisor.id(), std::process::id()] {
        assert_eq!(caller.order(&format!("seize {process}")).await, "permission denied");
    }
}

#[tokio::test]
async fn the_desk_can_move_a_file_from_one_folder_to_another() {
    let havn = Havn::start(&[]);
    let folder = havn.folder.path().display().to_string();
    assert_eq!(havn.caller().await.order(&format!("move {folder}")).await, "moved");
}

#[tokio::test]
async fn all_die_with_the_supervisor() {
    let mut havn = Havn::start(&[]);
    let (desk, _) = havn.desk().await;
    let door = havn.child("havn-door", None).await;
    havn.supervisor.kill().unwrap();
    assert_eq!(havn.ended().await.signal(), Some(libc::SIGKILL));
    until(|| (is_gone(desk) && is_gone(door)).then_some(())).await;
}

#[tokio::test]
async fn a_desk_that_says_why_it_ends_is_not_started_again() {
    let mut havn = Havn::start(&[]);
    let mut caller = havn.caller().await;
    caller.orders.write_all(b"end 1\n").await.unwrap();
    assert_eq!(havn.ended().await.code(), Some(1));
}

#[tokio::test]
async fn a_desk_that_panics_is_started_again() {
    let mut havn = Havn::start(&[]);
    let (desk, _) = havn.desk().await;
    let mut caller = havn.caller().await;
    fs::remove_file(havn.folder.path().join("desk")).unwrap();
    caller.orders.write_all(b"panic\n").await.unwrap();
    assert_ne!(havn.desk().await.0, desk);
    assert_eq!(havn.end().await.code(), Some(0));
}

#[tokio::test]
async fn a_file_that_is_not_right_ends_all_with_code_1() {
    let mut havn = Havn::start_with("[egress]\nprivat = []\n");
    assert_eq!(havn.ended().await.code(), Some(1));
}

#[tokio::test]
async fn an_altered_spool_ends_all_with_code_1() {
    let (_server, address) = somebody().await;
    let mut havn = Havn::start(&[address]);
    assert_eq!(havn.caller().await.order(&format!("dial {address}")).await, "ok");
    assert_eq!(havn.end().await.code(), Some(0));
    let file = first_file(&havn.spool());
    let altered = fs::read_to_string(&file).unwrap().replace("instruction", "construction");
    fs::write(&file, altered).unwrap();
    havn.supervisor = Command::new(std::env::current_exe().unwrap())
        .args(become_test("supervised::as_supervisor"))
        .env(FOLDER, havn.folder.path())
        .spawn()
        .unwrap();
    assert_eq!(havn.ended().await.code(), Some(1));
}

fn first_file(spool: &Path) -> PathBuf {
    fs::read_dir(spool)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .unwrap()
}

fn rules_of(folder: &Path) -> RulesPlace {
    RulesPlace { rules: folder.join("rules"), key: folder.join("register.pub") }
}
