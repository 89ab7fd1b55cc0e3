//! The emulator's command line, its output and its exit, by semihosting.

use core::fmt;

use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};
use cortex_m_semihosting::{hprintln, nr, syscall1};

/// The words of the emulator's `arg=` options, the program's name first, in memory of the caller. Nothing where they do
/// not fit into it, or are no text.
pub fn command_line(memory: &mut [u8]) -> &str {
    let mut block = Block { bytes: memory.as_mut_ptr(), len: memory.len() };
    // SAFETY: the emulator writes no more than `len` bytes to `bytes`, and their number to `len`.
    let status = unsafe { syscall1(nr::GET_CMDLINE, (&raw mut block).expose_provenance()) };
    // SAFETY: the block is on our stack.
    let len = unsafe { (&raw const block.len).read_volatile() };
    let words = if status == 0 { memory.get(..len).unwrap_or_default() } else { &[] };
    core::str::from_utf8(words).unwrap_or_default().trim_end_matches('\0')
}

/// Prints a line.
pub fn say(line: fmt::Arguments<'_>) {
    hprintln!("{}", line);
}

/// Ends the emulator with a verdict: status 0 or 1. A board under a debugger stays where it is.
pub fn end(well: bool) -> ! {
    debug::exit(if well { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}

/// What SYS_GET_CMDLINE takes.
#[repr(C)]
struct Block {
    bytes: *mut u8,
    len: usize,
}
