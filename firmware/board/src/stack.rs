//! How much of the stack was used. The start-up code has painted all of it.

use cortex_m_rt::STACK_PAINT_VALUE;

/// Bytes from the top of the stack down to the deepest one that was ever written.
pub fn used() -> usize {
    let top = (&raw const _stack_start).addr();
    let mut word = &raw const _stack_end;
    // SAFETY: the linker gives aligned addresses in RAM, and what lies between them is the stack. What runs on it now
    // is above what is still painted, so that nothing changes while it is read.
    while word.addr() < top && unsafe { word.read_volatile() } == STACK_PAINT_VALUE {
        word = word.wrapping_add(1);
    }
    top - word.addr()
}

/// Bytes that there are.
pub fn size() -> usize {
    (&raw const _stack_start).addr() - (&raw const _stack_end).addr()
}

// SAFETY: the linker script of cortex-m-rt has them. Only their addresses mean something.
unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}
