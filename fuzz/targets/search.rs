//! Any text as what somebody looks for, asked of a real index.
#![no_main]

use rusqlite::Connection;
use words::{AccountId, Time};

/// What is read of a query: a text that is longer is looked for by its beginning.
const QUERY_CHARS_MAX: usize = 300;
/// Tokens of a query: what comes after is not looked for.
const QUERY_TOKENS_MAX: usize = 24;
const TOKEN_BYTES_MAX: usize = 64;

thread_local! {
    static INDEX: Connection = index();
}

/// An index as the store has it.
fn index() -> Connection {
    let index = Connection::open_in_memory().expect("a database in memory");
    let made = "CREATE VIRTUAL TABLE search USING fts5(
        tokens, content='', contentless_delete=1, tokenize='ascii', prefix='2 3')";
    index.execute_batch(made).expect("SQLite has FTS5");
    index
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let tokens = store::tokens(text);
    for token in tokens.as_str().split_terminator(' ') {
        assert!((1..=TOKEN_BYTES_MAX).contains(&token.len()), "{token:?}");
        assert!(token.chars().all(char::is_alphanumeric), "{token:?}");
    }
    let Some(query) = store::query(text) else {
        assert!(tokens.as_str().is_empty() || text.chars().count() > QUERY_CHARS_MAX, "{text:?}");
        return;
    };
    let fts5 = query.fts5();
    let count = fts5.split([' ', '"']).filter(|token| !matches!(*token, "" | "AND" | "*")).count();
    assert!((1..=QUERY_TOKENS_MAX).contains(&count), "{fts5}");
    let tsquery = query.tsquery(AccountId::new(Time::from_seconds(1)));
    let lexemes = tsquery.split('\'').skip(1).step_by(2);
    assert!(
        lexemes.clone().count() == count && lexemes.clone().all(|one| one.chars().all(char::is_alphanumeric))
    );
    let found = INDEX.with(|index| find(index, tokens.as_str(), &fts5));
    // Quoted words must stand one after the other, those of the text may have glue between; what a text
    // has beyond the limits is not asked for, so its last word may be a piece.
    let is_quoted = text.contains(['"', '“', '”', '„', '«', '»']);
    let is_whole = count < QUERY_TOKENS_MAX && text.chars().count() <= QUERY_CHARS_MAX;
    assert!(found || is_quoted || !is_whole, "{text:?} does not find itself: {fts5}");
});

/// Whether a message with these tokens is found. Fails if SQLite does not understand the question.
fn find(index: &Connection, tokens: &str, asked: &str) -> bool {
    let mut add = index.prepare_cached("INSERT INTO search (rowid, tokens) VALUES (1, ?1)").expect("SQL");
    add.execute([tokens]).expect("an index that takes it");
    let mut ask = index.prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1").expect("SQL");
    let found = ask.exists([asked]).unwrap_or_else(|error| panic!("{asked}: {error}"));
    index.prepare_cached("DELETE FROM search WHERE rowid = 1").expect("SQL").execute([]).expect("it goes");
    found
}
