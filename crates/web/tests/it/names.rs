//! Experiment A6: names of files that try to be more than names, sent by mail and uploaded by agents.

use std::fmt::Write as _;

use http::{Method, StatusCode};
use store::TokenScope;

use crate::{
    api::Program,
    browser::{Answer, Site},
};

/// Files of one form here; a letter takes a few more.
const FILES_AT_ONCE: usize = 40;

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
    kept_under_names_of_our_own(&site);
}

fn kept_under_names_of_our_own(site: &Site) {
    for path in files(&site.havn.data()) {
        let own = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let below = path.strip_prefix(site.havn.data().to_str().unwrap()).unwrap();
        assert!(below.chars().all(own) && !below.contains("passwd") && !below.contains(".."), "{path}");
    }
}

/// How a name stands in a form: as browsers write it (HTML Living Standard, 4.10.21.8), and as only somebody
/// would who wants to deceive.
#[derive(Clone, Copy)]
enum Written {
    AsBrowsers,
    Extended,
    Raw,
}

impl Written {
    /// The form, with the field that each file is sent in.
    fn form(self, field: &str, names: &[String], fields: &[(&str, &str)]) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--e\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.bytes());
        }
        for name in names {
            let name = match self {
                Self::AsBrowsers => {
                    let name = name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22");
                    format!("filename=\"{name}\"")
                }
                Self::Extended => {
                    let mut written = "filename=\"x\"; filename*=utf-8''".to_owned();
                    for byte in name.bytes() {
                        let _ = write!(written, "%{byte:02X}");
                    }
                    written
                }
                Self::Raw => format!("filename=\"{name}\""),
            };
            let head = format!("--e\r\nContent-Disposition: form-data; name=\"{field}\"; {name}\r\n");
            body.extend(format!("{head}Content-Type: text/html\r\n\r\n<script>1</script>\r\n").bytes());
        }
        body.extend(b"--e--\r\n");
        body
    }

    /// Names that can be written so without breaking the form itself: no header holds a NUL, say.
    fn of(self, names: &[String]) -> Vec<String> {
        let breaks = |c: char| match self {
            Self::Extended => false,
            Self::AsBrowsers => c.is_ascii_control() && !"\r\n\t".contains(c),
            Self::Raw => c.is_ascii_control() || "\"\\".contains(c),
        };
        names.iter().filter(|name| !name.contains(breaks)).cloned().collect()
    }
}

const MULTIPART: &str = "multipart/form-data; boundary=e";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_program_sends_is_only_a_download() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Names", "text").await;
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Write).await;
    for written in [Written::AsBrowsers, Written::Extended, Written::Raw] {
        for names in written.of(&names()).chunks(FILES_AT_ONCE) {
            let body = written.form("file", names, &[]);
            let request = api.request(Method::POST, "/files").header("content-type", MULTIPART);
            let stored = api.send(request.body(body.into()).unwrap()).await;
            assert_eq!(stored.status, StatusCode::CREATED, "{names:?} {}", stored.body);
            let stored = stored.json()["items"].as_array().unwrap().clone();
            assert_eq!(stored.len(), names.len(), "each is there");
            for (file, name) in stored.iter().zip(names) {
                let shown = file["name"].as_str().unwrap();
                let is_odd = |c: char| c.is_control() || "/\\\u{200b}\u{feff}\u{202e}".contains(c);
                assert!(!shown.is_empty() && !shown.contains(is_odd), "{name:?}: {shown:?}");
                assert!(!shown.starts_with('.'), "{name:?}: {shown:?}");
            }
            let ids: Vec<_> = stored.iter().map(|file| file["id"].clone()).collect();
            let reply = serde_json::json!({ "text": "See the files.", "attachments": ids });
            let sent = api.call(Method::POST, &format!("/conversations/{id}/replies"), reply).await;
            assert_eq!(sent.status, StatusCode::CREATED, "{names:?} {}", sent.body);
            let attachments = sent.json()["attachments"].as_array().unwrap().clone();
            assert_eq!(attachments.len(), names.len(), "each goes along");
            for (file, name) in attachments.iter().zip(names) {
                judge(&api.get(&format!("/attachments/{}", file["id"].as_str().unwrap())).await, name);
            }
        }
    }
    // A form that is none is refused whole.
    let nul = Written::AsBrowsers.form("file", &["a.txt".into(), "x\0y".into()], &[]);
    let request = api.request(Method::POST, "/files").header("content-type", MULTIPART);
    assert_eq!(api.send(request.body(nul.into()).unwrap()).await.status, StatusCode::BAD_REQUEST);
    kept_under_names_of_our_own(&site);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_an_agent_sends_is_only_a_download() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    for written in [Written::AsBrowsers, Written::Extended, Written::Raw] {
        for names in written.of(&names()).chunks(FILES_AT_ONCE) {
            let id = site.letter(&acme, "Names", "text").await;
            let at = format!("/conversations/{id}");
            // Half of them by the draft, as the script does it, half with the form itself.
            let (first, second) = names.split_at(names.len() / 2);
            let sends = async |path: String, form: Vec<u8>| {
                let request = browser.request(Method::POST, &path).header("content-type", MULTIPART);
                let sent = browser.send(request.body(form.into()).unwrap()).await;
                assert_eq!(sent.status, StatusCode::SEE_OTHER, "{names:?} {}", sent.body);
            };
            sends(format!("{at}/draft/files"), written.form("files", first, &[])).await;
            let page = browser.get(&at).await.body;
            assert!(!page.contains("<script>") && !page.contains("\u{202e}"), "{page}");
            let kept =
                page.split("name=\"file\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
            let kept: Vec<(&str, &str)> = kept.map(|id| ("file", id)).collect();
            assert_eq!(kept.len(), first.len(), "each is in the draft");
            let fields = [&[("to", "mette@contact.example"), ("text", "See.")], kept.as_slice()].concat();
            sends(format!("{at}/replies"), written.form("files", second, &fields)).await;
            let page = browser.get(&at).await.body;
            assert!(!page.contains("<script>") && !page.contains("\u{202e}"), "{page}");
            let links = page.split("<a class=\"file\" href=\"").skip(1);
            let links: Vec<&str> = links.map(|rest| rest.split('"').next().unwrap()).collect();
            assert_eq!(links.len(), names.len(), "each went along");
            for (link, name) in links.iter().zip(names) {
                judge(&browser.follow(&link.replace("&amp;", "&")).await, name);
            }
        }
    }
    kept_under_names_of_our_own(&site);
}
