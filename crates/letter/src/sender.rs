//! Names that senders give themselves: cleaned, and marked where they could be taken for another's. The
//! address is always shown beside the name; this says when to look at it.

use crate::clean;
use unicode_normalization::UnicodeNormalization;
use words::EmailAddress;

/// A sender's name as shown, and what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SenderShown {
    /// Cleaned and composed (NFC).
    pub name: String,
    /// A word mixes scripts, or is of letters that look like Latin ones.
    pub lookalike: bool,
    /// It had characters that do not show or that turn the direction.
    pub hidden: bool,
    /// It has an address in it that is not the sender's.
    pub other_address: bool,
}

impl SenderShown {
    /// The reader is told to look at the address.
    pub fn deceives(&self) -> bool {
        self.lookalike || self.hidden || self.other_address
    }
}

/// Judges the name of a sender with that address. `name` is as sent, decoded.
pub fn sender_shown(name: &str, address: Option<&EmailAddress>) -> SenderShown {
    let composed: String = name.nfc().collect();
    SenderShown {
        hidden: hides(name),
        lookalike: looks_like_another(&composed),
        other_address: has_other_address(name, address),
        name: clean::person(&composed),
    }
}

/// Something in it does not show. Joiners and variation selectors that emoji and some scripts need do not
/// count where those stand.
fn hides(name: &str) -> bool {
    let mut before = ' ';
    for c in name.trim().chars() {
        let joiner = matches!(c, '\u{200c}' | '\u{200d}');
        let variation = matches!(c, '\u{fe00}'..='\u{fe0f}');
        let belongs = variation || joiner && !is_latin(before);
        if (c.is_control() && c != '\t') || (clean::invisible(c) && !belongs) {
            return true;
        }
        before = c;
    }
    false
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    /// A script with letters that look like Latin ones.
    Similar,
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic()
}

fn script(c: char) -> Option<Script> {
    match c {
        _ if is_latin(c) => Some(Script::Latin),
        // Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu.
        '\u{370}'..='\u{58f}'
        | '\u{13a0}'..='\u{13ff}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{1f00}'..='\u{1fff}'
        | '\u{2c80}'..='\u{2cff}'
        | '\u{a4d0}'..='\u{a4ff}'
        | '\u{a640}'..='\u{a69f}'
        | '\u{ab70}'..='\u{abbf}' => Some(Script::Similar),
        _ => None,
    }
}

/// Letters of Greek and Cyrillic that nobody tells from Latin ones.
const TWINS: &str = "аеорсухіјѕһԁԛԝАВЕКМНОРСТХУІЈЅԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧονι";

/// A word of mixed scripts; a name of only such letters as look like Latin; letters drawn as symbols; an
/// overlay drawn through a letter; a dot that is none.
fn looks_like_another(name: &str) -> bool {
    let symbols = |c: char| matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{ff21}'..='\u{ff5a}' | '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}');
    let drawn = |c: char| {
        matches!(
            c,
            '\u{334}'
                ..='\u{338}' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' | '\u{ff20}' | '\u{fe6b}'
        )
    };
    if name.chars().any(|c| symbols(c) || drawn(c) && name.chars().any(is_latin)) {
        return true;
    }
    name.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).any(|word| {
        let has = |s: Script| word.chars().any(|c| script(c) == Some(s));
        has(Script::Latin) && has(Script::Similar)
    }) || is_of_twins(name)
}

/// All its letters look like Latin ones, though none is.
fn is_of_twins(name: &str) -> bool {
    let mut letters = name.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.clone().count() > 2 && letters.all(|c| TWINS.contains(c))
}

/// An address within the name, in whatever form of the sign, that is not this sender's.
fn has_other_address(name: &str, address: Option<&EmailAddress>) -> bool {
    let plain: String = name
        .nfkc()
        .filter(|c| !clean::invisible(*c))
        .map(|c| if c == '\u{3002}' { '.' } else { c })
        .collect();
    let own = address.map(EmailAddress::key);
    let parts = plain.split(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '\'')
    });
    let like_one = |part: &str| {
        part.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
    };
    parts.filter(|part| like_one(part)).any(|part| Some(part.trim_matches('.').to_lowercase()) != own)
}
