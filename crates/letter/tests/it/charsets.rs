//! Charsets: no mojibake where the charset is known, readable where it is wrong or unknown.

use crate::fixtures;
use letter::{Letter, Mark};

#[test]
fn known_charsets_are_read_right() {
    for (path, subject, text) in [
        ("charsets/japanese.eml", "まみむめも", "かきくえこ"),
        ("charsets/japanese_attachment.eml", "testing", "testing"),
        ("charsets/japanese_iso_2022.eml", "まみむめも", "すみません。"),
        ("charsets/japanese_shift_jis.eml", "test", "このメールはテスト用のメールです。"),
        ("charsets/ks_c_5601-1987.eml", "test", "스티해"),
        ("charsets/mail-non-mime-html-charset-header-only.raw", "Test", "Test Müller"),
        // Wrong labels, the bytes tell.
        ("charsets/low-quality-incorrect-charset.raw", "plain text", "ℕ ⊆ ℕ₀ ⊂ ℤ ⊂ ℚ ⊂ ℝ ⊂ ℂ"),
        ("charsets/parts-chardet-success-iso-8859-1.raw", "", "é"),
        ("charsets/parts-chardet-detection.raw", "", "Einladung zu akzeptieren"),
        // Labels that nobody knows, on text that is plain.
        ("charsets/low-quality-unk-charset-html-only.raw", "Attachment", "Hello World!"),
        ("charsets/low-quality-unk-charset-part.raw", "Attachment", "A text section"),
        ("charsets/mail-html-mime-bad-charset-inline.raw", "MIME test 1", "Test of text section"),
    ] {
        let letter = Letter::read(&fixtures::bytes(path));
        assert_eq!(letter.subject, subject, "{path}");
        assert!(letter.text.contains(text), "{path}: {:.300}", letter.text);
        assert!(!letter.text.contains('\u{fffd}') || letter.marks.contains(&Mark::UnknownCharset), "{path}");
    }
}

#[test]
fn names_of_files_are_decoded() {
    for (path, name) in [
        ("charsets/japanese_attachment.eml", "てすと.txt"),
        (
            "charsets/japanese_attachment_long_name.eml",
            "かきくけこかきくけこかきくけこかきくけこかきくけこ.txt",
        ),
    ] {
        assert_eq!(Letter::read(&fixtures::bytes(path)).attachments[0].name, name, "{path}");
    }
}

#[test]
fn one_text_in_many_charsets() {
    for (charset, bytes) in [
        ("utf-8", "Blåbær æøå".as_bytes().to_vec()),
        ("iso-8859-1", b"Bl\xe5b\xe6r \xe6\xf8\xe5".to_vec()),
        ("windows-1252", b"Bl\xe5b\xe6r \xe6\xf8\xe5".to_vec()),
        ("ISO-8859-15", b"Bl\xe5b\xe6r \xe6\xf8\xe5".to_vec()),
        ("x-unknown", b"Bl\xe5b\xe6r \xe6\xf8\xe5".to_vec()),
        ("utf-16", b"\xfe\xff\0B\0l\0\xe5\0b\0\xe6\0r\0 \0\xe6\0\xf8\0\xe5".to_vec()),
        ("utf-7", b"Bl+AOU-b+AOY-r +AOYA+ADl-".to_vec()),
    ] {
        let mut raw = format!(
            "Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        );
        raw += &data_encoding::BASE64.encode(&bytes);
        assert_eq!(Letter::read(raw.as_bytes()).text, "Blåbær æøå", "{charset}");
    }
}
