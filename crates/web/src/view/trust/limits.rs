//! What the program enforces, each with how it can be checked, and what it does not stop.

use maud::{Markup, html};

use crate::language::Texts;

/// A statement that the program enforces, and how to check it.
const ENFORCED: [(&str, &str); 6] = [
    ("trust-enforced-dial", "trust-enforced-dial-check"),
    ("trust-enforced-active", "trust-enforced-active-check"),
    ("trust-enforced-objection", "trust-enforced-objection-check"),
    ("trust-enforced-counted", "trust-enforced-counted-check"),
    ("trust-enforced-people", "trust-enforced-people-check"),
    ("trust-enforced-history", "trust-enforced-history-check"),
];
const NOT_STOPPED: [&str; 8] = [
    "trust-not-stopped-root",
    "trust-not-stopped-hypervisor",
    "trust-not-stopped-proxy",
    "trust-not-stopped-instruction",
    "trust-not-stopped-desk",
    "trust-not-stopped-untrue",
    "trust-not-stopped-system",
    "trust-not-stopped-browser",
];

/// What holds whatever anybody promises.
pub(super) fn enforced(t: &Texts) -> Markup {
    html! {
        p { (t.get("trust-enforced-about")) }
        ul.statements {
            @for (statement, check) in ENFORCED { li { (t.get(statement)) small { (t.get(check)) } } }
        }
    }
}

/// What does not.
pub(super) fn not_stopped(t: &Texts) -> Markup {
    html! {
        p { (t.get("trust-not-stopped-about")) }
        ul.statements.is-limits { @for limit in NOT_STOPPED { li { (t.get(limit)) } } }
    }
}
