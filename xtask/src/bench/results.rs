//! All that came out, and whether it is within the limits.

use super::footprint::Footprint;
use super::measures::{Place, Subject};
use super::run::Row;

pub struct Results {
    /// The machine, in words.
    pub machine: String,
    pub rounds: &'static str,
    pub rows: Vec<Row>,
    /// System calls for each round trip.
    pub calls: Vec<(Subject, f64)>,
    pub footprints: Vec<Footprint>,
    /// Bytes of flash of the program that does without std, from the table of sizes.
    pub flash: Option<u64>,
    /// What could not be measured, and why.
    pub problems: Vec<String>,
}

/// A figure with the most that it may be.
#[derive(Debug, PartialEq)]
pub struct Limit {
    pub what: String,
    pub figure: f64,
    pub most: f64,
}

impl Limit {
    pub fn is_met(&self) -> bool {
        // As it is shown: in hundredths.
        (self.figure * 100.0).round() <= (self.most * 100.0).round()
    }
}

impl Results {
    /// The limits, with those figures that there are.
    pub fn limits(&self) -> Vec<Limit> {
        let kibi = |bytes: Option<u64>| bytes.map(|bytes| bytes as f64 / 1024.0);
        let mut limits = Vec::new();
        let mut add = |what: String, figure: Option<f64>, most: Option<f64>| {
            limits.extend(figure.zip(most).map(|(figure, most)| Limit { what, figure, most }));
        };
        for row in &self.rows {
            let Some(figure) = row.of(Subject::Ours) else { continue };
            let name = row.measure.name;
            add(name.to_owned(), Some(row.time(figure).median), row.measure.wall);
            if row.measure.place != Place::Memory {
                add(format!("{name}, processor"), Some(figure.cpu.median), row.measure.cpu);
            }
        }
        let calls = |subject| self.calls.iter().find(|(of, _)| *of == subject).map(|(_, count)| *count);
        add("system calls".to_owned(), calls(Subject::Ours), calls(Subject::Bare));
        if let Some(print) = self.footprints.iter().find(|print| print.subject == Subject::Ours) {
            add("program, KiB".to_owned(), kibi(print.size), Some(400.0));
            add("resident, KiB".to_owned(), kibi(print.resident), Some(2.1 * 1024.0));
            add("crates".to_owned(), print.crates.map(|count| count as f64), Some(10.0));
            add("clean build, s".to_owned(), print.build, Some(10.0));
        }
        add("without std, KiB".to_owned(), kibi(self.flash), Some(40.0));
        limits
    }
}

/// The processor and its cores.
pub fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel: Vec<&str> = kernel.trim().split(['.', '-']).take(2).collect();
    let system = std::env::consts::OS;
    format!("{cores} cores of {}, {system} {}", if model.is_empty() { "?" } else { model }, kernel.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_met_as_it_is_shown() {
        let limit = |figure| Limit { what: String::new(), figure, most: 1.05 };
        assert!(limit(1.054).is_met());
        assert!(!limit(1.056).is_met());
    }
}
