//! From where a mailbox's mail is collected: another server, spoken to by IMAP.

use maud::{Markup, html};
use words::{MailboxId, Time};

use super::{Section, part, save};
use crate::{
    language::Texts,
    view::{
        form::{self, Flaws, Line},
        icon, pickup_fault,
        shell::Shell,
        time::{Telling, time},
    },
};

/// What can be set, and how it goes.
pub struct Pickup {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// Its address.
    pub address: String,
    /// Host of the other server.
    pub host: String,
    /// Its port.
    pub port: String,
    /// How it is spoken to: `implicit`, `starttls` or `none`.
    pub tls: String,
    /// Log-in name.
    pub username: String,
    /// A password is kept.
    pub has_password: bool,
    /// The folder.
    pub folder: String,
    /// Whether what lies there already is collected too.
    pub takes_old: bool,
    /// What is wrong with what was sent.
    pub flaws: Flaws,
    /// How it goes, if one is set.
    pub state: Option<PickupState>,
    /// How the test went, if there was one.
    pub test: Option<PickupTest>,
}

/// How collecting goes.
pub struct PickupState {
    /// Mails collected so far.
    pub mails: i64,
    /// When the last one was.
    pub mail_at: Option<Time>,
    /// When the folder was last seen whole.
    pub looked_at: Option<Time>,
    /// What is wrong, and since when.
    pub trouble: Option<(PickupProblem, Time)>,
    /// Mails that were left at the other server.
    pub left: Vec<LeftMail>,
}

/// What is wrong.
pub struct PickupProblem {
    /// The cause; none if it is one that this program does not know.
    pub cause: Option<desk::PickupFault>,
    /// What the other server said.
    pub reply: String,
}

/// A mail that was left at the other server.
pub struct LeftMail {
    /// Its number there.
    pub uid: u32,
    /// Why.
    pub why: store::LeftWhy,
    /// Its size in bytes.
    pub size: i64,
    /// When it was left.
    pub at: Time,
    /// When it is tried again.
    pub next_at: Option<Time>,
}

/// How a test went.
pub enum PickupTest {
    /// Log-in and folder are right, and so many mails lie in it.
    Good(u32),
    /// They are not.
    Failed(PickupProblem),
}

/// The page at `/settings/mailboxes/{id}/pickup`.
pub fn pickup(shell: &Shell, pickup: &Pickup) -> Markup {
    let t = shell.head.texts;
    let action = format!("/settings/mailboxes/{}/pickup", pickup.mailbox);
    let is_set = pickup.state.is_some();
    let title = t.with("pickup-title", &[("address", pickup.address.as_str().into())]);
    let content = html! {
        @if let Some(state) = &pickup.state { (part(t.get("pickup-state-title"), "", &how_it_goes(t, state))) }
        form.form method="post" action=(action) {
            (form::whole_flaw(&pickup.flaws))
            (part(&title, t.get("pickup-about"), &server(t, pickup)))
            (save(t))
        }
        @if is_set {
            (part(t.get("pickup-test-title"), t.get("pickup-test-about"), &test(t, &action, pickup.test.as_ref())))
            (part(t.get("pickup-away-title"), t.get("pickup-away-about"), &html! {
                form method="post" action={ (action) "?method=delete" } data-turbo-confirm=(t.get("pickup-lost")) {
                    button.button type="submit" { (icon::TRASH_2) (t.get("pickup-away")) }
                }
            }))
        }
        p { a.link href="/settings/mailboxes" { (t.get("pickup-back")) } }
    };
    super::page(shell, Section::Mailboxes, t.get("settings-mailboxes-about"), &content)
}

fn how_it_goes(t: &Texts, state: &PickupState) -> Markup {
    html! {
        @match &state.trouble {
            Some((problem, since)) => p.caution.is-bad role="status" {
                (icon::CIRCLE_ALERT) span { (said(t, problem)) " (" (t.get("pickup-since")) " " (time(t, *since, Telling::Long)) ")" }
            },
            None => @match state.looked_at {
                Some(at) => p.caution.is-ok role="status" {
                    (icon::CHECK) span { (t.get("pickup-good")) " " (time(t, at, Telling::Long)) }
                },
                None => p.caution.is-wait role="status" { (icon::INFO) span { (t.get("pickup-not-yet")) } },
            },
        }
        p {
            (t.with("pickup-mails", &[("count", state.mails.into())]))
            @if let Some(at) = state.mail_at { " " (t.get("pickup-last")) " " (time(t, at, Telling::Long)) }
        }
        @if !state.left.is_empty() {
            p { (t.get("pickup-left-about")) }
            div.table-wrap { table.table {
                thead { tr { th { (t.get("pickup-left-number")) } th { (t.get("pickup-left-why")) } th { (t.get("pickup-left-at")) } } }
                tbody { @for mail in &state.left { (left(t, mail)) } }
            } }
        }
    }
}

fn left(t: &Texts, mail: &LeftMail) -> Markup {
    let why = match mail.why {
        store::LeftWhy::TooLarge => {
            let size = (mail.size + 500_000) / 1_000_000;
            t.with("pickup-left-too-large", &[("size", size.into())])
        }
        store::LeftWhy::Refused => t.get("pickup-left-refused").into(),
        store::LeftWhy::Broken => t.get("pickup-left-broken").into(),
    };
    html! {
        tr {
            th scope="row" { (mail.uid) }
            td {
                (why) " "
                @match mail.next_at {
                    Some(at) => { (t.get("pickup-left-next")) " " (time(t, at, Telling::Coming)) },
                    None => (t.get("pickup-left-for-good")),
                }
            }
            td { (time(t, mail.at, Telling::Short)) }
        }
    }
}

/// What is wrong, in words, and what the other server said.
fn said(t: &Texts, problem: &PickupProblem) -> String {
    pickup_fault::said(t, problem.cause, &problem.reply)
}

fn server(t: &Texts, pickup: &Pickup) -> Markup {
    let line = |name, label, value, required| Line { name, label, value, required, ..Line::default() };
    let host = line("host", t.get("pickup-host"), &pickup.host, true);
    let port = line("port", t.get("relay-port"), &pickup.port, true);
    let tls = line("tls", t.get("relay-tls"), &pickup.tls, false);
    let choices = [
        ("implicit", t.get("pickup-tls-implicit")),
        ("starttls", t.get("pickup-tls-starttls")),
        ("none", t.get("relay-tls-none")),
    ];
    let username = line("username", t.get("relay-username"), &pickup.username, true);
    let kept = if pickup.has_password { t.get("relay-password-kept") } else { t.get("pickup-password-hint") };
    let password = Line {
        hint: kept,
        kind: "password",
        autocomplete: "new-password",
        ..line("password", t.get("password"), "", false)
    };
    let folder = Line {
        hint: t.get("pickup-folder-hint"),
        ..line("folder", t.get("pickup-folder"), &pickup.folder, true)
    };
    html! {
        div.fields { (form::line("", &host, &pickup.flaws)) (form::line("", &port, &pickup.flaws)) }
        (form::choice("", &tls, &choices, &pickup.flaws))
        div.fields { (form::line("", &username, &pickup.flaws)) (form::line("", &password, &pickup.flaws)) }
        (form::line("", &folder, &pickup.flaws))
        label.check {
            input type="checkbox" name="takes_old" value="yes" checked[pickup.takes_old];
            span { (t.get("pickup-takes-old")) }
        }
    }
}

fn test(t: &Texts, action: &str, test: Option<&PickupTest>) -> Markup {
    html! {
        form.form method="post" action={ (action) "/test" } data-turbo="false" {
            div.buttons { button.button type="submit" { (icon::SEND) (t.get("pickup-test")) } }
        }
        @match test {
            Some(PickupTest::Good(mails)) => p.caution.is-ok role="status" {
                (icon::CHECK) span { (t.with("pickup-test-good", &[("count", i64::from(*mails).into())])) }
            },
            Some(PickupTest::Failed(problem)) => p.caution.is-bad role="alert" { (icon::CIRCLE_ALERT) span { (said(t, problem)) } },
            None => {},
        }
    }
}
