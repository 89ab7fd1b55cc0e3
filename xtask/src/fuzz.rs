//! `cargo xtask fuzz`: the targets of `fuzz`, each for some seconds, and what holds of their seeds without a fuzzer.

use std::fs;
use std::sync::Mutex;
use std::thread;

use crate::line::Line;
use crate::steps::{Outcome, TOOLS_BIN, has_tool, has_toolchain};

/// How long each target runs unless it is said.
pub const SECONDS: u32 = 30;
/// How long each runs as a step of `cargo xtask test`.
pub const STEP_SECONDS: u32 = 10;

/// The seeds and their neighbours, then each target, or the named ones, for so many seconds: as many at once as there
/// are processors.
pub fn run(seconds: u32, names: &[String]) -> Result<Outcome, String> {
    let targets = targets()?;
    if let Some(unknown) = names.iter().find(|name| !targets.contains(name)) {
        return Err(format!("`{unknown}` is no target: there are {}", targets.join(", ")));
    }
    let targets: Vec<_> =
        targets.into_iter().filter(|target| names.is_empty() || names.contains(target)).collect();
    // That needs no fuzzer.
    Line::new("cargo test --manifest-path fuzz/Cargo.toml").run()?;
    if !has_toolchain("nightly") {
        return Ok(Outcome::NotRun("a nightly Rust is not installed and cannot be".to_owned()));
    }
    if !has_tool("cargo-fuzz", "cargo +nightly fuzz --version") {
        return Ok(Outcome::NotRun("cargo-fuzz is not installed and cannot be".to_owned()));
    }
    Line::new("cargo +nightly fuzz build").search_first(TOOLS_BIN).run()?;
    let queue = Mutex::new(targets.into_iter());
    let problems = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(target) = queue.lock().ok().and_then(|mut queue| queue.next()) {
                    if let (Err(problem), Ok(mut problems)) = (target_runs(&target, seconds), problems.lock())
                    {
                        problems.push(problem);
                    }
                }
            });
        }
    });
    match problems.into_inner() {
        Ok(problems) if problems.is_empty() => Ok(Outcome::Passed),
        Ok(problems) => Err(problems.join("; ")),
        Err(_) => Err("a target could not be run".to_owned()),
    }
}

/// The binaries of the package.
fn targets() -> Result<Vec<String>, String> {
    let manifest = xtask::root().join("fuzz").join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).map_err(|e| format!("cannot read fuzz/Cargo.toml: {e}"))?;
    match binaries(&manifest) {
        targets if targets.is_empty() => Err("there is no fuzz target in fuzz/Cargo.toml".to_owned()),
        targets => Ok(targets),
    }
}

/// Runs one target. What it prints is shown where it fails, and else how often it ran.
fn target_runs(target: &str, seconds: u32) -> Result<(), String> {
    // The fuzzer writes what it finds into the first directory, and that one must exist.
    let corpus = format!("fuzz/corpus/{target}");
    fs::create_dir_all(xtask::root().join(&corpus)).map_err(|e| format!("cannot create {corpus}: {e}"))?;
    let seeds = format!("fuzz/seeds/{target}");
    let most = most_len(target);
    let limits = format!("-dict=fuzz/wire.dict -max_len={most} -timeout=10 -rss_limit_mb=2048");
    let line =
        format!("cargo +nightly fuzz run {target} {corpus} {seeds} -- {limits} -max_total_time={seconds}");
    let line = Line::new(&line).search_first(TOOLS_BIN);
    println!("$ {line}");
    let (succeeded, text) = line.captured()?;
    if !succeeded {
        println!("{text}");
        return Err(format!("the target {target} does not hold: fuzz/README.md says what to do"));
    }
    let done = text
        .lines()
        .rev()
        .find(|line| line.starts_with("Done "))
        .unwrap_or("it did not say how often it ran");
    println!("  {target:<10} {done}");
    Ok(())
}

/// The longest inputs: of those that play scenes, longer ones are only more scenes.
fn most_len(target: &str) -> u32 {
    match target {
        "engine" | "inflate" | "query" | "roundtrip" => 256,
        "frames" | "header" => 512,
        _ => 1024,
    }
}

/// The names of the `[[bin]]` sections of a manifest.
fn binaries(manifest: &str) -> Vec<String> {
    let mut in_binary = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            in_binary = line.starts_with("[[bin]]");
        } else if let (true, Some((key, value))) = (in_binary, line.split_once('='))
            && key.trim() == "name"
        {
            names.extend(value.split('"').nth(1).map(str::to_owned));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fuzz_targets_are_the_binaries() {
        let manifest = "\
[package]
name = \"fuzz\"
[[bin]]
name = \"decode\"
path = \"decode.rs\"
test = false
[dependencies]
name = \"no\"
[[bin]]
path=\"x\"
name=\"other\"
";
        assert_eq!(binaries(manifest), ["decode", "other"]);
        assert!(binaries("").is_empty());
    }

    #[test]
    fn every_target_has_seeds() {
        for target in targets().unwrap_or_default() {
            let seeds = xtask::root().join("fuzz/seeds").join(&target);
            assert!(fs::read_dir(seeds).is_ok_and(|mut seeds| seeds.next().is_some()), "{target}");
        }
        assert!(targets().is_ok());
    }
}
