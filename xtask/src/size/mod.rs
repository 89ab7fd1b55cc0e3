//! How much of a microcontroller the crate takes: flash, stack and instructions of small programs on an emulated board.
//!
//! ```text
//!  programs ─▶ measure (elf, board) ─▶ limits ─▶ show
//! ```

mod board;
mod elf;
mod limits;
mod measure;
mod programs;
mod show;

use std::fs;

use crate::figures::Figures;
use crate::growth;
use programs::COUNTED;

/// The accepted figures.
const ACCEPTED: &str = "benches/size/sizes.toml";
const ABOUT: &str = "Written by `cargo xtask size --accept`. Bytes over the empty program; of the stack, beyond what is lent.";
const README: &str = "README.md";

/// What is done with the figures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// They are shown, and compared with the accepted ones.
    Check,
    /// The same, for a program.
    Json,
    /// They become the accepted ones.
    Accept,
}

/// Builds, measures and compares.
///
/// # Errors
/// A figure that has grown, a panic that was linked, and whatever else is not as it must be.
pub fn run(mode: Mode) -> Result<(), String> {
    let measured = measure::measure()?;
    let panics = measure::panics()?;
    match mode {
        Mode::Json => println!("{}", show::json(&measured, &panics)),
        Mode::Check | Mode::Accept => print!("{}", show::text(&measured)),
    }
    if !panics.is_empty() {
        return Err(format!("programs can panic:\n  {}", panics.join("\n  ")));
    }
    limits::kept(&measured)?;
    if mode == Mode::Accept {
        write(ACCEPTED, &measured.toml(ABOUT))?;
        return write(README, &show::replaced(&read(README)?, &show::markdown(&measured))?);
    }
    let accepted = Figures::parse(&read(ACCEPTED)?).map_err(|problem| format!("{ACCEPTED}: {problem}"))?;
    let percents = |section: &str| if section == COUNTED { 1 } else { 2 };
    let growth = growth::compare(&accepted, &measured, percents);
    growth.news.iter().for_each(|line| eprintln!("  {line}"));
    if !growth.grown.is_empty() {
        let lines = growth.grown.join("\n  ");
        return Err(format!("more than was accepted:\n  {lines}\nTo accept it: cargo xtask size --accept"));
    }
    is_shown(&read(README)?, &accepted)
}

/// Bytes of flash of a program on the first target, as they were accepted.
pub fn accepted_flash(program: &str) -> Option<u64> {
    let accepted = Figures::parse(&read(ACCEPTED).ok()?).ok()?;
    limits::flash_of(&accepted, programs::TARGETS.first()?.triple, program)
}

/// Whether the README shows the accepted figures.
fn is_shown(readme: &str, accepted: &Figures) -> Result<(), String> {
    if readme.contains(&show::markdown(accepted)) {
        return Ok(());
    }
    Err(format!("{README} does not show the figures of {ACCEPTED}. To let it: cargo xtask size --accept"))
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(xtask::root().join(path)).map_err(|e| format!("cannot read {path}: {e}"))
}

fn write(path: &str, text: &str) -> Result<(), String> {
    fs::write(xtask::root().join(path), text).map_err(|e| format!("cannot write {path}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_the_accepted_figures() {
        let accepted = read(ACCEPTED).and_then(|text| Figures::parse(&text));
        assert_eq!(accepted.and_then(|accepted| is_shown(&read(README)?, &accepted)), Ok(()));
    }

    #[test]
    fn other_figures_are_not_shown() {
        assert!(is_shown(&read(README).unwrap_or_default(), &Figures::default()).is_err());
    }
}
