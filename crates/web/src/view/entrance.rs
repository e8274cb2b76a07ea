//! Before one is in: log-in, and taking up an invitation.

use maud::{Markup, html};

use super::{
    form::{self, Flaws, Line},
    icon,
    shell::{self, Head},
};

/// The log-in form.
#[derive(Default)]
pub struct LogIn {
    /// The address as typed before.
    pub email: String,
    /// Why it did not work, one sentence.
    pub wrong: Option<String>,
    /// Where to go afterwards: a path of ours, or empty.
    pub next: String,
}

/// The page at `/login`.
pub fn log_in(head: &Head, form: &LogIn) -> Markup {
    let t = head.texts;
    let email = Line {
        name: "email",
        label: t.get("email"),
        kind: "email",
        value: &form.email,
        required: true,
        autocomplete: "username",
        ..Line::default()
    };
    let password = Line {
        name: "password",
        label: t.get("password"),
        kind: "password",
        required: true,
        autocomplete: "current-password",
        ..Line::default()
    };
    let none = Flaws::default();
    let content = html! {
        section.entrance-card {
            h1 { (t.get("log-in-title")) }
            @if let Some(wrong) = &form.wrong {
                p.caution.is-bad role="alert" { (icon::CIRCLE_ALERT) span { (wrong) } }
            }
            form.form method="post" action="/login" data-turbo="false" {
                @if !form.next.is_empty() { input type="hidden" name="next" value=(form.next); }
                (form::line("", &email, &none))
                (form::line("", &password, &none))
                div.buttons { button.button.button-main type="submit" { (t.get("log-in")) } }
            }
            p.entrance-help { (t.get("log-in-help")) }
        }
    };
    shell::plain_page(head, t.get("log-in-title"), &content)
}

/// An invitation that is open.
pub struct Invitation {
    /// The token out of the link.
    pub token: String,
    /// The address that was invited.
    pub email: String,
    /// The name as typed before.
    pub name: String,
    /// What is wrong with what was sent.
    pub flaws: Flaws,
}

/// The page at `/invitations/{token}`.
pub fn invitation(head: &Head, invitation: &Invitation) -> Markup {
    let t = head.texts;
    let name = Line {
        name: "name",
        label: t.get("your-name"),
        hint: t.get("your-name-hint"),
        value: &invitation.name,
        required: true,
        autocomplete: "name",
        ..Line::default()
    };
    let content = html! {
        section.entrance-card {
            h1 { (t.with("invitation-title", &[("account", head.account.as_str().into())])) }
            p { (t.get("invitation-text")) " " strong { (invitation.email) } }
            (form::whole_flaw(&invitation.flaws))
            form.form method="post" action={ "/invitations/" (invitation.token) } data-turbo="false" {
                input type="hidden" name="email" value=(invitation.email) autocomplete="username";
                (form::line("", &name, &invitation.flaws))
                (form::new_password(t, "password", &invitation.flaws))
                div.buttons { button.button.button-main type="submit" { (t.get("invitation-take")) } }
            }
        }
    };
    shell::plain_page(head, t.get("invitation-short"), &content)
}
