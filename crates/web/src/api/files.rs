//! Files that are sent before the message that they go with.

use axum::{extract::Multipart, response::Response};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, Mac};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use store::DraftFile;
use utoipa::ToSchema;
use words::FileId;

use super::{
    caller::Caller,
    json::{Page, answer},
};
use crate::{
    error::{Error, Flaw, Result},
    uploads,
};

/// What signs the ids of files here and nothing else.
const SIGNED_FOR: &[u8] = b"havn api file 1\0";

/// A stored file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Uploaded {
    /// By which a message names it, within a day.
    pub id: String,
    /// Its name, cleaned.
    pub name: String,
    /// What it is said to be.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
}

/// What an id says, and nobody else can say.
#[derive(Serialize, Deserialize)]
struct Said {
    file: FileId,
    name: String,
    media_type: String,
    size: i64,
}

/// Stores files.
#[utoipa::path(post, path = "/files", tag = "messages",
    request_body(content_type = "multipart/form-data", content = String, description = "one or more parts with a file name"),
    responses((status = 201, description = "The files", body = Page<Uploaded>)))]
pub async fn create(caller: Caller, form: Multipart) -> Result<Response> {
    if !caller.access().may_write() {
        return Err(desk::Error::NotAllowed.into());
    }
    let (_, files) = uploads::read(form, &caller.store, caller.access()).await?;
    if files.is_empty() {
        return Err(Error::field("file", Flaw::Missing));
    }
    let key = key(&caller).await?;
    let items = files.into_iter().map(|file| uploaded(&key, file)).collect();
    Ok(answer(StatusCode::CREATED, &Page::whole(items)))
}

fn uploaded(key: &[u8], file: DraftFile) -> Uploaded {
    let said = Said {
        file: file.file,
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        size: file.size,
    };
    let said = BASE64.encode(serde_json::to_vec(&said).unwrap_or_default());
    let signature = BASE64.encode(mac(key, &said).finalize().into_bytes());
    Uploaded {
        id: format!("{said}.{signature}"),
        name: file.name,
        media_type: file.media_type,
        size: file.size,
    }
}

/// The files that ids name. Only what was stored here for this account has such an id; one that nothing
/// named for a day is gone.
pub async fn named(caller: &Caller, ids: &[String]) -> Result<Vec<DraftFile>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let key = key(caller).await?;
    let read = |id: &String| {
        let (said, signature) = id.split_once('.')?;
        mac(&key, said).verify_slice(&BASE64.decode(signature).ok()?).ok()?;
        let said: Said = serde_json::from_slice(&BASE64.decode(said).ok()?).ok()?;
        Some(DraftFile { file: said.file, name: said.name, media_type: said.media_type, size: said.size })
    };
    let wrong = || Error::field("attachments", Flaw::Value);
    let files: Vec<DraftFile> = ids.iter().map(|id| read(id).ok_or_else(wrong)).collect::<Result<_>>()?;
    let asked: Vec<FileId> = files.iter().map(|file| file.file).collect();
    let there = caller.store.read(caller.access(), move |read| {
        asked.into_iter().map(|id| Ok(read.file(id)?.is_some())).collect::<Result<Vec<bool>>>()
    });
    if there.await?.contains(&false) {
        return Err(wrong());
    }
    Ok(files)
}

/// The account's own key: the same after a restart.
async fn key(caller: &Caller) -> Result<Vec<u8>> {
    let keys = caller.store.read(caller.access(), |read| read.reply_keys()).await?;
    let newest = keys.into_iter().min_by_key(|key| key.key_id).ok_or(Error::NotFound)?;
    Ok(newest.secret)
}

fn mac(key: &[u8], said: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(SIGNED_FOR);
    mac.update(said.as_bytes());
    mac
}
