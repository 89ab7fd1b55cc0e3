//! The figures, and the file that holds those that were accepted.

use std::fmt;

/// Figures in sections of rows, in the order in which they were measured. In the file, which is TOML, a row is a line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Figures {
    /// The version of the compiler that made the programs.
    pub compiler: String,
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// A target, or [`COUNTS`](Figures::COUNTS).
    pub section: String,
    pub name: String,
    pub figures: Vec<(String, u64)>,
}

impl Figures {
    /// The section of the instructions.
    pub const COUNTS: &str = "instructions";

    pub fn new(compiler: String) -> Self {
        Figures { compiler, rows: Vec::new() }
    }

    pub fn add(&mut self, section: &str, name: &str, figures: &[(&str, u64)]) {
        let figures = figures.iter().map(|(name, figure)| ((*name).to_owned(), *figure)).collect();
        self.rows.push(Row { section: section.to_owned(), name: name.to_owned(), figures });
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn get(&self, section: &str, name: &str, figure: &str) -> Option<u64> {
        let row = self.rows.iter().find(|row| row.section == section && row.name == name)?;
        row.figures.iter().find(|(name, _)| name == figure).map(|(_, figure)| *figure)
    }

    /// Bytes of `.text` and `.rodata`.
    pub fn flash(&self, target: &str, program: &str) -> Option<u64> {
        Some(self.get(target, program, "text")? + self.get(target, program, "rodata")?)
    }

    /// Reads what `Display` has written.
    ///
    /// # Errors
    /// The line that cannot be read.
    pub fn parse(text: &str) -> Result<Figures, String> {
        let mut figures = Figures::default();
        let mut section = String::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let wrong = || format!("cannot be read: {line}");
            if let Some(name) = line.strip_prefix('[') {
                name.strip_suffix(']').ok_or_else(wrong)?.clone_into(&mut section);
            } else {
                let (name, value) = line.split_once(" = ").ok_or_else(wrong)?;
                if name == "compiler" && section.is_empty() {
                    value.trim_matches('"').clone_into(&mut figures.compiler);
                } else {
                    let (section, name) = (section.clone(), name.to_owned());
                    figures.rows.push(Row { section, name, figures: inline(value).ok_or_else(wrong)? });
                }
            }
        }
        Ok(figures)
    }
}

/// The pairs of `{ text = 1, rodata = 2 }`.
fn inline(table: &str) -> Option<Vec<(String, u64)>> {
    let pairs = table.strip_prefix('{')?.strip_suffix('}')?.split(',').map(str::trim);
    pairs
        .map(|pair| {
            pair.split_once(" = ").and_then(|(name, figure)| Some((name.to_owned(), figure.parse().ok()?)))
        })
        .collect()
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Written by `cargo xtask size --accept`. Bytes over the empty program; of the stack, beyond what is lent."
        )?;
        writeln!(f, "compiler = \"{}\"", self.compiler)?;
        let mut section = "";
        for row in &self.rows {
            if row.section != section {
                section = &row.section;
                writeln!(f, "\n[{section}]")?;
            }
            let pairs: Vec<String> =
                row.figures.iter().map(|(name, figure)| format!("{name} = {figure}")).collect();
            writeln!(f, "{} = {{ {} }}", row.name, pairs.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Figures {
        let mut figures = Figures::new("1.95.0".to_owned());
        figures.add("thumbv7m-none-eabi", "exchange", &[("text", 100), ("rodata", 20), ("stack", 300)]);
        figures.add("thumbv7m-none-eabi", "rust-mqtt", &[("text", 100)]);
        figures.add(Figures::COUNTS, "request", &[("opt-z", 428)]);
        figures
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Figures::parse(&some().to_string()), Ok(some()));
    }

    #[test]
    fn figures_are_found_by_their_names() {
        let figures = some();
        assert_eq!(figures.get("thumbv7m-none-eabi", "exchange", "stack"), Some(300));
        assert_eq!(figures.get("thumbv7m-none-eabi", "rust-mqtt", "stack"), None);
        assert_eq!(figures.get("thumbv6m-none-eabi", "exchange", "text"), None);
        assert_eq!(figures.flash("thumbv7m-none-eabi", "exchange"), Some(120));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["[a", "a", "a = 1", "a = { b }", "a = { b = c }", "a = { b = -1 }"] {
            assert!(Figures::parse(text).is_err(), "{text}");
        }
    }
}
