//! One's own profile: name, language, password, the browsers in which one is logged in.

use maud::{Markup, html};
use words::{Language, Role, SessionId, Time};

use super::{
    form::{self, Flaws, Line},
    icon,
    settings::part,
    shell::{self, Shell},
    time::{Telling, time},
};
use crate::language::Texts;

/// One's own profile.
pub struct Me {
    /// The name that colleagues and contacts see.
    pub name: String,
    /// By which one logs in.
    pub email: String,
    /// The language of one's pages.
    pub language: Language,
    /// What one may.
    pub role: Role,
    /// Where one is logged in, this browser first.
    pub sessions: Vec<Session>,
    /// What is wrong with name or language as sent.
    pub flaws: Flaws,
    /// What is wrong with the passwords as sent.
    pub password_flaws: Flaws,
}

/// A log-in in one browser.
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// The browser, in a few words.
    pub browser: String,
    /// From where.
    pub remote: String,
    /// Since when.
    pub created_at: Time,
    /// When it was last used.
    pub seen_at: Time,
    /// It is this one.
    pub is_here: bool,
}

/// The page at `/me`.
pub fn page(shell: &Shell, me: &Me) -> Markup {
    let t = shell.head.texts;
    let content = html! {
        div.settings.is-alone {
            div.settings-page {
                header.settings-head {
                    h1 {
                        button.button-quiet.rail-open type="button" popovertarget="rail" aria-label=(t.get("rail-label")) { (icon::MENU) }
                        (t.get("me-title"))
                    }
                    p { (me.email) " · " (t.get(match me.role {
                        Role::Agent => "role-agent",
                        Role::Admin => "role-admin",
                        Role::Owner => "role-owner",
                    })) }
                }
                (profile(t, me))
                (password(t, me))
                (sessions(t, &me.sessions))
            }
        }
    };
    shell::page(shell, t.get("me-title"), &content)
}

fn profile(t: &Texts, me: &Me) -> Markup {
    let name = Line {
        name: "name",
        label: t.get("your-name"),
        hint: t.get("your-name-hint"),
        value: &me.name,
        required: true,
        autocomplete: "name",
        ..Line::default()
    };
    part(
        t.get("me-profile-title"),
        "",
        &html! {
            form.form method="post" action="/me" {
                (form::line("", &name, &me.flaws))
                (form::language(t, "", me.language, &me.flaws))
                div.buttons { button.button.button-main type="submit" { (t.get("save")) } }
            }
        },
    )
}

fn password(t: &Texts, me: &Me) -> Markup {
    let old = Line {
        name: "current",
        label: t.get("password-current"),
        kind: "password",
        required: true,
        autocomplete: "current-password",
        ..Line::default()
    };
    part(
        t.get("password"),
        t.get("password-about"),
        &html! {
            form.form method="post" action="/me/password" {
                input type="hidden" name="email" value=(me.email) autocomplete="username";
                (form::whole_flaw(&me.password_flaws))
                (form::line("", &old, &me.password_flaws))
                (form::new_password(t, "new", &me.password_flaws))
                div.buttons { button.button.button-main type="submit" { (t.get("password-change")) } }
            }
        },
    )
}

fn sessions(t: &Texts, sessions: &[Session]) -> Markup {
    part(
        t.get("sessions-title"),
        t.get("sessions-about"),
        &html! {
            ul.lines role="list" { @for session in sessions {
                li.line-item id={ "session-" (session.id) } { div.line-head {
                    (icon::MONITOR)
                    span.line-name { (session.browser) }
                    span.line-about { (session.remote) " · " (t.get("session-since")) " " (time(t, session.created_at, Telling::Short)) }
                    @if session.is_here {
                        span.chip.is-ok { (t.get("session-here")) }
                    } @else {
                        span.quiet { (t.get("session-seen")) " " (time(t, session.seen_at, Telling::Short)) }
                        form method="post" action={ "/me/sessions/" (session.id) "?method=delete" } {
                            button.button type="submit" { (t.get("session-end")) }
                        }
                    }
                } }
            } }
            @if sessions.len() > 1 {
                form.form method="post" action="/me/sessions?method=delete" {
                    div.buttons { button.button type="submit" { (icon::LOG_OUT) (t.get("sessions-end")) } }
                }
            }
        },
    )
}
