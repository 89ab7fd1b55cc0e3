//! The likeliest mistakes in a query: each is an error that a person can read.
//!
//! By the compiler that the `.stderr` files come from, all of an error is held against its file. Others arrange the rest
//! as they like, so only the first line must be the same. `TRYBUILD=overwrite` writes the files anew.

// Errors name a type by its path where another has the same name, as the two connections do.
#![cfg(all(feature = "async", feature = "std-tcp"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const COMPILER: &str = "rustc 1.95.";
const HERE: &str = "tests/ui";
/// Where a process of this test is told to look instead.
const ELSEWHERE: &str = "RAYFORCE_IPC_UI_TESTS";

#[test]
fn mistakes_are_errors_that_a_person_can_read() {
    let elsewhere = env::var(ELSEWHERE).ok();
    if elsewhere.is_some() || compiler().starts_with(COMPILER) {
        let mistakes = Path::new(elsewhere.as_deref().unwrap_or(HERE)).join("*.rs");
        return trybuild::TestCases::new().compile_fail(mistakes);
    }
    let copies = copied();
    let test = Command::new(env::current_exe().unwrap())
        .arg("mistakes_are_errors_that_a_person_can_read")
        .env(ELSEWHERE, &copies)
        .env("TRYBUILD", "overwrite")
        .output()
        .unwrap();
    assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stdout));
    for mistake in mistakes() {
        let error = mistake.with_extension("stderr");
        let first = |path: &Path| fs::read_to_string(path).unwrap().lines().next().map(str::to_owned);
        assert_eq!(first(&copies.join(error.file_name().unwrap())), first(&error), "{}", mistake.display());
    }
}

fn compiler() -> String {
    let version = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into())).arg("--version").output();
    String::from_utf8(version.unwrap().stdout).unwrap()
}

fn mistakes() -> Vec<PathBuf> {
    let files = fs::read_dir(HERE).unwrap().map(|entry| entry.unwrap().path());
    let mistakes: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
    assert!(mistakes.len() >= 6, "{mistakes:?}");
    mistakes
}

fn copied() -> PathBuf {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
    fs::create_dir_all(&copies).unwrap();
    for mistake in mistakes() {
        fs::copy(&mistake, copies.join(mistake.file_name().unwrap())).unwrap();
    }
    copies
}
