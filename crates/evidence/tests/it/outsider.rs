//! The verifier in `docs/`, which shares no code with ours, agrees on what is good and what is not.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use evidence::Export;
use tempfile::TempDir;

use crate::log::{Log, entry, export, key, origin};

/// Asks the script; none if there is no Python on this machine.
fn ask(folder: &TempDir, file: &str, kept: &[&str]) -> Option<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify_evidence.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(folder.path().join(file)).arg("--key").arg(key().public().text(&origin()));
    for kept in kept {
        command.arg("--kept").arg(folder.path().join(kept));
    }
    match command.output() {
        Ok(said) => {
            let text = [said.stdout, said.stderr].concat();
            Some((said.status.success(), String::from_utf8_lossy(&text).into_owned()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("SKIPPED: there is no python3 on this machine");
            None
        }
        Err(error) => panic!("python3 does not start: {error}"),
    }
}

fn put(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn an_outsider_believes_a_whole_log_and_no_other() {
    let (folder, log) = (TempDir::new().unwrap(), Log::of(700));
    let (signed, kept) = (log.signed(), log.signed_at(300));
    put(&folder, "kept", &kept);
    put(&folder, "stranger", log.checkpoint_at(300).sign(&evidence::LogKey::from_seed(&[8; 32])));
    put(&folder, "good", export(&signed, &log.entries).bytes());
    let Some((is_good, said)) = ask(&folder, "good", &["kept"]) else { return };
    assert!(is_good && said.starts_with("OK: 700 entries"), "{said}");
    let (is_good, said) = ask(&folder, "good", &["stranger"]).unwrap();
    assert!(!is_good && said.contains("not signed by this key"), "{said}");

    let tampered = |how: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut entries = log.entries.clone();
        how(&mut entries);
        export(&signed, &entries).bytes()
    };
    let mut fork = Log::of(200);
    (200..700).for_each(|number| fork.append(entry(number + 1)));
    let altered = String::from_utf8(log.entries[5].clone()).unwrap().replace("receive", "deliver");
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("altered", tampered(&|all| all[5] = altered.clone().into_bytes()), "altered"),
        ("removed", tampered(&|all| drop(all.remove(5))), "entry 5 is not where it must be"),
        ("swapped", tampered(&|all| all.swap(5, 6)), "entry 5 is not where it must be"),
        ("inserted", tampered(&|all| all.insert(5, entry(4))), "entry 5 is not where it must be"),
        ("truncated", tampered(&|all| all.truncate(650)), "700 entries were signed and 650 are there"),
        ("longer", tampered(&|all| all.push(entry(700))), "700 entries were signed and 701 are there"),
        ("rolled-back", export(&log.signed_at(200), &log.entries[..200]).bytes(), "rolled back"),
        (
            "re-signed",
            export(&signed.replace("\n700\n", "\n701\n"), &log.entries).bytes(),
            "not what was signed",
        ),
    ];
    for (name, bytes, reason) in cases {
        put(&folder, name, &bytes);
        let (is_good, said) = ask(&folder, name, &["kept"]).unwrap();
        assert!(!is_good && said.starts_with("FAULT") && said.contains(reason), "{name}: {said}");
        // Ours agrees.
        let ours = Export::read(&bytes).unwrap();
        assert!(evidence::verify(&ours, &origin(), &key().public(), &[&kept]).is_err(), "{name}");
    }
}

#[test]
fn an_outsider_sees_a_fork() {
    let (folder, log) = (TempDir::new().unwrap(), Log::of(300));
    let mut fork = Log::of(200);
    (200..400).for_each(|number| {
        let text = String::from_utf8(entry(number)).unwrap().replace("receive", "deliver");
        fork.append(text.into_bytes());
    });
    put(&folder, "kept", log.signed());
    put(&folder, "common", log.signed_at(200));
    put(&folder, "fork", export(&fork.signed(), &fork.entries).bytes());
    let Some((is_good, said)) = ask(&folder, "fork", &["common"]) else { return };
    assert!(is_good, "{said}");
    let (is_good, said) = ask(&folder, "fork", &["kept"]).unwrap();
    assert!(!is_good && said.contains("forked"), "{said}");
}

#[test]
fn an_outsider_believes_a_proof_and_no_other() {
    let (folder, log) = (TempDir::new().unwrap(), Log::of(1_000));
    for number in [0, 1, 511, 512, 998, 999] {
        let text = log.prove(number, &log.checkpoint_at(1_000), &key()).text();
        put(&folder, "good.tlog-proof", &text);
        let Some((is_good, said)) = ask(&folder, "good.tlog-proof", &[]) else { return };
        assert!(is_good && said.starts_with(&format!("OK: entry {number} of 1000")), "{said}");
        let wrong = text.replace(&format!("index {number}\n"), &format!("index {}\n", (number + 1) % 1_000));
        put(&folder, "bad.tlog-proof", wrong);
        let (is_good, said) = ask(&folder, "bad.tlog-proof", &[]).unwrap();
        assert!(!is_good && said.contains("not in the log"), "{said}");
    }
    let log = Log::of(1);
    put(&folder, "only.tlog-proof", log.prove(0, &log.checkpoint_at(1), &key()).text());
    let (is_good, said) = ask(&folder, "only.tlog-proof", &[]).unwrap();
    assert!(is_good, "{said}");
}
