//! Fetches a policy from where its domain keeps it (RFC 8461 part 3.3): one request over verified TLS on a
//! socket of the door. A redirect, another type, or more than fits is no policy.

use std::{sync::Arc, time::Duration};

use egress::Egress;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use register::{Ask, Basis};
use rustls::pki_types::ServerName;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use words::{AccountId, Host, Purpose};

/// How long it may take, all in all (RFC 8461 part 3.3 proposes a minute): a mail waits for it.
const FETCH_WAIT: Duration = Duration::from_secs(30);
/// The longest policy that is read (RFC 8461 part 3.3).
const POLICY_BYTES_MAX: usize = 64 * 1024;
/// The longest head of an answer that is read.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Why there is no text. What a server or a library says of it may hold the domain's name, which tells to
/// whom somebody writes: so the log gets the cause alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoText {
    #[error("its host is no name")]
    NoHost,
    #[error("its host cannot be reached")]
    NoConnection,
    #[error("no secure connection to its host")]
    Tls,
    #[error("its host does not speak HTTP")]
    NotHttp,
    #[error("the answer is {0}")]
    Status(u16),
    #[error("the answer is no plain text")]
    Type,
    #[error("the answer is too long or broke off")]
    Length,
    #[error("no answer in time")]
    TooSlow,
}

/// The text of the domain's policy.
pub(super) async fn fetch(
    egress: &Egress,
    tls: &Arc<rustls::ClientConfig>,
    account: AccountId,
    domain: &Host,
) -> Result<String, NoText> {
    let host: Host = format!("mta-sts.{domain}").parse().map_err(|_| NoText::NoHost)?;
    let asked = ask_host(egress, tls, account, domain, host);
    timeout(FETCH_WAIT, asked).await.unwrap_or(Err(NoText::TooSlow))
}

async fn ask_host(
    egress: &Egress,
    tls: &Arc<rustls::ClientConfig>,
    account: AccountId,
    domain: &Host,
    host: Host,
) -> Result<String, NoText> {
    let ask = Ask {
        account: Some(account),
        purpose: Purpose::MailPolicy,
        host: host.clone(),
        port: 443,
        basis: Basis::Addressee { domain: domain.clone() },
    };
    let connection = egress.dial(ask).await.map_err(|_| NoText::NoConnection)?;
    let name = ServerName::try_from(host.as_str().to_owned()).map_err(|_| NoText::NoHost)?;
    let stream =
        TlsConnector::from(Arc::clone(tls)).connect(name, connection).await.map_err(|_| NoText::Tls)?;
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_buf_size(HEAD_BYTES_MAX);
    let (mut sender, driver) = builder.handshake(TokioIo::new(stream)).await.map_err(|_| NoText::NotHttp)?;
    let request = Request::get("/.well-known/mta-sts.txt")
        .header(HOST, HeaderValue::from_str(host.as_str()).map_err(|_| NoText::NoHost)?)
        .body(Empty::<Bytes>::new())
        .map_err(|_| NoText::NoHost)?;
    let answered = async {
        let answer = sender.send_request(request).await.map_err(|_| NoText::NotHttp)?;
        if answer.status() != StatusCode::OK {
            return Err(NoText::Status(answer.status().as_u16()));
        }
        if !answer.headers().get(CONTENT_TYPE).is_some_and(is_plain_text) {
            return Err(NoText::Type);
        }
        let body = Limited::new(answer.into_body(), POLICY_BYTES_MAX).collect().await;
        let bytes = body.map_err(|_| NoText::Length)?.to_bytes();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    // The connection is driven as long as the answer is waited for, and no longer.
    let driven = async {
        let _ = driver.await;
        std::future::pending().await
    };
    tokio::select! {
        answer = answered => answer,
        never = driven => never,
    }
}

fn is_plain_text(value: &HeaderValue) -> bool {
    let media_type = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("text/plain")
}
