//! The limits that the figures should keep.

use super::programs::{COUNTED, COUNTS, PROFILES, PROGRAMS, QUERIES, QUERIES_TARGET, TARGETS};
use crate::figures::Figures;

/// A limit, and where the figure stands.
pub struct Limit {
    pub what: String,
    pub most: u64,
    pub figure: u64,
}

impl Limit {
    pub fn is_met(&self) -> bool {
        self.figure <= self.most
    }

    /// As `met`, or by how much not.
    pub fn verdict(&self) -> String {
        match self.figure.checked_sub(self.most) {
            None | Some(0) => "met".to_owned(),
            Some(over) => format!("MISSED by {over}"),
        }
    }
}

/// All limits of which there are figures. They are goals: who misses one is told so.
pub fn limits(figures: &Figures) -> Vec<Limit> {
    let target = TARGETS[0].triple;
    let mut limits = Vec::new();
    let mut add = |what: String, most: Option<u64>, figure: Option<u64>| {
        limits.extend(most.zip(figure).map(|(most, figure)| Limit { what, most, figure }));
    };
    for program in &PROGRAMS {
        let name = program.name;
        add(format!("{name}, .text and .rodata"), program.flash, flash_of(figures, target, name));
        add(format!("{name}, stack"), program.stack, figures.get(target, name, "stack"));
    }
    for (name, _, most) in COUNTS {
        let most = most.instructions(figures.get(COUNTED, name, "bytes").unwrap_or_default());
        for (profile, _) in PROFILES {
            add(format!("{name}, instructions, {profile}"), Some(most), figures.get(COUNTED, name, profile));
        }
    }
    limits
}

/// Bytes of `.text` and `.rodata`.
pub fn flash_of(figures: &Figures, target: &str, program: &str) -> Option<u64> {
    Some(figures.get(target, program, "text")? + figures.get(target, program, "rodata")?)
}

/// What must be kept: what queries add, and that nothing has static memory.
///
/// # Errors
/// What is not.
pub fn kept(figures: &Figures) -> Result<(), String> {
    let text = |program| figures.get(QUERIES_TARGET, program, "text").ok_or("not measured");
    let added = text("queries")?.checked_sub(text("values")?).ok_or("queries make a program smaller?")?;
    if added > QUERIES {
        return Err(format!(
            "eight queries add {added} bytes of code on {QUERIES_TARGET}, at most {QUERIES}"
        ));
    }
    for target in &TARGETS {
        for program in &PROGRAMS {
            for section in ["data", "bss"] {
                if figures.get(target.triple, program.name, section) != Some(0) {
                    return Err(format!(
                        "{} has static memory: .{section} on {}",
                        program.name, target.triple
                    ));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All programs with as much code as `values` has; `queries` with more.
    fn figures(added: u64, bss: u64) -> Figures {
        let mut figures = Figures::new(String::new());
        for target in &TARGETS {
            for program in &PROGRAMS {
                let text = if program.name == "queries" { 1000 + added } else { 1000 };
                figures.add(
                    target.triple,
                    program.name,
                    &[("text", text), ("rodata", 0), ("data", 0), ("bss", bss)],
                );
            }
        }
        figures
    }

    #[test]
    fn queries_add_no_more_than_they_may() {
        assert_eq!(kept(&figures(QUERIES, 0)), Ok(()));
        assert!(kept(&figures(QUERIES + 1, 0)).is_err());
    }

    #[test]
    fn flash_is_code_and_constants() {
        let mut figures = Figures::default();
        figures.add("thumbv7m-none-eabi", "exchange", &[("text", 100), ("rodata", 20)]);
        assert_eq!(flash_of(&figures, "thumbv7m-none-eabi", "exchange"), Some(120));
        assert_eq!(flash_of(&figures, "thumbv6m-none-eabi", "exchange"), None);
    }

    #[test]
    fn static_memory_is_refused() {
        assert!(kept(&figures(0, 4)).is_err_and(|e| e.contains(".bss")));
    }

    #[test]
    fn a_limit_says_by_how_much_it_is_missed() {
        let limit = |figure| Limit { what: String::new(), most: 100, figure };
        assert_eq!(limit(100).verdict(), "met");
        assert_eq!(limit(103).verdict(), "MISSED by 3");
        assert!(limit(100).is_met() && !limit(101).is_met());
    }

    #[test]
    fn half_instructions_are_for_each_byte() {
        let mut figures = Figures::new(String::new());
        figures.add(COUNTED, "insert", &[("opt-z", 301), ("bytes", 200)]);
        let limits = limits(&figures);
        assert_eq!(limits.len(), 1);
        assert!(limits.iter().all(|limit| limit.most == 300 && !limit.is_met()));
    }
}
