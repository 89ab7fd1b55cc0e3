//! The development commands of this project: `cargo xtask help` names them.

mod args;
mod bench;
mod beside;
mod debian;
mod features;
mod figures;
mod firmware;
mod fuzz;
mod growth;
mod instructions;
mod line;
mod logs;
mod miri;
mod qemu;
mod review;
mod servers;
mod size;
mod steps;
mod test;
mod tree;

use std::process::ExitCode;

use args::{Command, USAGE};
use steps::Outcome;
use xtask::server::Error;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args_os().skip(1).map(|w| w.to_string_lossy().into_owned()).collect();
    let command = match args::parse(&words) {
        Ok(command) => command,
        Err(problem) => {
            eprintln!("error: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let result = match command {
        Command::Help => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Command::List(suite) => {
            suite.steps().iter().for_each(|step| println!("{:<18} {}", step.name, step.about));
            Ok(ExitCode::SUCCESS)
        }
        Command::Fetch(versions) => servers::fetch(&versions).map(|()| ExitCode::SUCCESS),
        Command::Demo(versions) => servers::demo(&versions).map(ExitCode::from),
        Command::Server(version, options) => servers::foreground(&version, &options),
        Command::Chaos(seeds) => steps::chaos(seeds).map(|()| ExitCode::SUCCESS).map_err(Error::new),
        Command::Bench(mode) => status(bench::run(mode)),
        Command::Size(mode) => status(size::run(mode)),
        Command::Firmware(restarts) => status(firmware::check(restarts)),
        Command::FirmwareInside(restarts) => status(firmware::check_inside(restarts)),
        Command::Fuzz(seconds, names) => fuzz::run(seconds, &names).map(told).map_err(Error::new),
        Command::Instructions(mode) => instructions::run(mode).map(told).map_err(Error::new),
        Command::Miri => miri::whole().map(told).map_err(Error::new),
        Command::Run(suite, names) => Ok(test::run(suite, &names)),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn status(result: Result<(), String>) -> Result<ExitCode, Error> {
    result.map(|()| ExitCode::SUCCESS).map_err(Error::new)
}

/// A command whose tools are missing has not passed.
fn told(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Passed => ExitCode::SUCCESS,
        Outcome::NotRun(reason) => {
            eprintln!("error: not run: {reason}");
            ExitCode::FAILURE
        }
    }
}
