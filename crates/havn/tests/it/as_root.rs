//! What only root can try: a door of another user, and a disk that is full. Others are told and pass.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::Command,
};

use serde_json::json;
use tempfile::tempdir;

use crate::{
    program::{Demo, http, run, smtp, until},
    served::{Served, change_file, ended_demo},
};

/// The user whom every machine has for what belongs to nobody.
const NOBODY: u32 = 65_534;

fn is_root(what: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("not tried, since it takes root: {what}");
    }
    root
}

fn doctor(dir: &Path) -> String {
    String::from_utf8_lossy(&run(&["doctor"], dir).stdout).into_owned()
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The user that a child of this process runs as, by the name that the supervisor gave it.
fn user_of_child(supervisor: u32, name: &str) -> Option<(String, String)> {
    let children = fs::read_to_string(format!("/proc/{supervisor}/task/{supervisor}/children")).unwrap();
    let child = children.split_whitespace().find(|child| {
        let line = fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap_or_default();
        line.starts_with(name)
    })?;
    let status = fs::read_to_string(format!("/proc/{child}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        Some(line[name.len()..].split_whitespace().collect::<Vec<_>>().join(" "))
    };
    Some((format!("{} {}", field("Uid:")?, field("Gid:")?), field("Groups:")?))
}

#[test]
fn the_door_runs_as_another_user() {
    if !is_root("a door of another user") {
        return;
    }
    let folder = tempdir().unwrap();
    let dir = folder.path();
    let demo = ended_demo(dir);
    change_file(dir, &[("base = ", "door_user = 4000000\nbase = ")]);
    assert!(doctor(dir).contains("there is no user 4000000 on this machine"), "{}", doctor(dir));
    change_file(dir, &[("door_user = 4000000", "door_user = 65534")]);

    // A temporary folder is its maker's alone.
    mode(dir, 0o700);
    let said = doctor(dir);
    assert!(
        said.contains("WRONG  user 65534 (door_user) cannot read") && said.contains("keeps it out"),
        "{said}"
    );
    let refused = run(&["serve"], dir);
    let sentence = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{sentence}");
    assert!(sentence.contains("havn: the door: ") && sentence.contains("Permission denied"), "{sentence}");

    mode(dir, 0o711);
    mode(&dir.join("havn.toml"), 0o644);
    assert!(doctor(dir).contains("user 65534 (door_user) reaches what the door needs"), "{}", doctor(dir));
    let served = Served::start(dir, demo);
    let same = [NOBODY.to_string(), NOBODY.to_string(), NOBODY.to_string(), NOBODY.to_string()].join(" ");
    let (ids, groups) = until("the door", || user_of_child(served.pid(), "havn-door"));
    assert!(ids.starts_with(&same), "user and group: {ids}");
    assert_eq!(groups, "", "it is in no other group");
    let (ids, _) = user_of_child(served.pid(), "havn-desk").unwrap();
    assert!(ids.starts_with("0 0 0 0"), "the desk keeps its own: {ids}");
    let record = dir.join("data/door");
    assert_eq!(record.metadata().unwrap().uid(), NOBODY);
    assert!(fs::read_dir(&record).unwrap().flatten().all(|file| file.metadata().unwrap().uid() == NOBODY));
    assert_eq!(served.end(), 0);
}

/// A small disk in memory. It goes with this value.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempdir().unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("not tried, since nothing can be mounted here: a full disk");
        }
        mounted.then_some(Self(folder))
    }

    /// Takes what is left.
    fn fill(&self) {
        use std::io::Write;
        let mut ballast = fs::File::create(self.0.path().join("ballast")).unwrap();
        while ballast.write_all(&[0; 4_096]).is_ok() {}
        while ballast.write_all(&[0]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.0.path().join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn on_a_full_disk_a_store_that_was_closed_is_read_again_and_nothing_is_lost() {
    if !is_root("a full disk") {
        return;
    }
    let Some(disk) = SmallDisk::mount("40m") else { return };
    let dir = disk.0.path();
    let demo = ended_demo(dir);
    let file = dir.join("havn.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[limits]\nidle_store_seconds = 1\n")).unwrap();
    let served = Served::start(dir, demo);
    let (server, mailbox) = (served.address("smtp"), served.mailbox());
    let mail = |number: usize| {
        format!(
            "From: kim@post.example\nSubject: Mail {number}\nMessage-ID: <{number}@post.example>\n\nHello\n"
        )
    };
    for number in 0..3 {
        assert!(smtp(server, "kim@post.example", &mailbox, &mail(number)).starts_with("250"));
    }
    let (_, list) = served.api("GET", "/api/v1/conversations?limit=10", None);
    let note = format!("/api/v1/conversations/{}/notes", list["items"][0]["id"].as_str().unwrap());

    let metrics = served.address_of_metrics();
    let figures = || http(metrics, &metrics.to_string(), "GET", "/metrics", None, None).1;
    until("the stores to be closed", || figures().contains("havn_stores_open 0\n").then_some(()));
    // Now, for a store that closes gives the room of its log back.
    disk.fill();
    let (status, list) = served.api("GET", "/api/v1/conversations?limit=10", None);
    assert_eq!((status, list["items"].as_array().map(Vec::len)), (200, Some(3)), "{list}");
    let said = smtp(server, "kim@post.example", &mailbox, &mail(100));
    assert!(said.starts_with("452"), "{said}");
    let (status, problem) = served.api("POST", &note, Some(&json!({ "text": "no room" })));
    assert_eq!(status, 507, "{problem}");
    assert!(problem["detail"].as_str().unwrap_or_default().contains("until there is room"), "{problem}");

    disk.make_room();
    let said = smtp(server, "kim@post.example", &mailbox, &mail(3));
    assert!(said.starts_with("250"), "with room, without a restart: {said}");
    let (status, problem) = served.api("POST", &note, Some(&json!({ "text": "room again" })));
    assert_eq!(status, 201, "{problem}");
    let (_, list) = served.api("GET", "/api/v1/conversations?limit=10", None);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(4), "nothing is lost or doubled: {list}");
    assert_eq!(served.end(), 0);
    let checked = run(&["check"], dir);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn a_door_that_ran_as_another_user_leaves_nothing_that_the_next_cannot_use() {
    if !is_root("a door of another user") {
        return;
    }
    let folder = tempdir().unwrap();
    let dir = folder.path();
    let demo = ended_demo(dir);
    mode(dir, 0o711);
    change_file(dir, &[("base = ", "door_user = 65534\nbase = ")]);
    mode(&dir.join("havn.toml"), 0o644);
    assert_eq!(Served::start(dir, demo.clone()).end(), 0);
    change_file(dir, &[("door_user = 65534\n", "door_user = 1\n")]);
    assert_eq!(Served::start(dir, demo).end(), 0);
    change_file(dir, &[("door_user = 1\n", "")]);
    drop(Demo::start(dir, &["--empty", "--no-outside"]));
}
