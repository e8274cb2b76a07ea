//! Region keys: what is wrong with one is said in a sentence, and nothing is touched.

use std::{fs, os::unix::fs::PermissionsExt};

use access::{Error, RegionKeys};
use control::Control;
use testkit::{
    Havn, On,
    havn::{bytes_of, here},
};
use words::{Clock, Region, Time};

const NOON: Time = Time::from_seconds(1_795_000_000);

fn region() -> Region {
    here().region
}

fn sentence(answer: Result<RegionKeys, Error>) -> String {
    answer.err().expect("it is refused").to_string()
}

#[test]
fn each_fault_has_its_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, data) = (folder.path().join("keys"), folder.path().join("data"));
    let path = keys.join("eu.key");
    let load = || RegionKeys::load(&keys, &[region()], &data);

    assert_eq!(sentence(load()), format!("the region key {} cannot be read", path.display()));
    assert!(!keys.exists() && !data.exists(), "nothing was made");

    RegionKeys::create(&keys, &region(), &data).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o700);
    let again = RegionKeys::create(&keys, &region(), &data);
    assert!(matches!(again, Err(Error::KeyUnreadable { .. })), "a key is never written over");
    let marks = load().unwrap().marks();
    assert_eq!(load().unwrap().marks(), marks);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!marks[0].mark.is_empty() && !text.contains(&marks[0].mark));

    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let open = format!(
        "the region key {} has mode 640; it must be 600, so that nobody else may read it",
        path.display()
    );
    assert_eq!(sentence(load()), open);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();

    for malformed in ["", "00", &"g".repeat(64), &"é".repeat(32), &text.trim()[1..], &format!("0{text}")] {
        fs::write(&path, malformed).unwrap();
        let wrong = format!("the region key {} does not hold 64 hexadecimal digits", path.display());
        assert_eq!(sentence(load()), wrong, "{malformed:?}");
    }

    let inside = data.join("keys");
    let made = RegionKeys::create(&inside, &region(), &data);
    assert!(matches!(made, Err(Error::KeyInsideData { .. })));
    fs::create_dir_all(&inside).unwrap();
    std::os::unix::fs::symlink(&inside, folder.path().join("link")).unwrap();
    let by_link = RegionKeys::load(&folder.path().join("link"), &[region()], &data);
    assert!(matches!(by_link, Err(Error::KeyInsideData { .. })), "also by way of a link");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_touches_nothing() {
    let havn = Havn::start_at(On::Sqlite, Clock::fixed(NOON)).await;
    havn.account("acme").await;
    let (data, keys) = (havn.data(), havn.keys());

    // While the process runs, its logs are not folded back: what a killed one leaves behind.
    let other = keys.with_file_name("other");
    RegionKeys::create(&other, &region(), &data).unwrap();
    let wrong = RegionKeys::load(&other, &[region()], &data).unwrap();
    let left = keys.with_file_name("left");
    copy(&data, &left);
    let before = bytes_of(&left);
    assert!(before.iter().any(|(path, bytes)| path.ends_with("control.db-wal") && !bytes.is_empty()));
    let answer = Control::open(&left, &wrong.marks(), NOON);
    assert!(matches!(answer, Err(control::Error::WrongRegionKey(ref found)) if *found == region()));
    let without_index = |found: Vec<(std::path::PathBuf, Vec<u8>)>| {
        // The shared index of the log is rebuilt by whoever reads; it holds nothing by itself.
        found.into_iter().filter(|(path, _)| !path.ends_with("control.db-shm")).collect::<Vec<_>>()
    };
    assert!(without_index(bytes_of(&left)) == without_index(before), "a killed process's folder");

    // After a process that ended well. Its stores close on threads of their own.
    let ended = havn.ended();
    let is_log =
        |path: &std::path::Path| path.extension().is_some_and(|end| end.to_string_lossy().ends_with("-wal"));
    while bytes_of(&data).iter().any(|(path, _)| is_log(path)) {
        tokio::task::yield_now().await;
    }
    let before = bytes_of(&data);
    assert!(matches!(Control::open(&data, &wrong.marks(), NOON), Err(control::Error::WrongRegionKey(_))));
    assert!(bytes_of(&data) == before, "a folder at rest");
    let right = RegionKeys::load(&keys, &[region()], &data).unwrap();
    assert!(Control::open(&data, &right.marks(), NOON).is_ok());
    drop(ended);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for (path, bytes) in bytes_of(from) {
        let path = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
