//! A private PostgreSQL cluster, shared by all test processes of a run, with a fresh database for each
//! test and a role that row-level security holds.
//!
//! Each test process holds a lock on a file while it lives; a small watcher stops the cluster and
//! removes its folder when nobody has held it for a while. So it also ends after tests that were killed.

use std::{
    fs::{self, File},
    io,
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, OnceLock},
};

use futures::future::BoxFuture;
use tokio::net::UnixStream;
use tokio_postgres::{Client, Config, NoTls};

/// The role that tests come as: no superuser, and held by row-level security.
pub const ROLE: &str = "havn_app";
/// The role that made the cluster.
const SUPERUSER: &str = "havn_super";
/// The port in the name of the Unix socket and on loopback.
const PORT_FILE: &str = "port";
/// The certificate of the cluster, for `localhost` and 127.0.0.1.
const CERTIFICATE_FILE: &str = "server.pem";
const KEY_FILE: &str = "server.key";

/// A fresh database. It is dropped with this value.
pub struct Postgres {
    cluster: &'static Cluster,
    name: String,
}

struct Cluster {
    folder: PathBuf,
    port: u16,
    /// Held while this process lives.
    _used: File,
}

/// A fresh, empty database that [`ROLE`] owns, in the cluster of this run. Says in one sentence what is
/// missing if there is no PostgreSQL.
pub async fn postgres() -> Postgres {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    let start = || {
        CLUSTER.get_or_init(|| Cluster::join().unwrap_or_else(|why| panic!("PostgreSQL for tests: {why}")))
    };
    let cluster = tokio::task::spawn_blocking(start).await.expect("the cluster starts");
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let admin = cluster.client("postgres", SUPERUSER).await.expect("the cluster answers");
    admin.batch_execute(&format!("CREATE DATABASE {name} OWNER {ROLE}")).await.expect("a database is made");
    Postgres { cluster, name }
}

impl Postgres {
    /// Its address on loopback.
    pub fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/{}", self.cluster.port, self.name)
    }

    /// The certificate (PEM) that the cluster shows to who speaks TLS to it on loopback.
    pub fn certificate(&self) -> PathBuf {
        self.cluster.folder.join(CERTIFICATE_FILE)
    }

    /// A connection as [`ROLE`], over the Unix socket: the client, and the work that drives it.
    pub async fn connect(&self) -> Result<(Client, BoxFuture<'static, ()>), tokio_postgres::Error> {
        self.cluster.connect(&self.name, ROLE).await
    }

    /// A bare stream to the server and how to begin on it as [`ROLE`], for tests that stand between.
    pub async fn stream(&self) -> (UnixStream, Config) {
        let mut config = Config::new();
        config.user(ROLE).dbname(&self.name);
        (self.cluster.stream().await, config)
    }

    /// A connection as superuser, for looking past the walls as an outsider.
    pub async fn superuser(&self) -> Client {
        self.cluster.client(&self.name, SUPERUSER).await.expect("the cluster answers")
    }

    /// How a store connects: as [`ROLE`].
    pub fn connector(&self) -> store::Connector {
        self.connector_as(ROLE)
    }

    /// How a store would connect as superuser, which it refuses.
    pub fn superuser_connector(&self) -> store::Connector {
        self.connector_as(SUPERUSER)
    }

    fn connector_as(&self, role: &'static str) -> store::Connector {
        let (cluster, name) = (self.cluster, self.name.clone());
        Arc::new(move || {
            let name = name.clone();
            Box::pin(async move { Ok(cluster.connect(&name, role).await?) })
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let (cluster, name) = (self.cluster, self.name.clone());
        // A test's own runtime may be gone by now.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let admin = cluster.client("postgres", SUPERUSER).await.map_err(io::Error::other)?;
                admin
                    .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await
                    .map_err(io::Error::other)
            })
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("a test's database stays until the cluster ends");
        }
    }
}

impl Cluster {
    /// Starts the cluster, or joins the one that runs.
    fn join() -> io::Result<Self> {
        let place =
            std::env::temp_dir().join(format!("havn-test-postgres-{}", rustix::process::getuid().as_raw()));
        fs::create_dir_all(&place)?;
        // Others may have made a folder of that name before us.
        if place.metadata()?.uid() != rustix::process::getuid().as_raw() {
            return Err(io::Error::other(format!("{} belongs to somebody else", place.display())));
        }
        fs::set_permissions(&place, fs::Permissions::from_mode(0o711))?;
        let starting = File::create(place.join("starting"))?;
        starting.lock()?;
        let used = File::create(place.join("used"))?;
        used.lock_shared()?;
        let folder = place.join("cluster");
        let port = match running(&folder) {
            Some(port) => port,
            None => start(&place, &folder)?,
        };
        starting.unlock()?;
        Ok(Self { folder, port, _used: used })
    }

    async fn stream(&self) -> UnixStream {
        let socket = self.folder.join(format!(".s.PGSQL.{}", self.port));
        UnixStream::connect(socket).await.expect("the cluster listens")
    }

    async fn connect(
        &self,
        database: &str,
        role: &str,
    ) -> Result<(Client, BoxFuture<'static, ()>), tokio_postgres::Error> {
        let stream = self.stream().await;
        let (client, connection) =
            Config::new().user(role).dbname(database).connect_raw(stream, NoTls).await?;
        Ok((client, Box::pin(async move { drop(connection.await) })))
    }

    async fn client(&self, database: &str, role: &str) -> Result<Client, tokio_postgres::Error> {
        let (client, driver) = self.connect(database, role).await?;
        tokio::spawn(driver);
        Ok(client)
    }
}

/// The port of the cluster in this folder, if it runs.
fn running(folder: &Path) -> Option<u16> {
    let port: u16 = fs::read_to_string(folder.join(PORT_FILE)).ok()?.trim().parse().ok()?;
    let pid: i32 =
        fs::read_to_string(folder.join("data/postmaster.pid")).ok()?.lines().next()?.parse().ok()?;
    let alive = rustix::process::test_kill_process(rustix::process::Pid::from_raw(pid)?);
    alive.is_ok().then_some(port)
}

/// Makes and starts a cluster and the watcher that ends it.
fn start(place: &Path, folder: &Path) -> io::Result<u16> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir(folder)?;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let programs = programs()?;
    let user = user(folder)?;
    let data = folder.join("data");
    run(user.command(&programs.join("initdb")).arg("-D").arg(&data).args([
        "--username",
        SUPERUSER,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]))?;
    certify(folder, &user)?;
    let settings = format!(
        "-c unix_socket_directories={folder} -c listen_addresses=127.0.0.1 -c port={port} \
         -c max_connections=300 -c shared_buffers=64MB -c fsync=off -c full_page_writes=off \
         -c ssl=on -c ssl_cert_file={folder}/{CERTIFICATE_FILE} -c ssl_key_file={folder}/{KEY_FILE}",
        folder = folder.display()
    );
    run(user
        .command(&programs.join("pg_ctl"))
        .args(["start", "--wait", "--silent", "-D"])
        .arg(&data)
        .arg("-l")
        .arg(folder.join("log"))
        .arg("-o")
        .arg(settings))?;
    run(Command::new(programs.join("psql"))
        .args([
            "-q",
            "-h",
            &folder.display().to_string(),
            "-p",
            &port.to_string(),
            "-U",
            SUPERUSER,
            "-d",
            "postgres",
        ])
        .args(["-c", &format!("CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE")]))?;
    fs::write(folder.join(PORT_FILE), port.to_string())?;
    watch(place, &user, &programs)?;
    Ok(port)
}

/// Makes the certificate and its key, which only the server's user may read.
fn certify(folder: &Path, user: &User) -> io::Result<()> {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    let key = folder.join(KEY_FILE);
    fs::write(folder.join(CERTIFICATE_FILE), made.cert.pem())?;
    fs::write(&key, made.signing_key.serialize_pem())?;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
    match user {
        User::Ourselves => Ok(()),
        User::Other { uid, gid } => std::os::unix::fs::chown(&key, Some(*uid), Some(*gid)),
    }
}

/// Leaves a process behind that ends the cluster when no test process holds the file `used` any more.
fn watch(place: &Path, user: &User, programs: &Path) -> io::Result<()> {
    // `$1` is the place; what stops the cluster follows it.
    let end = r#"
        place=$1; shift
        while sleep 15; do
            flock --exclusive --nonblock "$place/used" true || continue
            exec 9>"$place/starting" && flock --exclusive 9
            flock --exclusive --nonblock "$place/used" true || { exec 9>&-; continue; }
            "$@"
            rm -rf "$place/cluster"
            exit
        done"#;
    let mut stop = user.command(&programs.join("pg_ctl"));
    stop.args(["stop", "-m", "immediate", "-D"]).arg(place.join("cluster/data"));
    Command::new("setsid")
        .args(["sh", "-c", end, "watcher"])
        .arg(place)
        .arg(stop.get_program())
        .args(stop.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/")
        .spawn()?;
    Ok(())
}

/// Who runs the cluster: PostgreSQL refuses to run as root.
enum User {
    Ourselves,
    Other { uid: u32, gid: u32 },
}

impl User {
    fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Self::Ourselves => Command::new(program),
            Self::Other { uid, gid } => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={uid}"))
                    .arg(format!("--regid={gid}"))
                    .arg("--clear-groups")
                    .arg(program);
                command
            }
        };
        command.current_dir("/");
        command
    }
}

/// Ourselves; if we are root, the user `postgres` or `nobody`, who then owns the folder.
fn user(folder: &Path) -> io::Result<User> {
    if !rustix::process::getuid().is_root() {
        return Ok(User::Ourselves);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let named = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(str::parse::<u32>);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    };
    let (uid, gid) = named("postgres")
        .or_else(|| named("nobody"))
        .ok_or_else(|| io::Error::other("we are root, and there is no user postgres or nobody"))?;
    std::os::unix::fs::chown(folder, Some(uid), Some(gid))?;
    Ok(User::Other { uid, gid })
}

/// The folder of PostgreSQL's programs: the newest of Debian's, else where `initdb` is on the path.
fn programs() -> io::Result<PathBuf> {
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("bin/initdb").exists())
        .max_by_key(version)
        .map(|folder| folder.join("bin"));
    let on_path =
        || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    debian.or_else(on_path).ok_or_else(|| io::Error::other("there is no initdb; install postgresql"))
}

fn run(command: &mut Command) -> io::Result<()> {
    // Not captured: the server that pg_ctl starts would hold the pipe open.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{} ended with {status}", command.get_program().display())))
}
