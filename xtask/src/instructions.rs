//! `cargo xtask instructions`: what the codec and an exchange take of a host's processor, counted under valgrind and held
//! against the counts that were accepted.
//!
//! Times differ from run to run, instructions hardly do; so they show what a change costs.

use std::fs;

use crate::debian;
use crate::figures::{Figures, grouped};
use crate::growth;
use crate::line::{Line, compiler};
use crate::steps::Outcome;

/// The workspace of the measures, and of what runs them.
const MEASURES: &str = "benches/instructions";
/// What runs them, as a program of that workspace knows it.
const RUNNER: &str = "benches/instructions/target/debug/gungraun-runner";
/// The accepted counts.
const ACCEPTED: &str = "benches/instructions/counts.toml";
const ABOUT: &str = "Written by `cargo xtask instructions --accept REASON`. Instructions under valgrind.";
/// By how many percent a count may grow.
const PERCENTS: u64 = 3;
/// Instructions of other processors are others.
const HOST: &str = "x86_64-unknown-linux-gnu";
const FIGURE: &str = "instructions";

/// What is done with the counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mode {
    /// They are shown, and compared with the accepted ones.
    Check,
    /// The same, for a program.
    Json,
    /// They become the accepted ones, for this reason.
    Accept(String),
}

/// Counts and compares.
///
/// # Errors
/// A count that has grown, and whatever else is not as it must be.
pub fn run(mode: Mode) -> Result<Outcome, String> {
    let host = Line::new("rustc --print host-tuple").output()?;
    if host.trim() != HOST {
        return Ok(Outcome::NotRun(format!("the counts are those of {HOST}, and this is {}", host.trim())));
    }
    if !debian::has("valgrind", "valgrind") {
        return Err("valgrind is missing: install it by `sudo apt-get install valgrind`".to_owned());
    }
    let mut counted = count()?;
    match mode {
        Mode::Accept(reason) => {
            print!("{}", text(&counted));
            counted.reason = reason;
            let written = fs::write(xtask::root().join(ACCEPTED), counted.toml(ABOUT));
            written.map_err(|e| format!("cannot write {ACCEPTED}: {e}"))?;
        }
        Mode::Json => {
            println!("{{\n  \"compiler\": \"{}\",\n  \"counts\": {}\n}}", counted.compiler, counted.json());
            compared(&counted)?;
        }
        Mode::Check => {
            print!("{}", text(&counted));
            compared(&counted)?;
        }
    }
    Ok(Outcome::Passed)
}

/// Builds the measures and runs them, as many at once as there are processors.
fn count() -> Result<Figures, String> {
    Line::new("cargo build --quiet --locked --package runner").within(MEASURES).run_beside()?;
    let runner = xtask::root().join(RUNNER).display().to_string();
    let bench = "cargo bench --quiet --locked --bench instructions -- --callgrind-metrics=ir --parallel=auto --nosummary";
    let bench = Line::new(bench).within(MEASURES);
    eprintln!("$ {bench}");
    let bench = bench.variable("GUNGRAUN_RUNNER", runner).variable("CLICOLOR_FORCE", "0");
    let (succeeded, told) = bench.captured()?;
    if !succeeded {
        return Err(format!("the measures cannot be counted:\n{told}"));
    }
    parse(&told, compiler()?).map_err(|problem| format!("{problem} in what was told:\n{told}"))
}

/// The counts of lines as `instructions::decode::value atom:(atom())`, each with one as `  Instructions:  39|N/A` behind.
fn parse(told: &str, compiler: String) -> Result<Figures, String> {
    let mut figures = Figures::new(compiler);
    let mut lines = told.lines();
    while let Some(line) = lines.next() {
        let Some(measure) = line.strip_prefix("instructions::") else { continue };
        let named = || {
            let (group, rest) = measure.split_once("::")?;
            let (function, rest) = rest.split_once(' ')?;
            Some((group, format!("{function}-{}", rest.split(':').next()?)))
        };
        let (group, name) = named().ok_or_else(|| format!("no measure is named by `{line}`"))?;
        let count =
            lines.next().and_then(|line| line.trim().strip_prefix("Instructions:")?.split('|').next());
        let count = count.and_then(|count| count.trim().parse().ok());
        let count = count.ok_or_else(|| format!("no count is behind `{line}`"))?;
        figures.add(group, &name, &[(FIGURE, count)]);
    }
    if figures.rows().is_empty() { Err("there is no measure".to_owned()) } else { Ok(figures) }
}

fn compared(counted: &Figures) -> Result<(), String> {
    let accepted = accepted()?;
    let growth = growth::compare(&accepted, counted, |_| PERCENTS);
    growth.news.iter().for_each(|line| eprintln!("  {line}"));
    if growth.grown.is_empty() {
        return Ok(());
    }
    let lines = growth.grown.join("\n  ");
    Err(format!(
        "more instructions than were accepted:\n  {lines}\n\
         If that is meant: cargo xtask instructions --accept REASON, which {ACCEPTED} keeps"
    ))
}

fn accepted() -> Result<Figures, String> {
    let text = fs::read_to_string(xtask::root().join(ACCEPTED));
    let text = text.map_err(|e| format!("cannot read {ACCEPTED}: {e}"))?;
    Figures::parse(&text).map_err(|problem| format!("{ACCEPTED}: {problem}"))
}

/// For a terminal, each with what was accepted.
fn text(counted: &Figures) -> String {
    let accepted = accepted().unwrap_or_default();
    let mut text = format!("{:<10} {:<24} {:>12} {:>12}\n", "", "", "instructions", "accepted");
    for row in counted.rows() {
        let shown = |figures: &Figures| {
            figures.get(&row.section, &row.name, FIGURE).map_or_else(|| "–".to_owned(), grouped)
        };
        let (now, before) = (shown(counted), shown(&accepted));
        text += &format!("{:<10} {:<24} {now:>12} {before:>12}\n", row.section, row.name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_what_is_told() {
        let told = "\
instructions::decode::value table:(large())
  Instructions:                                       2552|N/A                  (*********)
instructions::exchange::insert_of_rows plain:(blocking(), leaked(insert()))
  Instructions:                                      33548|33548                (No change)
";
        let counted = parse(told, "1.95.0".to_owned()).unwrap_or_default();
        assert_eq!(counted.get("decode", "value-table", FIGURE), Some(2552));
        assert_eq!(counted.get("exchange", "insert_of_rows-plain", FIGURE), Some(33548));
        assert_eq!(counted.rows().len(), 2);
        for told in
            ["", "instructions::decode", "instructions::a::b c:()", "instructions::a::b c:()\n  Ir: 1|"]
        {
            assert!(parse(told, String::new()).is_err(), "{told}");
        }
    }

    #[test]
    fn what_was_accepted_has_a_reason() {
        assert!(accepted().is_ok_and(|accepted| !accepted.reason.is_empty() && !accepted.rows().is_empty()));
    }

    #[test]
    fn counts_may_grow_by_three_percent() {
        let counts = |count| {
            let mut figures = Figures::new("1".to_owned());
            figures.add("decode", "value-table", &[(FIGURE, count)]);
            figures
        };
        let grown = |count| growth::compare(&counts(1000), &counts(count), |_| PERCENTS).grown.len();
        assert_eq!((grown(1030), grown(1031)), (0, 1));
    }
}
