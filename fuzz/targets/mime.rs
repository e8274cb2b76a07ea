//! Any bytes as a mail.
#![no_main]

use letter::{Letter, Mark, automatic, bounce, fold, limits, preview};

libfuzzer_sys::fuzz_target!(|raw: &[u8]| {
    let letter = Letter::read(raw);
    assert!(!letter.marks.contains(&Mark::Unreadable));
    assert!(letter.text.len() <= limits::TEXT_BYTES_MAX && letter.attachments.len() <= 2 * limits::PARTS_MAX);
    for attachment in &letter.attachments {
        let place: letter::Place = attachment.place.to_string().parse().expect("a place reads back");
        assert!(place.bytes(raw).is_some() && !attachment.name.is_empty());
    }
    let _ = (automatic(&letter, None), bounce(&letter, raw), preview(&letter.text));
    let whole: String = fold(&letter.text).iter().map(letter::Part::text).collect();
    assert_eq!(whole, letter.text);
});
