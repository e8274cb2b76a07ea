//! Mail in from a mailbox at another server: a real Dovecot, with faults on the way to it.

use crate::{
    dovecot::{Dovecot, PASSWORD},
    proxy::{Cut, Proxy},
};
use egress::{Door, Egress, LookupError};
use mail::{
    Names, Reception,
    pickup::{Collector, Means, Waits, test_pickup},
};
use register::{Access, OperatorFile};
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};
use store::{Filter, LeftWhy, Pickup, PickupState, RelayTls, Store};
use testkit::{Havn, On, havn::Account};
use tokio::sync::watch;
use words::{Clock, Secret, Time};

/// 2026-11-24 12:00 UTC.
const NOON: Time = Time::from_seconds(1_795_521_600);
const MAIL_BYTES_MAX: usize = 50_000;

/// An account whose support mailbox lies at a Dovecot.
struct Post {
    havn: Havn,
    account: Account,
    store: Store,
    dovecot: Dovecot,
    proxy: Proxy,
    egress: Egress,
    clock: Clock,
    _spool: tempfile::TempDir,
}

impl Post {
    async fn open(on: On) -> Self {
        let clock = Clock::fixed(NOON);
        let havn = Havn::start_at(on, clock.clone()).await;
        let account = havn.account("harbour").await;
        let (store, _) = havn.setup(account.id).await;
        let dovecot = Dovecot::start().await;
        let proxy = Proxy::to(dovecot.plain).await;
        let spool = tempfile::tempdir().unwrap();
        let private = vec![dovecot.plain, dovecot.secured, proxy.address];
        let egress =
            Door::in_process(OperatorFile { private, ..OperatorFile::default() }, None, spool.path())
                .unwrap();
        Self { havn, account, store, dovecot, proxy, egress, clock, _spool: spool }
    }

    /// To look and to set up with, whatever the clock shows.
    async fn access(&self) -> Access {
        self.havn.setup(self.account.id).await.1
    }

    fn pickup(&self, at: SocketAddr, tls: RelayTls) -> Pickup {
        Pickup {
            mailbox: self.account.support_mailbox,
            host: "127.0.0.1".parse().unwrap(),
            port: at.port(),
            tls,
            username: "support".into(),
            password: Some(Secret::new(PASSWORD.into())),
            folder: "INBOX".into(),
            takes_old: true,
        }
    }

    async fn set(&self, pickup: Pickup) {
        self.clock.advance(Duration::from_secs(1));
        desk::settings::set_pickup(&self.store, &self.access().await, pickup).await.unwrap();
    }

    /// Sets the usual one: in the clear, through the proxy, all that lies there.
    async fn set_usual(&self) {
        self.set(self.pickup(self.proxy.address, RelayTls::None)).await;
    }

    fn collector(&self) -> Arc<Collector> {
        self.collector_of(&self.havn)
    }

    fn collector_of(&self, havn: &Havn) -> Arc<Collector> {
        let nobody = Names::new(Box::new(|_, _| Box::pin(std::future::ready(Err(LookupError::NoResolver)))));
        let reception =
            Reception::new(havn.accounts.clone(), Arc::new(nobody), "mx.example".into(), self.clock.clone());
        let hour = Duration::from_hours(1);
        let waits = Waits { poll: hour, idle: hour, after_fault: Some(Duration::ZERO), ..Waits::default() };
        let waits = Waits { news: Duration::ZERO, ..waits };
        Collector::new(Means::new(
            havn.accounts.clone(),
            reception,
            self.egress.clone(),
            trusting(&self.dovecot),
            self.clock.clone(),
            [MAIL_BYTES_MAX, 10 * MAIL_BYTES_MAX],
            waits,
        ))
    }

    async fn collect(&self) -> Result<(), mail::pickup::Fault> {
        self.collector().collect_once(self.account.id, self.account.support_mailbox).await
    }

    async fn state(&self) -> PickupState {
        let mailbox = self.account.support_mailbox;
        self.store.read(&self.access().await, move |read| read.pickup(mailbox)).await.unwrap().unwrap()
    }

    async fn left(&self) -> Vec<(u32, LeftWhy)> {
        let mailbox = self.account.support_mailbox;
        let left =
            self.store.read(&self.access().await, move |read| read.pickup_left(mailbox, 100)).await.unwrap();
        left.into_iter().rev().map(|mail| (mail.uid, mail.why)).collect()
    }

    /// How often each mail lies here, by subject.
    async fn got(&self) -> BTreeMap<String, usize> {
        let access = self.access().await;
        let all = self.store.read(&access, |read| {
            let mut got = BTreeMap::new();
            for conversation in read.conversations(&Filter::default(), None, 1_000)? {
                for message in read.messages_after(conversation.id, 0, 1_000)? {
                    *got.entry(message.subject).or_default() += 1;
                }
            }
            Ok::<_, store::Error>(got)
        });
        all.await.unwrap()
    }

    /// Waits until so many lie here.
    async fn until(&self, count: usize) {
        let mut news = self.havn.stores.news();
        while self.got().await.values().sum::<usize>() < count {
            news.recv().await.unwrap();
        }
    }

    async fn append(&self, subjects: &[&str]) {
        let mut client = self.dovecot.client().await;
        for subject in subjects {
            client.append("INBOX", letter(subject).as_bytes()).await;
        }
    }

    fn run(&self) -> watch::Sender<bool> {
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(self.collector().run(self.havn.stores.news(), stopped));
        stop
    }
}

/// Trusts the server's certificate and no other.
fn trusting(dovecot: &Dovecot) -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(dovecot.certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

fn letter(subject: &str) -> String {
    format!(
        "Return-Path: <mads@kunde.example>\r\nFrom: Mads <mads@kunde.example>\r\nTo: support@harbour.example\r\n\
         Subject: {subject}\r\nMessage-ID: <{}@kunde.example>\r\n\r\nThis is {subject}.\r\n.\r\nFrom here on\r\n",
        subject.replace(' ', "-")
    )
}

fn once(subjects: &[&str]) -> BTreeMap<String, usize> {
    subjects.iter().map(|subject| ((*subject).to_owned(), 1)).collect()
}

async fn mail_arrives_while_we_wait(on: On) {
    let post = Post::open(on).await;
    post.append(&["old"]).await;
    let stop = post.run();
    post.set(post.pickup(post.dovecot.secured, RelayTls::Implicit)).await;
    post.until(1).await;
    post.append(&["new one", "new two"]).await;
    post.until(3).await;
    assert_eq!(post.got().await, once(&["old", "new one", "new two"]));
    let marks = post.dovecot.client().await.marks("INBOX").await;
    assert!(!marks.contains("Seen") && marks.contains("* 3 FETCH"), "{marks}");
    let access = post.access().await;
    let raw = post.store.read(&access, |read| {
        let conversation = read.conversations(&Filter::default(), None, 1)?.remove(0);
        let message = read.messages_after(conversation.id, 0, 1)?.remove(0);
        Ok::<_, store::Error>((message.clone(), read.raw(message.id)?.unwrap().trace))
    });
    let (message, trace) = raw.await.unwrap();
    assert!(
        trace.starts_with("Received: by mx.example picked up by IMAP from 127.0.0.1 (TLS 1.3"),
        "{trace}"
    );
    assert!(trace.contains("none (not checked)"), "{trace}");
    let raw = post.store.raw(&post.access().await, message.id).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(raw).unwrap(), letter(&message.subject), "byte for byte");
    stop.send_replace(true);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_arrives_while_we_wait_on_sqlite() {
    mail_arrives_while_we_wait(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_arrives_while_we_wait_on_postgres() {
    mail_arrives_while_we_wait(On::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_time_only_what_comes_from_now_on_is_taken_unless_all_is_wanted() {
    let post = Post::open(On::Sqlite).await;
    post.append(&["old"]).await;
    let usual = post.pickup(post.proxy.address, RelayTls::None);
    post.set(Pickup { takes_old: false, ..usual.clone() }).await;
    post.collect().await.unwrap();
    assert_eq!(post.got().await, once(&[]));
    post.append(&["new"]).await;
    post.collect().await.unwrap();
    assert_eq!(post.got().await, once(&["new"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_goes_on_where_one_was_killed() {
    let post = Post::open(On::Sqlite).await;
    post.set_usual().await;
    post.append(&["one", "two"]).await;
    let (_stop, stopped) = watch::channel(false);
    let task = tokio::spawn(post.collector().run(post.havn.stores.news(), stopped));
    post.until(1).await;
    // Wherever it is: as a process that is killed.
    task.abort();
    post.append(&["three"]).await;
    let again = post.havn.started_again().await;
    let account = &post.account;
    post.collector_of(&again).collect_once(account.id, account.support_mailbox).await.unwrap();
    let (store, _) = again.setup(account.id).await;
    let post = Post { havn: again, store, ..post };
    assert_eq!(post.got().await, once(&["one", "two", "three"]));
    assert_eq!(post.state().await.last_uid, 3);
}

/// Collects over connections that are all cut, each a bit later than the last, then over a good one.
async fn collects_through(post: &Post, cuts: impl Iterator<Item = Cut>) {
    for cut in cuts {
        post.proxy.cut(cut);
        let _ = post.collect().await;
        assert!(post.got().await.values().all(|count| *count == 1), "{cut:?}: nothing twice");
    }
    post.proxy.cut(Cut::Never);
    // What was left, because the connection broke over it again and again, is due some day.
    for _ in 0..6 {
        post.clock.advance(Duration::from_hours(50));
        post.collect().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_wherever_the_answers_are_cut() {
    let post = Post::open(On::Sqlite).await;
    post.set_usual().await;
    let subjects = ["one", "two", "three", "four", "five"];
    post.append(&subjects).await;
    collects_through(&post, (1..5_200).step_by(61).map(Cut::AfterBytes)).await;
    assert_eq!(post.got().await, once(&subjects), "{}", post.dovecot.log());
    assert_eq!(post.left().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_if_each_connection_is_cut_at_a_line_end() {
    // Where a cut looks most like the end of an answer.
    let post = Post::open(On::Sqlite).await;
    post.set_usual().await;
    let subjects = ["one", "two", "three"];
    post.append(&subjects).await;
    collects_through(&post, (1..60).map(Cut::AfterLines)).await;
    assert_eq!(post.got().await, once(&subjects));
    assert_eq!(post.left().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_if_each_command_is_cut() {
    let post = Post::open(On::Sqlite).await;
    post.set_usual().await;
    let subjects = ["one", "two", "three"];
    post.append(&subjects).await;
    let each = (1..20).flat_map(|count| [Cut::BeforeCommand(count), Cut::AfterCommand(count)]);
    collects_through(&post, each).await;
    assert_eq!(post.got().await, once(&subjects));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_over_which_the_connection_always_breaks_stops_no_other() {
    let post = Post::open(On::Sqlite).await;
    post.set_usual().await;
    post.append(&["one", "poison", "two"]).await;
    post.proxy.cut(Cut::When("Subject: poison"));
    let mut faults = 0;
    while post.collect().await.is_err() {
        faults += 1;
        assert!(faults < 10, "it ends");
    }
    assert_eq!(post.got().await, once(&["one", "two"]));
    assert_eq!(post.left().await, [(2, LeftWhy::Broken)]);
    for _ in 0..10 {
        post.clock.advance(Duration::from_hours(50));
        let _ = post.collect().await;
    }
    let mailbox = post.account.support_mailbox;
    let left = post.store.read(&post.access().await, move |read| read.pickup_left(mailbox, 9)).await.unwrap();
    assert_eq!((left[0].tries, left[0].next_at), (6, None), "not for ever");
    post.collect().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_mails_and_those_that_are_not_given_stop_no_other() {
    let post = Post::open(On::Sqlite).await;
    post.set_usual().await;
    post.append(&["one"]).await;
    let mut client = post.dovecot.client().await;
    let bytes: Vec<u8> = (1..=255).cycle().take(3_000).collect();
    client.append("INBOX", &bytes).await;
    client.append("INBOX", b"\r\n\r\n* 1 FETCH (UID 9 BODY[] {4}\r\nabcd)\r\nH9 OK done\r\n").await;
    client
        .append("INBOX", b"Subject: =?utf-8?B?////?=\r\nContent-Type: multipart/mixed; boundary=\r\n")
        .await;
    client.append("INBOX", letter("closed").as_bytes()).await;
    client.append("INBOX", letter(&format!("large {}", "x".repeat(MAIL_BYTES_MAX))).as_bytes()).await;
    post.append(&["two"]).await;
    let closed = post.dovecot.file("Subject: closed");
    std::fs::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    let mut tries = 0;
    while post.collect().await.is_err() {
        tries += 1;
        assert!(tries < 20, "it ends: {}", post.dovecot.log());
    }
    let got = post.got().await;
    assert_eq!(
        (got.values().sum::<usize>(), got.get("one"), got.get("two")),
        (5, Some(&1), Some(&1)),
        "{got:?}"
    );
    let left = post.left().await;
    assert!(
        matches!(left[..], [(5, LeftWhy::Broken | LeftWhy::Refused), (6, LeftWhy::TooLarge)]),
        "{left:?}"
    );
    std::fs::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    post.clock.advance(Duration::from_hours(50));
    post.collect().await.unwrap();
    assert_eq!(post.got().await.get("closed"), Some(&1), "it is tried again");
    assert_eq!(post.left().await, [(6, LeftWhy::TooLarge)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_beside_another_reader() {
    let post = Post::open(On::Sqlite).await;
    post.set_usual().await;
    post.append(&["read", "removed before", "kept", "removed after"]).await;
    let mut other = post.dovecot.client().await;
    other.ok("SELECT INBOX").await;
    other.ok("STORE 1 +FLAGS (\\Seen)").await;
    other.ok("STORE 2 +FLAGS (\\Deleted)").await;
    other.ok("EXPUNGE").await;
    post.collect().await.unwrap();
    other.ok("STORE 3 +FLAGS (\\Deleted)").await;
    other.ok("EXPUNGE").await;
    post.append(&["later"]).await;
    post.collect().await.unwrap();
    assert_eq!(post.got().await, once(&["read", "kept", "removed after", "later"]));
    let marks = other.marks("INBOX").await;
    assert_eq!(marks.matches("\\Seen").count(), 1, "{marks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_that_vanish_while_we_look_are_no_fault() {
    let post = Post::open(On::Sqlite).await;
    post.set_usual().await;
    let names: Vec<String> = (0..150).map(|number| format!("mail {number}")).collect();
    post.append(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut other = post.dovecot.client().await;
    let stop = post.run();
    post.until(3).await;
    other.ok("SELECT INBOX").await;
    other.ok("STORE 140:150 +FLAGS (\\Deleted)").await;
    other.ok("EXPUNGE").await;
    post.append(&["last"]).await;
    let mut news = post.havn.stores.news();
    while !post.got().await.contains_key("last") {
        news.recv().await.unwrap();
    }
    let got = post.got().await;
    assert!(got.values().all(|count| *count == 1), "{got:?}");
    assert!(names[..139].iter().all(|name| got.contains_key(name)), "none of those that stayed is missing");
    stop.send_replace(true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_numbered_anew_is_not_doubled() {
    let post = Post::open(On::Sqlite).await;
    let usual = post.pickup(post.proxy.address, RelayTls::None);
    post.set(Pickup { folder: "Forespørgsler".into(), ..usual }).await;
    let mut client = post.dovecot.client().await;
    client.ok("CREATE Foresp&APg-rgsler").await;
    for subject in ["one", "two"] {
        client.append("Foresp&APg-rgsler", letter(subject).as_bytes()).await;
    }
    post.collect().await.unwrap();
    let before = post.state().await.uid_validity;
    client.ok("DELETE Foresp&APg-rgsler").await;
    let gone = post.collect().await.unwrap_err();
    assert_eq!(gone.cause, desk::PickupFault::NoFolder);
    assert_eq!(post.state().await.fault.unwrap().name, "no-folder");
    client.ok("CREATE Foresp&APg-rgsler").await;
    for subject in ["two", "three", "one"] {
        client.append("Foresp&APg-rgsler", letter(subject).as_bytes()).await;
    }
    post.collect().await.unwrap();
    assert_ne!(post.state().await.uid_validity, before);
    assert_eq!(post.got().await, once(&["one", "two", "three"]));
    client.append("Foresp&APg-rgsler", letter("four").as_bytes()).await;
    post.collect().await.unwrap();
    assert_eq!(post.got().await, once(&["one", "two", "three", "four"]));
    assert!(post.state().await.fault.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_by_its_cause() {
    use desk::PickupFault as F;
    let post = Post::open(On::Sqlite).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let no_tls = trusting(&Dovecot::start().await);
    let tls = trusting(&post.dovecot);
    let good = |at, how| post.pickup(at, how);
    let starttls = good(post.dovecot.plain, RelayTls::Starttls);
    let cases = [
        (good(post.dovecot.secured, RelayTls::Implicit), &tls, Ok(1)),
        (starttls.clone(), &tls, Ok(1)),
        (starttls.clone(), &no_tls, Err(F::Tls)),
        (good(post.dovecot.plain, RelayTls::Implicit), &tls, Err(F::Tls)),
        (Pickup { password: Some(Secret::new("wrong".into())), ..starttls.clone() }, &tls, Err(F::LogIn)),
        (Pickup { password: None, ..starttls.clone() }, &tls, Err(F::NoPassword)),
        (Pickup { folder: "Nowhere \"\\ &".into(), ..starttls.clone() }, &tls, Err(F::NoFolder)),
        (Pickup { port: nobody.port(), ..starttls.clone() }, &tls, Err(F::NotPermitted)),
        (Pickup { host: "10.1.2.3".parse().unwrap(), ..starttls.clone() }, &tls, Err(F::NotPermitted)),
    ];
    post.append(&["one"]).await;
    for (pickup, tls, expected) in cases {
        let found = test_pickup(&post.egress, tls, post.account.id, &pickup).await;
        assert_eq!(found.map_err(|fault| fault.cause), expected, "{pickup:?}");
    }
    assert_eq!(post.got().await, once(&[]), "a test takes nothing in");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_settings_end_the_connection_and_begin_another() {
    let post = Post::open(On::Sqlite).await;
    let stop = post.run();
    post.set_usual().await;
    post.append(&["one"]).await;
    post.until(1).await;
    let mut client = post.dovecot.client().await;
    client.ok("CREATE Other").await;
    client.append("Other", letter("two").as_bytes()).await;
    post.set(Pickup { folder: "Other".into(), ..post.pickup(post.dovecot.plain, RelayTls::Starttls) }).await;
    post.until(2).await;
    desk::settings::remove_pickup(&post.store, &post.access().await, post.account.support_mailbox)
        .await
        .unwrap();
    post.proxy.until_nobody_is_connected().await;
    stop.send_replace(true);
    assert_eq!(post.got().await, once(&["one", "two"]));
}
