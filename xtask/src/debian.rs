//! Programs that Debian has.

use std::fs;

use crate::line::Line;

/// Whether a program is there, after an attempt to install the package that has it where that may be done from here.
pub fn has(program: &str, package: &str) -> bool {
    let there = || Line::new(&format!("{program} --version")).succeeds();
    if !there() && is_root() && Line::new("apt-get --version").succeeds() {
        let lines =
            ["apt-get update".to_owned(), format!("apt-get install -y --no-install-recommends {package}")];
        // Whether it worked is seen below.
        let _ = lines.iter().try_for_each(|line| Line::new(line).run());
    }
    there()
}

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    runs_as_root(&status)
}

/// Whether the second number of the line `Uid:`, the effective one, is 0.
fn runs_as_root(status: &str) -> bool {
    let numbers = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    numbers.and_then(|numbers| numbers.split_whitespace().nth(1)) == Some("0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_runs_it_is_told_by_the_effective_number() {
        assert!(runs_as_root("Name:\tcargo\nUid:\t1000\t0\t0\t0\nGid:\t0\t0\t0\t0\n"));
        assert!(!runs_as_root("Uid:\t0\t1000\t1000\t1000\n"));
        assert!(!runs_as_root(""));
    }
}
