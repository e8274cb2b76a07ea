//! `havn register` and `havn evidence`: the list that the door obeys, from the command line.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{havn, root, run, until};

const FILE: &str = "base = \"desk.example\"\nregion = \"eu\"\ndata_centre = \"cph-1\"\n\
    [web]\nlisten = [\"127.0.0.1:0\"]\n[mail]\nsmtp = [\"127.0.0.1:0\"]\n[metrics]\nlisten = \"127.0.0.1:0\"\n";

const DUTIES: [&str; 13] = [
    "instructions",
    "confidentiality",
    "training",
    "measures",
    "breaches",
    "further-processors",
    "deletion",
    "audits",
    "unlawful-instructions",
    "contract-copy",
    "failure-notice",
    "step-in",
    "limited-access",
];

/// An installation with an account and an empty register.
fn installation() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("havn.toml"), FILE).unwrap();
    says(folder.path(), &["key", "create"]);
    says(folder.path(), &["account", "create", "acme", "--name", "Acme"]);
    folder
}

/// What a command prints that does what it is asked to.
fn says(dir: &Path, words: &[&str]) -> String {
    let output = run(words, dir);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command says that ends with exit code 1.
fn refuses(dir: &Path, words: &[&str]) -> String {
    let output = run(words, dir);
    assert_eq!(output.status.code(), Some(1), "{words:?}");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn changes(dir: &Path, words: &[&str]) -> String {
    says(dir, &[words, &["--author", "Mette", "--reason", "a test"]].concat())
}

/// A voice provider that could be used.
fn voice(duties: &[&str]) -> String {
    let duties = duties.iter().map(|duty| {
        format!(
            "[[entry.duty]]\nduty = \"{duty}\"\nclause = \"7\"\ndocument = \"{}\"\nvalid_from = \"2026-01-01\"\n",
            "0".repeat(64)
        )
    });
    format!(
        "format = 1\n\n[[entry]]\nid = \"voice\"\nname = \"Example Voice Ltd\"\nheading = \"service\"\n\
         relation = \"third-party\"\naddress = \"1 Example Quay, Dublin\"\ncountry = \"IE\"\n\
         purposes = [\"voice\"]\ncategories = [\"content\", \"metadata\"]\n\
         contact = {{ person = \"Ann\", channel = \"privacy@voice.example\" }}\n\
         [[entry.place]]\nuse = \"process\"\ncountry = \"IE\"\n\
         [[entry.endpoint]]\nhost = \"api.voice.example.com\"\nport = 443\n\
         [entry.diligence]\nauthor = \"Jens\"\n\
         decision = {{ by = \"Mette\", on = \"2026-01-02\", reason = \"asked and answered\", accepted = true }}\n{}",
        duties.collect::<String>()
    )
}

fn import(dir: &Path, text: &str) {
    let file = dir.join("list.toml");
    fs::write(&file, text).unwrap();
    changes(dir, &["register", "import", file.to_str().unwrap()]);
}

fn explained(dir: &Path, more: &[&str]) -> (String, Vec<Value>) {
    let words = ["register", "explain", "--purpose", "voice", "--host", "api.voice.example.com", "--json"];
    let output = run(&[&words, more].concat(), dir);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let decision = said["decision"].as_str().unwrap().to_owned();
    assert_eq!(output.status.code(), Some(i32::from(decision != "permitted")));
    (decision, said["rules"].as_array().unwrap().clone())
}

fn failed(rules: &[Value]) -> &str {
    rules.iter().find(|rule| rule["answer"] == "failed").unwrap()["rule"].as_str().unwrap()
}

#[test]
fn an_entry_opens_the_door_only_when_every_step_was_taken() {
    let folder = installation();
    let dir = folder.path();
    let account = ["--account", "acme"];
    assert_eq!(failed(&explained(dir, &account).1), "named", "nothing is registered");
    import(dir, &voice(&DUTIES));
    assert_eq!(failed(&explained(dir, &account).1), "active", "a draft opens nothing");
    changes(dir, &["register", "terms", "acme", "--authorisation", "specific"]);
    for state in ["diligence", "contracted", "announced"] {
        changes(dir, &["register", "step", "voice", state]);
        assert_eq!(failed(&explained(dir, &account).1), "active", "{state}");
    }
    changes(dir, &["register", "step", "voice", "active"]);
    assert_eq!(failed(&explained(dir, &account).1), "in-force", "it has not said yes");
    changes(dir, &["register", "standing", "acme", "voice", "accepted"]);
    assert_eq!(explained(dir, &account).0, "permitted");
    changes(dir, &["register", "standing", "acme", "voice", "objected"]);
    let (decision, rules) = explained(dir, &account);
    assert_eq!((decision.as_str(), failed(&rules)), ("refused", "not-objected"));
    let (decision, rules) = explained(dir, &["--account", "acme", "--at", "2020-01-01"]);
    assert_eq!((decision.as_str(), failed(&rules)), ("refused", "named"), "then there was no register");
}

#[test]
fn what_is_missing_stops_the_step_and_says_so() {
    let folder = installation();
    let dir = folder.path();
    import(dir, &voice(&DUTIES[..12]));
    changes(dir, &["register", "step", "voice", "diligence"]);
    changes(dir, &["register", "step", "voice", "contracted"]);
    let words = ["register", "step", "voice", "announced", "--author", "Mette", "--reason", "now"];
    assert!(refuses(dir, &words).contains("limited-access"));
    let words = ["register", "step", "voice", "active", "--author", "Mette", "--reason", "now"];
    assert!(refuses(dir, &words).contains("contracted cannot become active"));
    assert_eq!(says(dir, &["register", "history", "--json"]).lines().count(), 3);
}

#[test]
fn a_file_with_faults_imports_nothing_and_all_are_told_by_line() {
    let folder = installation();
    let dir = folder.path();
    let text = "format = 1\n\n[[entry]]\nid = \"a\"\nname = \"A ApS\"\nheading = \"service\"\n\
        [[entry.endpoint]]\nhost = \"*.com\"\nport = 443\n\n\
        [[entry]]\nid = \"b\"\nname = \"B ApS\"\nheading = \"servant\"\n\n\
        [[entry]]\nid = \"c\"\nname = \"C ApS\"\nheading = \"service\"\n";
    let file = dir.join("list.toml");
    fs::write(&file, text).unwrap();
    let words = [
        "register",
        "import",
        file.to_str().unwrap(),
        "--author",
        "Mette",
        "--reason",
        "all of it or nothing",
    ];
    let said = refuses(dir, &words);
    assert!(said.contains("list.toml:8: ") && said.contains("*.com would match hosts of others"), "{said}");
    assert!(said.contains("list.toml:14: ") && said.contains("servant"), "{said}");
    assert!(says(dir, &["register", "list"]).contains("The register is empty"));
    fs::write(&file, "format = 1\n[[entry]]\nid = \"x\"\nname = \"affiliates\"\nheading = \"service\"\n")
        .unwrap();
    assert!(refuses(dir, &words).contains("it names no legal person"));
}

#[test]
fn the_list_of_2019_and_the_corrected_one_make_a_history() {
    let folder = installation();
    let dir = folder.path();
    let (old, new) = (root().join("demo/register-2019.toml"), root().join("demo/register-corrected.toml"));
    let found = refuses(dir, &["register", "check", old.to_str().unwrap(), "--at", "2019-10-28", "--json"]);
    let findings = serde_json::from_str::<Value>(&found).unwrap()["findings"].as_array().unwrap().clone();
    for code in
        ["unnamed", "certificates-joined", "no-such-certificate", "outside-region", "page-not-binding"]
    {
        assert!(findings.iter().any(|finding| finding["code"] == code), "{code}");
    }
    says(dir, &["register", "check", new.to_str().unwrap(), "--at", "2026-11-25"]);

    changes(dir, &["register", "import", old.to_str().unwrap()]);
    assert!(changes(dir, &["register", "import", old.to_str().unwrap()]).contains("says so already"));
    let first = says(dir, &["register", "history", "--json"]).lines().count();
    changes(dir, &["register", "import", new.to_str().unwrap()]);
    let differences = says(dir, &["register", "diff", &first.to_string()]);
    assert!(differences.contains("- twilio") && differences.contains("+ sample-voice"), "{differences}");
    let exported = says(dir, &["register", "export"]);
    fs::write(dir.join("again.toml"), &exported).unwrap();
    let again = dir.join("again.toml");
    assert!(changes(dir, &["register", "import", again.to_str().unwrap()]).contains("says so already"));
    assert!(says(dir, &["register", "show", "sample-voice"]).contains("name = \"Sample Voice Ltd\""));
}

#[test]
fn the_operators_log_is_verified_by_anybody_and_tampering_is_named() {
    let folder = installation();
    let dir = folder.path();
    import(dir, &voice(&DUTIES));
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    fs::write(path("kept"), says(dir, &["evidence", "checkpoint"])).unwrap();
    changes(dir, &["register", "step", "voice", "diligence"]);
    says(dir, &["evidence", "export", "--to", &path("log")]);
    let verify = |name: &str| {
        let (log, key, kept) = (path(name), path("log.pub"), path("kept"));
        let output = run(&["evidence", "verify", &log, "--key", &key, "--kept", &kept], dir);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = verify("log");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("OK: 2 entries") && said.contains("the first 1 are what was signed"), "{said}");

    let text = fs::read_to_string(path("log")).unwrap();
    let cut = text.trim_end().rsplit_once('\n').unwrap().0;
    for wrong in [text.replace("\"version\":1", "\"version\":7"), format!("{cut}\n")] {
        fs::write(path("tampered"), wrong).unwrap();
        let (code, said) = verify("tampered");
        assert_eq!(code, Some(1));
        assert!(said.starts_with("NOT OK: "), "{said}");
    }
}

#[test]
fn a_register_without_its_key_shuts_the_door_until_the_key_is_back() {
    let folder = installation();
    let dir = folder.path();
    import(dir, &voice(&DUTIES));
    let relay = [
        "register",
        "explain",
        "--account",
        "acme",
        "--purpose",
        "mail-relay",
        "--host",
        "relay.example.com",
    ];
    says(dir, &relay);
    // As after a backup was put back in another place.
    fs::remove_dir_all(dir.join("data/register")).unwrap();
    fs::remove_file(dir.join("register.pub")).unwrap();
    fs::rename(dir.join("keys/register.key"), dir.join("register.key")).unwrap();
    served(dir, || assert!(refuses(dir, &relay).contains("the register cannot be read")));
    fs::rename(dir.join("register.key"), dir.join("keys/register.key")).unwrap();
    served(dir, || drop(says(dir, &relay)));
}

/// Does something while the server runs on the folder.
fn served(dir: &Path, work: impl FnOnce()) {
    let mut server = Command::new(havn()).args(["serve", "--dir"]).arg(dir).spawn().unwrap();
    until("the server", || dir.join("data/running.json").exists().then_some(()));
    work();
    Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(server.wait().unwrap().success());
}
