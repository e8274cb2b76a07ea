//! The words of texts and queries, folded and split here and not in the databases, so that both find
//! the same.
//!
//! Text becomes tokens: runs of letters and digits, without marks and case, with `ß æ ø …` spelled
//! out. A word glued by `. - _ + / @` gives its parts in order, and its joined form once more at the
//! end. A query goes the same way: glued words and quoted ones must stand in order, the last word may
//! be unfinished.

use std::{collections::HashMap, fmt::Write};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use words::AccountId;

use crate::{Envelope, Message};

/// Longer tokens are cut, in texts and in queries.
const TOKEN_BYTES_MAX: usize = 64;
/// Tokens of one message; what comes after is not found. PostgreSQL counts places up to 16,383.
const TOKENS_MAX: usize = 10_000;
/// How often one token is kept. PostgreSQL keeps 256 places of each.
const REPEATS_MAX: u32 = 255;
/// What is read of a query.
const QUERY_CHARS_MAX: usize = 300;
/// Tokens of a query.
const QUERY_TOKENS_MAX: usize = 24;
/// A last word of fewer letters must match as it is: half of all words begin with it.
const UNFINISHED_CHARS_MIN: usize = 2;
/// What a text is found by: tokens with spaces between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tokens(String);

impl Tokens {
    /// The tokens, with spaces between them.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes a text apart.
pub fn tokens(text: &str) -> Tokens {
    let mut kept = Kept::default();
    let mut joined = Vec::new();
    for word in words(text) {
        if !word.parts.iter().all(|part| kept.keep(part)) {
            break;
        }
        if word.is_glued {
            joined.push(cut(word.parts.concat()));
        }
    }
    joined.iter().all(|token| kept.keep(token));
    Tokens(kept.text)
}

/// What people remember of a message.
#[derive(Debug, Clone, Copy)]
pub struct Remembered<'m> {
    /// Its subject.
    pub subject: &'m str,
    /// Who wrote it: name and address.
    pub author: (&'m str, &'m str),
    /// To whom.
    pub envelope: &'m Envelope,
    /// Its text.
    pub text: &'m str,
    /// The names of its files.
    pub files: &'m [&'m str],
}

impl<'m> Remembered<'m> {
    /// Of a message with files of these names.
    pub fn of(message: &'m Message, files: &'m [&'m str]) -> Self {
        let author = (message.author_name.as_str(), message.from_address.as_str());
        Self { subject: &message.subject, author, envelope: &message.envelope, text: &message.text, files }
    }

    /// What the message is found by.
    pub fn tokens(&self) -> Tokens {
        let people = self.envelope.to.iter().chain(&self.envelope.cc);
        let people = people.flat_map(|person| [person.name.as_str(), person.address.as_str()]);
        let own = [self.subject, self.author.0, self.author.1, self.text];
        let all: Vec<&str> = own.into_iter().chain(people).chain(self.files.iter().copied()).collect();
        tokens(&all.join("\n"))
    }
}

#[derive(Default)]
struct Kept {
    text: String,
    count: usize,
    repeats: HashMap<String, u32>,
}

impl Kept {
    /// Adds a token. False if there are enough.
    fn keep(&mut self, token: &str) -> bool {
        if self.count == TOKENS_MAX {
            return false;
        }
        match self.repeats.get_mut(token) {
            Some(repeats) if *repeats == REPEATS_MAX => return true,
            Some(repeats) => *repeats += 1,
            None => drop(self.repeats.insert(token.to_owned(), 1)),
        }
        if self.count > 0 {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.count += 1;
        true
    }
}

/// What is looked for: all of the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<Term>);

/// Tokens that must stand in this order, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    tokens: Vec<String>,
    /// Whether the last token is the beginning of one.
    is_unfinished: bool,
}

/// Reads what a person typed. None if there is nothing in it to look for.
pub fn query(text: &str) -> Option<Query> {
    let text: String = text.chars().take(QUERY_CHARS_MAX).collect();
    let mut terms = Vec::new();
    // Every second piece stands in quotes; a quote that is never closed reaches to the end.
    for (place, piece) in text.split(['"', '“', '”', '„', '«', '»']).enumerate() {
        let parts = words(piece).map(|word| word.parts);
        if place % 2 == 0 {
            terms.extend(parts.map(Term::finished));
        } else {
            terms.push(Term::finished(parts.flatten().collect()));
        }
    }
    // A letter may be typed as itself and its marks.
    let last = text.chars().rev().find(|letter| !is_combining_mark(*letter));
    let ends_in_word = last.is_some_and(char::is_alphanumeric);
    let mut left = QUERY_TOKENS_MAX;
    terms.retain_mut(|term| {
        term.tokens.truncate(left);
        left -= term.tokens.len();
        !term.tokens.is_empty()
    });
    if let Some(last) = terms.last_mut().filter(|_| ends_in_word) {
        last.is_unfinished =
            last.tokens.last().is_some_and(|token| token.chars().count() >= UNFINISHED_CHARS_MIN);
    }
    (!terms.is_empty()).then_some(Query(terms))
}

impl Term {
    fn finished(tokens: Vec<String>) -> Self {
        Self { tokens, is_unfinished: false }
    }
}

impl Query {
    /// In the language of FTS5. Tokens hold letters and digits only, so quotes suffice.
    pub fn fts5(&self) -> String {
        let mut text = String::new();
        for term in &self.0 {
            let and = if text.is_empty() { "" } else { " AND " };
            let star = if term.is_unfinished { " *" } else { "" };
            write!(text, "{and}\"{}\"{star}", term.tokens.join(" ")).expect("a String takes every text");
        }
        text
    }

    /// In the language of `tsquery`, each token marked with its account.
    pub fn tsquery(&self, account: AccountId) -> String {
        let mark = mark(account);
        let mut text = String::new();
        for term in &self.0 {
            let mut next = if text.is_empty() { "" } else { " & " };
            for token in &term.tokens {
                write!(text, "{next}'{mark}{token}'").expect("a String takes every text");
                next = " <-> ";
            }
            if term.is_unfinished {
                text.push_str(":*");
            }
        }
        text
    }
}

/// The account's mark before each token in PostgreSQL, so that the index knows the words of each
/// account apart and a common word of others costs nothing.
fn mark(account: AccountId) -> String {
    let text = account.uuid().simple().to_string();
    text[text.len() - 8..].to_owned()
}

/// In the form of `tsvector`: each token with its place.
pub(super) fn tsvector(tokens: &Tokens, account: AccountId) -> String {
    let mark = mark(account);
    let mut text = String::with_capacity(tokens.0.len() * 3);
    for (token, place) in tokens.0.split_whitespace().zip(1_u32..) {
        write!(text, "'{mark}{token}':{place} ").expect("a String takes every text");
    }
    text
}

/// A word and the parts that it is glued from.
struct Word {
    parts: Vec<String>,
    /// Whether its joined form is a word too.
    is_glued: bool,
}

/// The words of a text, one after the other.
fn words(text: &str) -> impl Iterator<Item = Word> {
    let mut letters = fold(text).peekable();
    std::iter::from_fn(move || {
        while letters.next_if(|c| !c.is_alphanumeric()).is_some() {}
        letters.peek()?;
        let mut word = Word { parts: Vec::new(), is_glued: false };
        loop {
            let part = next_part(&mut letters);
            word.parts.push(part);
            // Glue holds only between two letters: a full stop ends a sentence.
            let Some(next) = letters.peek().copied() else { break };
            if stands_alone(next) {
                continue;
            }
            if is_glue(next) {
                letters.next();
                if letters.peek().is_some_and(|c| c.is_alphanumeric()) {
                    word.is_glued = true;
                    continue;
                }
            } else if next.is_alphanumeric() {
                continue;
            }
            break;
        }
        Some(word)
    })
}

/// The next run of letters and digits; a letter that is a word by itself is a run by itself.
fn next_part(letters: &mut std::iter::Peekable<impl Iterator<Item = char>>) -> String {
    let mut part = String::new();
    while let Some(letter) = letters.next_if(|c| c.is_alphanumeric()) {
        part.push(letter);
        if stands_alone(letter) || letters.peek().copied().is_some_and(stands_alone) {
            break;
        }
    }
    cut(part)
}

/// Han and kana are written without spaces: each letter is a token, so that parts of a sentence are
/// found.
fn stands_alone(letter: char) -> bool {
    // The blocks hold marks too, such as the dot between words (U+30FB): those are no letters.
    letter.is_alphanumeric()
        && matches!(letter, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_glue(letter: char) -> bool {
    matches!(letter, '.' | '-' | '_' | '+' | '/' | '@')
}

fn cut(mut token: String) -> String {
    if token.len() > TOKEN_BYTES_MAX {
        let end = (0..=TOKEN_BYTES_MAX).rev().find(|at| token.is_char_boundary(*at)).unwrap_or(0);
        token.truncate(end);
    }
    token
}

/// Letters without marks and case.
fn fold(text: &str) -> impl Iterator<Item = char> {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).flat_map(|letter| {
        let (first, second) = match letter {
            'ß' => ('s', Some('s')),
            'æ' => ('a', Some('e')),
            'œ' => ('o', Some('e')),
            'þ' => ('t', Some('h')),
            'ø' => ('o', None),
            'đ' | 'ð' => ('d', None),
            'ł' => ('l', None),
            'ı' => ('i', None),
            'ς' => ('σ', None),
            other => (other, None),
        };
        std::iter::once(first).chain(second)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_folded_and_taken_apart() {
        let cases = [
            ("Ærø", "aero"),
            ("Straße STRASSE", "strasse strasse"),
            ("červený", "cerveny"),
            ("a.b+c@d-e.dk", "a b c d e dk abcdedk"),
            ("ORD-2024/00917.", "ord 2024 00917 ord202400917"),
            ("Smørrebrød, tak!", "smorrebrod tak"),
            ("end. Next - a -b", "end next a b"),
            ("İstanbul ΣΊΣΥΦΟΣ", "istanbul σισυφοσ"),
            ("注文番号A1", "注 文 番 号 a1"),
            ("茶・缶゠三", "茶 缶 三"),
            ("", ""),
            ("…—!\u{0}", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(tokens(text).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn queries_are_read_as_texts_are() {
        let fts5 = |text: &str| query(text).map(|query| query.fts5());
        let cases = [
            ("Ærø lev", Some(r#""aero" AND "lev" *"#)),
            ("lev ", Some(r#""lev""#)),
            ("d-e.dk", Some(r#""d e dk" *"#)),
            (r#""to be" or"#, Some(r#""to be" AND "or" *"#)),
            (r#""to be"#, Some(r#""to be" *"#)),
            ("a", Some(r#""a""#)),
            (r#""" *  "#, None),
            ("", None),
            ("AND OR NOT NEAR(", Some(r#""and" AND "or" AND "not" AND "near""#)),
            ("注文", Some(r#""注 文""#)),
            ("cafe\u{301}", Some(r#""cafe" *"#)),
        ];
        for (text, expected) in cases {
            assert_eq!(fts5(text).as_deref(), expected, "{text:?}");
        }
        let account = AccountId::from_uuid(uuid::Uuid::from_u128(0xabcd_ef01));
        let words = query("d-e lev").map(|query| query.tsquery(account));
        assert_eq!(words.as_deref(), Some("'abcdef01d' <-> 'abcdef01e' & 'abcdef01lev':*"));
    }

    #[test]
    fn both_are_bounded() {
        let long = "word ".repeat(100_000);
        assert_eq!(tokens(&long).as_str().split(' ').count(), REPEATS_MAX as usize);
        let many: Vec<String> = (0..50_000).map(|n| format!("w{n}")).collect();
        assert_eq!(tokens(&many.join(" ")).as_str().split(' ').count(), TOKENS_MAX);
        let wide = "æ".repeat(1_000);
        assert_eq!(tokens(&wide).as_str().len(), TOKEN_BYTES_MAX);
        assert_eq!(query(&"a ".repeat(1_000)).unwrap().0.len(), QUERY_TOKENS_MAX);
    }
}
