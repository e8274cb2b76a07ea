//! Fields of forms: label, hint, what is wrong, and what was typed before.

use maud::{Markup, html};
use words::Language;

use super::icon;
use crate::language::Texts;

/// What is wrong with a form that was sent: the field's name, and one sentence for it. What was typed stays in the
/// fields.
#[derive(Debug, Clone, Default)]
pub struct Flaws(pub Vec<(String, String)>);

impl Flaws {
    /// One more.
    pub fn add(&mut self, field: &str, says: String) {
        self.0.push((field.to_owned(), says));
    }

    /// Whether a field is among them.
    pub fn names(&self, field: &str) -> bool {
        self.of(field).is_some()
    }

    pub(super) fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, says)| says.as_str())
    }
}

/// One line to type in.
pub(super) struct Line<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: &'a str,
    pub kind: &'static str,
    pub value: &'a str,
    pub required: bool,
    pub autocomplete: &'static str,
}

impl Default for Line<'_> {
    fn default() -> Self {
        Self { name: "", label: "", hint: "", kind: "text", value: "", required: false, autocomplete: "off" }
    }
}

/// `prefix` keeps the ids of several forms on one page apart.
pub(super) fn line(prefix: &str, line: &Line<'_>, flaws: &Flaws) -> Markup {
    let flaw = flaws.of(line.name);
    let id = format!("{prefix}{}", line.name);
    html! {
        div.field {
            label for=(id) { (line.label) }
            input.input id=(id) type=(line.kind) name=(line.name) value=(line.value) required[line.required]
                autocomplete=(line.autocomplete) aria-invalid[flaw.is_some()]
                aria-describedby=[described(&id, line.hint, flaw)] spellcheck="false";
            (about(&id, line.hint, flaw))
        }
    }
}

pub(super) fn area(prefix: &str, line: &Line<'_>, flaws: &Flaws) -> Markup {
    let flaw = flaws.of(line.name);
    let id = format!("{prefix}{}", line.name);
    html! {
        div.field {
            label for=(id) { (line.label) }
            textarea.input id=(id) name=(line.name) rows="3" aria-invalid[flaw.is_some()]
                aria-describedby=[described(&id, line.hint, flaw)] { (line.value) }
            (about(&id, line.hint, flaw))
        }
    }
}

/// One of several. `choices` are values and what is shown for them.
pub(super) fn choice(prefix: &str, line: &Line<'_>, choices: &[(&str, &str)], flaws: &Flaws) -> Markup {
    let flaw = flaws.of(line.name);
    let id = format!("{prefix}{}", line.name);
    html! {
        div.field {
            label for=(id) { (line.label) }
            select.input id=(id) name=(line.name) aria-invalid[flaw.is_some()]
                aria-describedby=[described(&id, line.hint, flaw)] {
                @for (value, says) in choices { option value=(value) selected[*value == line.value] { (says) } }
            }
            (about(&id, line.hint, flaw))
        }
    }
}

pub(super) fn language(t: &Texts, prefix: &str, now: Language, flaws: &Flaws) -> Markup {
    let line = Line { name: "language", label: t.get("language"), value: now.tag(), ..Line::default() };
    choice(prefix, &line, &[("en", "English"), ("da", "Dansk")], flaws)
}

/// A password, with the rule under it.
pub(super) fn new_password(t: &Texts, name: &str, flaws: &Flaws) -> Markup {
    let line = Line {
        name,
        label: t.get("password-new"),
        hint: t.get("password-rule"),
        kind: "password",
        required: true,
        autocomplete: "new-password",
        ..Line::default()
    };
    self::line("", &line, flaws)
}

fn described(id: &str, hint: &str, flaw: Option<&str>) -> Option<String> {
    match (hint.is_empty(), flaw.is_some()) {
        (true, false) => None,
        (false, false) => Some(format!("{id}-hint")),
        (true, true) => Some(format!("{id}-flaw")),
        (false, true) => Some(format!("{id}-hint {id}-flaw")),
    }
}

fn about(id: &str, hint: &str, flaw: Option<&str>) -> Markup {
    html! {
        @if !hint.is_empty() { p.hint id={ (id) "-hint" } { (hint) } }
        @if let Some(flaw) = flaw { p.wrong id={ (id) "-flaw" } { (icon::CIRCLE_ALERT) span { (flaw) } } }
    }
}

/// What is wrong with the form as a whole, for flaws that belong to no field (field name `""`).
pub(super) fn whole_flaw(flaws: &Flaws) -> Markup {
    html! { @if let Some(flaw) = flaws.of("") { p.caution.is-bad role="alert" { (icon::CIRCLE_ALERT) span { (flaw) } } } }
}
