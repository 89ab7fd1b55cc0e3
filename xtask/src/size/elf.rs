//! What a program's file tells.

use object::{Object, ObjectSection, ObjectSymbol};

/// Bytes of its sections.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sections {
    pub text: u64,
    pub rodata: u64,
    pub data: u64,
    pub bss: u64,
}

impl Sections {
    /// # Errors
    /// What is no program.
    pub fn of(program: &[u8]) -> Result<Sections, String> {
        let file = object::File::parse(program).map_err(|e| e.to_string())?;
        let size = |name| file.section_by_name(name).map(|section| section.size());
        let text = size(".text").ok_or("no .text")?;
        let or_none = |name| size(name).unwrap_or_default();
        Ok(Sections { text, rodata: or_none(".rodata"), data: or_none(".data"), bss: or_none(".bss") })
    }

    /// What it has beyond those of another program.
    ///
    /// # Errors
    /// Where it has less.
    pub fn over(self, base: Sections) -> Result<Sections, String> {
        let over = |ours: u64, theirs: u64| ours.checked_sub(theirs).ok_or("is smaller than the empty one");
        Ok(Sections {
            text: over(self.text, base.text)?,
            rodata: over(self.rodata, base.rodata)?,
            data: over(self.data, base.data)?,
            bss: over(self.bss, base.bss)?,
        })
    }
}

/// The functions of a program that panic. A program without any does not contain the panic handler either: the linker
/// takes it for nobody else, so it counts as one, for where the others are inlined.
///
/// # Errors
/// What is no program.
pub fn panics(program: &[u8]) -> Result<Vec<String>, String> {
    let file = object::File::parse(program).map_err(|e| e.to_string())?;
    let mut names: Vec<String> =
        file.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_owned)).collect();
    if names.is_empty() {
        return Err("no symbols".to_owned());
    }
    names.retain(|name| PANICS.iter().any(|part| name.contains(part)));
    Ok(names)
}

/// What the mangled names of such functions contain.
const PANICS: [&str; 10] = [
    "panicking",
    "panic_",
    "_panic",
    "unwrap_failed",
    "expect_failed",
    "index_fail",
    "len_fail",
    "order_fail",
    "mismatch_fail",
    "rust_begin_unwind",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_program_has_no_size() {
        for bytes in [&b""[..], b"\x7fELF"] {
            assert!(Sections::of(bytes).is_err());
            assert!(panics(bytes).is_err());
        }
    }

    #[test]
    fn a_program_has_a_size_and_this_one_panics() {
        // This very test.
        let program = std::env::current_exe().and_then(std::fs::read).unwrap_or_default();
        if cfg!(target_os = "linux") {
            assert!(Sections::of(&program).is_ok_and(|sections| sections.text > 1000));
            assert!(panics(&program).is_ok_and(|names| names.iter().any(|name| name.contains("panic_fmt"))));
        }
    }

    #[test]
    fn what_is_smaller_than_the_base_is_no_difference() {
        let (small, large) =
            (Sections { text: 1, ..Sections::default() }, Sections { text: 3, ..Sections::default() });
        assert_eq!(large.over(small).map(|over| over.text), Ok(2));
        assert!(small.over(large).is_err());
    }
}
