//! How PostgreSQL is reached: on a socket that the door handed out, and over TLS if the operator asks for
//! it.

use std::{sync::Arc, time::Duration};

use egress::{Connection, Egress};
use futures::future::BoxFuture;
use register::{Ask, Basis};
use tokio::time::timeout;
use tokio_postgres::{
    Client, NoTls,
    config::SslMode,
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use words::Purpose;

use crate::{
    Result,
    config::{Database, DatabaseTls},
    serve::trust,
};

/// How long PostgreSQL may take to greet.
const GREETING_WAIT: Duration = Duration::from_secs(10);

/// Connects as the operator's file says.
pub fn connector(database: &Database, egress: Egress) -> Result<store::Connector> {
    let tls = match &database.tls {
        DatabaseTls::None => None,
        DatabaseTls::PublicAuthorities => Some(trust::client()),
        DatabaseTls::Authorities(path) => Some(trust::client_of(path)?),
    };
    let tls = tls.map(|config| MakeRustlsConnect::new((*config).clone()));
    let (login, ask) = (login(database), ask(database));
    Ok(Arc::new(move || {
        let (login, ask, egress, tls) = (login.clone(), ask.clone(), egress.clone(), tls.clone());
        Box::pin(async move {
            let unreachable = |error: egress::DialError| store::Error::Unreachable(error.to_string());
            let host = ask.host.to_string();
            let stream = egress.dial(ask).await.map_err(unreachable)?;
            match tls {
                None => greet(&login, stream, &host, NoTls).await,
                Some(tls) => greet(&login, stream, &host, tls).await,
            }
        })
    }))
}

fn login(database: &Database) -> tokio_postgres::Config {
    let mut login = tokio_postgres::Config::new();
    login.dbname(&database.name).user(&database.user).application_name("havn");
    if let Some(password) = &database.password {
        login.password(password.expose());
    }
    // Whoever asks for TLS never goes on without.
    let plain = matches!(database.tls, DatabaseTls::None);
    login.ssl_mode(if plain { SslMode::Disable } else { SslMode::Require });
    login
}

fn ask(database: &Database) -> Ask {
    Ask {
        account: None,
        purpose: Purpose::Database,
        host: database.host.clone(),
        port: database.port,
        basis: Basis::Operator,
    }
}

async fn greet<T>(
    login: &tokio_postgres::Config,
    stream: Connection,
    host: &str,
    mut tls: T,
) -> Result<(Client, BoxFuture<'static, ()>), store::Error>
where
    T: MakeTlsConnect<Connection>,
    T::TlsConnect: TlsConnect<Connection>,
    T::Stream: Send + 'static,
    <T::TlsConnect as TlsConnect<Connection>>::Future: Send,
{
    let tls =
        tls.make_tls_connect(host).map_err(|error| store::Error::Unreachable(error.into().to_string()))?;
    let greeted = timeout(GREETING_WAIT, login.connect_raw(stream, tls)).await;
    let late = |_| store::Error::Unreachable("it does not greet in time".into());
    let (client, connection) = greeted.map_err(late)?.map_err(told)?;
    Ok((
        client,
        Box::pin(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a connection to PostgreSQL ended");
            }
        }),
    ))
}

/// With its cause: that a certificate is not to be trusted stands only there.
fn told(error: tokio_postgres::Error) -> store::Error {
    match std::error::Error::source(&error) {
        Some(cause) if error.as_db_error().is_none() => {
            store::Error::Unreachable(format!("{error}: {cause}"))
        }
        _ => error.into(),
    }
}
