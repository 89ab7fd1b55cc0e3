//! `cargo xtask test` and `review`: the steps one after the other, and what became of them.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::args::Suite;
use crate::beside::Beside;
use crate::steps::{LAST, Outcome, Place, Step};

/// A step that came to its end, and how.
struct Done {
    name: &'static str,
    end: String,
}

/// Runs the named steps, or all of them, in their own order.
pub fn run(suite: Suite, names: &[String]) -> ExitCode {
    let selected = select(suite.steps(), names);
    let mut done = Vec::new();
    let mut others = None;
    match run_each(suite, &selected, &mut done, &mut others) {
        // After the last step of all the end of the output belongs to the test runner.
        Ok(()) if done.len() > 1 && done.iter().all(|done| done.name != LAST) => {
            println!("\n{}", summary(&done));
            ExitCode::SUCCESS
        }
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            others.into_iter().for_each(Beside::stop);
            println!("\n=== {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run_each(
    suite: Suite,
    selected: &[&'static Step],
    done: &mut Vec<Done>,
    others: &mut Option<Beside>,
) -> Result<(), String> {
    let beside = beside(selected);
    for step in selected {
        if beside.contains(&step.name) {
            if beside.first() == Some(&step.name) {
                *others = Some(Beside::begin(suite, beside.clone())?);
            }
            continue;
        }
        if step.place == Place::Alone || others.as_mut().is_some_and(Beside::has_failed) {
            join(others, done)?;
        }
        let is_last = step.name == LAST;
        if is_last && !done.is_empty() {
            println!("\n{}", summary(done));
        }
        println!("\n=== {} ({})", step.name, step.about);
        let start = Instant::now();
        let outcome = (step.action)().map_err(|problem| {
            let (name, time) = (step.name, seconds(start.elapsed()));
            format!(
                "{name} FAILED after {time}: {problem}\n=== repeat it alone with: cargo xtask {} {name}",
                suite.name()
            )
        })?;
        let end = describe(&outcome, start.elapsed());
        if !is_last {
            println!("=== {}: {end}", step.name);
        }
        done.push(Done { name: step.name, end });
    }
    join(others, done)
}

/// Waits for what is done beside.
fn join(others: &mut Option<Beside>, done: &mut Vec<Done>) -> Result<(), String> {
    if let Some(others) = others.take() {
        done.extend(others.end()?.into_iter().map(|(name, end)| Done { name, end }));
    }
    Ok(())
}

/// The steps that are done beside others, where there are others.
fn beside(selected: &[&'static Step]) -> Vec<&'static str> {
    if selected.iter().all(|step| step.place != Place::InTurn) {
        return Vec::new();
    }
    selected.iter().filter(|step| step.place == Place::Beside).map(|step| step.name).collect()
}

fn select(steps: &'static [Step], names: &[String]) -> Vec<&'static Step> {
    steps.iter().filter(|step| names.is_empty() || names.iter().any(|name| name == step.name)).collect()
}

fn describe(outcome: &Outcome, time: Duration) -> String {
    match outcome {
        Outcome::Passed => format!("passed in {}", seconds(time)),
        Outcome::NotRun(reason) => format!("NOT RUN: {reason}"),
    }
}

fn summary(done: &[Done]) -> String {
    let lines = done.iter().map(|done| format!("    {:<18} {}", done.name, done.end));
    format!("=== so far\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::STEPS;

    fn selected(names: &[&str]) -> Vec<&'static str> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        select(&STEPS, &names).iter().map(|step| step.name).collect()
    }

    #[test]
    fn no_names_select_all() {
        assert_eq!(selected(&[]).len(), STEPS.len());
        assert_eq!(selected(&[]).last(), Some(&LAST));
    }

    #[test]
    fn names_select_in_the_order_of_the_steps() {
        assert_eq!(selected(&["tests", "format", "tree"]), ["format", "tree", "tests"]);
        assert_eq!(selected(&["docs", "docs"]), ["docs"]);
    }

    #[test]
    fn steps_are_done_beside_others_only() {
        let beside = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            super::beside(&select(&STEPS, &names))
        };
        assert_eq!(beside(&["size", "docs", "logs", "fuzz"]), ["size", "logs"]);
        assert!(beside(&["size", "logs"]).is_empty());
        assert!(beside(&["fuzz", "docs"]).is_empty());
    }

    #[test]
    fn the_summary_tells_what_was_not_run() {
        let time = Duration::from_millis(1250);
        let done = [
            Done { name: "format", end: describe(&Outcome::Passed, time) },
            Done { name: "fuzz", end: describe(&Outcome::NotRun("no nightly".to_owned()), time) },
        ];
        assert_eq!(
            summary(&done),
            "=== so far\n    format             passed in 1.2 s\n    fuzz               NOT RUN: no nightly"
        );
    }
}
