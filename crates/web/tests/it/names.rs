//! Experiment A6: names of files that try to be more than names, sent by mail and uploaded by agents.

use std::fmt::Write as _;

use http::StatusCode;

use crate::browser::{Answer, Site};

fn names() -> Vec<String> {
    let cases = include_str!("../../../../fixtures/hostile-names/attachment-names.json");
    let cases: serde_json::Value = serde_json::from_str(cases).unwrap();
    cases.as_array().unwrap().iter().map(|case| case["name"].as_str().unwrap().to_owned()).collect()
}

/// A download, whose name in RFC 6266 cannot leave its quotes or name a place.
fn judge(file: &Answer, name: &str) {
    assert_eq!(file.status, StatusCode::OK, "{name:?}");
    assert_eq!(file.header("content-type"), "application/octet-stream", "{name:?}");
    assert_eq!(file.header("x-content-type-options"), "nosniff", "{name:?}");
    assert!(file.header("set-cookie").is_empty(), "{name:?}");
    let shown = file.header("content-disposition");
    let quoted = shown.strip_prefix("attachment; filename=\"").unwrap_or_else(|| panic!("{name:?}: {shown}"));
    let (plain, rest) = quoted.split_once('"').unwrap();
    assert!(
        !plain.is_empty() && !plain.contains(['/', '\\']) && !plain.starts_with('.'),
        "{name:?}: {shown}"
    );
    let extended = rest.strip_prefix("; filename*=UTF-8''").unwrap_or(rest);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%-._~!#$&+^`|".contains(&byte);
    assert!(extended.bytes().all(is_plain), "{name:?}: {shown}");
}

/// Every file below a folder.
fn files(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path.display().to_string()) }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_came_by_mail_is_only_a_download() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let mut parts = String::new();
    let names = names();
    for name in &names {
        let mut escaped = String::new();
        for byte in name.bytes() {
            let _ = write!(escaped, "%{byte:02X}");
        }
        let _ = write!(
            parts,
            "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''{escaped}\n\nbytes\n"
        );
    }
    let mail = format!(
        "From: Mette <mette@contact.example>\nTo: support@acme.example\nSubject: Names\nMessage-ID: <n@contact.example>\n\
         MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\ntext\n{parts}--b--\n"
    );
    let id = site.receives(&acme, acme.support_mailbox, &mail).await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let page = browser.get(&format!("/conversations/{id}")).await.body;
    let links: Vec<&str> =
        page.split("<a class=\"file\" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(links.len(), names.len(), "each is there");
    for (link, name) in links.iter().zip(&names) {
        judge(&browser.follow(&link.replace("&amp;", "&")).await, name);
    }
    // Kept under names of our own.
    for path in files(&site.havn.data()) {
        let own = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let below = path.strip_prefix(site.havn.data().to_str().unwrap()).unwrap();
        assert!(below.chars().all(own) && !below.contains("passwd") && !below.contains(".."), "{path}");
    }
}
