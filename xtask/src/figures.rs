//! The figures, and the file that holds those that were accepted.

use std::fmt::Write as _;

/// Figures in sections of rows, in the order in which they were measured. In the file, which is TOML, a row is a line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Figures {
    /// The version of the compiler that made the programs.
    pub compiler: String,
    /// Why they were accepted, where that was asked for.
    pub reason: String,
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    pub section: String,
    pub name: String,
    pub figures: Vec<(String, u64)>,
}

impl Figures {
    pub fn new(compiler: String) -> Self {
        Figures { compiler, ..Figures::default() }
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

    /// Reads what [`toml`](Figures::toml) has written.
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
                match (name, section.is_empty()) {
                    ("compiler", true) => value.trim_matches('"').clone_into(&mut figures.compiler),
                    ("reason", true) => value.trim_matches('"').clone_into(&mut figures.reason),
                    _ => {
                        let (section, name) = (section.clone(), name.to_owned());
                        figures.rows.push(Row { section, name, figures: inline(value).ok_or_else(wrong)? });
                    }
                }
            }
        }
        Ok(figures)
    }

    /// The file, whose first line says what it is.
    pub fn toml(&self, about: &str) -> String {
        let mut toml = format!("# {about}\ncompiler = \"{}\"\n", self.compiler);
        if !self.reason.is_empty() {
            // A text of TOML is not to hold either by itself.
            let _ = writeln!(toml, "reason = \"{}\"", self.reason.replace(['"', '\\', '\n'], "'"));
        }
        let mut section = "";
        for row in &self.rows {
            if row.section != section {
                section = &row.section;
                let _ = writeln!(toml, "\n[{section}]");
            }
            let pairs: Vec<String> =
                row.figures.iter().map(|(name, figure)| format!("{name} = {figure}")).collect();
            let _ = writeln!(toml, "{} = {{ {} }}", row.name, pairs.join(", "));
        }
        toml
    }

    /// The rows for a program.
    pub fn json(&self) -> String {
        let object = |row: &Row| {
            let pairs: Vec<String> =
                row.figures.iter().map(|(name, figure)| format!("\"{name}\": {figure}")).collect();
            let (section, name) = (&row.section, &row.name);
            format!("    {{\"section\": \"{section}\", \"name\": \"{name}\", {}}}", pairs.join(", "))
        };
        array(&self.rows.iter().map(object).collect::<Vec<_>>())
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

/// The elements of an array, one a line, for a program.
pub fn array(lines: &[String]) -> String {
    if lines.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", lines.join(",\n")) }
}

/// As `21,288`.
pub fn grouped(figure: u64) -> String {
    let digits = figure.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Figures {
        let mut figures = Figures::new("1.95.0".to_owned());
        figures.add("thumbv7m-none-eabi", "exchange", &[("text", 100), ("rodata", 20), ("stack", 300)]);
        figures.add("thumbv7m-none-eabi", "rust-mqtt", &[("text", 100)]);
        figures.add("instructions", "request", &[("opt-z", 428)]);
        figures
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Figures::parse(&some().toml("Some.")), Ok(some()));
        let reasoned = Figures { reason: "it does more".to_owned(), ..some() };
        assert_eq!(Figures::parse(&reasoned.toml("Some.")), Ok(reasoned));
    }

    #[test]
    fn a_reason_is_one_text() {
        let reasoned = Figures { reason: "a \"b\"\n[c]".to_owned(), ..some() };
        assert_eq!(
            Figures::parse(&reasoned.toml("Some.")).map(|read| read.reason),
            Ok("a 'b''[c]".to_owned())
        );
    }

    #[test]
    fn figures_are_found_by_their_names() {
        let figures = some();
        assert_eq!(figures.get("thumbv7m-none-eabi", "exchange", "stack"), Some(300));
        assert_eq!(figures.get("thumbv7m-none-eabi", "rust-mqtt", "stack"), None);
        assert_eq!(figures.get("thumbv6m-none-eabi", "exchange", "text"), None);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["[a", "a", "a = 1", "a = { b }", "a = { b = c }", "a = { b = -1 }"] {
            assert!(Figures::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"].map(str::to_owned),
            [0, 999, 1000, 1_234_567].map(grouped)
        );
    }
}
