//! Commands: what they do, and the one sentence with exit code 1 when they cannot.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use tempfile::tempdir;

use crate::program::{root, run};

const FILE: &str = "base = \"desk.example\"\nregion = \"eu\"\ndata_centre = \"cph-1\"\n\
    [web]\nlisten = [\"127.0.0.1:0\"]\n[mail]\nsmtp = [\"127.0.0.1:0\"]\n[metrics]\nlisten = \"127.0.0.1:0\"\n";

/// An installation with its key.
fn installation() -> tempfile::TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("havn.toml"), FILE).unwrap();
    assert!(run(&["key", "create"], folder.path()).status.success());
    folder
}

/// Exit code 1 and one sentence with these words in it.
fn refuses(words: &[&str], dir: &Path, with: &str) {
    let output = run(words, dir);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
    assert!(said.contains(with), "{words:?} says {said:?}, not {with:?}");
    assert_eq!(said.lines().filter(|line| line.starts_with("havn: ")).count(), 1, "{said}");
}

fn account(dir: &Path) {
    let made = run(&["account", "create", "acme", "--name", "Acme", "--mailbox", "hello@acme.example"], dir);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn an_account_is_made_and_somebody_can_log_in() {
    let folder = installation();
    account(folder.path());
    let words = ["agent", "add", "acme", "olga@acme.example", "--name", "Olga", "--role", "owner"];
    let added = run(&words, folder.path());
    assert!(String::from_utf8_lossy(&added.stdout).contains("can log in with the password"));
    refuses(&words, folder.path(), "has an agent already");
    refuses(
        &["account", "create", "acme", "--name", "Acme"],
        folder.path(),
        "there is an account acme already",
    );
    refuses(&["agent", "add", "other", "a@b.example", "--name", "A"], folder.path(), "no account other");
}

#[test]
fn a_file_that_is_missing_or_wrong_is_told() {
    let folder = tempdir().unwrap();
    refuses(&["serve"], folder.path(), "there is no");
    fs::write(folder.path().join("havn.toml"), format!("{FILE}[log]\nformat = \"xml\"\n")).unwrap();
    refuses(&["serve"], folder.path(), "unknown variant `xml`");
}

#[test]
fn a_region_key_that_is_missing_open_or_wrong_is_told_and_nothing_is_touched() {
    let folder = installation();
    account(folder.path());
    let (key, data) = (folder.path().join("keys/eu.key"), folder.path().join("data"));
    let before = testkit::havn::bytes_of(&data);
    let good = fs::read(&key).unwrap();

    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    refuses(&["serve"], folder.path(), "must be 600");
    fs::remove_file(&key).unwrap();
    refuses(&["serve"], folder.path(), "eu.key cannot be read");
    fs::write(&key, "0".repeat(64)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    refuses(&["serve"], folder.path(), "not the key under which the accounts of region eu were made");
    refuses(&["agent", "add", "acme", "a@b.example", "--name", "A"], folder.path(), "not the key");
    assert_eq!(testkit::havn::bytes_of(&data), before);

    fs::write(&key, good).unwrap();
    account_is_there(folder.path());
}

#[test]
fn a_folder_of_a_newer_program_is_told_and_not_touched() {
    let folder = installation();
    account(folder.path());
    let (dir, data) = (folder.path(), folder.path().join("data"));
    let backup = dir.join("backup");
    let commands: [&[&str]; 5] = [
        &["serve"],
        &["check"],
        &["backup", backup.to_str().unwrap()],
        &["agent", "add", "acme", "a@b.example", "--name", "A"],
        &["account", "create", "other", "--name", "Other"],
    ];
    let refuse_all = |with: &str| {
        let before = testkit::havn::bytes_of(&data);
        for words in commands {
            refuses(words, dir, with);
            assert_eq!(testkit::havn::bytes_of(&data), before, "{words:?}");
        }
        assert!(!backup.exists());
    };
    let (control, good) = (data.join("control.db"), fs::read(data.join("control.db")).unwrap());
    // Where SQLite keeps the number of the schema.
    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&control, newer).unwrap();
    refuse_all("control.db has schema 99");
    fs::write(&control, good).unwrap();

    let schema = data.join("store-schema");
    let ours = fs::read(&schema).unwrap();
    fs::write(&schema, "99\n").unwrap();
    refuse_all("the accounts' stores have schema 99");
    fs::write(&schema, ours).unwrap();
    account_is_there(dir);
}

#[test]
fn a_command_takes_its_doors_record_with_it_and_what_was_cut_off_goes_too() {
    let folder = installation();
    let records = folder.path().join("data/door-of-commands");
    account(folder.path());
    assert!(!records.exists());
    // As two that were killed have left it: one as its lock was made, one before that.
    fs::create_dir_all(records.join("1")).unwrap();
    fs::write(records.join("1/door.lock"), "").unwrap();
    fs::create_dir_all(records.join("4194999")).unwrap();
    account_is_there(folder.path());
    assert!(!records.exists());
}

fn account_is_there(dir: &Path) {
    refuses(&["account", "create", "acme", "--name", "Acme"], dir, "there is an account acme already");
}

#[test]
fn the_example_file_is_right_and_names_every_key() {
    let folder = tempdir().unwrap();
    let text = fs::read_to_string(root().join("docs/havn.toml")).unwrap();
    fs::write(folder.path().join("havn.toml"), &text).unwrap();
    // Its key does not exist here: that it is asked for means that the file was read.
    refuses(&["agent", "add", "acme", "a@b.example", "--name", "A"], folder.path(), "eu.key");
    let fields = fs::read_to_string(root().join("crates/havn/src/config/file.rs")).unwrap();
    let keys = fields.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "));
    for (key, _) in keys.filter(|(key, _)| !key.starts_with('_')) {
        let told = text.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{key} = ")));
        let is_table = text.contains(&format!("[{key}]"));
        assert!(told || is_table, "docs/havn.toml does not tell of {key}");
    }
}

fn told(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An mbox of one thread of `count` mails.
fn mbox(count: usize) -> String {
    let mail = |number: usize| {
        let references: Vec<String> =
            (0..number).map(|before| format!(" <m{before}@post.example>")).collect();
        let references = references.concat();
        let references = if number == 0 { String::new() } else { format!("References:{references}\n") };
        format!(
            "From a@post.example Thu Jan  1 00:00:00 2026\nFrom: A <a@post.example>\nTo: hello@acme.example\n\
             Subject: Old\nDate: Thu, 1 Jan 2026 00:00:{number:02} +0000\nMessage-ID: <m{number}@post.example>\n\
             {references}\nNumber {number}.\n>From the start.\n\n"
        )
    };
    (0..count).map(mail).collect()
}

#[test]
fn an_old_mailbox_is_taken_in_once_and_gone_on_with() {
    let folder = installation();
    account(folder.path());
    let old = folder.path().join("old.mbox");
    let import = || told(&run(&["import", "acme", old.to_str().unwrap()], folder.path()));
    fs::write(&old, mbox(3)).unwrap();
    assert!(import().starts_with("3 mails taken in, 0 lay here already"));
    fs::write(&old, mbox(5)).unwrap();
    assert!(import().starts_with("5 mails taken in, 0 lay here already"), "it goes on where it left off");
    assert!(import().starts_with("5 mails taken in"), "there is nothing left");

    let copy = folder.path().join("copy");
    fs::create_dir_all(copy.join("cur")).unwrap();
    fs::write(copy.join("cur/1"), "Subject: no date\n\nand no sender\n").unwrap();
    let again = folder.path().join("again.mbox");
    fs::write(&again, mbox(5)).unwrap();
    let doubled = told(&run(&["import", "acme", again.to_str().unwrap()], folder.path()));
    assert!(doubled.starts_with("0 mails taken in, 5 lay here already"), "{doubled}");
    let odd = told(&run(&["import", "acme", copy.to_str().unwrap()], folder.path()));
    assert!(odd.contains("no sender") && odd.contains("no date"), "{odd}");
    refuses(&["import", "acme", "/nowhere"], folder.path(), "/nowhere");
    assert!(told(&run(&["check"], folder.path())).contains("acme: whole (6 messages"));
}

#[test]
fn a_backup_makes_the_same_again_under_the_same_key_only() {
    let folder = installation();
    account(folder.path());
    let old = folder.path().join("old.mbox");
    fs::write(&old, mbox(4)).unwrap();
    told(&run(&["import", "acme", old.to_str().unwrap()], folder.path()));
    let backup = folder.path().join("backup");
    let backup = backup.to_str().unwrap();
    told(&run(&["backup", backup], folder.path()));
    refuses(&["backup", backup], folder.path(), "already exists");

    let other = installation();
    refuses(&["restore", backup], other.path(), "not the key under which");
    assert!(!other.path().join("data/control.db").exists(), "nothing is made under a wrong key");
    fs::copy(folder.path().join("keys/eu.key"), other.path().join("keys/eu.key")).unwrap();
    assert!(told(&run(&["restore", backup], other.path())).contains("acme: restored"));
    assert!(told(&run(&["check"], other.path())).contains("acme: whole (4 messages"));
    refuses(&["restore", backup], other.path(), "has accounts already");
}

#[test]
fn the_doctor_says_what_is_wrong() {
    let folder = installation();
    account(folder.path());
    let before = testkit::havn::bytes_of(&folder.path().join("keys"));
    let said = run(&["doctor"], folder.path());
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    for words in [
        "the region key is there",
        "has no relay",
        "neither a certificate nor a proxy",
        "accounts were opened",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(testkit::havn::bytes_of(&folder.path().join("keys")), before);
    fs::set_permissions(folder.path().join("data"), fs::Permissions::from_mode(0o755)).unwrap();
    let said = run(&["doctor"], folder.path());
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stdout).contains("WRONG  everybody may read"));
}
