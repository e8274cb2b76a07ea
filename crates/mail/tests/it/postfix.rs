//! Postfix as the addressee's mail server: a private one, on an address of its own.

use crate::{
    name_server::{mx, txt},
    office::Office,
    outside::{Outside, Proof},
};
use std::{
    fs,
    net::Ipv4Addr,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{Command, Output},
};
use store::MessageState;
use testkit::{Identity, On};

const NAME: &str = "mx1.kunde.example";

/// A running Postfix. It ends with this value.
struct Postfix {
    folder: tempfile::TempDir,
}

impl Postfix {
    /// None, and the reason printed, where it is not installed.
    fn begin(at: Ipv4Addr, identity: &Identity) -> Option<Self> {
        if !Path::new("/usr/sbin/postfix").exists() {
            eprintln!("skipped: postfix is not installed");
            return None;
        }
        let postfix = Self { folder: tempfile::tempdir_in("/var/tmp").unwrap() };
        let folder = postfix.folder.path();
        // Its processes run under a user of their own.
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        for name in ["etc", "spool", "data", "boxes"] {
            fs::create_dir(folder.join(name)).unwrap();
        }
        let (user, group) = ids("postfix");
        chown(folder.join("data"), Some(user), Some(group)).unwrap();
        chown(folder.join("boxes"), Some(user), Some(group)).unwrap();
        let key = identity.key.secret_der();
        let pem = pem("PRIVATE KEY", key) + &pem("CERTIFICATE", &identity.certificate);
        fs::write(folder.join("etc/chain.pem"), pem).unwrap();
        fs::write(folder.join("etc/main.cf"), postfix.main(user, group)).unwrap();
        fs::write(folder.join("etc/master.cf"), format!("{at}:25 inet n - n - - smtpd\n{MASTER}")).unwrap();
        let done = postfix.run("start");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Some(postfix)
    }

    fn main(&self, user: u32, group: u32) -> String {
        let folder = self.folder.path().display();
        format!(
            "compatibility_level = 3.6\nqueue_directory = {folder}/spool\ndata_directory = {folder}/data\n\
             inet_interfaces = all\ninet_protocols = ipv4\nmyhostname = {NAME}\nmydestination =\n\
             maillog_file = {folder}/data/log\nmaillog_file_prefixes = {folder}\n\
             virtual_mailbox_domains = kunde.example\nvirtual_mailbox_base = {folder}/boxes\n\
             virtual_mailbox_maps = inline:{{ mads@kunde.example=mads/ }}\n\
             virtual_uid_maps = static:{user}\nvirtual_gid_maps = static:{group}\nvirtual_minimum_uid = 1\n\
             smtpd_tls_chain_files = {folder}/etc/chain.pem\nsmtpd_tls_security_level = may\n\
             smtpd_relay_restrictions = reject_unauth_destination\nlocal_recipient_maps =\nalias_maps =\n"
        )
    }

    fn run(&self, command: &str) -> Output {
        let etc = self.folder.path().join("etc");
        Command::new("/usr/sbin/postfix").arg("-c").arg(etc).arg(command).output().unwrap()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("data/log")).unwrap_or_default()
    }

    /// The mails in the mailbox of Mads, once there are so many.
    async fn mails(&self, count: usize) -> Vec<String> {
        let new = self.folder.path().join("boxes/mads/new");
        loop {
            let files: Vec<PathBuf> =
                fs::read_dir(&new).into_iter().flatten().map(|file| file.unwrap().path()).collect();
            if files.len() >= count {
                return files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.run("abort");
    }
}

/// What a mail needs on its way into a mailbox, and no more; nothing in a jail.
const MASTER: &str = "\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";

fn pem(kind: &str, der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
}

/// User and group of this name.
fn ids(name: &str) -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap();
    let fields: Vec<&str> = line.split(':').collect();
    (fields[2].parse().unwrap(), fields[3].parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn postfix_takes_it_over_tls_that_its_domain_demands() {
    let Some(outside) = Outside::begin().await else { return };
    assert_eq!(fs::metadata("/proc/self").unwrap().uid(), 0, "whoever may listen at port 25 here is root");
    let Some(postfix) = Postfix::begin(outside.address(1), &outside.identity(NAME, Proof::Good)) else {
        return;
    };
    outside.set("kunde.example", vec![mx(20, NAME), mx(10, "mx0.kunde.example")]);
    outside.set(NAME, vec![crate::name_server::a(&outside.address(1).to_string())]);
    // Nobody is there.
    outside.set("mx0.kunde.example", vec![crate::name_server::a(&outside.address(2).to_string())]);
    outside.set("_mta-sts.kunde.example", vec![txt(&["v=STSv1; id=1;"])]);
    let policy = outside.policy_host(9, "kunde.example", Proof::Good).await;
    policy.says("version: STSv1\nmode: enforce\nmx: *.kunde.example\nmax_age: 86400\n");

    let office = Office::straight(On::Sqlite, &outside).await;
    let conversation = office.conversation().await;
    let text = "Kære Mads,\n\n.\nIt is on its way.\n..\n";
    let id = office.answer(conversation.id, text, &["gone@kunde.example"]).await;
    office.deliver().await;
    let states = office.states(id).await;
    assert_eq!(states[0].0, "bounced", "{states:?} {}", postfix.log());
    assert!(states[0].1.starts_with("550 5.1.1 <gone@kunde.example>"), "{states:?}");
    assert_eq!(states[1].0, "sent", "{states:?}");
    assert!(states[1].1.starts_with(&format!("havn:over-verified-tls {NAME} 250 2.0.0 Ok")), "{states:?}");
    assert_eq!(office.message(id).await.state, MessageState::Bounced);

    let mails = postfix.mails(1).await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert!(
        mail.contains("\nSubject: Re: My order\n") && mail.contains("\n.\nIt is on its way.\n..\n"),
        "{mail}"
    );
    assert!(mail.contains("Received: from havn.example") && mail.contains("with ESMTPS"), "{mail}");
    assert!(mail.contains(&format!("Message-ID: <{}>", office.message(id).await.message_id)), "{mail}");
}
