//! A Dovecot of the test's own on free ports of the loopback, and a plain client that fills its folders.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustls::pki_types::CertificateDer;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// The password of every user.
pub const PASSWORD: &str = "a long \"password\" \\ of æ";

/// As whom the mails are kept if the test runs as root: Dovecot keeps none as root.
const NOBODY: u32 = 65_534;

/// A Dovecot with one user, *support*. It ends with this value.
pub struct Dovecot {
    /// Where it speaks in the clear, and STARTTLS.
    pub plain: SocketAddr,
    /// Where it speaks TLS from the first byte.
    pub secured: SocketAddr,
    /// Its certificate, of 127.0.0.1.
    pub certificate: CertificateDer<'static>,
    folder: TempDir,
    master: Child,
}

impl Dovecot {
    /// Starts it, and waits until it answers.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        fs::write(folder.path().join("certificate.pem"), made.cert.pem()).unwrap();
        fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let (plain, secured) = (free_port().await, free_port().await);
        fs::create_dir(folder.path().join("mail")).unwrap();
        fs::create_dir(folder.path().join("run")).unwrap();
        fs::write(folder.path().join("passwd"), format!("support:{{PLAIN}}{PASSWORD}::::::\n")).unwrap();
        fs::write(folder.path().join("conf"), config(folder.path(), plain, secured)).unwrap();
        let program = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot"]
            .into_iter()
            .find(|path| Path::new(path).exists());
        let program = program.expect("Dovecot is needed: apt-get install dovecot-imapd");
        let mut command = Command::new(program);
        command.arg("-F").arg("-c").arg(folder.path().join("conf"));
        let master = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let dovecot = Self { plain, secured, certificate: made.cert.der().clone(), folder, master };
        dovecot.until_it_answers().await;
        dovecot
    }

    async fn until_it_answers(&self) {
        while connect(self.secured).await.is_err() {
            tokio::task::yield_now().await;
        }
        drop(self.client().await);
    }

    /// A client that has logged in.
    pub async fn client(&self) -> Client {
        let (reader, writer) = connect(self.plain).await.unwrap().into_split();
        let mut client = Client { reader: BufReader::new(reader), writer };
        let mut greeting = String::new();
        while !greeting.contains("[CAPABILITY") {
            greeting = client.line().await;
        }
        let words = data_encoding::BASE64.encode(format!("\0support\0{PASSWORD}").as_bytes());
        assert_ok(&client.say(&format!("AUTHENTICATE PLAIN {words}")).await);
        client
    }

    /// The file of the mail in the inbox that holds these words.
    pub fn file(&self, words: &str) -> PathBuf {
        let inbox = self.folder.path().join("mail/support");
        let all = ["new", "cur"].into_iter().flat_map(|name| fs::read_dir(inbox.join(name)).unwrap());
        let holds = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(words);
        all.map(|entry| entry.unwrap().path()).find(holds).unwrap()
    }

    /// What it wrote down, for a test that fails.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Asked, so that it ends what it started.
        let _ = Command::new("kill").arg(self.master.id().to_string()).status();
        let _ = self.master.wait();
    }
}

fn config(folder: &Path, plain: SocketAddr, secured: SocketAddr) -> String {
    let (here, me) = (folder.display(), fs::metadata(folder).unwrap());
    let root = me.uid() == 0;
    let (uid, gid) = if root { (NOBODY, NOBODY) } else { (me.uid(), me.gid()) };
    if root {
        chown(folder.join("mail"), Some(NOBODY), Some(NOBODY)).unwrap();
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder, everybody).unwrap();
    }
    // Without root nobody else can be become, and nothing be shut in.
    let as_me = if root {
        String::new()
    } else {
        let name = Command::new("id").arg("-un").output().unwrap().stdout;
        let name = String::from_utf8(name).unwrap();
        let group = String::from_utf8(Command::new("id").arg("-gn").output().unwrap().stdout).unwrap();
        format!(
            "default_internal_user = {0}\ndefault_login_user = {0}\ndefault_internal_group = {1}\n\
             service anvil {{\n chroot =\n}}\nservice imap-login {{\n chroot =\n}}\n",
            name.trim(),
            group.trim()
        )
    };
    format!(
        "base_dir = {here}/run\nstate_dir = {here}/run\nlog_path = {here}/log\nprotocols = imap\n\
         listen = 127.0.0.1\nssl = yes\nssl_cert = <{here}/certificate.pem\nssl_key = <{here}/key.pem\n\
         disable_plaintext_auth = no\nmail_location = maildir:{here}/mail/%u\nfirst_valid_uid = 1\n\
         mail_max_userip_connections = 1000\nauth_failure_delay = 0\nmaildir_very_dirty_syncs = no\n\
         mailbox_idle_check_interval = 1 s\n\
         passdb {{\n driver = passwd-file\n args = scheme=PLAIN {here}/passwd\n}}\n\
         userdb {{\n driver = static\n args = uid={uid} gid={gid} home={here}/mail/%u\n}}\n\
         service imap {{\n service_count = 1000\n process_limit = 50\n process_min_avail = 1\n}}\n\
         service imap-login {{\n service_count = 0\n process_min_avail = 1\n inet_listener imap {{\n port = {}\n }}\n inet_listener imaps {{\n port = {}\n ssl = yes\n }}\n}}\n\
         service stats {{\n chroot =\n}}\n{as_me}",
        plain.port(),
        secured.port()
    )
}

#[expect(clippy::disallowed_methods, reason = "a client of the test's own server, on the loopback")]
async fn connect(to: SocketAddr) -> std::io::Result<TcpStream> {
    TcpStream::connect(to).await
}

async fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// A client that says what it is told to.
pub struct Client {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

fn assert_ok(said: &str) {
    assert!(said.lines().last().unwrap_or_default().starts_with("t OK"), "{said}");
}

impl Client {
    async fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).await.unwrap();
        assert!(!line.is_empty(), "the server is gone");
        String::from_utf8_lossy(&line).into_owned()
    }

    /// Sends a command and gives all that is answered.
    pub async fn say(&mut self, command: &str) -> String {
        self.writer.write_all(format!("t {command}\r\n").as_bytes()).await.unwrap();
        self.answer().await
    }

    async fn answer(&mut self) -> String {
        let mut all = String::new();
        while !all.lines().last().unwrap_or_default().starts_with("t ") {
            let line = self.line().await;
            if let Some(count) = line.trim_end().strip_suffix('}').and_then(|line| line.rsplit('{').next()) {
                let mut literal = vec![0; count.parse().unwrap()];
                self.reader.read_exact(&mut literal).await.unwrap();
            }
            all.push_str(&line);
        }
        all
    }

    /// Sends a command that must do.
    pub async fn ok(&mut self, command: &str) -> String {
        let said = self.say(command).await;
        assert_ok(&said);
        said
    }

    /// Puts a mail into a folder.
    pub async fn append(&mut self, folder: &str, mail: &[u8]) {
        let head = format!("t APPEND {folder} {{{}+}}\r\n", mail.len());
        self.writer.write_all(&[head.as_bytes(), mail, b"\r\n"].concat()).await.unwrap();
        assert_ok(&self.answer().await);
    }

    /// The marks of all mails in a folder.
    pub async fn marks(&mut self, folder: &str) -> String {
        self.ok(&format!("EXAMINE {folder}")).await;
        self.ok("FETCH 1:* (FLAGS)").await
    }
}
