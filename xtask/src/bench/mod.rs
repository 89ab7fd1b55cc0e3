//! How quick the crate is, beside others: `cargo xtask bench --peers`.
//!
//! ```text
//!  measures ─▶ build ─▶ run (subject, stats), calls, footprint ─▶ results ─▶ show, plot
//! ```

mod build;
mod calls;
mod footprint;
mod measures;
mod plot;
mod results;
mod run;
mod show;
mod stats;
mod subject;

use std::fs;
use std::path::Path;

use results::Results;

use crate::line::Line;
use crate::size;

/// Where the figures are shown.
const DOCUMENT: &str = "docs/performance.md";

/// What is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// The benches of this package, by cargo.
    Own,
    /// All clients; the figures are shown.
    Peers,
    /// The same, for a program.
    Json,
    /// They are written into the document, with plots.
    Accept,
    /// A run of some rounds, which only shows that everything works.
    Quick,
}

/// Measures.
///
/// # Errors
/// What stands in the way of all of it. A client that cannot be measured is named among the figures.
pub fn run(mode: Mode) -> Result<(), String> {
    if mode == Mode::Own {
        return Line::new("cargo bench --features std-tcp").run();
    }
    let results = measure(mode == Mode::Quick)?;
    match mode {
        Mode::Json => println!("{}", show::json(&results)),
        _ => print!("{}", show::text(&results)),
    }
    if mode == Mode::Accept {
        let text = show::replaced(&read(DOCUMENT)?, &show::markdown(&results))?;
        write(DOCUMENT, &text)?;
        for (name, plot) in plot::all(&results) {
            write(&format!("docs/performance/{name}.svg"), &plot)?;
        }
    }
    Ok(())
}

fn measure(is_quick: bool) -> Result<Results, String> {
    let (programs, mut problems) = build::all();
    let server = run::server(&programs)?;
    if !run::can_pin() {
        problems.push("taskset is missing: programs ran on any core".to_owned());
    }
    let mut also = |more: Vec<String>| problems.extend(more);
    let (calls, more) = calls::all(&programs, server.port());
    also(more);
    let (rows, more) = run::all(&programs, &server, is_quick);
    also(more);
    let (footprints, more) = footprint::all(&programs, server.port(), is_quick);
    also(more);
    let rounds = if is_quick { "some rounds" } else { "21 to 61 rounds" };
    let (machine, flash) = (results::machine(), size::accepted_flash("connection"));
    Ok(Results { machine, rounds, rows, calls, footprints, flash, problems })
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(xtask::root().join(path)).map_err(|e| format!("cannot read {path}: {e}"))
}

fn write(path: &str, text: &str) -> Result<(), String> {
    let whole = xtask::root().join(path);
    let made = fs::create_dir_all(whole.parent().unwrap_or(Path::new(".")));
    made.and_then(|()| fs::write(whole, text)).map_err(|e| format!("cannot write {path}: {e}"))
}
