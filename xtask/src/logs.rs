//! What a device tells by defmt: it runs in an emulator, and its records are decoded and compared with those that are known.

use std::fs;

use crate::line::Line;
use crate::qemu;
use crate::steps::{Outcome, add_target};

const TARGET: &str = "thumbv7m-none-eabi";
const DIRECTORY: &str = "firmware/logs";
const PROGRAM: &str = "target/thumbv7m-none-eabi/release/logs";
/// The records that are known, one a line.
const KNOWN: &str = "firmware/logs/records.txt";
/// The board without network and serial lines; what the program writes and its status come out by semihosting.
const EMULATOR: &str = "timeout 20 qemu-system-arm -M lm3s6965evb -display none -monitor none -nic none -serial none \
                        -semihosting-config enable=on,target=native -kernel";

pub fn check() -> Result<Outcome, String> {
    qemu::find()?;
    add_target(TARGET)?;
    Line::new(&format!("cargo build --release --package logs --target {TARGET}")).within(DIRECTORY).run()?;
    Line::new("cargo build --package decoder").within(DIRECTORY).run()?;
    let records = Line::new(&format!("{EMULATOR} {PROGRAM}")).within(DIRECTORY).pipe(b"")?;
    let decoder = Line::new(&format!("cargo run --quiet --package decoder -- {PROGRAM}"));
    let told = String::from_utf8_lossy(&decoder.within(DIRECTORY).pipe(&records)?).into_owned();
    print!("{told}");
    let known =
        fs::read_to_string(xtask::root().join(KNOWN)).map_err(|e| format!("cannot read {KNOWN}: {e}"))?;
    compare(&told, &known)?;
    Ok(Outcome::Passed)
}

/// The first line that differs, if any does.
fn compare(told: &str, known: &str) -> Result<(), String> {
    let (mut told, mut known) = (told.lines(), known.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (told.next(), known.next()) {
            (None, None) => return Ok(()),
            (told, known) if told == known => {}
            (told, known) => {
                let [told, known] = [told, known].map(|line| line.unwrap_or("nothing"));
                return Err(format!("record {number} is `{told}`, and in {KNOWN} `{known}`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(compare("a\nb\n", "a\nb\n"), Ok(()));
        for (told, known, first) in [
            ("a\nb\n", "a\nc\n", "record 2 is `b`"),
            ("", "a\n", "record 1 is `nothing`"),
            ("a\nb", "a", "and in"),
        ] {
            assert!(compare(told, known).is_err_and(|e| e.contains(first)), "{told}");
        }
    }

    #[test]
    fn the_known_records_hold_no_credentials() {
        let known = fs::read_to_string(xtask::root().join(KNOWN)).unwrap_or_default();
        assert!(known.contains("Credentials { .. }"));
        assert!(!known.contains("bob") && !known.contains("s3cret"));
    }
}
