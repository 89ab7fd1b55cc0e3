//! What `cargo xtask test` does, in its order.

use std::path::Path;

use xtask::server::VERSIONS;

use crate::line::Line;
use crate::{features, firmware, fuzz, instructions, logs, review, servers, size, tree};

/// The oldest toolchain that builds the crate: `rust-version` in the Cargo.toml of the workspace.
const MSRV: &str = "1.91";
const TOOLS: &str = "target/tools";
pub const TOOLS_BIN: &str = "target/tools/bin";
const TARGETS: [&str; 4] =
    ["thumbv6m-none-eabi", "thumbv7m-none-eabi", "thumbv7em-none-eabihf", "riscv32imac-unknown-none-elf"];

/// The examples for boards, and what they are built for.
const BOARDS: [(&str, &str); 2] =
    [("nucleo-ethernet", "thumbv7em-none-eabihf"), ("pico-w5500", "thumbv6m-none-eabi")];

/// How a step ended that didn't fail.
pub enum Outcome {
    Passed,
    /// What it needs cannot be had here.
    NotRun(String),
}

type Action = fn() -> Result<Outcome, String>;

pub struct Step {
    pub name: &'static str,
    pub about: &'static str,
    pub action: Action,
    pub place: Place,
}

/// What a step may be done together with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    InTurn,
    /// Beside those in turn, as they build elsewhere.
    Beside,
    /// With nothing beside: it counts on the processors, or on time.
    Alone,
}

pub const fn step(name: &'static str, about: &'static str, action: Action) -> Step {
    Step { name, about, action, place: Place::InTurn }
}

impl Step {
    const fn beside(self) -> Step {
        Step { place: Place::Beside, ..self }
    }

    const fn alone(self) -> Step {
        Step { place: Place::Alone, ..self }
    }
}

/// The step whose own last lines end the output: nothing is printed after it.
pub const LAST: &str = "tests";

pub const STEPS: [Step; 18] = [
    step("format", "the sources are formatted", || run("cargo fmt --all -- --check")),
    step("fetch", "the servers for the tests are downloaded", fetch),
    step("firmware", "bare-metal programs spend their day with real servers", || {
        firmware::check(firmware::RESTARTS).map(|()| Outcome::Passed)
    })
    .alone(),
    step("size", "the crate takes no more of a microcontroller than was accepted", || {
        size::run(size::Mode::Check).map(|()| Outcome::Passed)
    })
    .beside(),
    step("instructions", "the codec and an exchange take no more of a host than was accepted", || {
        instructions::run(instructions::Mode::Check)
    })
    .beside(),
    step("logs", "a device tells by defmt what it should, in an emulator", logs::check).beside(),
    step("boards", "the examples for boards build, and what they share is tested with real servers", boards)
        .beside(),
    step("clippy", "no warnings, with all features and with none", clippy),
    step("docs", "the documentation builds without warnings", docs),
    step("bare-metal", "the library builds for targets without an operating system", bare_metal),
    step("msrv", "the library builds with the oldest supported toolchain", msrv),
    step("features", "each feature alone builds without warnings", || {
        features::check_each().map(|()| Outcome::Passed)
    }),
    step("package", "the archive for the registry builds", review::package),
    step("tree", "the dependencies are the known ones", || tree::check().map(|()| Outcome::Passed)),
    step("demo", "the examples run against the newest and the oldest server", demo),
    step("tests-no-features", "tests without features", || run("cargo test --no-default-features")),
    step("fuzz", "a short run of each fuzz target", || fuzz::run(fuzz::STEP_SECONDS, &[])).alone(),
    step(LAST, "all tests, with real servers", || run("cargo test --workspace --all-features")).alone(),
];

fn run(line: &str) -> Result<Outcome, String> {
    Line::new(line).run().map(|()| Outcome::Passed)
}

/// Each of so many seeds; what each run came to is shown.
pub fn chaos(seeds: u32) -> Result<(), String> {
    let line = Line::new("cargo test --all-features --test chaos -- --nocapture");
    line.variable("CHAOS_SEEDS", seeds.to_string()).run()
}

fn clippy() -> Result<Outcome, String> {
    run("cargo clippy --workspace --all-targets --all-features -- -D warnings")?;
    run("cargo clippy --no-default-features -- -D warnings")
}

fn docs() -> Result<Outcome, String> {
    let line = Line::new("cargo doc --no-deps --all-features").variable("RUSTDOCFLAGS", "-D warnings");
    line.run().map(|()| Outcome::Passed)
}

fn bare_metal() -> Result<Outcome, String> {
    for target in TARGETS {
        add_target(target)?;
        run(&format!("cargo build --lib --no-default-features --target {target} --release"))?;
    }
    for features in ["critical-section,defmt", "critical-section,defmt,log,smoltcp"] {
        let target = "thumbv7m-none-eabi";
        run(&format!(
            "cargo build --lib --no-default-features --features {features} --target {target} --release"
        ))?;
    }
    run("cargo build --lib --no-default-features --features smoltcp --target thumbv6m-none-eabi --release")
}

/// Asks the compiler instead of rustup, so that a toolchain from elsewhere that has the target will do.
pub fn add_target(target: &str) -> Result<(), String> {
    let libraries = Line::new(&format!("rustc --print target-libdir --target {target}")).output();
    if libraries.is_ok_and(|path| Path::new(path.trim()).is_dir()) {
        return Ok(());
    }
    if !has_rustup() {
        return Err(format!("the Rust target {target} is missing, and there is no rustup to add it"));
    }
    Line::new(&format!("rustup target add {target}")).run()
}

pub fn has_rustup() -> bool {
    Line::new("rustup --version").succeeds()
}

/// Whether a toolchain is there, after an attempt to install it when it isn't.
pub fn has_toolchain(name: &str) -> bool {
    Line::new(&format!("cargo +{name} --version")).succeeds()
        || (has_rustup()
            && Line::new(&format!("rustup toolchain install {name} --profile minimal")).run().is_ok())
}

fn msrv() -> Result<Outcome, String> {
    if !has_toolchain(MSRV) {
        return Ok(Outcome::NotRun(format!("Rust {MSRV} is not installed and cannot be")));
    }
    // Another compiler in the same directory would make both build everything anew each time.
    let line = Line::new(&format!("cargo +{MSRV} check --lib --all-features"));
    line.variable("CARGO_TARGET_DIR", "target/msrv").run().map(|()| Outcome::Passed)
}

/// Each board by itself: their crates exclude each other's features.
fn boards() -> Result<Outcome, String> {
    for (board, target) in BOARDS {
        add_target(target)?;
        let line = Line::new(&format!("cargo build --release --locked --package {board} --target {target}"));
        line.within("examples/boards").run()?;
    }
    let line = Line::new("cargo test --locked --package station");
    line.within("examples/boards").run().map(|()| Outcome::Passed)
}

/// Whether a tool is there, by a line that shows its version, after an attempt to install it when it isn't.
pub fn has_tool(package: &str, version: &str) -> bool {
    let there = || Line::new(version).search_first(TOOLS_BIN).succeeds();
    there()
        || (Line::new(&format!("cargo install {package} --locked --root {TOOLS}")).run().is_ok() && there())
}

fn fetch() -> Result<Outcome, String> {
    println!("$ cargo xtask fetch {}", VERSIONS.join(" "));
    servers::fetch(&VERSIONS.map(str::to_owned)).map_err(|e| e.to_string())?;
    Ok(Outcome::Passed)
}

fn demo() -> Result<Outcome, String> {
    let versions = ["2.4.0", "0.1.5"];
    println!("$ cargo xtask demo {}", versions.join(" "));
    match servers::demo(&versions.map(str::to_owned)).map_err(|e| e.to_string())? {
        0 => Ok(Outcome::Passed),
        status => Err(format!("`cargo xtask demo` ended with exit status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_unique_and_the_last_is_last() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(STEPS.iter().skip(index + 1).all(|other| other.name != step.name), "{}", step.name);
        }
        assert_eq!(STEPS.last().map(|step| step.name), Some(LAST));
    }

    #[test]
    fn the_oldest_toolchain_is_the_one_of_the_manifest() {
        let manifest = std::fs::read_to_string(xtask::root().join("Cargo.toml")).unwrap_or_default();
        assert!(manifest.contains(&format!("rust-version = \"{MSRV}\"")));
    }
}
