//! The file itself: who may open it, and what is left alone.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use control::{AccountState, Control, Error, Here, KeyMark};

use crate::{NOON, Place, here, new_account};

#[test]
fn nobody_else_may_read_it() {
    let place = Place::new();
    place.account("acme");
    for entry in fs::read_dir(place.folder.path()).unwrap().flatten() {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.file_name().display());
    }
}

#[test]
fn each_region_keeps_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let mark = |region: &str, mark: &str| KeyMark { region: region.parse().unwrap(), mark: mark.into() };
    assert!(!Control::exists(folder.path()));
    drop(Control::open(folder.path(), &[mark("eu", "one")], NOON).unwrap());
    assert!(Control::exists(folder.path()));
    drop(Control::open(folder.path(), &[mark("eu", "one"), mark("uk", "two")], NOON).unwrap());
    drop(Control::open(folder.path(), &[], NOON).unwrap());
    let wrong = Control::open(folder.path(), &[mark("eu", "one"), mark("uk", "one")], NOON);
    assert!(matches!(wrong, Err(Error::WrongRegionKey(region)) if region.as_str() == "uk"));
}

#[test]
fn a_newer_file_and_a_foreign_one_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Control::open(folder.path(), &[], NOON).unwrap());
    let path = folder.path().join("control.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    connection.close().unwrap();
    let before = files(folder.path());
    let newer = Control::open(folder.path(), &[], NOON);
    assert!(matches!(newer, Err(Error::NewerSchema { found: 99, .. })));
    assert_eq!(files(folder.path()), before);

    fs::write(&path, "something else that is no database, but long enough to be looked at").unwrap();
    let before = files(folder.path());
    assert!(matches!(Control::open(folder.path(), &[], NOON), Err(Error::NotOurs)));
    assert_eq!(files(folder.path()), before);
}

#[test]
fn an_account_is_begun_once_and_then_in_use() {
    let place = Place::new();
    let first = place.control.begin_account(&new_account("acme"), NOON).unwrap();
    let again = place.control.begin_account(&new_account("acme"), NOON).unwrap();
    assert_eq!((first.id, again.state), (again.id, AccountState::Creating));
    assert!(place.control.active_accounts().unwrap().is_empty());
    place.control.activate_account(first.id).unwrap();
    place.control.activate_account(first.id).unwrap();
    assert_eq!(place.control.active_accounts().unwrap().len(), 1);
    let taken = place.control.begin_account(&new_account("acme"), NOON);
    assert!(matches!(taken, Err(Error::SlugTaken(_))));
    assert_eq!(place.control.wrapped_key(first.id).unwrap().unwrap(), vec![1; 73]);
}

#[test]
fn an_account_lies_in_its_region() {
    let place = Place::new();
    let mut new = new_account("acme");
    new.region = "us".parse().unwrap();
    let outside = place.control.begin_account(&new, NOON);
    assert!(matches!(outside, Err(Error::OutsideRegion { ref lies_in, .. }) if *lies_in == here().region));
    new.data_centre = "nowhere-1".parse().unwrap();
    assert!(matches!(place.control.begin_account(&new, NOON), Err(Error::NoSuchDataCentre(_))));
    assert!(place.control.account_by_slug(&new.slug).unwrap().is_none());
    let moved = Here { region: "us".parse().unwrap(), ..here() };
    let answer = place.control.declare_data_centre(&moved, NOON);
    assert!(matches!(answer, Err(Error::DataCentreLies { .. })), "a data centre does not move");
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}
