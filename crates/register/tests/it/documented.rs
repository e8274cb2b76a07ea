//! What docs/register.md shows can be read, and it names every word there is.

use register::{Document, Duty, Mechanism, State};
use words::Purpose;

const PAPER: &str = include_str!("../../../../docs/register.md");

fn examples(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    PAPER.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_examples_are_read() {
    let (toml, json) = (examples("toml"), examples("json"));
    assert_eq!((toml.len(), json.len()), (1, 1));
    for example in toml.into_iter().chain(json) {
        let document = Document::read(example).unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!(document.entries.len(), 1);
        assert_eq!(Document::read(&document.toml()), Ok(document));
    }
}

#[test]
fn every_word_of_the_format_is_named() {
    let purposes = Purpose::ALL.iter().map(|purpose| purpose.name());
    let duties = Duty::ALL.iter().map(|duty| duty.name());
    let states = State::ALL.iter().map(|state| state.name());
    let mechanisms = [Mechanism::Adequacy, Mechanism::Derogation].map(Mechanism::name);
    for word in purposes.chain(duties).chain(states).chain(mechanisms) {
        assert!(PAPER.contains(&format!("`{word}`")), "{word}");
    }
}
