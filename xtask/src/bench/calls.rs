//! How many times the system is called for a round trip.

use std::fs;
use std::process::Command;

use super::build::Program;
use super::measures::Subject;
use super::subject::Process;
use crate::debian;

/// System calls for each round trip, counted by strace: those of many less those of few, so that the start is in neither.
///
/// # Errors
/// Where strace is missing, or a program fails.
pub fn per_round_trip(program: &Program, port: u16) -> Result<f64, String> {
    if !debian::has("strace", "strace") {
        return Err("strace is missing (apt install strace)".to_owned());
    }
    let (few, many) = (count(program, port, FEW)?, count(program, port, MANY)?);
    Ok(many.saturating_sub(few) as f64 / f64::from(MANY - FEW))
}

/// Those who can.
pub fn all(programs: &[Program], port: u16) -> (Vec<(Subject, f64)>, Vec<String>) {
    let (mut calls, mut problems) = (Vec::new(), Vec::new());
    for program in programs.iter().filter(|program| program.subject != Subject::Kdb) {
        match per_round_trip(program, port) {
            Ok(count) => calls.push((program.subject, count)),
            Err(problem) => problems.push(format!("{}: system calls: {problem}", program.subject.name())),
        }
    }
    (calls, problems)
}

fn count(program: &Program, port: u16, times: u32) -> Result<u64, String> {
    let directory = xtask::root().join("target/bench");
    fs::create_dir_all(&directory).map_err(|e| e.to_string())?;
    let table = directory.join(format!("calls-{}-{times}", program.subject.package()));
    let plain = program.command(port, None)?;
    let mut traced = Command::new("strace");
    traced.args(["-f", "-c", "-o"]).arg(&table).arg(plain.get_program()).args(plain.get_args());
    traced.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut process = Process::start(&mut traced)?;
    process.sample("round-trip", 0, times)?;
    process.end()?;
    let text = fs::read_to_string(&table).map_err(|e| e.to_string())?;
    total(&text).ok_or_else(|| "strace has no total".to_owned())
}

/// The calls in the last line of a table as `strace -c` writes it: share, seconds, µs a call, calls, errors, `total`.
fn total(table: &str) -> Option<u64> {
    let line = table.lines().rev().find(|line| line.ends_with(" total"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

const FEW: u32 = 100;
const MANY: u32 = 1_100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_in_the_last_line() {
        let table = "% time     seconds  usecs/call     calls    errors syscall\n\
            ------ ----------- ----------- --------- --------- ----------------\n \
            60.00    0.001234           1       100           recvfrom\n\
            ------ ----------- ----------- --------- --------- ----------------\n\
            100.00    0.002345           1       210         3 total\n";
        assert_eq!(total(table), Some(210));
        assert_eq!(total("nothing"), None);
    }
}
