//! Which way the account's mail leaves: through its own mail server, the relay, or straight.

use maud::{Markup, html};
use store::MailWay;

use super::{Section, part, save};
use crate::{
    language::Texts,
    view::{
        form::{self, Flaws, Line},
        hindrance, icon,
        shell::Shell,
    },
};

/// What can be set of the way out.
pub struct Relay {
    /// Which way the account's mail leaves.
    pub way: MailWay,
    /// One is set.
    pub is_set: bool,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: String,
    /// How it is spoken to: `implicit`, `starttls` or `none`.
    pub tls: String,
    /// Log-in name; may be empty.
    pub username: String,
    /// A password is kept.
    pub has_password: bool,
    /// What is wrong with what was sent.
    pub flaws: Flaws,
    /// To whom a test mail goes, as typed before or the admin's own address.
    pub test_to: String,
    /// How the test went, if there was one.
    pub test: Option<RelayTest>,
}

/// How a test mail went.
pub enum RelayTest {
    /// The relay took it.
    Sent {
        /// To whom.
        to: String,
    },
    /// It did not; what happened.
    Failed {
        /// One sentence for the admin.
        why: String,
    },
}

/// The page at `/settings/relay`.
pub fn relay(shell: &Shell, relay: &Relay) -> Markup {
    let t = shell.head.texts;
    let goes_by_relay = relay.way == MailWay::Relay;
    let content = html! {
        @if goes_by_relay && !relay.is_set { p.caution.is-wait { (icon::INFO) span { (t.get("relay-none")) } } }
        form.form method="post" action="/settings/relay/way" {
            (part(t.get("way-title"), t.get("way-about"), &way(t, relay)))
            (save(t))
        }
        @if goes_by_relay || relay.is_set { (server_with_test(t, relay)) }
    };
    super::page(shell, Section::Relay, t.get("settings-relay-about"), &content)
}

fn way(t: &Texts, relay: &Relay) -> Markup {
    let hint = if relay.way == MailWay::Straight { t.get("way-straight-needs") } else { "" };
    let way = Line { name: "way", label: t.get("way"), hint, value: relay.way.name(), ..Line::default() };
    let choices =
        [(MailWay::Relay.name(), t.get("way-relay")), (MailWay::Straight.name(), t.get("way-straight"))];
    form::choice("", &way, &choices, &relay.flaws)
}

fn server_with_test(t: &Texts, relay: &Relay) -> Markup {
    html! {
        form.form method="post" action="/settings/relay" {
            (form::whole_flaw(&relay.flaws))
            (part(t.get("relay-server-title"), t.get("relay-server-about"), &server(t, relay)))
            (save(t))
        }
        @if relay.is_set {
            (part(t.get("relay-test-title"), t.get("relay-test-about"), &test(t, relay)))
            (part(t.get("relay-away-title"), t.get("relay-away-about"), &html! {
                form method="post" action="/settings/relay?method=delete" data-turbo-confirm=(t.get("relay-lost")) {
                    button.button type="submit" { (icon::TRASH_2) (t.get("relay-away")) }
                }
            }))
        }
    }
}

fn server(t: &Texts, relay: &Relay) -> Markup {
    let host = Line {
        name: "host",
        label: t.get("relay-host"),
        value: &relay.host,
        required: true,
        ..Line::default()
    };
    let port = Line {
        name: "port",
        label: t.get("relay-port"),
        value: &relay.port,
        required: true,
        ..Line::default()
    };
    let tls = Line { name: "tls", label: t.get("relay-tls"), value: &relay.tls, ..Line::default() };
    let choices = [
        ("implicit", t.get("relay-tls-implicit")),
        ("starttls", t.get("relay-tls-starttls")),
        ("none", t.get("relay-tls-none")),
    ];
    let username = Line {
        name: "username",
        label: t.get("relay-username"),
        hint: t.get("relay-username-hint"),
        value: &relay.username,
        ..Line::default()
    };
    let kept = if relay.has_password { t.get("relay-password-kept") } else { "" };
    let password = Line {
        name: "password",
        label: t.get("password"),
        hint: kept,
        kind: "password",
        autocomplete: "new-password",
        ..Line::default()
    };
    html! {
        div.fields { (form::line("", &host, &relay.flaws)) (form::line("", &port, &relay.flaws)) }
        (form::choice("", &tls, &choices, &relay.flaws))
        div.fields { (form::line("", &username, &relay.flaws)) (form::line("", &password, &relay.flaws)) }
    }
}

fn test(t: &Texts, relay: &Relay) -> Markup {
    let to = Line {
        name: "to",
        label: t.get("relay-test-to"),
        kind: "email",
        value: &relay.test_to,
        required: true,
        ..Line::default()
    };
    html! {
        form.form method="post" action="/settings/relay/test" data-turbo="false" {
            (form::line("test-", &to, &Flaws::default()))
            div.buttons { button.button type="submit" { (icon::SEND) (t.get("relay-test-send")) } }
        }
        @match &relay.test {
            Some(RelayTest::Sent { to }) => p.caution.is-ok role="status" {
                (icon::CHECK) span { (t.with("relay-test-sent", &[("to", to.as_str().into())])) }
            },
            Some(RelayTest::Failed { why }) => p.caution.is-bad role="alert" { (icon::CIRCLE_ALERT) span { (hindrance::test_failed(t, why)) } },
            None => {},
        }
    }
}
