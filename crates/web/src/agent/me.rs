//! `/me`: one's own profile, password and sessions.

use access::{PasswordChange, agent, session};
use axum::response::Response;
use http::{StatusCode, header};
use words::{Secret, SessionId};

use super::{
    page,
    shell::{Counted, shell},
};
use crate::{
    error::{Error, Result},
    fields::{At, Fields, Form},
    serve::see,
    session::{Signed, set_cookie},
    view::{
        Flaws,
        me::{self, Me, Session},
        shell::Here,
    },
};

/// Shows it.
pub async fn show(signed: Signed) -> Result<Response> {
    shown(&signed, Flaws::default(), Flaws::default()).await
}

async fn shown(signed: &Signed, flaws: Flaws, password_flaws: Flaws) -> Result<Response> {
    let wrong = !flaws.0.is_empty() || !password_flaws.0.is_empty();
    let counted = signed.store.read(signed.access(), Counted::read).await?;
    let directory = signed.directory().await?;
    let here = signed.seen.session.id;
    let mut sessions = session::list(&signed.store, signed.access(), signed.agent()).await?;
    sessions.sort_by_key(|one| one.id != here);
    let sessions = sessions.into_iter().map(|one| Session {
        id: one.id,
        browser: browser(&one.browser),
        remote: one.remote,
        created_at: one.created_at,
        seen_at: one.seen_at,
        is_here: one.id == here,
    });
    let agent = &signed.seen.agent;
    let profile = Me {
        name: agent.name.clone(),
        email: agent.address.to_string(),
        language: agent.language,
        role: agent.role,
        sessions: sessions.collect(),
        flaws,
        password_flaws,
    };
    let shell = shell(signed, &directory, &counted, Here::Me);
    let mut response = page(signed, me::page(&shell, &profile));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// A browser's User-Agent in two words.
fn browser(agent: &str) -> String {
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name)
    };
    let program = named(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = named(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program}, {system}"),
        _ => agent.chars().take(40).collect(),
    }
}

/// Changes name and language.
pub async fn update(signed: Signed, Form(form): Form) -> Result<Response> {
    match rename(&signed, &form).await {
        Ok(()) => {
            signed.account.forget();
            Ok(see("/me"))
        }
        Err(error) => shown(&signed, of_form(error, &signed)?, Flaws::default()).await,
    }
}

async fn rename(signed: &Signed, form: &Fields) -> Result<()> {
    let (name, language) = (form.text("name")?, form.must("language")?);
    Ok(agent::rename(&signed.store, signed.access(), signed.agent(), &name, language).await?)
}

fn of_form(error: Error, signed: &Signed) -> Result<Flaws> {
    match error.status() {
        StatusCode::UNPROCESSABLE_ENTITY => Ok(error.flaws(signed.texts())),
        _ => Err(error),
    }
}

/// Changes the password: this session goes on under a new token, the others end.
pub async fn password(signed: Signed, Form(form): Form) -> Result<Response> {
    let change = PasswordChange {
        session: signed.seen.session.id,
        old: Secret::new(form.text("current")?),
        new: Secret::new(form.text("new")?),
    };
    let door = signed.state.accounts().door();
    match door.change_password(&signed.store, signed.access(), change).await {
        Ok(signed_in) => {
            signed.account.forget();
            let mut response = see("/me");
            let cookie = set_cookie(&signed_in, signed.now(), signed.state.base().https);
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(error) => {
            let field = match &error {
                access::Error::NotKnown => "current",
                access::Error::Password(_) => "new",
                _ => return Err(error.into()),
            };
            let sentence = Error::Access(error).sentence(signed.texts());
            shown(&signed, Flaws::default(), Flaws(vec![(field.to_owned(), sentence)])).await
        }
    }
}

/// Ends a session of one's own.
pub async fn end_session(signed: Signed, At(id): At<SessionId>) -> Result<Response> {
    session::end(&signed.store, signed.access(), signed.agent(), id).await?;
    signed.account.forget();
    Ok(see("/me"))
}

/// Ends all others.
pub async fn end_sessions(signed: Signed) -> Result<Response> {
    let kept = Some(signed.seen.session.id);
    session::end_all(&signed.store, signed.access(), signed.agent(), kept).await?;
    signed.account.forget();
    Ok(see("/me"))
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_told_in_two_words() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome, Linux");
        assert_eq!(browser("curl/8.0"), "curl/8.0");
    }
}
