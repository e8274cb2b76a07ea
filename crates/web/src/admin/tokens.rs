//! `/settings/tokens`: keys to the API. The secret of a new one is shown once.

use std::time::Duration;

use access::{NewToken, token};
use axum::response::Response;
use store::TokenScope;
use words::TokenId;

use super::{Admin, of_form};
use crate::{
    error::{Error, Result},
    fields::{At, Fields, Form},
    serve::see,
    view::{
        Flaws,
        settings::{self, Token, TokenFields, Tokens},
    },
};

/// Days that a token may live, if it is to end.
const DAYS_MAX: u64 = 3_650;

/// Shows them.
pub async fn show(admin: Admin) -> Result<Response> {
    shown(&admin, None, TokenFields::default(), None).await
}

async fn shown(
    admin: &Admin,
    made: Option<String>,
    new: TokenFields,
    wrong: Option<Error>,
) -> Result<Response> {
    let signed = &admin.0;
    let (shell, directory) = admin.shell().await?;
    let tokens = token::list(&signed.store, signed.access()).await?;
    let lines = tokens.into_iter().map(|one| Token {
        id: one.id,
        name: one.name,
        agent: directory.agent(one.agent).name,
        writes: one.scope == TokenScope::Write,
        created_at: one.created_at,
        used_at: one.used_at,
        ends_at: one.ends_at,
    });
    let flaws = wrong.as_ref().map_or_else(Flaws::default, |error| error.flaws(signed.texts()));
    let page = Tokens { tokens: lines.collect(), made, new, flaws };
    Ok(admin.page(settings::tokens(&shell, &page), wrong.as_ref()))
}

/// Makes one.
pub async fn create(admin: Admin, Form(form): Form) -> Result<Response> {
    let typed =
        TokenFields { name: form.text("name")?, scope: form.text("scope")?, days: form.text("days")? };
    match make(&admin, &form).await {
        Ok(secret) => shown(&admin, Some(secret), TokenFields::default(), None).await,
        Err(error) => shown(&admin, None, typed, Some(of_form(error)?)).await,
    }
}

async fn make(admin: &Admin, form: &Fields) -> Result<String> {
    let signed = &admin.0;
    let days: Option<u64> = form.parsed("days")?;
    let ends_at = days.map(|days| signed.now().after(Duration::from_secs(days.clamp(1, DAYS_MAX) * 86_400)));
    let scope = form.must("scope")?;
    let new = NewToken { name: form.text("name")?, agent: signed.agent(), scope, ends_at };
    let (secret, _) = token::create(&signed.store, signed.access(), new).await?;
    signed.account.forget();
    Ok(secret.expose().to_owned())
}

/// Revokes one.
pub async fn delete(admin: Admin, At(id): At<TokenId>) -> Result<Response> {
    token::revoke(&admin.0.store, admin.0.access(), id).await?;
    admin.0.account.forget();
    Ok(see("/settings/tokens"))
}
