//! Runs a program on the emulated board.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::qemu::QEMU;

/// What a program has told: names, and numbers.
pub struct Told(Vec<(String, u64)>);

impl Told {
    /// # Errors
    /// Where the program did not tell it.
    pub fn get(&self, name: &str) -> Result<u64, String> {
        let pair = self.0.iter().find(|(told, _)| told == name);
        pair.map(|(_, number)| *number).ok_or_else(|| format!("does not tell `{name}`"))
    }

    /// Bytes of stack beyond those that it lent.
    ///
    /// # Errors
    /// Where the program did not tell them, or lent more than there is.
    pub fn stack(&self) -> Result<u64, String> {
        let (stack, lent) = (self.get("stack")?, self.get("lent")?);
        stack.checked_sub(lent).ok_or_else(|| format!("lent {lent} bytes of a stack of {stack}"))
    }
}

/// Runs a program to its end. Each instruction takes 1,024 ns of the board's time.
///
/// # Errors
/// What went wrong with the emulator, or in the program.
pub fn run(program: &Path) -> Result<Told, String> {
    let mut command = Command::new(QEMU);
    command.args(BOARD.split_whitespace()).arg("-kernel").arg(program);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("{QEMU} cannot be run: {e}"))?;
    let started = Instant::now();
    while child.try_wait().map_err(|e| e.to_string())?.is_none() {
        if started.elapsed() > LONGEST {
            child.kill().map_err(|e| e.to_string())?;
            child.wait().map_err(|e| e.to_string())?;
            return Err(format!("still runs after {LONGEST:?}"));
        }
        thread::sleep(Duration::from_millis(10));
    }
    // What it prints are some lines, for which a pipe has room.
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let (told, problems) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("ended with {}: {told}{problems}", output.status));
    }
    // What is told by semihosting comes out at stderr, among warnings of the emulator.
    Ok(Told(told.lines().chain(problems.lines()).filter_map(pair).collect()))
}

/// The name and number of a line as `stack 0000012c`.
fn pair(line: &str) -> Option<(String, u64)> {
    let (name, number) = line.split_once(' ')?;
    if number.len() != 8 {
        return None;
    }
    Some((name.to_owned(), u64::from_str_radix(number, 16).ok()?))
}

const BOARD: &str = "-M lm3s6965evb -display none -monitor none -serial none -nic none \
    -icount shift=10,align=off,sleep=off -semihosting-config enable=on,target=native";
const LONGEST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_a_name_and_eight_digits() {
        assert_eq!(pair("stack 0000012c"), Some(("stack".to_owned(), 300)));
        for line in ["", "stack", "stack 12c", "stack 0000012c more", "Timer with period zero, disabling"] {
            assert_eq!(pair(line), None, "{line}");
        }
    }

    #[test]
    fn the_stack_is_beyond_what_was_lent() {
        let told = |lent| Told(vec![("stack".to_owned(), 300), ("lent".to_owned(), lent)]);
        assert_eq!(told(128).stack(), Ok(172));
        assert!(told(301).stack().is_err());
        assert!(Told(Vec::new()).stack().is_err());
    }
}
