//! Keys to the API: each is an agent's, for reading or for all that they may.

use maud::{Markup, html};
use words::{Time, TokenId};

use super::{Section, nothing_yet, part, remove};
use crate::{
    language::Texts,
    view::{
        form::{self, Flaws, Line},
        icon,
        shell::Shell,
        time::{Telling, time},
    },
};

/// The page of tokens.
pub struct Tokens {
    /// Those that there are.
    pub tokens: Vec<Token>,
    /// The secret of one that was just made: shown this once.
    pub made: Option<String>,
    /// A new one as typed before.
    pub new: TokenFields,
    /// What is wrong with it.
    pub flaws: Flaws,
}

/// A token.
pub struct Token {
    /// Which.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// The agent as whom it acts.
    pub agent: String,
    /// It may change things, not only read.
    pub writes: bool,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used.
    pub used_at: Option<Time>,
    /// When it ends.
    pub ends_at: Option<Time>,
}

/// What a new token is made of.
#[derive(Debug, Clone, Default)]
pub struct TokenFields {
    /// What it is for.
    pub name: String,
    /// `read` or `write`.
    pub scope: String,
    /// Days until it ends; empty for never.
    pub days: String,
}

/// The page at `/settings/tokens`.
pub fn tokens(shell: &Shell, page: &Tokens) -> Markup {
    let t = shell.head.texts;
    let content = html! {
        @if let Some(secret) = &page.made { (made(t, secret)) }
        @if page.tokens.is_empty() {
            (nothing_yet(t.get("token-none")))
        } @else {
            div.table-wrap { table.table {
                thead { tr {
                    th { (t.get("token-name")) } th { (t.get("token-agent")) } th { (t.get("token-scope")) }
                    th { (t.get("token-used")) } th { (t.get("token-ends")) } th { span.unseen { (t.get("remove")) } }
                } }
                tbody { @for token in &page.tokens { (row(t, token)) } }
            } }
        }
        (part(t.get("token-new-title"), t.get("token-new-about"), &new(t, page)))
    };
    super::page(shell, Section::Tokens, t.get("settings-tokens-about"), &content)
}

fn made(t: &Texts, secret: &str) -> Markup {
    html! {
        section.card.is-new role="status" {
            header.card-head { h2 { (t.get("token-made-title")) } }
            p { (t.get("token-made-about")) }
            div.secret {
                code.copyable { (secret) }
                button.button type="button" data-controller="copy" data-action="copy#copy" data-needs-script
                    data-copy-text-value=(secret) data-copy-done-value=(t.get("copied")) { (icon::COPY) (t.get("copy")) }
            }
        }
    }
}

fn row(t: &Texts, token: &Token) -> Markup {
    let lost = t.with("token-lost", &[("name", token.name.as_str().into())]);
    html! {
        tr id={ "token-" (token.id) } {
            th scope="row" { (token.name) br; span.quiet { (t.get("token-since")) " " (time(t, token.created_at, Telling::Short)) } }
            td { (token.agent) }
            td { @if token.writes { (t.get("scope-write")) } @else { (t.get("scope-read")) } }
            td { @match token.used_at { Some(at) => (time(t, at, Telling::Short)), None => span.quiet { (t.get("never")) } } }
            td { @match token.ends_at { Some(at) => (time(t, at, Telling::Short)), None => span.quiet { (t.get("never")) } } }
            td.table-end { (remove(t, &format!("/settings/tokens/{}", token.id), &token.name, &lost)) }
        }
    }
}

fn new(t: &Texts, page: &Tokens) -> Markup {
    let name = Line {
        name: "name",
        label: t.get("token-name"),
        hint: t.get("token-name-hint"),
        value: &page.new.name,
        required: true,
        ..Line::default()
    };
    let scope =
        Line { name: "scope", label: t.get("token-scope"), value: &page.new.scope, ..Line::default() };
    let days = Line { name: "days", label: t.get("token-ends"), value: &page.new.days, ..Line::default() };
    html! {
        form.form method="post" action="/settings/tokens" data-turbo="false" {
            (form::whole_flaw(&page.flaws))
            (form::line("new-", &name, &page.flaws))
            div.fields {
                (form::choice("new-", &scope, &[("read", t.get("scope-read")), ("write", t.get("scope-write"))], &page.flaws))
                (form::choice("new-", &days, &[("90", t.get("days-90")), ("365", t.get("days-365")), ("", t.get("never"))], &page.flaws))
            }
            div.buttons { button.button.button-main type="submit" { (icon::KEY_ROUND) (t.get("token-make")) } }
        }
    }
}
