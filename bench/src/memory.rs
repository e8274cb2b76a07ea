//! Memory of a process and all its children: the sum of PSS, so that shared pages count once.

use std::{collections::HashMap, fs};

/// Megabytes (10^6 bytes) of the process and its descendants.
pub fn megabytes(pid: u32) -> f64 {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if let Some(parent) = parent_of(child) {
            children.entry(parent).or_default().push(child);
        }
    }
    let mut waiting = vec![pid];
    let mut kib = 0.0;
    while let Some(pid) = waiting.pop() {
        kib += pss_kib(pid);
        waiting.extend(children.get(&pid).into_iter().flatten());
    }
    kib * 1_024.0 / 1e6
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn pss_kib(pid: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    pss.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}
