//! Every dependency has a line in docs/dependencies.md, and every line a dependency.

use std::{collections::BTreeSet, fs};

use crate::program::root;

const OURS: [&str; 14] = [
    "words", "register", "evidence", "letter", "egress", "control", "store", "access", "fleet", "desk",
    "mail", "web", "testkit", "havn",
];

#[test]
fn each_has_its_line() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let wanted: BTreeSet<String> = manifest["workspace"]["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .filter(|name| !OURS.contains(&name.as_str()))
        .cloned()
        .collect();
    let package = fs::read_to_string(root().join("crates/web/assets/package.json")).unwrap();
    let package: serde_json::Value = serde_json::from_str(&package).unwrap();
    let scripts = ["dependencies", "devDependencies"].iter().filter_map(|kind| package[kind].as_object());
    let wanted: BTreeSet<String> =
        wanted.into_iter().chain(scripts.flat_map(|kind| kind.keys().cloned())).collect();

    let paper = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let told: BTreeSet<String> = paper
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .flat_map(|(names, _)| names.split("`, `").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let missing: Vec<_> = wanted.difference(&told).collect();
    let gone: Vec<_> = told.difference(&wanted).collect();
    assert!(missing.is_empty(), "docs/dependencies.md does not tell of {missing:?}");
    assert!(gone.is_empty(), "docs/dependencies.md tells of {gone:?}, which nobody uses");
}
