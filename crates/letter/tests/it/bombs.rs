//! Bombs: whatever is sent, the letter stays small and says what was left out.

use crate::bomb;
use letter::{Letter, Mark, Pictures, bounce, clean_html, fold, html_of_text, limits, preview, text_of_html};

#[test]
fn a_bomb_makes_no_large_letter() {
    for (name, raw) in bomb::all(20) {
        let letter = Letter::read(&raw);
        assert!(!letter.marks.contains(&Mark::Unreadable), "{name}");
        assert!(letter.text.len() <= limits::TEXT_BYTES_MAX, "{name}");
        assert!(letter.html.as_ref().is_none_or(|h| h.len() <= limits::HTML_BYTES_MAX), "{name}");
        assert!(letter.attachments.len() <= limits::PARTS_MAX + 1, "{name}");
        assert!(
            letter.to.len() <= limits::ADDRESSES_MAX && letter.references.len() <= limits::REFERENCES_MAX,
            "{name}"
        );
        assert!(letter.subject.chars().count() <= limits::SUBJECT_CHARS_MAX + 1, "{name}");
        assert!(letter.appointments.len() <= limits::APPOINTMENTS_MAX, "{name}");
        let _ = bounce(&letter, &raw);
        let whole: usize = fold(&letter.text).iter().map(|p| p.text().len()).sum();
        assert_eq!(whole, letter.text.len(), "{name}");
        assert!(preview(&letter.text).chars().count() <= 161, "{name}");
        let html = letter.html.clone().unwrap_or_else(|| html_of_text(&letter.text));
        let clean = clean_html(&html, &Pictures::NONE);
        assert!(text_of_html(&clean.html).len() <= limits::TEXT_BYTES_MAX, "{name}");
    }
}

fn marks(name: &str) -> Vec<Mark> {
    let (_, raw) = bomb::all(20).into_iter().find(|(n, _)| *n == name).unwrap();
    Letter::read(&raw).marks
}

#[test]
fn what_was_left_out_is_said() {
    assert!(marks("mime within mime").contains(&Mark::TooDeep));
    assert!(marks("many parts").contains(&Mark::TooManyParts));
    assert!(marks("many headers").contains(&Mark::HeadersCut));
    assert!(marks("one header line").contains(&Mark::HeadersCut));
    assert!(marks("many addresses").contains(&Mark::AddressesCut));
    assert!(marks("references").contains(&Mark::ReferencesCut));
    assert!(marks("one boundary at each level").contains(&Mark::TooDeep));
}

#[test]
fn what_was_not_taken_apart_is_still_there() {
    let (_, raw) = bomb::all(20).into_iter().find(|(n, _)| *n == "many parts").unwrap();
    let letter = Letter::read(&raw);
    let rest = letter.attachments.last().unwrap();
    let bytes = rest.place.bytes(&raw).unwrap();
    assert!(bytes.ends_with(b"--b--\r\n") && bytes.len() > raw.len() / 2);
}

proptest::proptest! {
    #[test]
    fn any_bytes_make_a_letter(raw in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2_000)) {
        let letter = Letter::read(&raw);
        proptest::prop_assert!(!letter.marks.contains(&Mark::Unreadable));
        let _ = bounce(&letter, &raw);
    }

    #[test]
    fn any_lines_make_a_letter(
        lines in proptest::collection::vec(
            "(Content-Type: (multipart/mixed|multipart/alternative|message/rfc822|text/html|application/ms-tnef)(; boundary=(a|b))?|\
            Content-Transfer-Encoding: (base64|quoted-printable|x-uuencode)|--a|--b|--a--|--b--||[ -~]{0,30}|From: .{0,20}|=\\?utf-8\\?[bq]\\?.{0,9}\\?=)",
            0..40,
        ),
    ) {
        let raw = lines.join("\r\n").into_bytes();
        let letter = Letter::read(&raw);
        proptest::prop_assert!(!letter.marks.contains(&Mark::Unreadable));
        for attachment in &letter.attachments {
            proptest::prop_assert!(attachment.place.bytes(&raw).is_some());
            let place: letter::Place = attachment.place.to_string().parse().unwrap();
            proptest::prop_assert_eq!(&place, &attachment.place);
        }
    }
}
