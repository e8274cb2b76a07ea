//! A private PostgreSQL whose server can be killed as a loss of power would, and comes back.

use std::{
    io,
    net::TcpListener,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::havn::{family, signal_kill};

/// The role that Havn comes as.
const ROLE: &str = "havn";

/// The cluster. It ends with this value.
pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// A new one with an empty database for Havn; none if there is no PostgreSQL.
    pub fn start() -> io::Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        if is_root() {
            // PostgreSQL refuses to run as root.
            let (user, group) = postgres_user()?;
            chown(folder.path(), Some(user), Some(group))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let cluster = Self { folder, programs, port };
        let made = ["-U", "admin", "-A", "trust", "-E", "UTF8", "--no-sync", "-D"];
        run(cluster.command("initdb").args(made).arg(cluster.data()))?;
        cluster.start_server()?;
        let statements = [
            format!("CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS"),
            format!("CREATE DATABASE havn OWNER {ROLE}"),
        ];
        for statement in statements {
            let port = port.to_string();
            let whom = ["-q", "-h", "127.0.0.1", "-p", &port, "-U", "admin", "-d", "postgres", "-c"];
            run(cluster.command("psql").args(whom).arg(statement))?;
        }
        Ok(Some(cluster))
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/havn", self.port)
    }

    /// Kills the server, all of its processes at once.
    pub async fn kill(&self) -> io::Result<()> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let pid = file.lines().next().and_then(|line| line.parse().ok());
        let all = family(pid.ok_or_else(|| io::Error::other("the server runs under no number"))?);
        for pid in &all {
            signal_kill(*pid).await;
        }
        // Its memory is free when the last of them is gone.
        while all.iter().any(|pid| is_alive(*pid)) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        // Its number may still be taken, by a dead process that nobody has asked after.
        std::fs::remove_file(self.data().join("postmaster.pid"))
    }

    /// Starts the server, and waits until it has recovered.
    pub fn start_server(&self) -> io::Result<()> {
        let how = format!("-p {} -c unix_socket_directories= -c listen_addresses=127.0.0.1", self.port);
        let mut start = self.command("pg_ctl");
        start
            .args(["start", "-w", "-s", "-D"])
            .arg(self.data())
            .arg("-l")
            .arg(self.folder.path().join("log"));
        run(start.args(["-o", &how])).map_err(|error| {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(5).collect();
            io::Error::other(format!("{error}: {}", last.join(" / ")))
        })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = run(self.command("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(self.data()));
    }
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{} ended with {status}", command.get_program().display())))
}

fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A child that nobody has asked after yet is dead all the same.
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|of_us| of_us.uid() == 0)
}

fn postgres_user() -> io::Result<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let mut ids = line.into_iter().flat_map(|line| line.split(':').skip(2)).map(str::parse);
    match (ids.next(), ids.next()) {
        (Some(Ok(user)), Some(Ok(group))) => Ok((user, group)),
        _ => Err(io::Error::other("there is no user postgres")),
    }
}

/// The folder of PostgreSQL's programs, the newest.
fn programs() -> Option<PathBuf> {
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let all = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path());
    all.max_by_key(version).map(|newest| newest.join("bin")).filter(|bin| bin.join("initdb").exists())
}
