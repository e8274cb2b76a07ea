//! Memory of a process and all its children: the sum of PSS, so that shared pages count once.

use crate::havn::family;

/// Megabytes (10^6 bytes) of the process and its descendants.
pub fn megabytes(pid: u32) -> f64 {
    family(pid).into_iter().map(pss_kib).sum::<f64>() * 1_024.0 / 1e6
}

fn pss_kib(pid: u32) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    pss.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}
