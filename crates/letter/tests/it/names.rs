//! Names of files and of senders that try to be what they are not.

use crate::fixtures;
use letter::{Letter, Mark, file_name, sender_shown};

fn strings(path: &str, field: &str) -> Vec<String> {
    let cases: serde_json::Value = serde_json::from_slice(&fixtures::bytes(path)).unwrap();
    cases.as_array().unwrap().iter().map(|case| case[field].as_str().unwrap().to_owned()).collect()
}

/// No control, direction or zero-width character, no path, no leading dot, never empty.
fn is_clean(name: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    !name.is_empty()
        && !name.contains(hidden)
        && !name.contains(['/', '\\', '"', '<', '>', ':', '|', '\r', '\n'])
        && !name.starts_with(['.', '-', '~', ' '])
}

#[test]
fn file_names_are_only_names() {
    for name in strings("hostile-names/attachment-names.json", "name") {
        let cleaned = file_name(&name);
        assert!(cleaned.is_empty() || is_clean(&cleaned), "{name:?} -> {cleaned:?}");
        let quoted = name.replace(['\r', '\n', '\0', '"'], "");
        let hex = data_encoding::HEXUPPER.encode(name.as_bytes());
        let hex: String =
            hex.as_bytes().chunks(2).flat_map(|pair| ['%', pair[0].into(), pair[1].into()]).collect();
        let word = data_encoding::BASE64.encode(name.as_bytes());
        for disposition in [
            format!("filename=\"{quoted}\""),
            format!("filename*=utf-8''{hex}"),
            format!("filename=\"=?utf-8?B?{word}?=\""),
        ] {
            let raw = format!(
                "From: a@b.dk\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x\r\n\
                Content-Type: application/octet-stream\r\nContent-Disposition: attachment; {disposition}\r\n\r\nbytes\r\n--x--\r\n"
            );
            let letter = Letter::read(raw.as_bytes());
            assert_eq!(letter.attachments.len(), 1, "{disposition}");
            assert!(is_clean(&letter.attachments[0].name), "{disposition}: {:?}", letter.attachments[0].name);
            assert_eq!(Letter::attachment_bytes(raw.as_bytes(), 0).as_deref(), Some(b"bytes".as_slice()));
        }
    }
}

#[test]
fn impostors_are_marked() {
    // What no program can tell from an honest name: the address beside it must.
    const HONEST_LOOKS: &[&str] = &["l1I", "m", "w", "e\u{301}", "\u{e9}"];
    let mut missed = Vec::new();
    for seen in strings("hostile-names/sender-names.json", "seen") {
        if HONEST_LOOKS.contains(&seen.as_str()) {
            continue;
        }
        let raw = if seen.contains('<') || seen.contains('@') {
            format!("From: {}\r\n\r\nx", seen.replace('\n', "\r\n ")).into_bytes()
        } else {
            format!("From: {seen} <evil@example.net>\r\n\r\nx").into_bytes()
        };
        let letter = Letter::read(&raw);
        let marked = letter.marks.contains(&Mark::NameDeceives);
        let one = letter.from.len() == 1;
        let unusable = letter.from.iter().all(|f| f.address.is_none());
        // Two addresses in one field never become one, a broken one becomes none, and no decoding makes an
        // address of another domain.
        let of_evil =
            letter.from.iter().all(|f| f.address.as_ref().is_some_and(|a| a.domain() == "evil.example"));
        if !(marked || !one || unusable || of_evil) {
            missed.push(seen);
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn honest_names_are_left_alone() {
    for name in [
        "Søren Ærø",
        "Anna 😀",
        "José da Silva",
        "Иван Петров",
        "Γιώργος",
        "佐藤 (Sato)",
        "Müller, Anna",
        "ООО Ромашка",
        "محمد",
        "Anna ❤️ B",
    ] {
        let shown = sender_shown(name, None);
        assert!(!shown.deceives(), "{name}: {shown:?}");
    }
    let own = "anna@example.org".parse().unwrap();
    assert!(!sender_shown("anna@example.org", Some(&own)).deceives());
    assert!(sender_shown("anna@example.org", None).other_address);
}
