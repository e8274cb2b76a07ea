//! Files: encrypted, whole or an error, and kept as long as something names them.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, UNIX_EPOCH},
};

use proptest::prelude::*;
use store::{AccountKey, Attachment, DraftFile, Error, Files, Status};
use words::{AttachmentId, DepartmentId, DraftId};

use crate::{
    letters,
    place::{Desk, on_both},
};

/// All files of the account on disk.
fn on_disk(desk: &Desk) -> Vec<PathBuf> {
    let folder = desk.stores.folder(desk.account).join("files");
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    folders
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect()
}

/// Makes all files on disk as old as can be.
fn age(desk: &Desk) {
    for path in on_disk(desk) {
        fs::File::open(path).unwrap().set_modified(UNIX_EPOCH).unwrap();
    }
}

on_both! {
    async fn the_same_content_is_kept_once(desk: &Desk) {
        let content = b"a planted sentence".repeat(5_000);
        let first = desk.store.put_file(&desk.access(), content.clone()).await.unwrap();
        let second = desk.store.put_file(&desk.access(), content.clone()).await.unwrap();
        assert_eq!(first, second);
        assert_eq!(desk.store.read_file(&desk.access(), first).await.unwrap(), content);
        let [path] = on_disk(desk).try_into().unwrap();
        let bytes = fs::read(path).unwrap();
        assert!(!bytes.windows(9).any(|part| part == b"a planted"));
    }

    async fn a_flipped_bit_is_an_error_that_names_the_file(desk: &Desk) {
        let content: Vec<u8> = (0..200_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let id = desk.store.put_file(&desk.access(), content).await.unwrap();
        let row = desk.read(move |read| read.file(id)).await.unwrap().unwrap();
        let [path] = on_disk(desk).try_into().unwrap();
        let bytes = fs::read(&path).unwrap();
        for place in (0..bytes.len()).step_by(bytes.len() / 200) {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            fs::write(&path, flipped).unwrap();
            let read = desk.store.read_file(&desk.access(), id).await;
            assert!(matches!(read, Err(Error::FileDamaged(hash)) if hash == row.hash), "{place}: {read:?}");
        }
        // A cut is noticed too, also between two pieces.
        for length in [0, 7, 27, 27 + 65_552, 27 + 2 * 65_552, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            let read = desk.store.read_file(&desk.access(), id).await;
            assert!(matches!(read, Err(Error::FileDamaged(_))), "{length}: {read:?}");
        }
        fs::remove_file(&path).unwrap();
        let read = desk.store.read_file(&desk.access(), id).await;
        assert!(matches!(read, Err(Error::FileMissing(hash)) if hash == row.hash), "{read:?}");
    }

    async fn what_nothing_names_goes_after_a_day(desk: &Desk) {
        let access = desk.access();
        let named = desk.store.put_file(&access, b"named".to_vec()).await.unwrap();
        let unnamed = desk.store.put_file(&access, b"nobody".to_vec()).await.unwrap();
        let department = DepartmentId::new(desk.clock.now());
        desk.write(move |tx| {
            let conversation = letters::begin(tx, department, Status::Open)?;
            let (message, _) = letters::receive(tx, conversation, "see the file")?;
            tx.insert_attachment(&Attachment {
                id: AttachmentId::new(tx.now()),
                message,
                position: 0,
                name: "a.txt".into(),
                media_type: "text/plain".into(),
                size: 5,
                content_id: None,
                inline: false,
                kind: "file".into(),
                part: None,
                file: Some(named),
            })
        }).await.unwrap();
        assert_eq!(desk.store.sweep_files(&access).await.unwrap(), 0);
        desk.clock.advance(Duration::from_hours(25));
        let access = desk.later_access();
        age(desk);
        assert_eq!(desk.store.sweep_files(&access).await.unwrap(), 1);
        assert_eq!(on_disk(desk).len(), 1);
        assert_eq!(desk.store.sweep_files(&access).await.unwrap(), 0);
        assert_eq!(desk.store.read_file(&access, named).await.unwrap(), b"named");
        let gone = desk.store.read_file(&access, unnamed).await;
        assert!(matches!(gone, Err(Error::NoSuchFile(id)) if id == unnamed), "{gone:?}");
    }

    async fn a_file_goes_with_the_last_message_that_named_it(desk: &Desk) {
        let department = DepartmentId::new(desk.clock.now());
        let large = vec![7_u8; 300_000];
        let mut messages = Vec::new();
        for _ in 0..2 {
            let raw = desk.store.prepare_raw(large.clone()).await.unwrap();
            let message = desk.write(move |tx| {
                let conversation = letters::begin(tx, department, Status::Open)?;
                let (message, _) = letters::receive(tx, conversation, "large")?;
                tx.insert_raw(message, &raw, "")?;
                Ok(message)
            }).await.unwrap();
            messages.push(message);
        }
        desk.clock.advance(Duration::from_hours(25));
        let access = desk.later_access();
        for (left, message) in [(1, messages[0]), (0, messages[1])] {
            age(desk);
            assert_eq!(desk.store.sweep_files(&access).await.unwrap(), 0);
            assert_eq!(on_disk(desk).len(), 1);
            desk.store.erase(&access, move |tx| {
                tx.delete_raw(message)?;
                tx.delete_message(message)
            }).await.unwrap();
            assert_eq!(desk.store.sweep_files(&access).await.unwrap(), 1 - left);
            assert_eq!(on_disk(desk).len() as u64, left);
        }
    }

    async fn what_is_stored_again_outlives_the_sweep(desk: &Desk) {
        let access = desk.access();
        let id = desk.store.put_file(&access, b"again".to_vec()).await.unwrap();
        desk.clock.advance(Duration::from_hours(25));
        let access = desk.later_access();
        // Its row goes, while somebody has stored the same and not yet written a row: not even this
        // process remembers that (the unit has run and is not committed).
        age(desk);
        drop(desk.store.files().put(b"again").unwrap());
        let [path] = on_disk(desk).try_into().unwrap();
        assert!(path.metadata().unwrap().modified().unwrap() > UNIX_EPOCH, "it is young again");
        // As young as this test's clock.
        let now = UNIX_EPOCH + Duration::from_secs(desk.clock.now().seconds().try_into().unwrap());
        fs::File::open(&path).unwrap().set_modified(now).unwrap();
        assert_eq!(desk.store.sweep_files(&access).await.unwrap(), 1);
        assert!(desk.store.read(&access, move |read| read.file(id)).await.unwrap().is_none());
        assert_eq!(on_disk(desk).len(), 1);
        let again = desk.store.put_file(&access, b"again".to_vec()).await.unwrap();
        assert_eq!(desk.store.read_file(&access, again).await.unwrap(), b"again");
        // And a row that was made young again stays, however old the content.
        desk.clock.advance(Duration::from_hours(23));
        age(desk);
        assert_eq!(desk.store.sweep_files(&desk.later_access()).await.unwrap(), 0);
        assert_eq!(on_disk(desk).len(), 1);
    }

    async fn a_file_that_was_swept_cannot_be_named(desk: &Desk) {
        let access = desk.access();
        let put = async |content: &[u8]| desk.store.put_file(&access, content.to_vec()).await.unwrap();
        let (swept, kept) = (put(b"swept").await, put(b"kept").await);
        let draft = DraftId::new(desk.clock.now());
        let named = |file| DraftFile { file, name: "a.txt".into(), media_type: "text/plain".into(), size: 5 };
        desk.clock.advance(Duration::from_hours(25));
        let access = desk.later_access();
        // Named at the last moment, it is as young as if it had been stored just now.
        desk.store.write(&access, move |tx| tx.add_draft_file(draft, &named(kept))).await.unwrap();
        desk.store.write(&access, move |tx| tx.delete_draft(draft)).await.unwrap();
        assert_eq!(desk.store.sweep_files(&access).await.unwrap(), 1);
        let late = desk.store.write(&access, move |tx| tx.add_draft_file(draft, &named(swept))).await;
        assert!(matches!(late, Err(Error::NoSuchFile(id)) if id == swept), "{late:?}");
        assert_eq!(desk.store.read_file(&access, kept).await.unwrap(), b"kept");
    }

    async fn a_raw_mail_is_kept_byte_for_byte(desk: &Desk) {
        let department = DepartmentId::new(desk.clock.now());
        for size in [0, 1, 256 * 1_024, 256 * 1_024 + 1, 1_000_000] {
            let bytes: Vec<u8> = (0..size).map(|n| u8::try_from(n * 7 % 256).unwrap()).collect();
            let raw = desk.store.prepare_raw(bytes.clone()).await.unwrap();
            let message = desk.write(move |tx| {
                let conversation = letters::begin(tx, department, Status::Open)?;
                let (message, _) = letters::receive(tx, conversation, "")?;
                tx.insert_raw(message, &raw, "from here to there")?;
                Ok(message)
            }).await.unwrap();
            assert!(desk.store.raw(&desk.access(), message).await.unwrap() == Some(bytes), "{size}");
            let row = desk.read(move |read| read.raw(message)).await.unwrap().unwrap();
            assert_eq!((row.size, row.trace.as_str()), (i64::from(size), "from here to there"));
        }
        assert_eq!(on_disk(desk).len(), 2);
    }
}

#[tokio::test]
async fn another_key_opens_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Files::new(folder.path().into(), &AccountKey::from_bytes([7; 32]));
    let stored = ours.put(b"secret").unwrap();
    let theirs = Files::new(folder.path().into(), &AccountKey::from_bytes([8; 32]));
    assert!(matches!(theirs.get(stored.hash()), Err(Error::FileDamaged(_))));
    assert_ne!(theirs.put(b"secret").unwrap().hash(), stored.hash(), "names are keyed");
}

#[tokio::test]
async fn a_file_that_is_about_to_be_named_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new(folder.path().into(), &AccountKey::from_bytes([7; 32]));
    let (first, second) = (files.put(b"same").unwrap(), files.put(b"same").unwrap());
    let hash = first.hash();
    drop(first);
    assert!(!files.remove(hash).unwrap());
    drop(second);
    assert!(files.remove(hash).unwrap());
    assert!(matches!(files.get(hash), Err(Error::FileMissing(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn what_is_put_is_got(size in prop_oneof![0..100_usize, 65_530..65_542_usize, 131_070..131_075_usize, 0..400_000_usize], piece in 1..100_000_usize) {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path().into(), &AccountKey::from_bytes([7; 32]));
        let content: Vec<u8> = (0..size).map(|n| u8::try_from(n * 31 % 256).unwrap()).collect();
        let mut writer = files.writer().unwrap();
        content.chunks(piece).for_each(|part| std::io::Write::write_all(&mut writer, part).unwrap());
        let stored = writer.finish().unwrap();
        prop_assert_eq!(stored.size(), size as u64);
        prop_assert!(files.get(stored.hash()).unwrap() == content);
        let whole = files.put(&content).unwrap();
        prop_assert_eq!(whole.hash(), stored.hash());
    }
}
