//! The letter host: letters in their frame, files and pictures, each by an address that was signed for
//! one agent. There are no cookies here, and nothing of the desk.
//!
//! What is served is never HTML of a stranger but the letter's frame (cleaned, sandboxed, one script),
//! and never shown in place but a picture or a plain text: everything else is a download.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::FromRequestParts,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, header, request::Parts};
use letter::{Letter, Pictures, Place, clean_html};
use register::Access;
use store::{Attachment, Store};
use words::{AgentId, AttachmentId, Language, MessageId, Time};

use crate::{
    State,
    account::Account,
    error::{Error, Result},
    fields::{At, Fields},
    file_key::FileKey,
    session,
    view::{letter_page, letter_script_hash},
};

/// Pictures that are shown in place; they cannot carry script.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// What a download is served as, whatever its sender says that it is.
const DOWNLOAD: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// A browser keeps what it has for as long as the address holds, and nobody else does.
const KEPT: HeaderValue = HeaderValue::from_static("private, max-age=3600, immutable");

/// Whether a media type is a picture that is shown in place.
pub fn is_picture(media_type: &str) -> bool {
    PICTURES.contains(&media_type)
}

/// Somebody with a signed address.
pub struct Holder {
    store: Store,
    access: Access,
    account: Arc<Account>,
    agent: AgentId,
    language: Language,
    now: Time,
}

impl FromRequestParts<State> for Holder {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let account = parts.extensions.get::<Arc<Account>>().cloned().ok_or(Error::NotFound)?;
        let query = Fields::read(parts.uri.query().unwrap_or("").as_bytes())?;
        let (key, now) = (query.one("key")?.ok_or(Error::NotFound)?, state.clock().now());
        let (store, sign_in) = state.sign_in(account.id).await?;
        let agent = FileKey::of(&store).check(parts.uri.path(), key, now).ok_or(Error::NotFound)?;
        account.settle(&store, &sign_in).await?;
        let seen = session::holder(state, &account, &store, agent).await?.ok_or(Error::NotFound)?;
        let (access, language) = (seen.access.clone(), seen.agent.language);
        Ok(Self { store, access, account, agent, language, now })
    }
}

/// `GET /letters/{id}`: a letter's HTML in its frame.
pub async fn letter(holder: Holder, At(id): At<MessageId>) -> Result<Response> {
    let (message, files) = holder
        .store
        .read(&holder.access, move |read| {
            let message = read.message(id)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((message, read.attachments_of_message(id)?))
        })
        .await?;
    let html = if let Some(html) = message.html {
        html
    } else {
        // What came, or was sent before Havn, is only in the raw mail.
        let raw = holder.store.raw(&holder.access, id).await?.ok_or(Error::NotFound)?;
        let pictures = inline_pictures(&holder, &files);
        let cleaned = tokio::task::spawn_blocking(move || clean(&raw, &pictures)).await;
        cleaned.map_err(|_| Error::Store(store::Error::Panicked))?
    };
    let mut response = Html(letter_page(holder.language, &html)).into_response();
    let about = response.headers_mut();
    about.insert(header::CONTENT_SECURITY_POLICY, frame_policy(&holder.account)?);
    about.insert(header::CACHE_CONTROL, KEPT);
    Ok(response)
}

/// What a letter's frame may do: run the one script, show the letter's own pictures, open links.
fn frame_policy(account: &Account) -> Result<HeaderValue> {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src {} data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors {}; \
         sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox",
        letter_script_hash(),
        account.files,
        account.desk,
    );
    HeaderValue::from_str(&policy).map_err(|_| Error::NotFound)
}

/// The addresses of a letter's own pictures by their content ids.
fn inline_pictures(holder: &Holder, files: &[Attachment]) -> Vec<(String, String)> {
    let shown = files.iter().filter(|file| is_picture(&file.media_type));
    shown
        .filter_map(|file| {
            let path = format!("/pictures/{}", file.id);
            let key = FileKey::of(&holder.store).sign(&path, holder.agent, holder.now);
            let address = format!("{}{path}?key={key}", holder.account.files);
            Some((file.content_id.clone()?, address))
        })
        .collect()
}

fn clean(raw: &[u8], pictures: &[(String, String)]) -> String {
    let letter = Letter::read(raw);
    let inline =
        |id: &str| pictures.iter().find(|(known, _)| known == id).map(|(_, address)| address.clone());
    match letter.html {
        Some(html) => letter::fold_html(&clean_html(&html, &Pictures { inline: &inline }).html),
        None => letter::html_of_text(&letter.text),
    }
}

/// `GET /files/{id}`: a file, as a download.
pub async fn file(holder: Holder, At(id): At<AttachmentId>) -> Result<Response> {
    let (file, bytes) = attachment(&holder.store, &holder.access, id).await?;
    Ok(download(&file.name, bytes))
}

/// `GET /pictures/{id}`: a picture, shown in place.
pub async fn picture(holder: Holder, At(id): At<AttachmentId>) -> Result<Response> {
    let (file, bytes) = attachment(&holder.store, &holder.access, id).await?;
    // Whatever its sender says: what it is shown as is what its first bytes are.
    let Some(kind) = picture_kind(&bytes) else { return Ok(download(&file.name, bytes)) };
    let mut response = Response::new(Body::from(bytes));
    let about = response.headers_mut();
    about.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    about.insert(header::CONTENT_DISPOSITION, disposition("inline", &file.name));
    about.insert(header::CACHE_CONTROL, KEPT);
    Ok(response)
}

/// `GET /originals/{id}`: the mail as it came, to read.
pub async fn original(holder: Holder, At(id): At<MessageId>) -> Result<Response> {
    let raw = holder.store.raw(&holder.access, id).await?.ok_or(Error::NotFound)?;
    let mut response = Response::new(Body::from(raw));
    let about = response.headers_mut();
    about.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    about.insert(header::CONTENT_DISPOSITION, disposition("inline", &format!("{id}.eml.txt")));
    Ok(response)
}

/// A file of a message with its bytes: cut out of the raw mail, or stored.
pub async fn attachment(store: &Store, access: &Access, id: AttachmentId) -> Result<(Attachment, Vec<u8>)> {
    let file = store.read(access, move |read| Ok::<_, Error>(read.attachment(id)?)).await?;
    let file = file.ok_or(Error::NotFound)?;
    let bytes = match (&file.part, file.file) {
        (_, Some(stored)) => store.read_file(access, stored).await?,
        (Some(part), None) => {
            let place: Place = part.parse().map_err(|_| Error::NotFound)?;
            let raw = store.raw(access, file.message).await?.ok_or(Error::NotFound)?;
            let cut =
                tokio::task::spawn_blocking(move || place.bytes(&raw).map(std::borrow::Cow::into_owned));
            cut.await.map_err(|_| Error::Store(store::Error::Panicked))?.ok_or(Error::NotFound)?
        }
        (None, None) => return Err(Error::NotFound),
    };
    Ok((file, bytes))
}

/// A download under this name.
pub fn download(name: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let about = response.headers_mut();
    about.insert(header::CONTENT_TYPE, DOWNLOAD);
    about.insert(header::CONTENT_DISPOSITION, disposition("attachment", name));
    about.insert(header::CACHE_CONTROL, KEPT);
    response
}

/// The picture that bytes begin.
fn picture_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// `Content-Disposition` (RFC 6266): a name in ASCII for old programs, and the name itself.
pub fn disposition(kind: &str, name: &str) -> HeaderValue {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let ascii: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|b| match b {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'-' | b'_' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let value = format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let value = disposition("attachment", "a\";x=\"b\r\nÆ.pdf");
        let value = value.to_str().unwrap();
        assert_eq!(
            value,
            "attachment; filename=\"a__x__b___.pdf\"; filename*=UTF-8''a%22%3Bx%3D%22b%0D%0A%C3%86.pdf"
        );
    }

    #[test]
    fn a_picture_is_what_its_bytes_are() {
        assert_eq!(picture_kind(b"GIF89a..."), Some("image/gif"));
        for other in [&b"<svg xmlns"[..], b"<!doctype html>", b"%PDF-1.7", b""] {
            assert_eq!(picture_kind(other), None);
        }
        assert!(!is_picture("image/svg+xml"));
    }
}
