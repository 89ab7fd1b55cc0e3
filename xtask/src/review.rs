//! `cargo xtask review`: what somebody looks at before a release, and what takes too long for every test.

use std::collections::BTreeSet;
use std::fs;

use crate::features;
use crate::line::Line;
use crate::miri;
use crate::steps::{Outcome, Step, TOOLS_BIN, has_tool, has_toolchain, step};

/// The list of everything public that the crate had when somebody last looked at it.
const BASELINE: &str = "xtask/public-api.txt";
/// The list of today, where it differs.
const CURRENT: &str = "target/public-api.txt";
/// The workspaces.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "firmware/Cargo.toml", "fuzz/Cargo.toml"];
/// What pages may link to although the archive does not have it: readers find it in the repository.
const NOT_SHIPPED: [&str; 6] = ["benches/", "examples/boards/", "firmware/", "fuzz/", "tests/", "xtask/"];

pub const STEPS: [Step; 5] = [
    step("features", "every feature and every pair of them builds without warnings", || {
        features::check_pairs().map(|()| Outcome::Passed)
    }),
    step("package", "the archive for the registry builds, documents included", package_with_documents),
    step("miri", "the unit tests, interpreted in the other byte order", miri::short),
    step("api", "everything public is in the list of what is public", api),
    step("deny", "licences, sources, versions and advisories of all dependencies", deny),
];

/// The archive builds with nothing but what is in it, and its pages link to what there is.
pub fn package() -> Result<Outcome, String> {
    let archive = Line::new("cargo package --package rayforce-ipc --list --allow-dirty").output()?;
    let archive: Vec<&str> = archive.lines().collect();
    for page in archive.iter().filter(|name| name.ends_with(".md")) {
        let text = read(page)?;
        let dead = dead_links(page, &text, &archive);
        if !dead.is_empty() {
            return Err(format!("{page} links to what is not there: {}", dead.join(", ")));
        }
    }
    let line = "cargo package --package rayforce-ipc --all-features --allow-dirty";
    Line::new(line).run().map(|()| Outcome::Passed)
}

/// The examples in the documents, which are files of the archive, too.
fn package_with_documents() -> Result<Outcome, String> {
    package()?;
    let manifest = read("Cargo.toml")?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    let version = version.ok_or("no version in Cargo.toml")?;
    let manifest = format!("target/package/rayforce-ipc-{version}/Cargo.toml");
    let line = Line::new(&format!("cargo test --doc --all-features --manifest-path {manifest}"));
    line.variable("CARGO_TARGET_DIR", "target").run().map(|()| Outcome::Passed)
}

/// The links of a page that lead neither into the archive nor into a folder of the repository that is not shipped.
fn dead_links<'t>(page: &str, text: &'t str, archive: &[&str]) -> Vec<&'t str> {
    let leads_somewhere = |link: &str| {
        let path = resolved(page, link);
        let is_shipped = !NOT_SHIPPED.iter().any(|folder| path.starts_with(folder));
        if is_shipped { archive.contains(&path.as_str()) } else { xtask::root().join(path).exists() }
    };
    links(text).filter(|link| !leads_somewhere(link)).collect()
}

/// What the links of a page point to, without those to other places and within the page.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let paths = targets.map(|target| target.split('#').next().unwrap_or_default());
    paths.filter(|path| !path.is_empty() && !path.contains("://"))
}

/// A link as a path from the root.
fn resolved(page: &str, link: &str) -> String {
    let mut path: Vec<&str> = page.split('/').collect();
    path.pop();
    for part in link.split('/') {
        match part {
            ".." => drop(path.pop()),
            "." | "" => {}
            name => path.push(name),
        }
    }
    path.join("/")
}

fn api() -> Result<Outcome, String> {
    if !has_toolchain("nightly") {
        return Ok(Outcome::NotRun("a nightly Rust is not installed and cannot be".to_owned()));
    }
    if !has_tool("cargo-public-api", "cargo public-api --version") {
        return Ok(Outcome::NotRun("cargo-public-api is not installed and cannot be".to_owned()));
    }
    // Without what follows from the rest (-ss): blanket impls, Send and Sync; tests hold the latter.
    let line = "cargo +nightly public-api --package rayforce-ipc --all-features -ss --color never";
    println!("$ {line}");
    let current = Line::new(line).search_first(TOOLS_BIN).output()?;
    let baseline = read(BASELINE)?;
    let (gone, new) = differences(&baseline, &current);
    if gone.is_empty() && new.is_empty() {
        return Ok(Outcome::Passed);
    }
    gone.iter().for_each(|line| println!("- {line}"));
    new.iter().for_each(|line| println!("+ {line}"));
    fs::write(xtask::root().join(CURRENT), &current).map_err(|e| format!("cannot write {CURRENT}: {e}"))?;
    Err(format!(
        "what is public changed: {} lines gone, {} new. If that is meant: cp {CURRENT} {BASELINE}",
        gone.len(),
        new.len()
    ))
}

/// The lines of one list that are not in the other, both ways.
fn differences<'t>(baseline: &'t str, current: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (baseline.lines().collect(), current.lines().collect());
    (old.difference(&new).copied().collect(), new.difference(&old).copied().collect())
}

fn deny() -> Result<Outcome, String> {
    if !has_tool("cargo-deny", "cargo deny --version") {
        return Ok(Outcome::NotRun("cargo-deny is not installed and cannot be".to_owned()));
    }
    let run = |manifest: &str, what: &str| {
        let options = format!("--log-level error --config deny.toml --manifest-path {manifest}");
        Line::new(&format!("cargo deny {options} check {what}")).search_first(TOOLS_BIN).run()
    };
    MANIFESTS.iter().try_for_each(|manifest| run(manifest, "bans licenses sources"))?;
    if !Line::new("cargo deny fetch db").search_first(TOOLS_BIN).succeeds() {
        let reason = "the advisories cannot be fetched; bans, licences and sources passed";
        return Ok(Outcome::NotRun(reason.to_owned()));
    }
    MANIFESTS.iter().try_for_each(|manifest| run(manifest, "advisories"))?;
    Ok(Outcome::Passed)
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(xtask::root().join(path)).map_err(|e| format!("cannot read {path}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_are_found() {
        let text = "[a](a.md#x) [b](../README.md) [c](#here) [d](https://d.example/) [e](../fuzz/README.md) [f](f.md)";
        let archive = ["docs/a.md", "README.md"];
        assert_eq!(dead_links("docs/page.md", text, &archive), ["f.md"]);
        assert_eq!(
            dead_links("docs/page.md", "[g](../fuzz/no-such-file.md)", &archive),
            ["../fuzz/no-such-file.md"]
        );
    }

    #[test]
    fn links_are_resolved_from_their_page() {
        assert_eq!(resolved("README.md", "docs/a.md"), "docs/a.md");
        assert_eq!(resolved("docs/a.md", "./b/../../LICENSE"), "LICENSE");
    }

    #[test]
    fn lines_that_differ_are_told_both_ways() {
        assert_eq!(differences("a\nb\nc\n", "b\nc\nd\n"), (vec!["a"], vec!["d"]));
        assert_eq!(differences("a\nb\n", "b\na\n"), (vec![], vec![]));
    }

    #[test]
    fn what_is_public_is_listed() {
        let baseline = read(BASELINE).unwrap_or_default();
        assert!(baseline.lines().any(|line| line == "pub mod rayforce_ipc::client"), "{BASELINE}");
    }
}
