//! Features, alone and in pairs: each set of them must build by itself.

use std::collections::BTreeSet;
use std::fs;

use crate::line::Line;
use crate::steps::add_target;

/// A target without an operating system and without atomic compare-and-swap, for the features that need neither.
const BARE: &str = "thumbv6m-none-eabi";

/// A feature and those that it turns on.
#[derive(Debug, PartialEq, Eq)]
struct Feature {
    name: String,
    implies: Vec<String>,
}

/// Each feature alone, on the host and on bare metal.
pub fn check_each() -> Result<(), String> {
    check(1)
}

/// Every pair of features, too.
pub fn check_pairs() -> Result<(), String> {
    check(2)
}

fn check(depth: usize) -> Result<(), String> {
    let manifest = fs::read_to_string(xtask::root().join("Cargo.toml"));
    let features = features(&manifest.map_err(|e| format!("cannot read Cargo.toml: {e}"))?);
    if features.is_empty() {
        return Err("there is no feature in Cargo.toml".to_owned());
    }
    add_target(BARE)?;
    let everywhere = sets(&features, depth);
    let bare: Vec<_> = everywhere.iter().filter(|set| !closure(&features, set).contains("std")).collect();
    println!(
        "  {} sets of {} features, {} of them on bare metal",
        everywhere.len(),
        features.len(),
        bare.len()
    );
    everywhere.iter().try_for_each(|set| clippy(set, ""))?;
    bare.into_iter().try_for_each(|set| clippy(set, &format!(" --target {BARE}")))
}

/// Of the library alone, so that no dependency of tests lends it a feature. The lints cost little beside the check.
fn clippy(set: &[&str], target: &str) -> Result<(), String> {
    let features = if set.is_empty() { String::new() } else { format!(" --features {}", set.join(",")) };
    Line::new(&format!("cargo clippy --quiet --lib --no-default-features{features}{target} -- -D warnings"))
        .run()
}

/// All sets of at most `depth` features of which none turns on another, and no feature at all.
fn sets(features: &[Feature], depth: usize) -> Vec<Vec<&str>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..depth {
        let shorter: Vec<Vec<&str>> = all.iter().skip(from).cloned().collect();
        from = all.len();
        for set in shorter {
            // Each set once, in the order of the manifest.
            let behind = features.iter().position(|feature| Some(&feature.name.as_str()) == set.last());
            for feature in features.iter().skip(behind.map_or(0, |at| at + 1)) {
                let is_implied = closure(features, &set).contains(feature.name.as_str());
                let implies = closure(features, &[feature.name.as_str()]);
                if !is_implied && set.iter().all(|name| !implies.contains(name)) {
                    all.push(set.iter().copied().chain([feature.name.as_str()]).collect());
                }
            }
        }
    }
    all
}

/// The features of a set, and all that they turn on.
fn closure<'f>(features: &'f [Feature], set: &[&'f str]) -> BTreeSet<&'f str> {
    let mut closed = BTreeSet::new();
    let mut open = set.to_vec();
    while let Some(name) = open.pop() {
        let is_new = closed.insert(name);
        let found = features.iter().find(|feature| is_new && feature.name == name);
        open.extend(found.into_iter().flat_map(|feature| feature.implies.iter().map(String::as_str)));
    }
    closed
}

/// The section `[features]` of a manifest, without `default`, which must be empty here.
fn features(manifest: &str) -> Vec<Feature> {
    let lines = manifest.lines().map(str::trim);
    let section =
        lines.skip_while(|line| *line != "[features]").skip(1).take_while(|line| !line.starts_with('['));
    let entries = section.filter_map(|line| line.split_once('=')).filter(|(name, _)| !name.starts_with('#'));
    let named = entries.map(|(name, implied)| Feature {
        name: name.trim().to_owned(),
        // What is in quotes and is no dependency.
        implies: implied
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(|w| !w.contains([':', '/']))
            .map(str::to_owned)
            .collect(),
    });
    named.filter(|feature| feature.name != "default").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
[package]
name = \"x\"
[features]
default = []
# A = \"b\"
alloc = []
std = [\"alloc\", \"embedded-io/std\"]
tcp = [\"std\", \"dep:socket2\"]
log = [\"dep:log\"]
[dependencies]
not = \"1\"
";

    #[test]
    fn features_are_read_with_what_they_turn_on() {
        let features = features(MANIFEST);
        let names: Vec<&str> = features.iter().map(|feature| feature.name.as_str()).collect();
        assert_eq!(names, ["alloc", "std", "tcp", "log"]);
        assert_eq!(closure(&features, &["tcp"]), BTreeSet::from(["alloc", "std", "tcp"]));
    }

    #[test]
    fn sets_are_those_that_differ() {
        let features = features(MANIFEST);
        let one: Vec<String> = sets(&features, 1).iter().map(|set| set.join("+")).collect();
        assert_eq!(one, ["", "alloc", "std", "tcp", "log"]);
        let two: Vec<String> = sets(&features, 2).iter().map(|set| set.join("+")).collect();
        assert_eq!(two, ["", "alloc", "std", "tcp", "log", "alloc+log", "std+log", "tcp+log"]);
    }

    #[test]
    fn the_features_of_the_crate_are_found() {
        let manifest = fs::read_to_string(xtask::root().join("Cargo.toml")).unwrap_or_default();
        let features = features(&manifest);
        let std_tcp = features.iter().find(|feature| feature.name == "std-tcp");
        assert_eq!(std_tcp.map(|feature| feature.implies.clone()), Some(vec!["std".to_owned()]));
        // Pairs turn nothing on by default.
        assert!(manifest.contains("\ndefault = []\n"));
    }
}
