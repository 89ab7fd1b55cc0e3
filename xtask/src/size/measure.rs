//! Builds the programs and measures them.

use std::fs;
use std::path::{Path, PathBuf};

use super::board;
use super::elf::{self, Sections};
use super::programs::{
    COUNTED, COUNTING, COUNTS, EMPTY, PEERS, PROFILES, PROGRAMS, Program, TARGETS, Target, UNPANICKING,
};
use crate::figures::Figures;
use crate::line::{Line, compiler};
use crate::qemu;
use crate::steps::add_target;

const OURS: &str = "benches/size";
const THEIRS: &str = "benches/size/peers";
const RELEASE: &str = "release";

/// Builds all and measures it.
///
/// # Errors
/// What cannot be built or run, or ends badly.
pub fn measure() -> Result<Figures, String> {
    qemu::find()?;
    build()?;
    let mut figures = Figures::new(compiler()?);
    for target in &TARGETS {
        let empty = Measured::of(OURS, target, EMPTY, target.is_run)?;
        for (within, programs) in [(OURS, &PROGRAMS[..]), (THEIRS, &PEERS[..])] {
            for program in programs {
                add(&mut figures, within, target, program, &empty)?;
            }
        }
    }
    count(&mut figures)?;
    Ok(figures)
}

/// The ways to panic that are linked into programs that must not have any, with program and target.
///
/// # Errors
/// Where a program cannot be read.
pub fn panics() -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for target in &TARGETS {
        for program in UNPANICKING {
            let path = path(OURS, target, RELEASE, program);
            let names = elf::panics(&read(&path)?).map_err(|problem| at(&path, problem))?;
            found.extend(names.into_iter().map(|name| format!("{program} on {}: {name}", target.name())));
        }
    }
    Ok(found)
}

/// All targets in one call, so that no core waits for the last program of one of them.
fn build() -> Result<(), String> {
    TARGETS.iter().try_for_each(|target| add_target(target.triple))?;
    let targets: Vec<String> = TARGETS.iter().map(|target| format!("--target {}", target.triple)).collect();
    let targets = targets.join(" ");
    for within in [OURS, THEIRS] {
        Line::new(&format!("cargo build --quiet --locked --release {targets}"))
            .within(within)
            .run_beside()?;
    }
    for (_, profile) in PROFILES.iter().filter(|(_, profile)| *profile != RELEASE) {
        let target = TARGETS[0].triple;
        let line =
            format!("cargo build --quiet --locked --profile {profile} --target {target} --bin {COUNTING}");
        Line::new(&line).within(OURS).run_beside()?;
    }
    Ok(())
}

/// What a program takes.
struct Measured {
    sections: Sections,
    stack: Option<u64>,
}

impl Measured {
    fn of(within: &str, target: &Target, program: &str, is_run: bool) -> Result<Measured, String> {
        let path = path(within, target, RELEASE, program);
        let sections = Sections::of(&read(&path)?).map_err(|problem| at(&path, problem))?;
        let run = || board::run(&path).and_then(|told| told.stack()).map_err(|problem| at(&path, problem));
        let stack = if is_run { Some(run()?) } else { None };
        Ok(Measured { sections, stack })
    }
}

fn add(
    figures: &mut Figures,
    within: &str,
    target: &Target,
    program: &Program,
    empty: &Measured,
) -> Result<(), String> {
    let Measured { sections, stack } = Measured::of(within, target, program.name, target.is_run)?;
    let over = sections.over(empty.sections).map_err(|problem| format!("{}: {problem}", program.name))?;
    let mut row = vec![("text", over.text), ("rodata", over.rodata), ("data", over.data), ("bss", over.bss)];
    // What the start takes.
    row.extend(stack.zip(empty.stack).map(|(stack, start)| ("stack", stack.saturating_sub(start))));
    figures.add(target.triple, program.name, &row);
    Ok(())
}

fn count(figures: &mut Figures) -> Result<(), String> {
    let mut told = Vec::new();
    for (_, profile) in PROFILES {
        let path = path(OURS, &TARGETS[0], profile, COUNTING);
        told.push(board::run(&path).map_err(|problem| at(&path, problem))?);
    }
    for (name, _, _) in COUNTS {
        let mut row = Vec::new();
        for ((figure, _), told) in PROFILES.iter().zip(&told) {
            row.push((*figure, told.get(name)?));
        }
        row.extend(told.first().and_then(|told| Some(("bytes", told.get(&format!("{name}-len")).ok()?))));
        figures.add(COUNTED, name, &row);
    }
    Ok(())
}

fn path(within: &str, target: &Target, profile: &str, program: &str) -> PathBuf {
    xtask::root().join(format!("{within}/target/{}/{profile}/{program}", target.triple))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|problem| at(path, problem))
}

fn at(path: &Path, problem: impl std::fmt::Display) -> String {
    format!("{}: {problem}", path.display())
}
