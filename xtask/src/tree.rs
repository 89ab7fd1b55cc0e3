//! The dependencies that a user of the crate gets: a fixed list, so that a new one is a decision.

use std::collections::BTreeSet;

use crate::line::Line;

/// Without features: the crate, its dependencies, and what their macros need at compile time.
const BARE: [&str; 12] = [
    "rayforce-ipc",
    "byteorder",
    "embedded-io",
    "hash32",
    "heapless",
    "proc-macro2",
    "quote",
    "stable_deref_trait",
    "syn",
    "unicode-ident",
    "zerocopy",
    "zerocopy-derive",
];

/// What the TCP transport adds.
const TCP: [&str; 2] = ["libc", "socket2"];

/// What the transport over smoltcp adds.
const SMOLTCP: [&str; 4] = ["bitflags", "cfg-if", "managed", "smoltcp"];

/// What the loggers add.
const LOG: [&str; 1] = ["log"];
const DEFMT: [&str; 6] = ["bitflags", "defmt", "defmt-macros", "defmt-parser", "thiserror", "thiserror-impl"];

pub fn check() -> Result<(), String> {
    check_features("--no-default-features", &BARE)?;
    check_features("--no-default-features --features std-tcp", &[&BARE[..], &TCP[..]].concat())?;
    check_features("--no-default-features --features smoltcp", &[&BARE[..], &SMOLTCP[..]].concat())?;
    check_features("--no-default-features --features log", &[&BARE[..], &LOG[..]].concat())?;
    check_features("--no-default-features --features defmt", &[&BARE[..], &DEFMT[..]].concat())
}

fn check_features(features: &str, allowed: &[&str]) -> Result<(), String> {
    let line = Line::new(&format!("cargo tree -e normal --prefix none {features}"));
    println!("$ {line}");
    let tree = line.output()?;
    let names = names(&tree);
    println!("  {} crates: {}", names.len(), names.iter().copied().collect::<Vec<_>>().join(", "));
    compare(&names, allowed).map_err(|difference| format!("`{line}`: {difference}"))
}

fn names(tree: &str) -> BTreeSet<&str> {
    tree.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

fn compare(names: &BTreeSet<&str>, allowed: &[&str]) -> Result<(), String> {
    let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
    let list = |difference: BTreeSet<&str>| difference.into_iter().collect::<Vec<_>>().join(", ");
    let (intruders, missing) = (list(names - &allowed), list(&allowed - names));
    match (intruders.is_empty(), missing.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("not in the list of xtask/src/tree.rs: {intruders}")),
        (true, false) => Err(format!("no longer needed, so remove from xtask/src/tree.rs: {missing}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
rayforce-ipc v0.1.0 (somewhere)
heapless v0.9.3
hash32 v0.3.1
zerocopy-derive v0.8.31 (proc-macro)
hash32 v0.3.1 (*)

";

    #[test]
    fn the_names_are_the_first_words() {
        let expected = BTreeSet::from(["rayforce-ipc", "heapless", "hash32", "zerocopy-derive"]);
        assert_eq!(names(TREE), expected);
    }

    #[test]
    fn differences_are_named() {
        let names = names(TREE);
        assert_eq!(compare(&names, &["hash32", "heapless", "rayforce-ipc", "zerocopy-derive"]), Ok(()));
        let intruder = compare(&names, &["heapless", "rayforce-ipc", "zerocopy-derive"]);
        assert!(intruder.is_err_and(|e| e.ends_with(": hash32")));
        let missing = compare(&names, &["hash32", "heapless", "rayforce-ipc", "zerocopy-derive", "gone"]);
        assert!(missing.is_err_and(|e| e.ends_with(": gone")));
    }

    #[test]
    fn each_feature_adds_something() {
        assert!(TCP.iter().chain(&SMOLTCP).chain(&LOG).chain(&DEFMT).all(|name| !BARE.contains(name)));
    }
}
