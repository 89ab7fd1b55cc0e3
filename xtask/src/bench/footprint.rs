//! What a program that runs one query takes.

use std::fs;
use std::time::Instant;

use super::build::{Program, WITHIN, told, with_tools};
use super::measures::Subject;
use super::stats::Quartiles;
use super::subject::Process;
use crate::line::Line;

/// Of one client; nothing where it does not apply or was not measured.
pub struct Footprint {
    pub subject: Subject,
    /// Bytes of the stripped program.
    pub size: Option<u64>,
    /// The most memory that was resident, in bytes.
    pub resident: Option<u64>,
    /// Crates that are compiled for it, without itself.
    pub crates: Option<usize>,
    /// Seconds of a build from nothing, with everything downloaded.
    pub build: Option<f64>,
    pub needs: &'static str,
}

/// All of them, and what could not be measured. A quick run builds nothing anew.
pub fn all(programs: &[Program], port: u16, is_quick: bool) -> (Vec<Footprint>, Vec<String>) {
    let (mut prints, mut problems) = (Vec::new(), Vec::new());
    for subject in [Subject::Ours, Subject::Official] {
        match of_package(subject, port, is_quick) {
            Ok(print) => prints.push(print),
            Err(problem) => problems.push(format!("{}: footprint: {problem}", subject.name())),
        }
    }
    if let Some(python) = programs.iter().find(|program| program.subject == Subject::Python) {
        match resident(|| {
            let mut command = python.command(port, None)?;
            command.arg("query");
            Ok(command)
        }) {
            Ok(bytes) => prints.push(Footprint {
                subject: Subject::Python,
                size: None,
                resident: Some(bytes),
                crates: None,
                build: None,
                needs: "Python, numpy",
            }),
            Err(problem) => problems.push(format!("{}: footprint: {problem}", Subject::Python.name())),
        }
    }
    (prints, problems)
}

fn of_package(subject: Subject, port: u16, is_quick: bool) -> Result<Footprint, String> {
    let package = format!("query-{}", subject.package());
    let target = if is_quick { "target".to_owned() } else { format!("target/{package}") };
    let root = xtask::root().join(WITHIN);
    if !is_quick && let Err(problem) = fs::remove_dir_all(root.join(&target)) {
        // There is nothing yet.
        if problem.kind() != std::io::ErrorKind::NotFound {
            return Err(problem.to_string());
        }
    }
    told(&Line::new("cargo fetch --quiet --locked").within(WITHIN))?;
    let build =
        format!("cargo build --quiet --locked --profile small --package {package} --target-dir {target}");
    let line = with_tools(Line::new(&build), subject)?.within(WITHIN);
    let start = Instant::now();
    told(&line)?;
    let build = (!is_quick).then(|| start.elapsed().as_secs_f64());
    let path = root.join(target).join("small").join(&package);
    let size = fs::metadata(&path).map_err(|e| e.to_string())?.len();
    let resident = resident(|| {
        let mut command = std::process::Command::new(&path);
        command.arg(port.to_string());
        Ok(command)
    })?;
    let tree =
        format!("cargo tree --locked --package {package} --edges normal,build --prefix none --no-dedupe");
    let tree = Line::new(&tree).within(WITHIN).output()?;
    let needs = if subject == Subject::Ours { "Rust" } else { "Rust, clang, libclang, make" };
    Ok(Footprint {
        subject,
        size: Some(size),
        resident: Some(resident),
        crates: Some(crates(&tree)),
        build,
        needs,
    })
}

/// The most memory of a program that has told the answer of its query and waits for its end: the median of some runs, for
/// the system places things at random.
fn resident(command: impl Fn() -> Result<std::process::Command, String>) -> Result<u64, String> {
    let mut all = Vec::new();
    for _ in 0..RUNS {
        let mut process = Process::start(&mut command()?)?;
        let answer = process.answer("its query")?;
        if answer != "3" {
            return Err(format!("(+ 1 2) is {answer}"));
        }
        let status =
            fs::read_to_string(format!("/proc/{}/status", process.id())).map_err(|e| e.to_string())?;
        all.push(peak(&status).ok_or("the system does not tell its memory")? as f64);
        process.end()?;
    }
    Quartiles::of(all).map(|all| all.median as u64).ok_or_else(|| "no runs".to_owned())
}

/// The bytes of `VmHWM` in the status of a process.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// How many crates a tree has below its root.
fn crates(tree: &str) -> usize {
    let names = tree.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?))
    });
    names.collect::<std::collections::BTreeSet<_>>().len().saturating_sub(1)
}

const RUNS: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_told_in_kilobytes() {
        assert_eq!(peak("Name:\tx\nVmHWM:\t    1880 kB\nVmRSS:\t 1800 kB\n"), Some(1880 * 1024));
        assert_eq!(peak("Name:\tx\n"), None);
    }

    #[test]
    fn a_crate_counts_once_and_the_program_not() {
        assert_eq!(crates("program v0.1.0 (here)\na v1.0.0\nb v1.0.0\na v1.0.0\na v2.0.0\n"), 3);
    }
}
