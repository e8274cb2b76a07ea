//! Every number of docs/limits.md is the one in the program.

use std::fs;

use crate::program::root;

/// The rows of the page: what stands there, file, and name of the constant.
fn rows() -> Vec<(String, String, String)> {
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let table = page.split_once("## Numbers").expect("a part of numbers").1;
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, limit, place] = cells[..] else { panic!("three cells: {row}") };
        let mut words = place.split('`').filter(|word| !word.trim().is_empty());
        let (file, name) = (words.next().expect("a file"), words.next().expect("a constant"));
        (limit.to_owned(), file.to_owned(), name.to_owned())
    })
    .collect()
}

/// A limit in bytes, seconds, or pieces.
fn told(limit: &str) -> u64 {
    let (number, unit) = limit.split_once(' ').unwrap_or((limit, ""));
    let number: u64 = number.parse().unwrap_or_else(|_| panic!("a number: {limit}"));
    let size = match unit {
        "" | "seconds" => 1,
        "minutes" => 60,
        "day" | "days" => 86_400,
        "KiB" => 1_024,
        "MiB" => 1_024 * 1_024,
        other => panic!("no unit: {other}"),
    };
    number * size
}

/// The constant's value in bytes, seconds, or pieces.
fn value(file: &str, name: &str) -> u64 {
    let source = fs::read_to_string(root().join("crates").join(file)).unwrap_or_else(|_| panic!("{file}"));
    let line = source.lines().find(|line| line.contains(&format!("const {name}:")));
    let line = line.unwrap_or_else(|| panic!("{file} has no constant {name}"));
    let written = line.split_once(" = ").and_then(|(_, rest)| rest.strip_suffix(';')).expect("on one line");
    let size = match name {
        _ if written.contains("from_hours") => 3_600,
        _ if written.contains("from_mins") => 60,
        _ if name.contains("_DAYS") => 86_400,
        _ => 1,
    };
    let product = written.rsplit_once('(').map_or(written, |(_, rest)| rest.trim_end_matches(')'));
    let factors = product.split('*').map(|factor| factor.trim().replace('_', "").parse::<u64>());
    let number: u64 =
        factors.map(|factor| factor.unwrap_or_else(|_| panic!("{name} is {written}"))).product();
    if name.contains("MILLISECONDS") { number / 1_000 } else { number * size }
}

#[test]
fn the_page_tells_the_numbers_of_the_program() {
    let rows = rows();
    assert!(rows.len() > 30, "{} rows", rows.len());
    for (limit, file, name) in rows {
        assert_eq!(told(&limit), value(&file, &name), "{limit}: {name} in {file}");
    }
}
