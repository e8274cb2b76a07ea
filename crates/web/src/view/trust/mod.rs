//! The public pages at the operator's host: who gets data, printed from the register that the program obeys.
//!
//! They need no script and no cookie, are read by anybody and printed for lawyers. Each language is one file.

mod chosen;
mod difference;
mod entry;
mod finding;
mod limits;
mod list;
mod overview;
mod versions;
pub mod wording;

use maud::{DOCTYPE, Markup, html};

pub use difference::{Differences, differences};
pub use entry::{badges, entry_name, facts};
pub use list::{List, list};
pub use versions::{Versions, summary, versions};

use super::shell::MARK;
use crate::{assets, language::Texts};

/// What is around every public page.
pub struct Around<'a> {
    /// The words.
    pub t: &'static Texts,
    /// All languages that there are.
    pub languages: &'static [Texts],
    /// Where these pages are: scheme, host and port.
    pub origin: &'a str,
    /// The page's own path.
    pub path: &'a str,
    /// The operator's name, as it calls its service.
    pub name: &'a str,
}

impl Around<'_> {
    /// The address of a page in the same language.
    pub fn link(&self, path: &str) -> String {
        format!("{path}?lang={}", self.t.tag())
    }
}

/// A whole public page.
fn page(around: &Around<'_>, title: &str, content: &Markup) -> Markup {
    let t = around.t;
    html! {
        (DOCTYPE)
        html lang=(t.tag()) {
            (head(around, title))
            body.trust {
                a.skip href="#main" { (t.get("trust-skip")) }
                (top(around))
                main #main { (content) }
                footer.foot {
                    p { (t.get("trust-foot")) " " (t.get("trust-foot-about")) }
                    p { a href={ "/trust.json" } { (t.get("trust-nav-json")) } " · "
                        a href=(around.link("/trust/atom.xml")) { (t.get("trust-nav-feed")) } }
                }
            }
        }
    }
}

fn head(around: &Around<'_>, title: &str) -> Markup {
    let (t, here) = (around.t, format!("{}{}", around.origin, around.path));
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (title) }
            meta name="color-scheme" content="light dark";
            link rel="canonical" href=(around.link(&here));
            @for other in around.languages {
                link rel="alternate" hreflang=(other.tag()) href={ (here) "?lang=" (other.tag()) };
            }
            link rel="alternate" hreflang="x-default" href=(here);
            link rel="alternate" type="application/atom+xml" title=(t.get("trust-nav-feed"))
                href=(around.link("/trust/atom.xml"));
            link rel="alternate" type="application/json" href="/trust.json";
            link rel="icon" href=(assets::path("mark.svg")) type="image/svg+xml";
            link rel="stylesheet" href=(assets::path("trust.css"));
        }
    }
}

fn top(around: &Around<'_>) -> Markup {
    let t = around.t;
    let is_now = around.path == "/trust";
    html! {
        header.top {
            a.brand href=(around.link("/trust")) { (MARK) span { (around.name) } }
            nav aria-label=(t.get("trust-nav")) {
                a href=(around.link("/trust")) aria-current=[is_now.then_some("page")] { (t.get("trust-nav-now")) }
                a href=(around.link("/trust/versions")) aria-current=[(around.path == "/trust/versions").then_some("page")] {
                    (t.get("trust-nav-versions"))
                }
            }
            nav.languages aria-label=(t.get("trust-language-choose")) {
                @for other in around.languages {
                    a href={ (around.path) "?lang=" (other.tag()) } hreflang=(other.tag()) lang=(other.tag())
                        aria-current=[(other.tag() == t.tag()).then_some("true")] { (other.get("trust-language")) }
                }
            }
        }
    }
}

/// The page for what is not there, or cannot be shown now.
pub fn problem(around: &Around<'_>, status: u16) -> Markup {
    let t = around.t;
    let (title, text) = match status {
        404 => (t.get("trust-problem-missing-title"), t.get("trust-problem-missing")),
        _ => (t.get("trust-problem-title"), t.get("trust-problem")),
    };
    let content = html! {
        header.title { h1 { (title) } p { (text) } p { a href=(around.link("/trust")) { (t.get("trust-problem-way-on")) } } }
    };
    page(around, title, &content)
}

/// A part of a page: its heading can be linked to.
fn part(id: &str, title: &str, content: &Markup) -> Markup {
    html! { section.part #(id) { h2 { (title) } (content) } }
}

/// A table that is wider than a narrow screen scrolls by itself, also by keys.
fn table(caption: &str, content: &Markup) -> Markup {
    html! {
        div.wide role="region" tabindex="0" aria-label=(caption) { table { caption { (caption) } (content) } }
    }
}
