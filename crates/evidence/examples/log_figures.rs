//! Prints the figures of the logs, one JSON line each: `cargo run --release -p evidence --example log_figures`.

use std::{collections::HashMap, convert::Infallible, hint::black_box, time::Instant};

use evidence::{
    Act, Checkpoint, Edge, Entry, Export, Hash, Kind, LogKey, Origin, RefName, TileId, includes,
    prove_consistency, prove_inclusion, verify,
};
use uuid::Uuid;
use words::{AccountId, Principal, Task, Time};

const ENTRIES: u64 = 1_000_000;
const PROOFS: u64 = 10_000;

fn entry(number: u64) -> Vec<u8> {
    let act = Act::new(Kind::MessageReceived)
        .about(RefName::Conversation, Uuid::from_u128(u128::from(number) << 64))
        .about(RefName::Message, Uuid::from_u128(u128::from(number) << 60))
        .about(RefName::Event, number + 1);
    let at = Time::from_micros(1_764_000_000_000_000);
    Entry { number, at, by: Principal::System(Task::Receive), act }.bytes()
}

#[expect(clippy::cast_precision_loss, reason = "figures are for people")]
fn micros_each(began: Instant, count: u64) -> f64 {
    began.elapsed().as_secs_f64() * 1e6 / count as f64
}

fn main() {
    let began = Instant::now();
    let entries: Vec<Vec<u8>> = (0..ENTRIES).map(entry).collect();
    println!(
        r#"{{"figure":"write an entry","us":{:.2},"bytes":{}}}"#,
        micros_each(began, ENTRIES),
        entries[9_999].len()
    );

    let (mut edge, mut stored) = (Edge::empty(), HashMap::new());
    let began = Instant::now();
    for entry in &entries {
        for tile in edge.append(entry) {
            stored.insert((tile.id.level, tile.id.position), tile.hashes);
        }
    }
    println!(r#"{{"figure":"append to the tree","us":{:.2}}}"#, micros_each(began, ENTRIES));
    let began = Instant::now();
    let root = edge.root();
    println!(r#"{{"figure":"root","us":{:.1}}}"#, micros_each(began, 1));

    let key = LogKey::from_seed(&[7; 32]);
    let origin = Origin::account(&"havn.example".parse().unwrap(), AccountId::from_uuid(Uuid::nil()));
    let checkpoint = Checkpoint { origin: origin.clone(), size: ENTRIES, root };
    let began = Instant::now();
    let signed = checkpoint.sign(&key);
    println!(r#"{{"figure":"sign a checkpoint","us":{:.1}}}"#, micros_each(began, 1));

    // As a store answers: full tiles as they are, the last of the lowest level made of its entries.
    let read = |id: TileId| -> Result<Vec<u8>, Infallible> {
        if id.level > 0 || id.is_full() {
            return Ok(stored[&(id.level, id.position)][..usize::from(id.width) * 32].to_vec());
        }
        let first = usize::try_from(id.position).unwrap() * 256;
        let entries = &entries[first..first + usize::from(id.width)];
        Ok(entries.iter().flat_map(|entry| *Hash::of_entry(entry).bytes()).collect())
    };
    let numbers = || (0..PROOFS).map(|n| n * (ENTRIES / PROOFS));
    let began = Instant::now();
    let proofs: Vec<_> = numbers().map(|number| prove_inclusion(ENTRIES, number, read).unwrap()).collect();
    println!(
        r#"{{"figure":"inclusion proof","us":{:.1},"hashes":{}}}"#,
        micros_each(began, PROOFS),
        proofs[9].len()
    );
    let leaves: Vec<Hash> =
        numbers().map(|n| Hash::of_entry(&entries[usize::try_from(n).unwrap()])).collect();
    let began = Instant::now();
    for ((number, leaf), proof) in numbers().zip(leaves).zip(&proofs) {
        assert!(includes(ENTRIES, root, number, leaf, proof));
    }
    println!(r#"{{"figure":"check an inclusion proof","us":{:.1}}}"#, micros_each(began, PROOFS));
    let began = Instant::now();
    for number in numbers().skip(1) {
        black_box(prove_consistency(ENTRIES, number, read).unwrap());
    }
    println!(r#"{{"figure":"consistency proof","us":{:.1}}}"#, micros_each(began, PROOFS - 1));

    let kept =
        Checkpoint { origin: origin.clone(), size: 500_000, root: evidence::root(500_000, read).unwrap() }
            .sign(&key);
    let bytes = Export { checkpoint: &signed, entries: entries.iter().map(Vec::as_slice).collect() }.bytes();
    let began = Instant::now();
    let export = Export::read(&bytes).unwrap();
    verify(&export, &origin, &key.public(), &[&kept]).unwrap();
    println!(
        r#"{{"figure":"verify a whole log","entries":{ENTRIES},"seconds":{:.2},"mb":{}}}"#,
        began.elapsed().as_secs_f64(),
        bytes.len() / 1_000_000
    );
}
