//! What `docs/evidence.md` shows is so.

use std::{fs, path::Path};

use evidence::{Act, Ending, HashName, Kind, RefName, Salt};
use uuid::Uuid;
use words::ActId;

use crate::log::{Log, export, key, numbered, origin};

/// The log of the worked example.
fn example() -> Log {
    let conversation = Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00c1);
    let message = Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00d1);
    let dial = ActId::from_uuid(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00e1));
    let salt = Salt::from_bytes([9; 32]);
    let acts = [
        Act::new(Kind::MessageReceived)
            .about(RefName::Conversation, conversation)
            .about(RefName::Message, message)
            .about(RefName::Event, 1)
            .with_hash(HashName::Letter, salt.hash(b"Subject: Hello\r\n\r\nWhere is my parcel?\r\n")),
        Act::intent(Kind::Flow, dial)
            .about(RefName::Purpose, "mail-relay".parse::<evidence::Word>().unwrap()),
        Act::outcome(Kind::Flow, dial, Ending::Done).about(RefName::BytesOut, 2_048),
    ];
    let mut log = Log::default();
    (0..).zip(acts).for_each(|(number, act)| log.append(numbered(number, act)));
    log
}

#[test]
fn the_paper_shows_what_is_so() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/evidence.md");
    let paper = fs::read_to_string(path).unwrap();
    let log = example();
    let signed = log.signed();
    let shown = [
        key().public().text(&origin()),
        String::from_utf8(export(&signed, &log.entries).bytes()).unwrap(),
        log.prove(1, &log.checkpoint_at(3), &key()).text(),
    ];
    for shown in shown {
        assert!(paper.contains(&shown), "the paper does not show:\n{shown}");
    }
    let names = Kind::ALL.iter().map(|kind| kind.name());
    let names = names
        .chain(RefName::ALL.iter().map(|name| name.name()))
        .chain(HashName::ALL.iter().map(|name| name.name()));
    for name in names {
        assert!(paper.contains(&format!("`{name}`")), "the paper does not tell of {name}");
    }
}
