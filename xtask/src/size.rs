//! How much code a part of the crate adds to the program of a microcontroller.

use std::fs;

use object::{Object, ObjectSection};

use crate::line::Line;
use crate::steps::add_target;

/// The smallest target, whose code is the largest.
const TARGET: &str = "thumbv6m-none-eabi";

/// What eight queries may add, in bytes: 2.7 KB, a little more than the measured 2,684, for other compilers.
const QUERIES: u64 = 2_765;

/// What a connection may take that sends text and reads the answer by tokens, by the front, in bytes: a little more than the
/// measured 19,016 and 21,184, of which 2.6 KB are the compiler's library (memcpy, memclr) and the program itself.
const PROGRAMS: [(&str, &str, u64); 2] =
    [("blocking", "text and tokens, blocking", 19_300), ("fronts", "the same, and once more async", 21_500)];

pub fn check() -> Result<(), String> {
    add_target(TARGET)?;
    Line::new(&format!("cargo build --release --target {TARGET}")).within("benches/size").run()?;
    let (base, queries) = (code("base")?, code("queries")?);
    println!("  a connection, text and tables  {base:>6} bytes of code on {TARGET}");
    println!("  the same and eight queries     {queries:>6}");
    let added = queries.checked_sub(base).ok_or("queries make a program smaller?")?;
    println!("  the queries add                {added:>6}, at most {QUERIES}");
    if added > QUERIES {
        return Err(format!("eight queries add {added} bytes of code"));
    }
    for (program, what, most) in PROGRAMS {
        let size = code(program)?;
        println!("  {what:<30} {size:>6}, at most {most}");
        if size > most {
            return Err(format!("{program} has {size} bytes of code"));
        }
    }
    Ok(())
}

/// The size of a program's `.text`.
fn code(program: &str) -> Result<u64, String> {
    let path = format!("benches/size/target/{TARGET}/release/{program}");
    let bytes = fs::read(xtask::root().join(&path)).map_err(|e| format!("cannot read {path}: {e}"))?;
    text(&bytes).map_err(|problem| format!("{path}: {problem}"))
}

fn text(program: &[u8]) -> Result<u64, String> {
    let program = object::File::parse(program).map_err(|e| e.to_string())?;
    Ok(program.section_by_name(".text").ok_or("no .text")?.size())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_program_has_no_size() {
        assert!(text(b"").is_err());
        assert!(text(b"\x7fELF").is_err());
    }

    #[test]
    fn a_program_has_a_size() {
        // This very test.
        let program = std::env::current_exe().and_then(fs::read).unwrap_or_default();
        if cfg!(target_os = "linux") {
            assert!(text(&program).is_ok_and(|size| size > 1000));
        }
    }
}
