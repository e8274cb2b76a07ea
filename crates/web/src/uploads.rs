//! Files that people send: streamed into the account's encrypted files as they come.

use axum::extract::multipart::{Field, Multipart};
use register::Access;
use std::io::Write as _;
use store::{DraftFile, Store};

use crate::{
    error::{Error, Result},
    fields::{FORM_BYTES_MAX, Fields},
};

/// Bytes of one request with files at most.
pub const UPLOAD_BYTES_MAX: usize = 25 * 1024 * 1024;
/// Files of one request at most.
const FILES_MAX: usize = 50;
/// Pieces that wait for the disk.
const PIECES_WAITING_MAX: usize = 4;
/// Characters of a media type.
const MEDIA_TYPE_CHARS_MAX: usize = 100;
/// What a file is of which nobody says it.
const UNKNOWN_MEDIA_TYPE: &str = "application/octet-stream";

/// Reads a form with files: values by name, and every file stored.
pub async fn read(mut form: Multipart, store: &Store, access: &Access) -> Result<(Fields, Vec<DraftFile>)> {
    let (mut values, mut files, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() {
            // A browser sends an empty file where none was chosen.
            let file = keep(field, store, access).await?;
            files.extend(file.filter(|file| file.size > 0 || !file.name.is_empty()));
            if files.len() > FILES_MAX {
                return Err(Error::TooLarge);
            }
            continue;
        }
        let value = field.text().await.map_err(|error| unreadable(&error))?;
        bytes += value.len();
        if bytes > FORM_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        values.push((name, value));
    }
    Ok((Fields::of(values), files))
}

fn unreadable(error: &axum::extract::multipart::MultipartError) -> Error {
    if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
        return Error::TooLarge;
    }
    Error::Unreadable("the form cannot be read".into())
}

async fn keep(mut field: Field<'_>, store: &Store, access: &Access) -> Result<Option<DraftFile>> {
    let name = letter::file_name(field.file_name().unwrap_or_default());
    let media_type = media_type(field.content_type());
    let files = store.files().clone();
    let (pieces, mut coming) = tokio::sync::mpsc::channel::<bytes::Bytes>(PIECES_WAITING_MAX);
    let kept = tokio::task::spawn_blocking(move || {
        let mut writer = files.writer()?;
        let mut whole = false;
        while let Some(piece) = coming.blocking_recv() {
            whole = piece.is_empty();
            writer.write_all(&piece).map_err(store::Error::from)?;
        }
        // An empty piece says that all came; without it the request broke off.
        if whole { writer.finish().map(Some) } else { Ok(None) }
    });
    let mut size = 0_usize;
    while let Some(piece) = field.chunk().await.map_err(|error| unreadable(&error))? {
        size += piece.len();
        if !piece.is_empty() && pieces.send(piece).await.is_err() {
            break;
        }
    }
    let _ = pieces.send(bytes::Bytes::new()).await;
    drop(pieces);
    let kept = kept.await.map_err(|_| Error::Store(store::Error::Panicked))??;
    if name.is_empty() && size == 0 {
        return Ok(None);
    }
    let stored = kept.ok_or(Error::Unreadable("the file broke off".into()))?;
    let file = store.write(access, move |tx| tx.insert_file(&stored)).await?;
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let name = if name.is_empty() { "file".to_owned() } else { name };
    Ok(Some(DraftFile { file, name, media_type, size }))
}

/// The media type as given, if it has the form of one.
pub fn media_type(given: Option<&str>) -> String {
    let bare = given.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let good = bare.len() <= MEDIA_TYPE_CHARS_MAX
        && bare.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub));
    if good { bare } else { UNKNOWN_MEDIA_TYPE.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_has_its_form() {
        assert_eq!(media_type(Some("image/PNG; x=1")), "image/png");
        for bad in [None, Some("image"), Some("a/b\r\nX: y"), Some("/"), Some("a b/c")] {
            assert_eq!(media_type(bad), UNKNOWN_MEDIA_TYPE, "{bad:?}");
        }
    }
}
