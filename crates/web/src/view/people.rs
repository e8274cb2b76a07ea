//! Small things that stand in many places: agents, departments, tags, chips.

use maud::{Markup, html};
use words::{AgentId, DepartmentId, Language, TagId};

use crate::language::Texts;

/// An agent as shown to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub id: AgentId,
    /// The name that colleagues and contacts see.
    pub name: String,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Which.
    pub id: DepartmentId,
    /// Its name.
    pub name: String,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Which.
    pub id: TagId,
    /// The word.
    pub name: String,
    /// Its colour, from 0; more than there are begin again.
    pub colour: u8,
}

/// Hues of tags and of agents' initials, as CSS classes.
pub(super) const HUES: [&str; 8] = ["hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7", "hue-8"];

fn hue(number: u8) -> &'static str {
    HUES[usize::from(number) % HUES.len()]
}

/// The hue of an agent: by the last byte of the id, which is random, so that it never changes.
fn hue_of(agent: &Agent) -> &'static str {
    hue(agent.id.uuid().into_bytes()[15])
}

/// An agent's initials in a circle. The name stands beside it, or is read out.
pub fn initials(agent: &Agent, alone: bool) -> Markup {
    html! {
        @if alone {
            span class={ "initials " (hue_of(agent)) } role="img" title=(agent.name) {
                (letters(&agent.name))
            }
        } @else {
            span class={ "initials " (hue_of(agent)) } aria-hidden="true" { (letters(&agent.name)) }
        }
    }
}

/// The first letters of the first and last word of a name.
fn letters(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// A tag on a row or a conversation.
pub fn tag(tag: &Tag) -> Markup {
    html! { span class={ "tag " (hue(tag.colour)) } { (tag.name) } }
}

/// The dot of a tag in a list of tags.
pub fn tag_dot(tag: &Tag) -> Markup {
    html! { span class={ "tag-dot " (hue(tag.colour)) } aria-hidden="true" {} }
}

/// An address that breaks behind its `@` before it breaks anywhere else.
pub fn broken_at(address: &str) -> Markup {
    html! {
        @match address.rsplit_once('@') {
            Some((local, host)) => { (local) "@" wbr; (host) },
            None => (address),
        }
    }
}

/// A number as people of the language write it: 10,128 and 10.128.
pub fn grouped(t: &Texts, number: u64) -> String {
    let mark = match t.language() {
        Language::En => ',',
        Language::Da => '.',
    };
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_grouped_as_its_readers_do() {
        let english = Texts::of(Language::En);
        let said: Vec<_> = [7, 999, 1000, 10_128, 1_000_000].map(|n| grouped(english, n)).into();
        assert_eq!(said, ["7", "999", "1,000", "10,128", "1,000,000"]);
        assert_eq!(grouped(Texts::of(Language::Da), 10_128), "10.128");
    }

    #[test]
    fn initials_are_the_first_and_the_last() {
        assert_eq!(letters("Åse Marie Østergaard"), "ÅØ");
        assert_eq!(letters("Ib"), "I");
        assert_eq!(letters("  "), "");
        assert_eq!(letters("(Karl) von Linné"), "KL");
    }
}
