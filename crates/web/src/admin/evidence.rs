//! `/settings/evidence`: what happened, as the account's log holds it, and what is needed to check it.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::{Stream, stream};
use http::{HeaderValue, header};
use register::Access;
use store::{KeptCheckpoint, Store};

use super::Admin;
use crate::{
    error::{Error, Result},
    letters::disposition,
    session::Signed,
    view::settings::{self, Evidence, SignedLog},
};

/// Entries of the log that are read at once.
const ENTRIES_AT_ONCE: u64 = 1_000;

/// Shows how the log stands.
pub async fn show(admin: Admin) -> Result<Response> {
    let signed = &admin.0;
    let (shell, _) = admin.shell().await?;
    let found = signed
        .store
        .read(signed.access(), |read| Ok::<_, Error>((read.log_size()?, read.checkpoint_up_to(u64::MAX)?)));
    let (size, newest) = found.await?;
    let is_told = told(signed, newest.as_ref()).await?.is_some();
    let newest = newest.map(|newest| SignedLog { size: newest.size, at: newest.at, is_told });
    Ok(admin.page(settings::evidence(&shell, &Evidence { size, newest }), None))
}

/// Gives the newest checkpoint, to keep.
pub async fn checkpoint(admin: Admin) -> Result<Response> {
    let newest = newest(&admin.0).await?;
    Ok(file(&admin.0, "checkpoint", newest.note.into()))
}

/// Gives the log, up to its newest checkpoint.
pub async fn log(admin: Admin) -> Result<Response> {
    let signed = &admin.0;
    let newest = newest(signed).await?;
    let rest = entries(signed.store.clone(), signed.access().clone(), newest.size);
    let head = stream::iter([Ok(Bytes::from(newest.note + "\n"))]);
    Ok(file(signed, "log", Body::from_stream(futures::StreamExt::chain(head, rest))))
}

/// Gives the proof that the operator's log tells of the newest checkpoint.
pub async fn proof(admin: Admin) -> Result<Response> {
    let newest = newest(&admin.0).await?;
    let proof = told(&admin.0, Some(&newest)).await?.ok_or(Error::NotFound)?;
    Ok(file(&admin.0, "tlog-proof", proof.into()))
}

async fn newest(signed: &Signed) -> Result<KeptCheckpoint> {
    let found = signed.store.read(signed.access(), |read| Ok::<_, Error>(read.checkpoint_up_to(u64::MAX)?));
    found.await?.ok_or(Error::NotFound)
}

/// The proof from the operator's log, if that tells of the checkpoint and is signed.
async fn told(signed: &Signed, newest: Option<&KeptCheckpoint>) -> Result<Option<String>> {
    let Some(size) = newest.map(|newest| newest.size) else { return Ok(None) };
    let account = signed.store.account();
    let proof = signed.state.control().run(move |control| match control.checkpoint_entry(account, size)? {
        Some(number) => control.prove_log_entry(number),
        None => Ok(None),
    });
    Ok(proof.await?.map(|proof| proof.text()))
}

/// The entries of the log, each with its line end, some at a time.
fn entries(store: Store, access: Access, size: u64) -> impl Stream<Item = Result<Bytes>> {
    stream::try_unfold(0, move |from| {
        let (store, access) = (store.clone(), access.clone());
        async move {
            if from >= size {
                return Ok(None);
            }
            let to = size.min(from + ENTRIES_AT_ONCE);
            let entries =
                store.read(&access, move |read| Ok::<_, Error>(read.log_entries(from, to)?)).await?;
            if entries.is_empty() {
                return Err(Error::NotFound);
            }
            let next = from + entries.len() as u64;
            let lines: Vec<u8> =
                entries.into_iter().flat_map(|entry| entry.into_iter().chain([b'\n'])).collect();
            Ok(Some((Bytes::from(lines), next)))
        }
    })
}

/// A download that is never kept by the browser: the next one says something else.
fn file(signed: &Signed, ending: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    let name = format!("{}.{ending}", signed.account.slug);
    let about = response.headers_mut();
    about.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    about.insert(header::CONTENT_DISPOSITION, disposition("attachment", &name));
    about.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
