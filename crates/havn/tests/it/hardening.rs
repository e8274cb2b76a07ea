//! What `docs/hardening.md` tells auditors is there.

use crate::program::root;

/// The experiments of the first issue, and those that came with what they are about.
const EXPERIMENTS: [&str; 20] = [
    "F1", "F2", "F3", "F5", "A1", "A2", "A3", "A4", "A5", "A6", "A9", "A11", "A13", "A14", "A15", "A18",
    "A20", "A22", "A24", "A25",
];

#[test]
fn each_experiment_has_tests_that_are_there() {
    let page = std::fs::read_to_string(root().join("docs/hardening.md")).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| F") || line.starts_with("| A"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let ids: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    assert_eq!(ids, EXPERIMENTS);
    for row in rows {
        let named: Vec<&str> = row[3].split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{} has no test", row[1]);
        for place in named {
            let (file, test) = place.split_once("::").unwrap_or((place, ""));
            let text =
                std::fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("{file} is not there"));
            assert!(test.is_empty() || text.contains(&format!("fn {test}(")), "{place} is not there");
        }
    }
}
