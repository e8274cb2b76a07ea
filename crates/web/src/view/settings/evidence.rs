//! What happened: how the account's log stands, and what is needed to check it.

use std::borrow::Cow;

use maud::{Markup, html};
use words::Time;

use super::{Section, nothing_yet, part};
use crate::{
    language::Texts,
    view::{
        icon,
        shell::Shell,
        time::{Telling, time},
    },
};

/// The page of the log.
pub struct Evidence {
    /// How many entries it has.
    pub size: u64,
    /// What was signed of it last.
    pub newest: Option<SignedLog>,
}

/// What was signed.
pub struct SignedLog {
    /// How many entries.
    pub size: u64,
    /// When.
    pub at: Time,
    /// Whether the operator's log tells of it already.
    pub is_told: bool,
}

/// The page at `/settings/evidence`.
pub fn evidence(shell: &Shell, page: &Evidence) -> Markup {
    let t = shell.head.texts;
    let content = html! {
        (part(t.get("evidence-log-title"), t.get("evidence-log-about"), &log(t, page)))
        (part(t.get("evidence-check-title"), "", &html! {
            p { (t.get("evidence-check-keep")) }
            p { (t.get("evidence-check-key")) }
            p { (t.get("evidence-check-verify")) " " code { "havn evidence verify" } }
            p.quiet { (t.get("evidence-check-own")) }
        }))
    };
    super::page(shell, Section::Evidence, t.get("settings-evidence-about"), &content)
}

fn log(t: &Texts, page: &Evidence) -> Markup {
    let Some(newest) = &page.newest else { return nothing_yet(t.get("evidence-none")) };
    let (icon, class, told) = if newest.is_told {
        (icon::CHECK, "is-ok", "evidence-told")
    } else {
        (icon::HOURGLASS, "is-wait", "evidence-not-told")
    };
    html! {
        dl.record {
            dt { (t.get("evidence-size")) } dd { (entries(t, page.size)) }
            dt { (t.get("evidence-signed")) } dd { (entries(t, newest.size)) ", " (time(t, newest.at, Telling::Short)) }
            dt { (t.get("evidence-operator")) } dd { span.chip.(class) { (icon) (t.get(told)) } }
        }
        div.buttons {
            (download("/settings/evidence/checkpoint", t.get("evidence-get-checkpoint")))
            (download("/settings/evidence/log", t.get("evidence-get-log")))
            @if newest.is_told { (download("/settings/evidence/proof", t.get("evidence-get-proof"))) }
        }
    }
}

fn entries(t: &Texts, count: u64) -> Cow<'_, str> {
    t.with("evidence-entries", &[("count", count.into())])
}

fn download(path: &str, label: &str) -> Markup {
    html! { a.button href=(path) download data-turbo="false" { (icon::DOWNLOAD) (label) } }
}
