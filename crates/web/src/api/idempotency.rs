//! Idempotency keys: what a program asks for twice under one key is done once, and answered alike.

use std::{fmt::Debug, future::Future};

use axum::{extract::Request, response::Response};
use http::StatusCode;
use sha2::{Digest, Sha256};
use words::TokenId;

use super::{caller::Caller, json::text_answer};
use crate::error::{Error, Flaw, Result};

/// Characters of a key at most.
const KEY_BYTES_MAX: usize = 200;
/// Bytes of an answer that is remembered.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A request that may have come before.
pub struct Asked {
    token: TokenId,
    key: Option<String>,
    hash: Sha256,
}

impl Asked {
    /// Reads the request's `Idempotency-Key`.
    pub fn of(caller: &Caller, request: &Request) -> Result<Self> {
        let mut keys = request.headers().get_all("idempotency-key").iter();
        let key = match (keys.next(), keys.next()) {
            (None, _) => None,
            (Some(key), None) => {
                let good = key.to_str().ok().filter(|key| (1..=KEY_BYTES_MAX).contains(&key.len()));
                Some(good.ok_or(Error::field("Idempotency-Key", Flaw::Value))?.to_owned())
            }
            (Some(_), Some(_)) => return Err(Error::field("Idempotency-Key", Flaw::Twice)),
        };
        let hash = Sha256::new().chain_update(request.method().as_str()).chain_update(request.uri().path());
        Ok(Self { token: caller.token(), key, hash })
    }

    /// With what it asks for.
    pub fn with(mut self, what: &impl Debug) -> Self {
        self.hash.update(format!("{what:?}"));
        self
    }
}

/// Does something once. Without a key: each time.
pub async fn once(
    caller: &Caller,
    asked: Asked,
    deed: impl Future<Output = Result<Response>>,
) -> Result<Response> {
    let Some(key) = asked.key else { return deed.await };
    let (token, hash): (_, [u8; 32]) = (asked.token, asked.hash.finalize().into());
    let (store, access) = (&caller.store, caller.access());
    let claimed = key.clone();
    let before = store.write(access, move |tx| {
        if tx.claim_key(token, &claimed, &hash)? {
            return Ok(None);
        }
        tx.asked_before(token, &claimed)
    });
    if let Some(before) = before.await? {
        if before.request_hash != hash {
            return Err(Error::KeyReused);
        }
        let status = before.status.and_then(|status| StatusCode::from_u16(status).ok());
        // It is under way, or the program stopped in the middle of it: what became of it is to be
        // looked up, not guessed.
        let status = status.ok_or(Error::UnderWay)?;
        return Ok(text_answer(status, before.response));
    }
    match deed.await {
        Ok(response) => {
            let status = response.status();
            let bytes = axum::body::to_bytes(response.into_body(), ANSWER_BYTES_MAX).await;
            let body =
                bytes.ok().and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).unwrap_or_default();
            let kept = body.clone();
            store.write(access, move |tx| tx.answer_key(token, &key, status.as_u16(), &kept)).await?;
            Ok(text_answer(status, body))
        }
        Err(error) => {
            // Whether it was stored is not known only after these; else nothing was.
            let unknown = matches!(
                &error,
                Error::Store(store::Error::Unknown | store::Error::DiskFailed(_))
                    | Error::Desk(desk::Error::Store(store::Error::Unknown | store::Error::DiskFailed(_)))
            );
            if !unknown {
                store.write(access, move |tx| tx.release_key(token, &key)).await?;
            }
            Err(error)
        }
    }
}
