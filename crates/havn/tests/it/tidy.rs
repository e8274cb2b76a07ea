//! The rules of the tree as tests: who may use whom, who may do what, how long files are, and whether
//! what the papers say is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::program::root;

/// The longest file. One that is longer holds two things.
const LINES_MAX: usize = 600;

/// Which crates of ours each may use, dev-dependencies apart: the table of the walls.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("words", &[]),
    ("register", &["words"]),
    ("evidence", &["words"]),
    ("letter", &["words"]),
    ("egress", &["words", "register", "evidence"]),
    ("control", &["words", "register", "evidence", "egress"]),
    ("store", &["words", "register", "evidence", "egress"]),
    ("access", &["words", "register", "evidence", "egress", "control", "store"]),
    ("fleet", &["words", "register", "evidence", "egress", "control", "store"]),
    ("desk", &["words", "register", "evidence", "letter", "store"]),
    ("mail", &["words", "register", "letter", "egress", "store", "access", "fleet", "desk"]),
    ("web", &["words", "register", "evidence", "letter", "control", "store", "access", "fleet", "desk"]),
    (
        "havn",
        &[
            "words", "register", "evidence", "letter", "egress", "control", "store", "access", "fleet",
            "desk", "mail", "web",
        ],
    ),
    ("testkit", &["words", "register", "control", "store", "access", "fleet"]),
    ("bench", &["words", "letter", "register", "store", "access", "control", "fleet", "testkit"]),
];

/// How often each crate does what clippy's list forbids, in its sources: the makers of rights, the one
/// clock, the door that dials, and the demo's outside world.
const EXCEPTIONS: [(&str, usize); 7] =
    [("words", 1), ("register", 3), ("access", 1), ("fleet", 1), ("egress", 4), ("havn", 2), ("bench", 3)];

/// What reaches somebody without the door.
const WAYS_OUT: [&str; 9] = [
    "TcpStream::connect",
    "TcpSocket::new",
    "UdpSocket::bind",
    "UnixDatagram::",
    "socket::connect(",
    "net::connect(",
    "libc::connect",
    "SYS_connect",
    ".send_to(",
];

/// Where ways out may stand, and why.
const MAY_REACH_OUT: [(&str, &str); 3] = [
    ("crates/egress/src/", "the door, and the seal that names what it refuses"),
    ("crates/havn/src/demo/outside/", "the demo's outside world, a process that is no part of Havn"),
    ("bench/", "the measure, a program beside Havn"),
];

/// Where a statement may be built from names that were checked.
const MAY_BUILD_SQL: [&str; 1] = ["crates/store/src/connection.rs"];

struct Source {
    /// From the root.
    path: String,
    text: String,
}

/// The files of the tree with this ending, built and foreign ones apart.
fn files(ending: &str) -> Vec<Source> {
    let (root, mut found) = (root(), Vec::new());
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
            let skipped = ["target", "node_modules", "dist", "fixtures", "corpus"];
            if path.is_dir() && !skipped.contains(&name.as_str()) && (!name.starts_with('.') || name == ".ci")
            {
                folders.push(path);
            } else if name.ends_with(ending) && path.is_file() {
                let text = fs::read_to_string(&path).unwrap_or_default();
                let path = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push(Source { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "there is no {ending}");
    found
}

/// Rust sources: of tests too, or not.
fn sources(with_tests: bool) -> Vec<Source> {
    let is_test =
        |path: &str| path.contains("/tests/") || path.contains("/examples/") || path.starts_with("fuzz/");
    let mut found = files(".rs");
    found.retain(|source| with_tests || !is_test(&source.path));
    found
}

fn manifest(name: &str) -> toml::Table {
    let beside = root().join(name).join("Cargo.toml");
    let path = if beside.exists() { beside } else { root().join("crates").join(name).join("Cargo.toml") };
    fs::read_to_string(&path).unwrap().parse().unwrap()
}

fn names(table: Option<&toml::Value>) -> BTreeSet<String> {
    table.and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn complain(what: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{what}:\n{}", offences.join("\n"));
}

#[test]
fn crates_use_only_those_below_them() {
    let known: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let mut offences = Vec::new();
    let mut there: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    there.push("bench".into());
    for name in there {
        let Some(may) = known.get(name.as_str()) else {
            offences.push(format!("the table does not know {name}"));
            continue;
        };
        let uses = names(manifest(&name).get("dependencies"));
        for used in
            uses.iter().filter(|used| known.contains_key(used.as_str()) && !may.contains(&used.as_str()))
        {
            offences.push(format!("{name} uses {used}"));
        }
    }
    complain("walls are broken", &offences);
}

#[test]
fn versions_stand_in_one_place() {
    let mut offences = Vec::new();
    for manifest in files("Cargo.toml")
        .iter()
        .filter(|one| one.path.starts_with("crates/") || one.path.starts_with("bench/"))
    {
        let table: toml::Table = manifest.text.parse().unwrap();
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let given = table.get(kind).and_then(toml::Value::as_table);
            for (name, value) in given.into_iter().flatten() {
                let from_workspace = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                if !from_workspace && !value.get("path").is_some_and(toml::Value::is_str) {
                    offences.push(format!("{}: {name}", manifest.path));
                }
            }
        }
        if manifest.path.starts_with("crates/") && table.get("lints").is_none() {
            offences.push(format!("{}: no lints", manifest.path));
        }
    }
    complain("versions belong into the root's manifest", &offences);
}

#[test]
fn the_makers_of_rights_are_counted() {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for source in sources(false) {
        let parts: Vec<&str> = source.path.split('/').collect();
        let name = if parts[0] == "crates" { parts[1] } else { parts[0] };
        // A test inside a source file is a test.
        let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        let count = code.matches("clippy::disallowed_methods").count();
        if count > 0 {
            *counted.entry(name.to_owned()).or_default() += count;
        }
    }
    let allowed: BTreeMap<String, usize> =
        EXCEPTIONS.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    let more: Vec<String> = counted
        .iter()
        .filter(|(name, count)| **count > allowed.get(*name).copied().unwrap_or(0))
        .map(|(name, count)| format!("{name} has {count}"))
        .collect();
    complain("exceptions from clippy's list may only become fewer", &more);
}

fn ways_out(sources: &[Source]) -> Vec<String> {
    let mut offences = Vec::new();
    for source in sources {
        if MAY_REACH_OUT.iter().any(|(place, _)| source.path.starts_with(place)) {
            continue;
        }
        let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if !is_comment && WAYS_OUT.iter().any(|way| line.contains(way)) {
                offences.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    offences
}

#[test]
fn nobody_but_the_door_dials() {
    complain("a way out beside the door", &ways_out(&sources(false)));
}

#[test]
fn a_planted_offence_is_found() {
    let plant = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    for text in
        ["let s = TcpStream::connect(x).await?;", "socket.send_to(&b, peer)?;", "unsafe { libc::connect(s) }"]
    {
        assert_eq!(ways_out(&[plant("crates/mail/src/server.rs", text)]).len(), 1, "{text}");
        assert_eq!(ways_out(&[plant("crates/egress/src/door/dial.rs", text)]).len(), 0, "{text}");
    }
    assert_eq!(
        ways_out(&[plant("crates/mail/src/server.rs", "// TcpStream::connect is the door's")]).len(),
        0
    );
}

#[test]
fn statements_are_written_and_not_built() {
    let mut offences = Vec::new();
    for source in sources(false) {
        let speaks_sql =
            ["crates/store/", "crates/control/"].iter().any(|place| source.path.starts_with(place));
        if !speaks_sql || MAY_BUILD_SQL.contains(&source.path.as_str()) {
            continue;
        }
        let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let built = line.contains("format!(") || line.contains("write!(");
            let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", " WHERE "];
            if built && verbs.iter().any(|verb| line.contains(verb)) {
                offences.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    complain("SQL is put together at run time", &offences);
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources(true)
        .iter()
        .map(|source| (source.path.clone(), source.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    complain("files are too long", &long);
}

#[test]
fn only_the_door_is_unsafe() {
    let offences: Vec<String> = sources(false)
        .iter()
        .filter(|source| source.text.contains("unsafe_code") && !source.path.starts_with("crates/egress/"))
        .map(|source| source.path.clone())
        .collect();
    complain("unsafe code", &offences);
}

/// Words that name a developer's own machine or tools have no place here.
#[test]
fn no_machine_is_named() {
    // Put together, so that this file itself is clean.
    let names =
        [["/wo", "rk/"], ["/ro", "ot/"], ["/tmp/", "havn/"], ["/ho", "me/"]].map(|parts| parts.concat());
    let mut all = files(".rs");
    for ending in [".md", ".toml", ".mjs", ".js", ".css", ".ftl", ".sql", "Makefile", "/run", "/setup"] {
        let ending = ending.trim_start_matches('/');
        all.extend(files(ending));
    }
    let mut offences = Vec::new();
    for source in &all {
        for (number, line) in source.text.lines().enumerate() {
            if names.iter().any(|name| line.contains(name.as_str())) {
                offences.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    complain("paths of a machine", &offences);
}

#[test]
fn every_file_says_what_it_is_for() {
    let offences: Vec<String> = sources(true)
        .iter()
        .filter(|source| !source.path.starts_with("fuzz/") && !source.path.ends_with("/tests.rs"))
        .filter(|source| {
            let first = source.text.lines().find(|line| !line.is_empty() && !line.starts_with("#!["));
            !first.is_some_and(|line| line.starts_with("//!") || line.starts_with("// @generated"))
        })
        .map(|source| source.path.clone())
        .collect();
    complain("files without a first line", &offences);
}

#[test]
fn links_in_the_papers_lead_somewhere() {
    let mut offences = Vec::new();
    for paper in files(".md").iter().filter(|paper| !paper.path.contains("corpora")) {
        let folder = root().join(Path::new(&paper.path).parent().unwrap_or(Path::new("")));
        for target in links(&paper.text) {
            let path = target.split('#').next().unwrap_or_default();
            let outside = target.contains("://") || target.starts_with("mailto:") || path.is_empty();
            if !outside && !folder.join(path).exists() {
                offences.push(format!("{}: {target}", paper.path));
            }
        }
    }
    complain("links lead nowhere", &offences);
}

/// The targets of `[words](target)`.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// Paths in backticks in ARCHITECTURE.md are files of the tree.
#[test]
fn the_map_names_files_that_are_there() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let named = map
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains('/') && !word.contains([' ', '<', ':', '*']));
    let offences: Vec<String> = named
        .filter(|path| {
            let places: [PathBuf; 2] = [root().join(path), root().join("crates").join(path)];
            !path.starts_with('/') && !places.iter().any(|place| place.exists())
        })
        .map(str::to_owned)
        .collect();
    complain("ARCHITECTURE.md names what is not there", &offences);
}

#[test]
fn the_commands_of_the_papers_exist() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let mut offences = Vec::new();
    for paper in files(".md") {
        for word in paper.text.split('`').skip(1).step_by(2) {
            let Some(target) = word.strip_prefix("make ") else { continue };
            let target = target.split_whitespace().next().unwrap_or_default();
            if !makefile.lines().any(|line| line.starts_with(&format!("{target}:"))) {
                offences.push(format!("{}: make {target}", paper.path));
            }
        }
    }
    complain("commands that are not there", &offences);
}
