//! A log that was tampered with: each fault is found and named.

use evidence::{CheckpointError, Export, Fault, LogKey, Origin, Verified, verify};
use proptest::prelude::*;

use crate::log::{Log, account, entry, export, host, key, numbered, origin};

fn judge(checkpoint: &str, entries: &[Vec<u8>], kept: &[&str]) -> Result<Verified, Fault> {
    // As a file, so that what is judged is what is read.
    let bytes = export(checkpoint, entries).bytes();
    let read = Export::read(&bytes).map_err(Fault::Checkpoint)?;
    verify(&read, &origin(), &key().public(), kept)
}

/// The same log, but for what is done to its entries.
fn tampered(how: impl FnOnce(&mut Vec<Vec<u8>>)) -> Result<Verified, Fault> {
    let log = Log::of(700);
    let (kept, mut entries) = (log.signed_at(300), log.entries.clone());
    how(&mut entries);
    judge(&log.signed(), &entries, &[&kept])
}

/// Changes what an entry tells, not its number.
fn alter(entry: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(entry);
    *entry = text.replace("system:receive", "system:deliver").into_bytes();
}

/// Gives each entry the number of its place again.
fn renumber(entries: &mut [Vec<u8>]) {
    for (place, entry) in entries.iter_mut().enumerate() {
        let text = String::from_utf8_lossy(entry).into_owned();
        // What is no entry any more has no number.
        let Some((head, rest)) = text.split_once(",\"at\"") else { continue };
        let Some((start, _)) = head.rsplit_once(':') else { continue };
        *entry = format!("{start}:{place},\"at\"{rest}").into_bytes();
    }
}

#[test]
fn a_whole_log_is_what_was_signed() {
    let log = Log::of(700);
    let (first, second) = (log.signed_at(300), log.signed_at(699));
    let verified = judge(&log.signed(), &log.entries, &[&second, &first]).unwrap();
    assert_eq!(verified, Verified { checkpoint: log.checkpoint_at(700), kept: Some(699) });
    assert_eq!(judge(&log.signed(), &log.entries, &[]).unwrap().kept, None);
    assert_eq!(judge(&log.signed(), &log.entries, &[&log.signed()]).unwrap().kept, Some(700));
    let empty = Log::default();
    assert_eq!(judge(&empty.signed(), &[], &[&empty.signed()]).unwrap().checkpoint.size, 0);
    assert_eq!(judge(&log.signed(), &log.entries, &[&empty.signed()]).unwrap().kept, Some(0));
}

#[test]
fn an_altered_entry_is_found() {
    // The kept checkpoint tells on which side of it.
    assert_eq!(tampered(|entries| alter(&mut entries[5])), Err(Fault::Altered { from: 0, to: 300 }));
    assert_eq!(tampered(|entries| alter(&mut entries[300])), Err(Fault::Altered { from: 300, to: 700 }));
    // One that cannot be read, or has another number, is found itself.
    assert_eq!(tampered(|entries| entries[5][0] ^= 1), Err(Fault::Altered { from: 5, to: 6 }));
    assert_eq!(tampered(|entries| entries[5] = entry(9_999)), Err(Fault::Altered { from: 5, to: 6 }));
    assert_eq!(tampered(|entries| entries[699] = entry(9)), Err(Fault::Altered { from: 699, to: 700 }));
}

#[test]
fn a_removed_entry_is_found() {
    assert_eq!(tampered(|entries| drop(entries.remove(5))), Err(Fault::Removed { number: 5 }));
    assert_eq!(tampered(|entries| drop(entries.remove(0))), Err(Fault::Removed { number: 0 }));
    assert_eq!(tampered(|entries| drop(entries.drain(10..400))), Err(Fault::Removed { number: 10 }));
    let closed_up = tampered(|entries| {
        entries.remove(5);
        renumber(entries);
    });
    assert_eq!(closed_up, Err(Fault::Truncated { found: 699, size: 700 }));
    let filled_up = tampered(|entries| {
        entries.remove(5);
        renumber(entries);
        entries.push(entry(699));
    });
    assert_eq!(filled_up, Err(Fault::Altered { from: 0, to: 300 }));
}

#[test]
fn entries_in_another_order_are_found() {
    assert_eq!(tampered(|entries| entries.swap(5, 6)), Err(Fault::Reordered { position: 5 }));
    assert_eq!(tampered(|entries| entries.swap(5, 600)), Err(Fault::Reordered { position: 5 }));
    let renumbered = tampered(|entries| {
        entries.swap(5, 600);
        renumber(entries);
    });
    assert_eq!(renumbered, Err(Fault::Altered { from: 0, to: 300 }));
}

#[test]
fn an_inserted_entry_is_found() {
    assert_eq!(tampered(|entries| entries.insert(5, entry(4))), Err(Fault::Inserted { position: 5 }));
    assert_eq!(tampered(|entries| entries.insert(5, entry(5))), Err(Fault::Inserted { position: 6 }));
    assert_eq!(tampered(|entries| entries.insert(5, entry(9_999))), Err(Fault::Inserted { position: 5 }));
    assert_eq!(tampered(|entries| entries.insert(5, b"x".to_vec())), Err(Fault::Inserted { position: 5 }));
    let renumbered = tampered(|entries| {
        entries.insert(400, entry(4));
        renumber(entries);
    });
    assert_eq!(renumbered, Err(Fault::Altered { from: 300, to: 700 }));
    assert_eq!(tampered(|entries| entries.push(entry(700))), Err(Fault::Unsigned { from: 700 }));
}

#[test]
fn a_truncated_log_is_found() {
    assert_eq!(tampered(|entries| entries.truncate(650)), Err(Fault::Truncated { found: 650, size: 700 }));
    assert_eq!(tampered(Vec::clear), Err(Fault::Truncated { found: 0, size: 700 }));
    let log = Log::of(700);
    let signed = log.signed();
    let bytes = export(&signed, &log.entries).bytes();
    let cut = Export::read(&bytes[..bytes.len() - 9]).unwrap();
    let judged = verify(&cut, &origin(), &key().public(), &[]);
    assert_eq!(judged, Err(Fault::Altered { from: 699, to: 700 }));
}

/// The same up to 200, then another history, signed by the same key.
fn fork() -> Log {
    let mut fork = Log::of(200);
    (200..700).for_each(|number| {
        let mut other = entry(number);
        alter(&mut other);
        fork.append(other);
    });
    fork
}

#[test]
fn a_fork_is_found() {
    let (log, fork) = (Log::of(700), fork());
    assert!(judge(&fork.signed(), &fork.entries, &[&log.signed_at(200)]).is_ok());
    assert_eq!(
        judge(&fork.signed(), &fork.entries, &[&log.signed_at(300)]),
        Err(Fault::Forked { size: 300 })
    );
    assert_eq!(judge(&fork.signed(), &fork.entries, &[&log.signed()]), Err(Fault::Forked { size: 700 }));
    let both = [fork.signed_at(300), log.signed_at(300)];
    let judged = judge(&fork.signed(), &fork.entries, &[&both[0], &both[1]]);
    assert_eq!(judged, Err(Fault::Forked { size: 300 }));
}

#[test]
fn a_log_that_was_rolled_back_is_found() {
    let (log, before) = (Log::of(700), Log::of(500));
    let judged = judge(&before.signed(), &before.entries, &[&log.signed()]);
    assert_eq!(judged, Err(Fault::RolledBack { size: 500, kept: 700 }));
}

#[test]
fn an_old_checkpoint_that_is_shown_again_is_found() {
    let log = Log::of(700);
    let judged = judge(&log.signed_at(500), &log.entries, &[&log.signed_at(600)]);
    assert_eq!(judged, Err(Fault::Replayed { size: 500, kept: 600 }));
    assert_eq!(judge(&log.signed_at(500), &log.entries, &[]), Err(Fault::Unsigned { from: 500 }));
}

#[test]
fn another_key_and_another_log_are_found() {
    let log = Log::of(50);
    let stranger = log.checkpoint_at(50).sign(&LogKey::from_seed(&[8; 32]));
    let wrong = |error| Err(Fault::Checkpoint(error));
    assert_eq!(judge(&stranger, &log.entries, &[]), wrong(CheckpointError::WrongKey));
    let operator = Origin::operator(&host());
    let mut other = log.checkpoint_at(50);
    other.origin = operator.clone();
    let other = other.sign(&key());
    assert_eq!(judge(&other, &log.entries, &[]), wrong(CheckpointError::WrongOrigin(operator.clone())));
    let kept = judge(&log.signed(), &log.entries, &[&other]);
    assert_eq!(kept, Err(Fault::Kept(CheckpointError::WrongOrigin(operator))));
    let altered = log.signed().replace("\n50\n", "\n49\n");
    assert_eq!(judge(&altered, &log.entries, &[]), wrong(CheckpointError::Altered));
    assert_eq!(judge("nothing", &log.entries, &[]), wrong(CheckpointError::Unreadable));
    assert_ne!(Origin::account(&host(), account()), Origin::operator(&host()));
}

/// What a tamperer may do to the entries.
#[derive(Debug, Clone)]
enum Tampering {
    Flip(prop::sample::Index, u8),
    Alter(prop::sample::Index),
    Remove(prop::sample::Index, usize),
    Swap(prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, u64),
    Truncate(prop::sample::Index),
    Renumber,
}

fn tampering() -> impl Strategy<Value = Tampering> {
    prop_oneof![
        (any::<prop::sample::Index>(), 0_u8..8).prop_map(|(at, bit)| Tampering::Flip(at, bit)),
        any::<prop::sample::Index>().prop_map(Tampering::Alter),
        (any::<prop::sample::Index>(), 1_usize..5).prop_map(|(at, count)| Tampering::Remove(at, count)),
        (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(a, b)| Tampering::Swap(a, b)),
        (any::<prop::sample::Index>(), 0_u64..800).prop_map(|(at, number)| Tampering::Insert(at, number)),
        any::<prop::sample::Index>().prop_map(Tampering::Truncate),
        Just(Tampering::Renumber),
    ]
}

fn tamper(entries: &mut Vec<Vec<u8>>, how: &Tampering) {
    if entries.is_empty() {
        return;
    }
    match how {
        Tampering::Flip(at, bit) => {
            let entry = at.index(entries.len());
            let byte = at.index(entries[entry].len());
            entries[entry][byte] ^= 1 << bit;
        }
        Tampering::Alter(at) => {
            let entry = at.index(entries.len());
            alter(&mut entries[entry]);
        }
        Tampering::Remove(at, count) => {
            let from = at.index(entries.len());
            entries.drain(from..(from + count).min(entries.len()));
        }
        Tampering::Swap(one, other) => {
            let (one, other) = (one.index(entries.len()), other.index(entries.len()));
            entries.swap(one, other);
        }
        Tampering::Insert(at, number) => {
            let act = evidence::Act::new(evidence::Kind::Look);
            entries.insert(at.index(entries.len() + 1), numbered(*number, act));
        }
        Tampering::Truncate(at) => entries.truncate(at.index(entries.len())),
        Tampering::Renumber => renumber(entries),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_tampering_passes(size in 1_u64..600, kept in any::<prop::sample::Index>(), how in prop::collection::vec(tampering(), 1..4)) {
        let log = Log::of(size);
        let kept = log.signed_at(kept.index(usize::try_from(size).unwrap() + 1) as u64);
        let mut entries = log.entries.clone();
        for how in &how {
            tamper(&mut entries, how);
        }
        let judged = judge(&log.signed(), &entries, &[&kept]);
        prop_assert_eq!(judged.is_ok(), entries == log.entries, "{:?} {:?}", how, judged);
    }

    #[test]
    fn one_tampering_is_named(size in 300_u64..600, how in tampering()) {
        let log = Log::of(size);
        let mut entries = log.entries.clone();
        tamper(&mut entries, &how);
        prop_assume!(entries != log.entries);
        let fault = judge(&log.signed(), &entries, &[]).unwrap_err();
        let is_named = match how {
            // A flip may give an entry the number of another, or cut it in two.
            Tampering::Flip(..) => matches!(fault, Fault::Altered { .. } | Fault::Reordered { .. } | Fault::Inserted { .. } | Fault::Removed { .. }),
            Tampering::Alter(_) | Tampering::Renumber => matches!(fault, Fault::Altered { .. }),
            Tampering::Remove(..) => matches!(fault, Fault::Removed { .. } | Fault::Truncated { .. }),
            Tampering::Swap(..) => matches!(fault, Fault::Reordered { .. }),
            Tampering::Insert(..) => matches!(fault, Fault::Inserted { .. } | Fault::Unsigned { .. }),
            Tampering::Truncate(_) => matches!(fault, Fault::Truncated { .. }),
        };
        prop_assert!(is_named, "{how:?}: {fault:?}");
    }
}
