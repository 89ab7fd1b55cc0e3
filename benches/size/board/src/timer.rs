//! Instructions, counted by the emulator's system timer.
//!
//! Under `-icount shift=10` an instruction takes 1,024 ns, and the timer of the board, a Cortex-M, counts every 80 ns.

use core::ptr::{read_volatile, write_volatile};

/// Instructions that `work` takes, up to 1.3 million.
pub fn count(work: impl FnOnce()) -> u32 {
    let empty = ticks(|| ());
    // An instruction is 12.8 ticks.
    ((ticks(work) - empty) * 5 + 32) / 64
}

#[inline(never)]
fn ticks(work: impl FnOnce()) -> u32 {
    // SAFETY: registers of the system timer, that every Cortex-M has and nobody else here uses.
    let before = unsafe {
        write_volatile(RELOAD, MOST);
        write_volatile(CONTROL, COUNT_CORE_CLOCK);
        read_volatile(CURRENT)
    };
    work();
    // SAFETY: as above.
    let after = unsafe { read_volatile(CURRENT) };
    // It counts down.
    before.wrapping_sub(after) & MOST
}

const CONTROL: *mut u32 = 0xe000_e010 as *mut u32;
const RELOAD: *mut u32 = 0xe000_e014 as *mut u32;
const CURRENT: *mut u32 = 0xe000_e018 as *mut u32;
const COUNT_CORE_CLOCK: u32 = 0b101;
const MOST: u32 = 0xff_ffff;
