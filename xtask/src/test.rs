//! `cargo xtask test` and `review`: the steps one after the other, and what became of them.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::args::Suite;
use crate::steps::{LAST, Outcome, Step};

struct Done {
    name: &'static str,
    outcome: Outcome,
    time: Duration,
}

/// Runs the named steps, or all of them, in their own order.
pub fn run(suite: Suite, names: &[String]) -> ExitCode {
    let selected = select(suite.steps(), names);
    let mut done = Vec::new();
    for step in &selected {
        let is_last = step.name == LAST;
        if is_last && !done.is_empty() {
            println!("\n{}", summary(&done));
        }
        println!("\n=== {} ({})", step.name, step.about);
        let start = Instant::now();
        let result = (step.action)();
        let time = start.elapsed();
        match result {
            Ok(outcome) => {
                if !is_last {
                    println!("=== {}: {}", step.name, describe(&outcome, time));
                }
                done.push(Done { name: step.name, outcome, time });
            }
            Err(problem) => {
                println!("\n=== {} FAILED after {}: {problem}", step.name, seconds(time));
                println!("=== repeat it alone with: cargo xtask {} {}", suite.name(), step.name);
                return ExitCode::FAILURE;
            }
        }
    }
    // After the last step of all the end of the output belongs to the test runner.
    if done.len() > 1 && done.iter().all(|done| done.name != LAST) {
        println!("\n{}", summary(&done));
    }
    ExitCode::SUCCESS
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
    let lines =
        done.iter().map(|done| format!("    {:<18} {}", done.name, describe(&done.outcome, done.time)));
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
    fn the_summary_tells_what_was_not_run() {
        let time = Duration::from_millis(1250);
        let done = [
            Done { name: "format", outcome: Outcome::Passed, time },
            Done { name: "fuzz", outcome: Outcome::NotRun("no nightly".to_owned()), time },
        ];
        assert_eq!(
            summary(&done),
            "=== so far\n    format             passed in 1.2 s\n    fuzz               NOT RUN: no nightly"
        );
    }
}
