//! The register and the operator's log: one act, one entry, one commit.

use std::time::Duration;

use control::{Authorship, Control, Error};
use evidence::{Export, LogKey, Origin, verify};
use register::{Change, Entry, State};

use crate::{NOON, Place};

fn by(minutes: u64) -> Authorship {
    Authorship {
        author: "Mette".into(),
        reason: "the list of today".into(),
        at: NOON.after(Duration::from_mins(minutes)),
    }
}

fn entry(id: &str) -> Entry {
    let text = format!(r#"{{"id":"{id}","heading":"service","name":"{id} ApS"}}"#);
    serde_json::from_str(&text).unwrap()
}

fn put(id: &str) -> Change {
    Change::Put { entry: Box::new(entry(id)) }
}

fn change(control: &Control, minutes: u64, changes: Vec<Change>) -> Result<u64, Error> {
    let history = control.change_register(&by(minutes), |_| Ok::<_, Error>(changes))?;
    Ok(history.register.number)
}

#[test]
fn changes_are_kept_and_seen_by_other_processes() {
    let place = Place::new();
    let other = place.another();
    assert_eq!(other.register_history().unwrap().register.number, 0);
    assert_eq!(change(&place.control, 1, vec![put("alfa"), put("beta")]).unwrap(), 2);
    let seen = other.register_history().unwrap();
    assert_eq!(seen.register.entries.len(), 2);
    assert_eq!(seen.changes[1].author, "Mette");
    assert_eq!(change(&other, 2, vec![put("gamma")]).unwrap(), 3, "it goes on after what another did");
    assert_eq!(place.control.register_history().unwrap(), other.register_history().unwrap());
}

#[test]
fn a_change_that_is_refused_takes_all_with_it() {
    let place = Place::new();
    let active = Change::Step { entry: "alfa".parse().unwrap(), to: State::Active };
    let refused = change(&place.control, 1, vec![put("alfa"), active]).unwrap_err();
    assert!(matches!(refused, Error::Register(_)), "{refused}");
    assert_eq!(place.control.register_history().unwrap().register.number, 0);
    assert_eq!(place.control.log_size().unwrap(), 0, "no entry without its act");
}

#[test]
fn each_change_has_its_entry_and_the_log_verifies() {
    let place = Place::new();
    let (key, origin) = (LogKey::from_seed(&[7; 32]), "havn.example/log".parse::<Origin>().unwrap());
    for number in 0..300 {
        change(&place.control, number, vec![put(&format!("entry-{number}"))]).unwrap();
    }
    let kept = place.control.sign_log(&origin, &key, NOON).unwrap();
    assert_eq!(kept.size, 300);
    change(&place.control, 301, vec![put("one-more")]).unwrap();
    place.control.sign_log(&origin, &key, NOON).unwrap();
    let export = place.control.export_log().unwrap().unwrap();
    let verified = verify(&Export::read(&export).unwrap(), &origin, &key.public(), &[&kept.note]).unwrap();
    assert_eq!(verified.checkpoint.size, 301);
    let altered = String::from_utf8(export).unwrap().replace("\"version\":200", "\"version\":201");
    assert!(verify(&Export::read(altered.as_bytes()).unwrap(), &origin, &key.public(), &[]).is_err());
}
