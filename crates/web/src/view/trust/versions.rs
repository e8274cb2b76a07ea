//! Every version of the list, the newest first: who changed it, when and why, and what in short.

use maud::{Markup, html};
use register::{Difference, EntryId, differences};

use super::{Around, page, wording};
use crate::{language::Texts, public::Version};

/// The versions, the oldest first.
pub struct Versions<'a> {
    /// All of them.
    pub all: &'a [Version],
}

/// The page at `/trust/versions`.
pub fn versions(around: &Around<'_>, versions: &Versions<'_>) -> Markup {
    let t = around.t;
    let title = t.get("trust-versions-title");
    let content = html! {
        header.title { h1 { (title) } p { (t.get("trust-versions-about")) } }
        @if versions.all.is_empty() { p.none { (t.get("trust-versions-none")) } }
        ol.versions reversed {
            @for version in versions.all.iter().rev() { (line(around, version)) }
        }
    };
    page(around, &format!("{title} · {}", around.name), &content)
}

fn line(around: &Around<'_>, version: &Version) -> Markup {
    let t = around.t;
    let number = version.number;
    html! {
        li value=(number) id={ "version-" (number) } {
            h2 { (t.with("trust-version", &[("number", number.to_string().into())])) " · " (wording::time(t, version.at)) }
            p { (version.author) ": “" (version.reason) "”" }
            p.summary { (summary(t, version)) }
            p.links {
                a href=(around.link(&format!("/trust/versions/{number}"))) { (t.get("trust-version-show")) } " · "
                a href=(around.link(&format!("/trust/versions/{number}/differences"))) { (t.get("trust-version-differences")) }
            }
        }
    }
}

/// What a version changed, in one line: how many entries, and which.
pub fn summary(t: &Texts, version: &Version) -> String {
    let all = differences(&version.before, &version.after);
    let name = |id: &EntryId| {
        let held = version.after.entries.get(id).or_else(|| version.before.entries.get(id));
        held.map_or(id.as_str(), |held| held.entry.shown()).to_owned()
    };
    let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), Vec::<&EntryId>::new());
    let mut operator = false;
    for difference in &all {
        match difference {
            Difference::Added { name, .. } => added.push(name.clone()),
            Difference::Removed { name, .. } => removed.push(name.clone()),
            Difference::State { entry, .. } | Difference::Fact { entry: Some(entry), .. } => {
                changed.push(entry);
            }
            Difference::Fact { entry: None, .. } => operator = true,
        }
    }
    changed.dedup();
    let changed: Vec<String> = changed.into_iter().map(name).collect();
    let counted = |some: &[String]| [("count", i64::try_from(some.len()).unwrap_or(i64::MAX).into())];
    let told = |words: std::borrow::Cow<'_, str>, some: &[String]| format!("{words}: {}", some.join(" · "));
    let parts = [
        (!added.is_empty()).then(|| told(t.with("trust-changes-added", &counted(&added)), &added)),
        (!removed.is_empty()).then(|| told(t.with("trust-changes-removed", &counted(&removed)), &removed)),
        (!changed.is_empty()).then(|| told(t.with("trust-changes-changed", &counted(&changed)), &changed)),
        operator.then(|| t.get("trust-changes-operator").to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
