//! Prints what the door costs, a JSON line each: time per connection, and the memory of supervisor and
//! door when idle.
//!
//! `cargo run --release -p egress --example measure`

use egress::{Door, Egress, Inherited, RulesPlace, seal, supervisor};
use register::{Ask, Basis, OperatorFile, Resolver};
use std::{
    error::Error,
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};
use words::{AccountId, Purpose, Time};

/// How many connections are timed, one after the other.
const CONNECTIONS: usize = 2_000;

/// How long the processes are left alone before their memory is read.
const IDLE: Duration = Duration::from_secs(2);

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let done = match &arguments[1..] {
        [] => measure(),
        [role, folder] => play(role, Path::new(folder)),
        _ => Err("no arguments, please".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Outcome {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(time_connections(&folder.path().join("timed")))?;
    measure_memory(folder.path())
}

async fn time_connections(spool: &Path) -> Outcome {
    let server = TcpListener::bind("127.0.0.1:0")?;
    let address = server.local_addr()?;
    std::thread::spawn(move || {
        for socket in server.incoming() {
            drop(socket);
        }
    });
    let register = OperatorFile { private: vec![address], resolvers: Resolver::None, database: None };
    let egress = Door::in_process(register, None, spool)?;
    let through_the_door = times(|| egress.dial(ask(address))).await?;
    let directly = times(|| dial_directly(address)).await?;
    let synced = time_of_syncs(&spool.join("probe"))?;
    println!(
        "{}",
        serde_json::json!({
            "work": "dial", "connections": CONNECTIONS,
            "door_us": percentiles(through_the_door), "direct_us": percentiles(directly),
            "one_synced_line_us": percentiles(synced),
        })
    );
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the measure beside which the door is held")]
async fn dial_directly(address: SocketAddr) -> std::io::Result<tokio::net::TcpStream> {
    tokio::net::TcpStream::connect(address).await
}

async fn times<T, E: Error + 'static, F: Future<Output = Result<T, E>>>(
    act: impl Fn() -> F,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut times = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let start = Instant::now();
        let connection = act().await?;
        times.push(start.elapsed());
        drop(connection);
    }
    Ok(times)
}

/// What this disk takes for the line that must be durable before a connection.
fn time_of_syncs(path: &Path) -> Result<Vec<Duration>, Box<dyn Error>> {
    use std::io::Write;
    let mut file = fs::File::create(path)?;
    let mut times = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let start = Instant::now();
        file.write_all(&[b'x'; 600])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn percentiles(mut times: Vec<Duration>) -> serde_json::Value {
    times.sort();
    let at = |part: usize| times[times.len() * part / 100].as_micros();
    serde_json::json!({ "p50": at(50), "p99": at(99) })
}

fn ask(address: SocketAddr) -> Ask {
    Ask {
        account: Some(AccountId::new(Time::from_seconds(1))),
        purpose: Purpose::MailRelay,
        host: address.ip().to_string().parse().expect("an address is a host"),
        port: address.port(),
        basis: Basis::Instruction,
    }
}

fn measure_memory(folder: &Path) -> Outcome {
    fs::write(folder.join("havn.toml"), "[egress]\n")?;
    let mut supervisor = Command::new(std::env::current_exe()?)
        .args(["supervisor", &folder.to_string_lossy()])
        .stdin(Stdio::null())
        .spawn()?;
    std::thread::sleep(IDLE);
    let children = children_of(supervisor.id());
    let figures = serde_json::json!({
        "work": "memory, idle",
        "supervisor_pss_kb": pss(supervisor.id()),
        "children_pss_kb": children.iter().map(|(name, process)| (name.clone(), pss(*process).into())).collect::<serde_json::Map<_, _>>(),
    });
    println!("{figures}");
    supervisor.kill()?;
    supervisor.wait()?;
    Ok(())
}

/// Is one of the processes whose memory is read.
fn play(role: &str, folder: &Path) -> Outcome {
    match role {
        "supervisor" => {
            let as_role = |role: &str| vec![role.into(), folder.as_os_str().to_owned()];
            let plan = supervisor::Plan {
                door: as_role("door"),
                desk: as_role("desk"),
                door_user: None,
                listen: Vec::new(),
            };
            supervisor::run(&plan)?;
        }
        "door" => Door::process(&folder.join("havn.toml"), rules_of(folder), &folder.join("spool"))?,
        "desk" => {
            let inherited = Inherited::for_desk()?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let _egress = Egress::on(inherited.channel.try_clone()?)?;
                seal()?;
                std::future::pending::<()>().await;
                Outcome::Ok(())
            })?;
        }
        other => return Err(format!("no such role: {other}").into()),
    }
    Ok(())
}

fn children_of(parent: u32) -> Vec<(String, u32)> {
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    let named = |process: &str| {
        let line = fs::read(PathBuf::from(format!("/proc/{process}/cmdline"))).ok()?;
        let name = String::from_utf8(line.split(|byte| *byte == 0).next()?.to_vec()).ok()?;
        Some((name, process.parse().ok()?))
    };
    list.split_whitespace().filter_map(named).collect()
}

fn pss(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("Pss:"))?.trim().trim_end_matches(" kB").parse().ok()
}

fn rules_of(folder: &Path) -> RulesPlace {
    RulesPlace { rules: folder.join("rules"), key: folder.join("register.pub") }
}
