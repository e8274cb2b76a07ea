//! The account itself: name, language, time zone, the automatic answer.

use maud::{Markup, html};
use words::Language;

use super::{Section, page, part, save};
use crate::view::{
    form::{self, Flaws, Line},
    shell::Shell,
};

/// What can be set of the account.
pub struct Account {
    /// Its name.
    pub name: String,
    /// The language of what Havn writes for it.
    pub language: Language,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// All that can be chosen.
    pub time_zones: Vec<String>,
    /// The text of the automatic answer to a first letter; none is sent if it is empty.
    pub acknowledgement: String,
    /// What is wrong with what was sent.
    pub flaws: Flaws,
}

/// The page at `/settings/account`.
pub fn account(shell: &Shell, account: &Account) -> Markup {
    let t = shell.head.texts;
    let name = Line {
        name: "name",
        label: t.get("account-name"),
        hint: t.get("account-name-hint"),
        value: &account.name,
        required: true,
        ..Line::default()
    };
    let zone = Line {
        name: "time_zone",
        label: t.get("account-zone"),
        value: &account.time_zone,
        ..Line::default()
    };
    let zones: Vec<(&str, &str)> =
        account.time_zones.iter().map(|zone| (zone.as_str(), zone.as_str())).collect();
    let answer = Line {
        name: "acknowledgement",
        label: t.get("account-answer"),
        hint: t.get("account-answer-hint"),
        value: &account.acknowledgement,
        ..Line::default()
    };
    let content = html! {
        form.form method="post" action="/settings/account" {
            (form::whole_flaw(&account.flaws))
            (part(t.get("account-about-title"), t.get("account-about"), &html! {
                (form::line("", &name, &account.flaws))
                div.fields {
                    (form::language(t, "", account.language, &account.flaws))
                    (form::choice("", &zone, &zones, &account.flaws))
                }
            }))
            (part(t.get("account-answer-title"), t.get("account-answer-about"), &form::area("", &answer, &account.flaws)))
            (save(t))
        }
    };
    page(shell, Section::Account, t.get("settings-account-about"), &content)
}
