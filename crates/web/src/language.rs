//! The texts that people see, in English and Danish, from the Fluent files of `locales/`.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use fluent::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use rust_embed::RustEmbed;
use words::Language;

/// The files of one language, in the order in which they are read. Both languages have the same ones.
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../locales/", $language, "/desk.ftl")),
            include_str!(concat!("../locales/", $language, "/conversation.ftl")),
            include_str!(concat!("../locales/", $language, "/settings.ftl")),
            include_str!(concat!("../locales/", $language, "/entrance.ftl")),
            include_str!(concat!("../locales/", $language, "/error.ftl")),
            include_str!(concat!("../locales/", $language, "/trust.ftl")),
        ]
    };
}

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::read("en", &files!("en")));
static DANISH: LazyLock<Texts> = LazyLock::new(|| Texts::read("da", &files!("da")));

/// The file that makes a folder of `locales/` a language of the public pages.
const PUBLIC_FILE: &str = "/trust.ftl";

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Locales;

static PUBLIC: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let mut all: Vec<Texts> = Locales::iter().filter_map(|path| read_public(&path)).collect();
    // English first: it is what one gets who asks for none of them.
    all.sort_by_key(|texts| (texts.tag != Language::En.tag(), texts.tag.clone()));
    all
});

fn read_public(path: &str) -> Option<Texts> {
    let tag = path.strip_suffix(PUBLIC_FILE)?;
    let file = Locales::get(path)?;
    Some(Texts::read(tag, &[std::str::from_utf8(&file.data).ok()?]))
}

/// The languages of the public pages, English first: one file each.
pub fn public() -> &'static [Texts] {
    &PUBLIC
}

/// All texts of one language.
pub struct Texts {
    tag: String,
    /// Texts without variables, worked out once: most of a page is these.
    plain: HashMap<String, String>,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The texts of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Da => &DANISH,
        }
    }

    /// The language of the texts; English for one that only the public pages speak.
    pub fn language(&self) -> Language {
        self.tag.parse().unwrap_or(Language::En)
    }

    /// The BCP 47 tag of the texts.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// A text without variables. An unknown key is shown as it is; a test sees to it that there is none.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.plain.get(key).map_or(key, String::as_str)
    }

    /// The text of a value: its key is the value's name after these letters. A value that no text is known
    /// of is shown by its name.
    pub fn named<'a>(&'a self, before: &str, name: &'a str) -> &'a str {
        self.plain.get(&format!("{before}{name}")).map_or(name, String::as_str)
    }

    /// A text with its variables filled in.
    pub fn with<'a>(&'a self, key: &'a str, values: &[(&'static str, FluentValue<'_>)]) -> Cow<'a, str> {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return Cow::Borrowed(key);
        };
        let values: FluentArgs = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        self.bundle.format_pattern(pattern, Some(&values), &mut Vec::new())
    }

    fn read(tag: &str, files: &[&str]) -> Self {
        let language = tag.parse().expect("a language's tag is one");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks would be seen in titles, copied addresses and plain-text letters.
        bundle.set_use_isolating(false);
        let mut keys = Vec::new();
        for text in files {
            let file = FluentResource::try_new((*text).to_owned()).expect("the texts are Fluent");
            keys.extend(file.entries().filter_map(|entry| match entry {
                fluent_syntax::ast::Entry::Message(message) => Some(message.id.name.to_owned()),
                _ => None,
            }));
            bundle.add_resource(file).expect("no key stands twice");
        }
        let plain = keys.into_iter().filter_map(|key| plain(&bundle, key)).collect();
        Self { tag: tag.to_owned(), plain, bundle }
    }
}

/// The text of a key, if it needs no variable.
fn plain(bundle: &FluentBundle<FluentResource>, key: String) -> Option<(String, String)> {
    let pattern = bundle.get_message(&key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, None, &mut errors).into_owned();
    errors.is_empty().then_some((key, text))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    use fluent_syntax::{ast, parser};

    use super::*;

    type Variables = BTreeSet<String>;

    /// Each key of a language with the variables of its text.
    fn keys(language: Language) -> BTreeMap<String, Variables> {
        match language {
            Language::En => keys_of(&files!("en")),
            Language::Da => keys_of(&files!("da")),
        }
    }

    fn keys_of(files: &[&str]) -> BTreeMap<String, Variables> {
        let mut found = BTreeMap::new();
        for text in files.iter().copied() {
            for entry in parser::parse(text).expect("Fluent").body {
                let ast::Entry::Message(message) = entry else { continue };
                let mut variables = Variables::new();
                pattern_variables(message.value.as_ref().expect("a text"), &mut variables);
                let twice = found.insert(message.id.name.to_owned(), variables);
                assert!(twice.is_none(), "{} stands twice", message.id.name);
            }
        }
        found
    }

    fn pattern_variables(pattern: &ast::Pattern<&str>, into: &mut Variables) {
        for element in &pattern.elements {
            if let ast::PatternElement::Placeable { expression } = element {
                expression_variables(expression, into);
            }
        }
    }

    fn expression_variables(expression: &ast::Expression<&str>, into: &mut Variables) {
        match expression {
            ast::Expression::Inline(inline) => inline_variables(inline, into),
            ast::Expression::Select { selector, variants } => {
                inline_variables(selector, into);
                for variant in variants {
                    pattern_variables(&variant.value, into);
                }
            }
        }
    }

    fn inline_variables(inline: &ast::InlineExpression<&str>, into: &mut Variables) {
        match inline {
            ast::InlineExpression::VariableReference { id } => {
                into.insert(id.name.to_owned());
            }
            ast::InlineExpression::Placeable { expression } => expression_variables(expression, into),
            _ => {}
        }
    }

    /// The crate's sources, one after the other.
    fn sources(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("language.rs") {
                into.push_str(&fs::read_to_string(&path).expect("a source"));
            }
        }
    }

    /// Every key that a source asks for: `.get("key")`, `.with("key"` and, for choices, plain `"key"`.
    fn asked(source: &str, call: &str) -> BTreeSet<String> {
        let squeezed: String = source.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(");
        squeezed
            .split(call)
            .skip(1)
            .filter_map(|rest| rest.split_once('"').map(|(key, _)| key.to_owned()))
            .filter(|key| {
                key.contains('-')
                    && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit())
            })
            .collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let (english, danish) = (keys(Language::En), keys(Language::Da));
        for (key, variables) in &english {
            assert_eq!(danish.get(key), Some(variables), "{key} in Danish");
        }
        for key in danish.keys() {
            assert!(english.contains_key(key), "{key} in English");
        }
    }

    #[test]
    fn every_text_that_is_asked_for_is_there_and_the_other_way_round() {
        let mut source = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
        let known = keys(Language::En);
        for key in asked(&source, "t.get(\"").into_iter().chain(asked(&source, "t.with(\"")) {
            assert!(known.contains_key(&key), "{key} is asked for and not there");
        }
        for key in asked(&source, "t.get(\"") {
            assert!(known[&key].is_empty(), "{key} needs variables");
        }
        let named =
            |key: &str| asked(&source, ".named(\"").into_iter().any(|before| key.starts_with(&before));
        for key in known.keys() {
            assert!(source.contains(&format!("\"{key}\"")) || named(key), "{key} is never asked for");
        }
    }

    #[test]
    fn every_language_of_the_public_pages_is_whole() {
        let public = |tag: &str| {
            let file = Locales::get(&format!("{tag}{PUBLIC_FILE}")).expect("a file").data;
            keys_of(&[std::str::from_utf8(&file).expect("text")])
        };
        assert_eq!(super::public()[0].tag(), "en");
        for texts in super::public() {
            assert_eq!(public(texts.tag()), public("en"), "{}", texts.tag());
        }
    }

    #[test]
    fn every_value_of_the_register_has_its_words() {
        let known = keys(Language::En);
        let purposes = words::Purpose::ALL.iter().map(|purpose| format!("trust-purpose-{}", purpose.name()));
        let duties = register::Duty::ALL.iter().map(|duty| format!("trust-duty-{}", duty.name()));
        let states = register::State::ALL.iter().map(|state| format!("trust-state-{}", state.name()));
        for key in purposes.chain(duties).chain(states) {
            assert!(known.contains_key(&key), "{key}");
        }
    }

    #[test]
    fn a_count_is_told_in_the_right_number() {
        let danish = Texts::of(Language::Da);
        assert_eq!(danish.with("bulk-selected", &[("count", 1.into())]), "1 valgt");
        let english = Texts::of(Language::En);
        assert_eq!(english.with("list-new", &[("count", 3.into())]), "3 new");
    }

    #[test]
    fn names_are_filled_in_without_marks() {
        let text =
            Texts::of(Language::En).with("event-assigned", &[("who", "Åse".into()), ("agent", "Ib".into())]);
        assert_eq!(text, "Åse assigned it to Ib");
    }
}
