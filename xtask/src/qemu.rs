//! The emulator of the board that firmware runs on.

use std::fs;

use crate::line::Line;

/// The emulator.
pub const QEMU: &str = "qemu-system-arm";

/// Makes sure that the emulator is there: installs Debian's where it may.
///
/// # Errors
/// How to install it, where that cannot be done from here.
pub fn find() -> Result<(), String> {
    let there = || Line::new(&format!("{QEMU} --version")).succeeds();
    if there() {
        return Ok(());
    }
    if is_root() && Line::new("apt-get --version").succeeds() {
        Line::new("apt-get update").run()?;
        Line::new("apt-get install -y --no-install-recommends qemu-system-arm").run()?;
    }
    if there() {
        return Ok(());
    }
    Err(format!(
        "{QEMU} is missing: install it by `sudo apt-get install qemu-system-arm`, or `brew install qemu` on macOS"
    ))
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
