//! The figures as a table, for a person, for the README and for a program.

use std::fmt::Write as _;

use super::limits::{flash_of, limits};
use super::programs::{COUNTED, COUNTS, PEERS, PROFILES, PROGRAMS, Program, TARGETS};
use crate::figures::{Figures, array, grouped};

/// Where the table stands in the README.
const BEGIN: &str = "<!-- The table is written by `cargo xtask size --accept`. -->\n";
const END: &str = "<!-- The end of the table. -->\n";

/// For a terminal.
pub fn text(figures: &Figures) -> String {
    let mut text = format!("{:<10}", "");
    for target in &TARGETS {
        let _ = write!(text, " | {:<width$}", target.name(), width = if target.is_run { 34 } else { 28 });
    }
    let _ = write!(text, "\n{:<10}", "program");
    for target in &TARGETS {
        let stack = if target.is_run { format!(" {:>5}", "stack") } else { String::new() };
        let _ = write!(text, " | {:>7} {:>7} {:>5} {:>6}{stack}", ".text", ".rodata", ".data", ".bss");
    }
    text.push('\n');
    for program in PROGRAMS.iter().chain(&PEERS) {
        let _ = write!(text, "{:<10}", program.name);
        for target in &TARGETS {
            let figure = |name| shown(figures.get(target.triple, program.name, name));
            let stack = if target.is_run { format!(" {:>5}", figure("stack")) } else { String::new() };
            let (code, constants, data, bss) =
                (figure("text"), figure("rodata"), figure("data"), figure("bss"));
            let _ = write!(text, " | {code:>7} {constants:>7} {data:>5} {bss:>6}{stack}");
        }
        text.push('\n');
    }
    text.push_str("\nlimits, on ");
    let _ = writeln!(text, "{}", TARGETS[0].name());
    for limit in limits(figures) {
        let _ = writeln!(
            text,
            "{:<41} {:>6}, at most {:>5}: {}",
            limit.what,
            limit.figure,
            limit.most,
            limit.verdict()
        );
    }
    text
}

/// For the README, with its marks.
pub fn markdown(figures: &Figures) -> String {
    let mut table = BEGIN.to_owned();
    table.push_str("| program |");
    for target in &TARGETS {
        let _ = write!(table, " {} |{}", target.name(), if target.is_run { " stack |" } else { "" });
    }
    table.push_str(" limit, on the first |\n|---|");
    for target in &TARGETS {
        table.push_str(if target.is_run { "---:|---:|" } else { "---:|" });
    }
    table.push_str("---|\n");
    for program in PROGRAMS.iter().chain(&PEERS) {
        let _ = write!(table, "| `{}`: {} |", program.name, program.about);
        for target in &TARGETS {
            let figure = |name| shown(figures.get(target.triple, program.name, name));
            let _ = write!(table, " {} + {} |", figure("text"), figure("rodata"));
            if target.is_run {
                let _ = write!(table, " {} |", figure("stack"));
            }
        }
        let _ = writeln!(table, " {} |", goal(figures, program));
    }
    let _ = writeln!(
        table,
        "\n| instructions, on {} | opt-level z | opt-level 3 | limit |\n|---|---:|---:|---|",
        TARGETS[0].name()
    );
    for (name, about, most) in COUNTS {
        let figure = |figure| figures.get(COUNTED, name, figure);
        let bytes = figure("bytes");
        let of = bytes.map(|bytes| format!(": {bytes} bytes")).unwrap_or_default();
        let most = most.instructions(bytes.unwrap_or_default());
        let _ = write!(table, "| {about}{of} |");
        let mut is_met = true;
        for (profile, _) in PROFILES {
            let count = figure(profile);
            is_met &= count.is_some_and(|count| count <= most);
            let _ = write!(table, " {} |", shown(count));
        }
        let _ = writeln!(table, " {} |", verdict(&grouped(most), is_met));
    }
    table.push_str(END);
    table
}

fn goal(figures: &Figures, program: &Program) -> String {
    let (Some(flash), Some(stack)) = (program.flash, program.stack) else { return String::new() };
    let target = TARGETS[0].triple;
    let is_met = |figure: Option<u64>, most| figure.is_some_and(|figure| figure <= most);
    let flash_met = is_met(flash_of(figures, target, program.name), flash);
    let stack_met = is_met(figures.get(target, program.name, "stack"), stack);
    format!("{}; stack {}", verdict(&grouped(flash), flash_met), verdict(&grouped(stack), stack_met))
}

fn verdict(most: &str, is_met: bool) -> String {
    format!("{most}, {}", if is_met { "met" } else { "missed" })
}

/// As `21,288`; a dash for none.
fn shown(figure: Option<u64>) -> String {
    figure.map_or_else(|| "–".to_owned(), grouped)
}

/// The README with another table.
///
/// # Errors
/// Where it has no place for one.
pub fn replaced(readme: &str, table: &str) -> Result<String, String> {
    let none = || format!("the README has no place for the table: {BEGIN}{END}");
    let (before, rest) = readme.split_once(BEGIN).ok_or_else(none)?;
    let (_, after) = rest.split_once(END).ok_or_else(none)?;
    Ok(format!("{before}{table}{after}"))
}

/// For a program.
pub fn json(figures: &Figures, panics: &[String]) -> String {
    let limits: Vec<String> = limits(figures)
        .iter()
        .map(|limit| {
            let (what, most, figure, is_met) = (&limit.what, limit.most, limit.figure, limit.is_met());
            format!("    {{\"what\": \"{what}\", \"most\": {most}, \"figure\": {figure}, \"met\": {is_met}}}")
        })
        .collect();
    let panics: Vec<String> = panics.iter().map(|name| format!("    \"{name}\"")).collect();
    format!(
        "{{\n  \"compiler\": \"{}\",\n  \"figures\": {},\n  \"limits\": {},\n  \"panics\": {}\n}}",
        figures.compiler,
        figures.json(),
        array(&limits),
        array(&panics)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Figures {
        let mut figures = Figures::new("1.95.0".to_owned());
        let row = [("text", 4000), ("rodata", 97), ("data", 0), ("bss", 0), ("stack", 512)];
        figures.add(TARGETS[0].triple, "exchange", &row);
        figures.add(COUNTED, "request", &[("opt-z", 701), ("opt-3", 428)]);
        figures
    }

    #[test]
    fn the_table_says_what_is_missed() {
        let table = markdown(&some());
        let row = table.lines().find(|line| line.contains("`exchange`")).unwrap_or_default();
        assert!(row.contains("| 4,000 + 97 | 512 | – + – | – |"), "{row}");
        assert!(row.ends_with("| 4,096, missed; stack 512, met |"), "{row}");
        assert!(table.contains("| 701 | 428 | 700, missed |"));
        assert!(text(&some()).contains("MISSED by 1"));
    }

    #[test]
    fn the_readme_gets_another_table_and_nothing_else() {
        let readme = format!("before\n{BEGIN}old\n{END}after\n");
        let table = format!("{BEGIN}new\n{END}");
        assert_eq!(replaced(&readme, &table), Ok(format!("before\n{BEGIN}new\n{END}after\n")));
        assert!(replaced("nothing", &table).is_err());
        assert!(replaced(BEGIN, &table).is_err());
    }

    #[test]
    fn a_program_can_read_the_figures() {
        let json = json(&some(), &["v: panic".to_owned()]);
        assert!(json.contains(
            "{\"section\": \"instructions\", \"name\": \"request\", \"opt-z\": 701, \"opt-3\": 428}"
        ));
        assert!(json.contains("\"most\": 700, \"figure\": 701, \"met\": false}"));
        assert!(json.contains("\"panics\": [\n    \"v: panic\"\n  ]"));
    }
}
