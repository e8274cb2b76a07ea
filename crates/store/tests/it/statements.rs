//! Every statement of the crate is prepared on both databases, so that none is wrong on one of them.

use std::{fs, path::Path};

use crate::place::Desk;

/// The statements in the sources: string constants that begin with an SQL verb.
fn statements() -> Vec<(String, String)> {
    let mut all = Vec::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(sources).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.extend(literals(&source).into_iter().map(|sql| (name.clone(), sql)));
        }
    }
    all
}

/// String literals that begin with an SQL verb, with their line continuations resolved.
fn literals(source: &str) -> Vec<String> {
    let pieces = source.split('"').skip(1).step_by(2);
    pieces
        .map(|piece| piece.replace("\\\n", ""))
        .filter(|piece| {
            let first = piece.split_whitespace().next().unwrap_or_default();
            matches!(first, "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "WITH")
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both() {
    let statements = statements();
    assert!(statements.len() > 40, "found only {}", statements.len());
    let (lite, desk) = (Desk::on_sqlite().await, Desk::on_postgres().await);
    let connection =
        rusqlite::Connection::open(crate::place::file(lite.folder.path(), lite.account)).unwrap();
    connection.pragma_update(None, "key", format!("x'{}'", "07".repeat(32))).unwrap();
    let (client, driver) = desk.database.as_ref().unwrap().connect().await.unwrap();
    tokio::spawn(driver);
    let mut wrong = Vec::new();
    for (file, sql) in &statements {
        let columns = connection.prepare(sql).map(|statement| statement.column_count());
        let other = client.prepare(sql).await.map(|statement| statement.columns().len());
        match (columns, other) {
            (Ok(ours), Ok(theirs)) if ours == theirs => {}
            (ours, theirs) => {
                wrong.push(format!("{file}: {sql}\n  SQLite: {ours:?}\n  PostgreSQL: {theirs:?}"))
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
