//! The tree: tiles, roots and proofs, against the definition of RFC 6962 part 2.1.

use std::convert::Infallible;

use evidence::{
    Act, BundleId, Checkpoint, Edge, Hash, Kind, LogKey, Origin, ProofError, TileId, TreeError, continues,
    includes, prove_consistency, prove_inclusion, read_bundle, write_bundle,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::log::{Log, account, host, key, numbered, origin};

/// MTH of RFC 6962, word by word.
fn merkle_tree_hash(entries: &[Vec<u8>]) -> [u8; 32] {
    match entries {
        [] => Sha256::digest([]).into(),
        [one] => Sha256::new().chain_update([0]).chain_update(one).finalize().into(),
        more => {
            let split = more.len().next_power_of_two() / 2;
            let (left, right) = (merkle_tree_hash(&more[..split]), merkle_tree_hash(&more[split..]));
            Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_root_is_that_of_the_definition(size in 0_u64..1_200) {
        let log = Log::of(size);
        prop_assert_eq!(log.edge.root(), Hash::from_bytes(merkle_tree_hash(&log.entries)));
        prop_assert_eq!(evidence::root(size, |tile| log.tile(tile)).unwrap(), log.edge.root());
        prop_assert_eq!(&Edge::load(size, |tile| log.tile(tile)).unwrap(), &log.edge);
    }

    #[test]
    fn what_is_in_the_log_is_proved_and_nothing_else(size in 1_u64..1_200, at in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>()) {
        let log = Log::of(size);
        let number = at.index(usize::try_from(size).unwrap()) as u64;
        let (root, entry) = (log.edge.root(), Hash::of_entry(&log.entries[usize::try_from(number).unwrap()]));
        let mut proof = prove_inclusion(size, number, |tile| log.tile(tile)).unwrap();
        prop_assert!(includes(size, root, number, entry, &proof));
        prop_assert!(!includes(size, root, number, Hash::of_entry(b"another"), &proof));
        prop_assert!(!includes(size, Hash::of_entry(b"another"), number, entry, &proof));
        prop_assert!(!includes(size, root, size, entry, &proof));
        if !proof.is_empty() {
            let one = flip.index(proof.len());
            let mut bytes = *proof[one].bytes();
            bytes[0] ^= 1;
            proof[one] = Hash::from_bytes(bytes);
            prop_assert!(!includes(size, root, number, entry, &proof));
            proof.pop();
            prop_assert!(!includes(size, root, number, entry, &proof));
        }
    }

    #[test]
    fn a_log_continues_itself_and_no_other(size in 1_u64..1_200, at in any::<prop::sample::Index>()) {
        let log = Log::of(size);
        let before = at.index(usize::try_from(size).unwrap() + 1) as u64;
        let then = (before, log.checkpoint_at(before).root);
        let proof = prove_consistency(size, before, |tile| log.tile(tile)).unwrap();
        prop_assert!(continues((size, log.edge.root()), then, &proof));
        prop_assert!(!continues((size, log.edge.root()), (before, Hash::of_entry(b"x")), &proof));
        prop_assert!(!continues((size, Hash::of_entry(b"x")), (before, Hash::of_entry(b"y")), &proof));
    }

    #[test]
    fn hostile_paths_bundles_and_files_are_only_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = format!("tile/{text}").parse::<TileId>();
        let _ = format!("tile/entries/{text}").parse::<BundleId>();
        let _ = (read_bundle(&bytes), evidence::Entry::read(&bytes), evidence::Export::read(&bytes));
        let _ = evidence::Proof::read(&format!("c2sp.org/tlog-proof@v1\nextra {text}"));
        let _ = Checkpoint::read(&text);
    }
}

#[test]
fn a_log_as_long_as_two_levels_of_tiles_goes_on() {
    let mut log = Log::of(256 * 256 - 1);
    for _ in 0..3 {
        log.append(crate::log::entry(log.size()));
        assert_eq!(Edge::load(log.size(), |tile| log.tile(tile)).unwrap(), log.edge);
        assert_eq!(log.edge.root().bytes(), &merkle_tree_hash(&log.entries));
        let proof = prove_inclusion(log.size(), 70, |tile| log.tile(tile)).unwrap();
        assert!(includes(log.size(), log.edge.root(), 70, Hash::of_entry(&log.entries[70]), &proof));
    }
    assert_eq!(log.edge.tile(0).unwrap().id.path(), "tile/0/256.p/2");
    assert_eq!(log.edge.tile(1), None);
    assert_eq!(log.edge.tile(2).unwrap().id.path(), "tile/2/000.p/1");
}

#[test]
fn what_cannot_be_proved_is_told_by_cause() {
    let log = Log::of(300);
    let inclusion = |size, number| prove_inclusion(size, number, |tile| log.tile(tile));
    assert_eq!(inclusion(300, 300), Err(TreeError::OutOfRange));
    assert_eq!(inclusion(0, 0), Err(TreeError::OutOfRange));
    assert_eq!(prove_consistency(300, 301, |tile| log.tile(tile)), Err(TreeError::OutOfRange));
    let id = TileId { level: 0, position: 0, width: 256 };
    assert_eq!(prove_inclusion(300, 3, |_| Ok::<_, Infallible>(vec![0; 31])), Err(TreeError::Damaged(id)));
    let failed = prove_inclusion(300, 3, |_| Err::<Vec<u8>, _>("no disk"));
    assert!(matches!(failed, Err(TreeError::Tiles("no disk"))));
    assert_eq!(
        Edge::load(300, |_| Ok::<_, Infallible>(Vec::new())).err(),
        Some(TreeError::Damaged(TileId { level: 0, position: 1, width: 44 }))
    );
}

#[test]
fn bundles_hold_the_entries_of_the_tiles() {
    let log = Log::of(300);
    let mut found = Vec::new();
    for bundle in BundleId::all(300) {
        let first = usize::try_from(bundle.position).unwrap() * 256;
        let entries = &log.entries[first..first + usize::from(bundle.width)];
        let bytes = write_bundle(entries.iter().map(Vec::as_slice)).unwrap();
        found.extend(read_bundle(&bytes).unwrap().iter().map(|entry| entry.to_vec()));
    }
    assert_eq!(found, log.entries);
}

#[test]
fn a_proof_is_a_file_that_stands_alone() {
    let log = Log::of(1_000);
    let proof = log.prove(437, &log.checkpoint_at(1_000), &key());
    let text = proof.text();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra "), "{text}");
    let read = evidence::Proof::read(&text).unwrap();
    assert_eq!(read, proof);
    let public = key().public();
    assert_eq!(read.verify(&origin(), &public).unwrap(), log.checkpoint_at(1_000));
    let broken = |from: &str, to: &str| {
        evidence::Proof::read(&text.replace(from, to)).map(|proof| proof.verify(&origin(), &public))
    };
    assert_eq!(broken("index 437", "index 438"), Ok(Err(ProofError::NotIncluded)));
    assert_eq!(broken("index 437", "index 0437"), Err(ProofError::Unreadable));
    assert_eq!(broken("proof@v1", "proof@v2"), Err(ProofError::Unreadable));
    assert_eq!(broken("extra ", "extra!"), Err(ProofError::Unreadable));
    assert_eq!(
        read.verify(&Origin::operator(&host()), &public),
        Err(ProofError::Checkpoint(evidence::CheckpointError::WrongOrigin(origin())))
    );
    let another = LogKey::from_seed(&[8; 32]).public();
    assert_eq!(
        read.verify(&origin(), &another),
        Err(ProofError::Checkpoint(evidence::CheckpointError::WrongKey))
    );
}

#[test]
fn a_checkpoint_of_an_account_is_shown_in_the_log_of_the_operator() {
    let theirs = Log::of(321).checkpoint_at(321);
    let mut operators = Log::default();
    operators.append(numbered(0, Act::new(Kind::Register)));
    operators.append(numbered(1, Act::of_checkpoint(account(), &theirs)));
    operators.append(numbered(2, Act::new(Kind::Register)));
    let operator = Origin::operator(&host());
    let checkpoint = Checkpoint { origin: operator.clone(), size: 3, root: operators.edge.root() };
    let proof = operators.prove(1, &checkpoint, &key());
    let show = |proof: &evidence::Proof, theirs| {
        proof.verify_checkpoint(&operator, &key().public(), account(), theirs)
    };
    assert_eq!(show(&proof, &theirs), Ok(checkpoint.clone()));
    let forged = Checkpoint { root: Hash::of_entry(b"another history"), ..theirs.clone() };
    assert_eq!(show(&proof, &forged), Err(ProofError::AnotherEntry));
    let other = operators.prove(0, &checkpoint, &key());
    assert_eq!(show(&other, &theirs), Err(ProofError::AnotherEntry));
}
