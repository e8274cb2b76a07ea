//! What the public pages keep in memory: the versions of the list, and pages as they were rendered. All of it
//! goes when the register changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use control::RegisterHistory;
use http::HeaderMap;
use jiff::civil::Date;
use register::{ChangeRefusal, day};
use words::Time;

use super::{
    answer::Rendered,
    version::{Version, versions},
};
use crate::{
    State,
    error::{Error, Result},
    language::{self, Texts},
};

/// Bytes of rendered pages that are kept.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Page {
    /// The list as it is now.
    Now,
    /// The list as a version left it.
    Then(usize),
    /// All versions.
    Versions,
    /// What a version changed.
    Differences(usize),
    /// The list for programs.
    Json,
    /// The feed.
    Feed,
}

/// A page in a language on a day: certificates lapse by the day.
type Key = (Page, &'static str, Date);

/// The pages of this process.
#[derive(Default)]
pub struct Pages(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Of which change of the register all below is.
    number: u64,
    versions: Option<Arc<Vec<Version>>>,
    rendered: HashMap<Key, Arc<Rendered>>,
    bytes: usize,
}

/// What a page is made from.
pub struct Source {
    /// The register with its history.
    pub history: Arc<RegisterHistory>,
    /// The versions that the public sees, the oldest first.
    pub versions: Arc<Vec<Version>>,
    /// In which language.
    pub texts: &'static Texts,
    /// When.
    pub now: Time,
    /// Scheme, host and port of the public pages.
    pub origin: String,
    /// The base domain.
    pub domain: String,
}

impl Source {
    /// What the operator calls its service, or itself.
    pub fn name(&self) -> &str {
        let operator = &self.history.register.operator;
        let name = operator.service.as_deref().or(operator.name.as_deref());
        name.unwrap_or_else(|| self.texts.get("trust-operator-unnamed"))
    }

    /// A version by its number.
    pub fn version(&self, number: usize) -> Option<&Version> {
        self.versions.get(number.checked_sub(1)?)
    }
}

/// A page, out of memory or made by `make`.
pub async fn page(
    state: &State,
    page: Page,
    texts: &'static Texts,
    make: fn(&Source) -> Rendered,
) -> Result<Arc<Rendered>> {
    page_of(state, page, texts, move |source| Ok(Some(make(source)))).await
}

/// The same for a page that is one of many; not found if `make` knows no such page.
pub async fn page_of(
    state: &State,
    page: Page,
    texts: &'static Texts,
    make: impl FnOnce(&Source) -> control::Result<Option<Rendered>> + Send + 'static,
) -> Result<Arc<Rendered>> {
    let (kept, now) = (Arc::clone(state.pages()), state.clock().now());
    let (origin, domain) = (state.base().own(), state.base().domain.clone());
    let made = state.control().run(move |control| {
        let history = control.register_history()?;
        let key = (page, texts.tag(), day(now));
        if let Some(rendered) = kept.get(history.register.number, &key) {
            return Ok(Some(rendered));
        }
        let versions = kept.versions(&history).map_err(control::Error::Register)?;
        let source = Source { history, versions, texts, now, origin, domain };
        let Some(rendered) = make(&source)? else { return Ok(None) };
        Ok(Some(kept.put(source.history.register.number, key, rendered)))
    });
    made.await?.ok_or(Error::NotFound)
}

impl Pages {
    fn get(&self, number: u64, key: &Key) -> Option<Arc<Rendered>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.number == number { kept.rendered.get(key).cloned() } else { None }
    }

    fn versions(&self, history: &RegisterHistory) -> Result<Arc<Vec<Version>>, ChangeRefusal> {
        let number = history.register.number;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.versions.as_ref().filter(|_| kept.number == number) {
            return Ok(Arc::clone(known));
        }
        let versions = Arc::new(versions(&history.changes)?);
        *kept = Kept { number, versions: Some(Arc::clone(&versions)), ..Kept::default() };
        Ok(versions)
    }

    /// Keeps a page, unless the register has changed meanwhile. What is too much is forgotten as a whole: it
    /// is quickly made again.
    fn put(&self, number: u64, key: Key, rendered: Rendered) -> Arc<Rendered> {
        let rendered = Arc::new(rendered);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.number != number || rendered.bytes() > KEPT_BYTES_MAX {
            return rendered;
        }
        if kept.bytes + rendered.bytes() > KEPT_BYTES_MAX {
            kept.rendered.clear();
            kept.bytes = 0;
        }
        kept.bytes += rendered.bytes();
        kept.rendered.insert(key, Arc::clone(&rendered));
        rendered
    }
}

/// The language of an answer: as the address says, else what the browser asks for, else English.
pub fn language(query: Option<&str>, headers: &HeaderMap) -> &'static Texts {
    let all = language::public();
    let known = |tag: &str| all.iter().find(|texts| texts.tag() == tag);
    let chosen = url::form_urlencoded::parse(query.unwrap_or("").as_bytes())
        .find_map(|(name, value)| if name == "lang" { known(&value) } else { None });
    chosen.or_else(|| asked(headers).find_map(|tag| known(&tag))).unwrap_or(&all[0])
}

/// The languages that a browser asks for, the dearest first, without their countries.
fn asked(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let asked =
        headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut tags: Vec<(f32, String)> = asked
        .split(',')
        .filter_map(|one| {
            let (tag, quality) = one.split_once(';').unwrap_or((one, ""));
            let quality = quality.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse).ok()?;
            let tag = tag.trim().split('-').next()?.to_ascii_lowercase();
            (quality > 0.0).then_some((quality, tag))
        })
        .collect();
    tags.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    tags.into_iter().map(|(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_chooses_the_language_and_then_the_browser() {
        let cases = [
            ("the address", Some("lang=da"), "en", "da"),
            ("the address names none", Some("lang=xx"), "da", "da"),
            ("the browser's first", None, "da-DK,da;q=0.9,en;q=0.8", "da"),
            ("by quality, not by order", None, "en;q=0.5, da;q=0.7", "da"),
            ("one that is refused", None, "da;q=0, en", "en"),
            ("none that there is", None, "fr, de", "en"),
            ("nothing", None, "", "en"),
        ];
        for (case, query, asked, tag) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::ACCEPT_LANGUAGE, asked.parse().unwrap());
            assert_eq!(language(query, &headers).tag(), tag, "{case}");
        }
    }
}
