//! The figures as tables, for a person, for the document and for a program.

use std::fmt::Write as _;

use super::footprint::Footprint;
use super::measures::{Place, Subject};
use super::results::Results;
use super::run::{Figure, Row};
use super::stats::Quartiles;

/// The places of the tables in the document.
const BEGIN: &str = "<!-- What follows is written by `cargo xtask bench --peers --accept`. -->\n";
const END: &str = "<!-- The end of what is written. -->\n";

const CLIENTS: [Subject; 4] = [Subject::Ours, Subject::Official, Subject::Python, Subject::Kdb];

/// For a terminal.
pub fn text(results: &Results) -> String {
    let mut text = format!("{}\n\n{:<18} {:>10}", results.machine, "measure", "base");
    for client in CLIENTS {
        let _ = write!(text, " | {:<25}", client.name());
    }
    text.push('\n');
    for row in &results.rows {
        let _ = write!(text, "{:<18} {:>10}", row.measure.name, duration(row.base_ns.median));
        for client in CLIENTS {
            let cell = row.of(client).map(|figure| terminal_cell(row, figure)).unwrap_or_default();
            let _ = write!(text, " | {cell:<25}");
        }
        text.push('\n');
    }
    for (subject, count) in &results.calls {
        let _ = writeln!(text, "system calls of a round trip: {:<18} {}", subject.name(), number(*count));
    }
    for print in &results.footprints {
        let _ = writeln!(text, "{:<18} {}", print.subject.name(), footprint(print).join(", "));
    }
    text.push_str("\nlimits of rayforce-ipc\n");
    for limit in results.limits() {
        let verdict = if limit.is_met() { "met" } else { "MISSED" };
        let (figure, most) = (number(limit.figure), number(limit.most));
        let _ = writeln!(text, "  {:<24} {figure:>8}, at most {most:>6}: {verdict}", limit.what);
    }
    for problem in &results.problems {
        let _ = writeln!(text, "NOT RUN: {problem}");
    }
    text
}

/// As `1.02 [1.00 1.04] cpu 1.10`.
fn terminal_cell(row: &Row, figure: &Figure) -> String {
    let time = row.time(figure);
    let cpu = if row.measure.place == Place::Memory {
        String::new()
    } else {
        format!(" cpu {}", number(figure.cpu.median))
    };
    format!("{} [{} {}]{cpu}", number(time.median), number(time.low), number(time.high))
}

/// For the document, with its marks.
pub fn markdown(results: &Results) -> String {
    let mut text = BEGIN.to_owned();
    let _ = writeln!(text, "Measured on {}; {} of each.\n", results.machine, results.rounds);
    text.push_str("### Over TCP\n\n![Over TCP](performance/network.svg)\n\n");
    table(&mut text, results, |place| place != Place::Memory);
    text.push_str("\nProcessor time of the client:\n\n");
    cpu_table(&mut text, results);
    text.push_str("\nSystem calls of a round trip: ");
    let calls: Vec<String> = results
        .calls
        .iter()
        .map(|(subject, count)| format!("{} {}", subject.name(), number(*count)))
        .collect();
    let _ =
        writeln!(text, "{}.\n\n### In memory\n\n![In memory](performance/memory.svg)\n", calls.join(", "));
    table(&mut text, results, |place| place == Place::Memory);
    text.push_str("\n### A program that runs one query\n\n");
    footprint_table(&mut text, results);
    text.push_str("\n### The limits\n\n| what | figure | at most | |\n|---|---:|---:|---|\n");
    for limit in results.limits() {
        let verdict = if limit.is_met() { "met" } else { "**missed**" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {verdict} |",
            limit.what,
            number(limit.figure),
            number(limit.most)
        );
    }
    for problem in &results.problems {
        let _ = writeln!(text, "\nNot run: {problem}.");
    }
    text.push_str(END);
    text
}

fn table(text: &mut String, results: &Results, is_wanted: impl Fn(Place) -> bool) {
    text.push_str("| measure | base |");
    for client in CLIENTS {
        let _ = write!(text, " {} |", client.name());
    }
    text.push_str("\n|---|---:|---:|---:|---:|---:|\n");
    for row in results.rows.iter().filter(|row| is_wanted(row.measure.place)) {
        let base = duration(row.base_ns.median);
        let _ = write!(text, "| `{}`: {} | {base} |", row.measure.name, row.measure.about);
        for client in CLIENTS {
            let cell = match row.of(client) {
                Some(figure) => markdown_cell(row.time(figure)),
                None if client == row.measure.base => "1".to_owned(),
                None => "–".to_owned(),
            };
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
}

fn cpu_table(text: &mut String, results: &Results) {
    let clients = CLIENTS.iter().filter(|client| **client != Subject::Kdb);
    text.push_str("| measure |");
    for client in clients.clone() {
        let _ = write!(text, " {} |", client.name());
    }
    text.push_str("\n|---|---:|---:|---:|\n");
    for row in results.rows.iter().filter(|row| row.measure.place != Place::Memory) {
        let _ = write!(text, "| `{}` |", row.measure.name);
        for client in clients.clone() {
            let cell = row.of(*client).map_or_else(|| "–".to_owned(), |figure| markdown_cell(figure.cpu));
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
}

/// As `1.02 (1.00–1.04)`.
fn markdown_cell(ratio: Quartiles) -> String {
    format!("{} ({}–{})", number(ratio.median), number(ratio.low), number(ratio.high))
}

fn footprint_table(text: &mut String, results: &Results) {
    text.push_str(
        "| client | program | resident | crates | clean build | needs |\n|---|---:|---:|---:|---:|---|\n",
    );
    for print in &results.footprints {
        let _ = writeln!(text, "| {} | {} |", print.subject.name(), footprint(print).join(" | "));
    }
    if let Some(flash) = results.flash {
        let flash = kilobytes(flash);
        let _ = writeln!(text, "| rayforce-ipc without std, thumbv7m | {flash} | – | – | – | Rust |");
    }
}

fn footprint(print: &Footprint) -> [String; 5] {
    let none = || "–".to_owned();
    [
        print.size.map_or_else(none, kilobytes),
        print.resident.map_or_else(none, kilobytes),
        print.crates.map_or_else(none, |count| count.to_string()),
        print.build.map_or_else(none, |seconds| format!("{seconds:.1} s")),
        print.needs.to_owned(),
    ]
}

fn kilobytes(bytes: u64) -> String {
    let kibi = bytes as f64 / 1024.0;
    if kibi < 1024.0 { format!("{kibi:.0} KiB") } else { format!("{:.1} MiB", kibi / 1024.0) }
}

/// With three digits at least, and two decimals at most.
fn number(number: f64) -> String {
    match number.abs() {
        ..10.0 => format!("{number:.2}"),
        ..100.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

fn duration(ns: f64) -> String {
    match ns {
        ..1e3 => format!("{ns:.1} ns"),
        ..1e6 => format!("{:.1} µs", ns / 1e3),
        _ => format!("{:.1} ms", ns / 1e6),
    }
}

/// The document with other figures.
///
/// # Errors
/// Where it has no place for them.
pub fn replaced(document: &str, figures: &str) -> Result<String, String> {
    let none = || format!("the document has no place for the figures: {BEGIN}{END}");
    let (before, rest) = document.split_once(BEGIN).ok_or_else(none)?;
    let (_, after) = rest.split_once(END).ok_or_else(none)?;
    Ok(format!("{before}{figures}{after}"))
}

/// For a program.
pub fn json(results: &Results) -> String {
    let mut figures = Vec::new();
    for row in &results.rows {
        for figure in &row.figures {
            figures.push(format!(
                "{{\"measure\": \"{}\", \"client\": \"{}\", \"base\": \"{}\", \"base_ns\": {}, \"wall\": {}, \"cpu\": {}}}",
                row.measure.name,
                figure.subject.package(),
                row.measure.base.package(),
                quartiles(row.base_ns),
                quartiles(figure.wall),
                quartiles(figure.cpu)
            ));
        }
    }
    let calls = results.calls.iter();
    let calls = calls.map(|(of, count)| format!("{{\"client\": \"{}\", \"calls\": {count}}}", of.package()));
    let prints = results.footprints.iter().map(|print| {
        format!(
            "{{\"client\": \"{}\", \"bytes\": {}, \"resident\": {}, \"crates\": {}, \"build_s\": {}}}",
            print.subject.package(),
            or_null(print.size),
            or_null(print.resident),
            or_null(print.crates),
            or_null(print.build)
        )
    });
    let limits = results.limits();
    let limits = limits.iter().map(|limit| {
        let (what, figure, most, is_met) = (&limit.what, limit.figure, limit.most, limit.is_met());
        format!("{{\"what\": \"{what}\", \"figure\": {figure}, \"most\": {most}, \"met\": {is_met}}}")
    });
    let problems = results.problems.iter().map(|problem| format!("{problem:?}"));
    format!(
        "{{\n  \"machine\": {:?},\n  \"figures\": {},\n  \"calls\": {},\n  \"footprints\": {},\n  \"limits\": {},\n  \
         \"not_run\": {}\n}}",
        results.machine,
        array(figures.into_iter()),
        array(calls),
        array(prints),
        array(limits),
        array(problems)
    )
}

fn quartiles(of: Quartiles) -> String {
    format!("[{}, {}, {}]", of.low, of.median, of.high)
}

fn or_null(number: Option<impl ToString>) -> String {
    number.map_or_else(|| "null".to_owned(), |number| number.to_string())
}

fn array(items: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = items.map(|item| format!("    {item}")).collect();
    if lines.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", lines.join(",\n")) }
}

#[cfg(test)]
pub mod tests {
    use super::super::measures::MEASURES;
    use super::*;

    /// One measure, of two clients.
    pub fn some() -> Results {
        let all = |median| Quartiles { low: median - 0.01, median, high: median + 0.01 };
        let figure = |subject, wall, cpu| Figure { subject, wall: all(wall), cpu: all(cpu) };
        let figures = [figure(Subject::Ours, 1.02, 1.2), figure(Subject::Official, 11.0, 125.0)];
        let rows = MEASURES.iter().take(1).map(|measure| (measure, all(15_000.0)));
        let mut rows: Vec<Row> =
            rows.map(|(measure, base_ns)| Row { measure, base_ns, figures: Vec::new() }).collect();
        rows.iter_mut().take(1).for_each(|row| row.figures.extend(figures.iter().copied()));
        Results {
            machine: "2 cores".to_owned(),
            rounds: "3 rounds",
            rows,
            calls: vec![(Subject::Bare, 3.0), (Subject::Ours, 2.0)],
            footprints: Vec::new(),
            flash: Some(21_282),
            problems: vec!["kdb_codec 1.1.0: no \"codec\"".to_owned()],
        }
    }

    #[test]
    fn the_table_says_what_is_missed_and_not_run() {
        let text = text(&some());
        let line =
            |start: &str| text.lines().find(|line| line.contains(start)).unwrap_or_default().to_owned();
        assert!(line("round-trip  ").contains("15.0 µs | 1.02 [1.01 1.03] cpu 1.20"), "{text}");
        assert!(line("  round-trip, processor").ends_with("at most   1.05: MISSED"), "{text}");
        assert!(line("  system calls").ends_with("2.00, at most   3.00: met"), "{text}");
        assert!(line("NOT RUN").contains("kdb_codec"), "{text}");
    }

    #[test]
    fn the_document_has_the_same_figures() {
        let text = markdown(&some());
        assert!(text.contains("| 15.0 µs | 1.02 (1.01–1.03) | 11.0 (11.0–11.0) | – | – |"), "{text}");
        assert!(text.contains("| round-trip, processor | 1.20 | 1.05 | **missed** |"), "{text}");
    }

    #[test]
    fn the_document_gets_other_figures_and_nothing_else() {
        let document = format!("before\n{BEGIN}old\n{END}after\n");
        assert_eq!(replaced(&document, "new\n"), Ok("before\nnew\nafter\n".to_owned()));
        assert!(replaced(BEGIN, "new\n").is_err());
    }

    #[test]
    fn a_program_can_read_the_figures() {
        let json = json(&some());
        assert!(json.contains("\"client\": \"official\", \"base\": \"bare\""), "{json}");
        assert!(json.contains("\"most\": 1.05, \"met\": false}"), "{json}");
        assert!(json.contains("no \\\"codec\\\""), "{json}");
    }
}
