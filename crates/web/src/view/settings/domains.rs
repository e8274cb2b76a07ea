//! Domains that the account signs for (DKIM, RFC 6376): the record to publish, and whether it is there.

use maud::{Markup, html};
use words::{DomainId, Time};

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

/// The page of domains.
pub struct Domains {
    /// Those that there are.
    pub domains: Vec<Domain>,
    /// The new one as typed before.
    pub new_name: String,
    /// What is wrong with it.
    pub flaws: Flaws,
}

/// A domain.
pub struct Domain {
    /// Which.
    pub id: DomainId,
    /// Its name.
    pub name: String,
    /// The name under which the record is to lie: `<selector>._domainkey.<name>`.
    pub record_name: String,
    /// The text of the record.
    pub record: String,
    /// What was found when it was last looked for, and when that was.
    pub found: Option<(Record, Time)>,
}

/// What was found of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// It is there.
    Found,
    /// Nothing is there.
    Missing,
    /// Something else is there.
    Different,
    /// No name server could be asked.
    NotChecked,
}

/// The page at `/settings/domains`.
pub fn domains(shell: &Shell, page: &Domains) -> Markup {
    let t = shell.head.texts;
    let name = Line {
        name: "name",
        label: t.get("domain-name"),
        hint: t.get("domain-name-hint"),
        value: &page.new_name,
        required: true,
        ..Line::default()
    };
    let content = html! {
        @if page.domains.is_empty() { (nothing_yet(t.get("domain-none"))) }
        @for domain in &page.domains { (self::domain(t, domain)) }
        (part(t.get("domain-new-title"), t.get("domain-new-about"), &html! {
            form.form method="post" action="/settings/domains" {
                (form::line("new-", &name, &page.flaws))
                div.buttons { button.button.button-main type="submit" { (icon::PLUS) (t.get("domain-add")) } }
            }
        }))
    };
    super::page(shell, Section::Domains, t.get("settings-domains-about"), &content)
}

fn domain(t: &Texts, domain: &Domain) -> Markup {
    let action = format!("/settings/domains/{}", domain.id);
    let lost = t.with("domain-lost", &[("name", domain.name.as_str().into())]);
    html! {
        section.card id={ "domain-" (domain.id) } {
            header.card-head { h2 { (domain.name) } (found(t, domain.found)) span.spring {} (remove(t, &action, &domain.name, &lost)) }
            p { (t.get("domain-publish")) }
            dl.record {
                dt { (t.get("record-name")) } dd { code.copyable { (domain.record_name) } (copy(t, &domain.record_name)) }
                dt { (t.get("record-type")) } dd { code { "TXT" } }
                dt { (t.get("record-value")) } dd { code.copyable { (domain.record) } (copy(t, &domain.record)) }
            }
            form method="post" action={ (action) "/check" } { button.button type="submit" { (icon::ROTATE_CCW) (t.get("domain-check")) } }
        }
    }
}

fn copy(t: &Texts, text: &str) -> Markup {
    html! {
        button.button-quiet type="button" data-controller="copy" data-action="copy#copy" data-needs-script
            data-copy-text-value=(text) data-copy-done-value=(t.get("copied")) aria-label=(t.get("copy")) title=(t.get("copy")) { (icon::COPY) }
    }
}

fn found(t: &Texts, found: Option<(Record, Time)>) -> Markup {
    let Some((record, at)) = found else {
        return html! { span.chip { (icon::HOURGLASS) (t.get("record-never")) } };
    };
    let (icon, class, key) = match record {
        Record::Found => (icon::CHECK, "is-ok", "record-found"),
        Record::Missing => (icon::X, "is-bad", "record-missing"),
        Record::Different => (icon::TRIANGLE_ALERT, "is-bad", "record-different"),
        Record::NotChecked => (icon::HOURGLASS, "is-wait", "record-not-checked"),
    };
    html! { span.chip.(class) { (icon) (t.get(key)) } span.quiet { (time(t, at, Telling::Short)) } }
}
