//! Every statement of the crate is prepared on both databases, so that none is wrong on one of them.
//!
//! The statements are read out of the sources: string literals that begin with an SQL verb, and what
//! the `concat!` macros of a file make of theirs.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use crate::place::{Desk, beside, file};

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Text(String),
    Name(String),
    Sign(char),
}

/// The tokens of a Rust source, without comments, characters and raw strings.
fn lex(source: &str) -> Vec<Token> {
    let letters: Vec<char> = source.chars().collect();
    let (mut all, mut at) = (Vec::new(), 0);
    let run = |from: usize, keep: &dyn Fn(char) -> bool| {
        letters[from..].iter().position(|c| !keep(*c)).map_or(letters.len(), |length| from + length)
    };
    while at < letters.len() {
        match letters[at] {
            '/' if letters.get(at + 1) == Some(&'/') => at = run(at, &|c| c != '\n'),
            '\'' if letters.get(at + 1) == Some(&'\\') => at = run(at + 3, &|c| c != '\'') + 1,
            '\'' if letters.get(at + 2) == Some(&'\'') => at += 3,
            'r' if letters[at..].starts_with(&['r', '#', '"']) => {
                let end = letters[at..].windows(2).position(|two| two == ['"', '#']).unwrap();
                let end = if end == 2 {
                    letters[at + 4..].windows(2).position(|two| two == ['"', '#']).unwrap() + 4
                } else {
                    end
                };
                at += end + 2;
            }
            '"' => {
                let (text, end) = literal(&letters, at + 1);
                all.push(Token::Text(text));
                at = end;
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = run(at, &|c| c.is_alphanumeric() || c == '_');
                all.push(Token::Name(letters[at..end].iter().collect()));
                at = end;
            }
            c => {
                if !c.is_whitespace() {
                    all.push(Token::Sign(c));
                }
                at += 1;
            }
        }
    }
    all
}

/// A string literal and where it ends, with a line that goes on after a backslash.
fn literal(letters: &[char], mut at: usize) -> (String, usize) {
    let mut text = String::new();
    while letters[at] != '"' {
        if letters[at] == '\\' {
            at += 1;
            if letters[at] == '\n' {
                while letters[at].is_whitespace() {
                    at += 1;
                }
                continue;
            }
        }
        text.push(letters[at]);
        at += 1;
    }
    (text, at + 1)
}

/// The tokens between the bracket at `open` and its other half, and where that stands.
fn inside(tokens: &[Token], open: usize) -> (&[Token], usize) {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('(' | '{' | '[') => depth += 1,
            Token::Sign(')' | '}' | ']') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&tokens[open + 1..at], at);
        }
    }
    panic!("a bracket is not closed");
}

type Macros<'t> = HashMap<&'t str, &'t [Token]>;

/// The bodies of the macros of a source.
fn macros(tokens: &[Token]) -> Macros<'_> {
    let mut all = HashMap::new();
    for (at, token) in tokens.iter().enumerate() {
        let (Token::Name(keyword), Some(Token::Name(name))) = (token, tokens.get(at + 2)) else { continue };
        if keyword == "macro_rules" {
            let (body, _) = inside(tokens, at + 3);
            let arrow = body.windows(2).position(|two| two == [Token::Sign('='), Token::Sign('>')]);
            all.insert(name.as_str(), inside(body, arrow.unwrap() + 2).0);
        }
    }
    all
}

/// What the arguments of a `concat!` become: literals, placeholders and other macros, joined.
fn joined(tokens: &[Token], arguments: &str, macros: &Macros<'_>) -> String {
    let (mut text, mut at) = (String::new(), 0);
    while at < tokens.len() {
        match &tokens[at] {
            Token::Text(piece) => text.push_str(piece),
            Token::Sign('$') => {
                text.push_str(arguments);
                match &tokens[at + 1] {
                    // `$($tail),*`
                    Token::Sign('(') => at = inside(tokens, at + 1).1,
                    _ => at += 1,
                }
            }
            Token::Name(name) if tokens.get(at + 1) == Some(&Token::Sign('!')) => {
                let (inner, end) = inside(tokens, at + 2);
                let inner = joined(inner, arguments, macros);
                text.push_str(&expand(name, inner, macros));
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    text
}

fn expand(name: &str, arguments: String, macros: &Macros<'_>) -> String {
    if name == "concat" { arguments } else { joined(macros[name], &arguments, macros) }
}

/// The statements of a source.
fn statements(source: &str) -> Vec<String> {
    let tokens = lex(source);
    let macros = macros(&tokens);
    let (mut all, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        match &tokens[at] {
            Token::Name(name) if name == "macro_rules" => at = inside(&tokens, at + 3).1,
            Token::Name(name) if macros.contains_key(name.as_str()) && tokens[at + 1] == Token::Sign('!') => {
                let (arguments, end) = inside(&tokens, at + 2);
                // A macro with types in it is none of ours.
                if arguments.iter().any(|token| matches!(token, Token::Text(_))) {
                    all.push(expand(name, joined(arguments, "", &macros), &macros));
                }
                at = end;
            }
            Token::Text(text) => all.push(text.clone()),
            _ => {}
        }
        at += 1;
    }
    let verb = |sql: &String| {
        let first = sql.split_whitespace().next().unwrap_or_default();
        // A text with braces is filled in at run time: only backups do that.
        matches!(first, "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "WITH") && !sql.contains('{')
    };
    all.into_iter().filter(verb).collect()
}

/// All sources but those of what differs between the two.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true if path.ends_with("dialect") || path.ends_with("schema") => Vec::new(),
            true => sources(&path),
            false => vec![path],
        })
        .collect()
}

/// Every statement of the crate, with the file that it stands in.
fn all_statements() -> Vec<(String, String)> {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let all = files.iter().flat_map(|path| {
        let source = fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().display().to_string();
        statements(&source).into_iter().map(move |sql| (name.clone(), sql))
    });
    let all: Vec<_> = all.collect();
    assert!(all.len() > 100, "found only {}", all.len());
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both() {
    let all = all_statements();
    let (lite, desk) = (Desk::on_sqlite().await, Desk::on_postgres().await);
    let connection = beside(&file(lite.folder.path(), lite.account));
    let (client, driver) = desk.database.as_ref().unwrap().connect().await.unwrap();
    tokio::spawn(driver);
    let mut wrong = Vec::new();
    for (file, sql) in &all {
        let ours = connection.prepare(sql).map(|statement| statement.column_count());
        let theirs = client.prepare(sql).await.map(|statement| statement.columns().len());
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) if ours == theirs => {}
            (ours, theirs) => {
                wrong.push(format!("{file}: {sql}\n  SQLite: {ours:?}\n  PostgreSQL: {theirs:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong on one of the two:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Tables that grow with the letters of an account: a page never reads one of them from end to end.
const LARGE: [&str; 16] = [
    "conversations",
    "messages",
    "message_keys",
    "raw_letters",
    "attachments",
    "files",
    "deliveries",
    "events",
    "participants",
    "contacts",
    "contact_addresses",
    "conversation_marks",
    "reads",
    "evidence_entries",
    "evidence_tiles",
    "evidence_checkpoints",
];
/// Files whose statements do read all: back-up, check, and the sweep of files that nothing names.
const READ_ALL: [&str; 5] = ["dump.rs", "restore.rs", "take.rs", "check.rs", "file.rs"];

/// By which names a statement speaks of large tables: their own, and what follows them.
fn large_names(sql: &str) -> Vec<&str> {
    let words: Vec<&str> =
        sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let named = words.windows(2).filter(|two| LARGE.contains(&two[0]));
    named.flat_map(|two| [two[0], two[1]]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_reads_a_large_table_from_end_to_end() {
    let lite = Desk::on_sqlite().await;
    let connection = beside(&file(lite.folder.path(), lite.account));
    let mut wrong = Vec::new();
    for (file, sql) in all_statements().iter().filter(|(file, _)| !READ_ALL.contains(&file.as_str())) {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut steps = plan.raw_query();
        while let Some(step) = steps.next().unwrap() {
            let step: String = step.get(3).unwrap();
            // "SEARCH m USING INDEX messages_by_conversation (account_id=?)" is a scan of the account.
            let whole = step.starts_with("SCAN") || step.ends_with("(account_id=?)");
            let name = step.split(' ').nth(1).unwrap_or_default();
            // A restored account gets all its marks at once.
            let restores = sql.contains("SELECT DISTINCT m.account_id");
            if whole && !restores && large_names(sql).contains(&name) {
                wrong.push(format!("{file}: {step}\n{sql}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n\n"));
}
