//! A Cortex-M under an emulator: its first instructions, its painted stack, and what it asks of the emulator.

use core::arch::{asm, global_asm};
use core::ptr::{addr_of, read_volatile};

use crate::begin;

/// What the stack is painted with.
const PAINT: u32 = 0x5a5a_a5a5;

// The vectors; then: paints all memory behind the statics, up to the end of the stack, which is empty; copies and clears
// the statics.
global_asm!(
    ".section .vectors, \"a\"",
    ".word stack_top",
    ".word reset",
    ".rept 14",
    ".word fault",
    ".endr",
    ".section .text.reset, \"ax\"",
    ".thumb_func",
    ".global reset",
    "reset:",
    "ldr r0, =bss_end",
    "ldr r1, =stack_top",
    "ldr r2, ={paint}",
    "bl 2f",
    "ldr r0, =bss_start",
    "ldr r1, =bss_end",
    "movs r2, #0",
    "bl 2f",
    "ldr r0, =data_start",
    "ldr r1, =data_end",
    "ldr r3, =data_load",
    "b 5f",
    "4: ldmia r3!, {{r2}}",
    "stmia r0!, {{r2}}",
    "5: cmp r0, r1",
    "blo 4b",
    "bl {begin}",
    "1: stmia r0!, {{r2}}",
    "2: cmp r0, r1",
    "blo 1b",
    "bx lr",
    ".thumb_func",
    "fault: bl {fault}",
    ".pool",
    paint = const PAINT,
    begin = sym begin,
    fault = sym fault,
);

unsafe extern "C" {
    static bss_end: u32;
}

/// The most bytes of the stack that were in use so far.
pub fn stack_used() -> u32 {
    let mut address = addr_of!(bss_end);
    // SAFETY: all words from here to the end of the stack are memory; the last ones are in use, and so not painted.
    while unsafe { read_volatile(address) } == PAINT {
        address = address.wrapping_add(1);
    }
    STACK_TOP - address as u32
}

pub fn put(byte: u8) {
    let byte = u32::from(byte);
    call(WRITE_BYTE, addr_of!(byte) as u32);
}

/// Ends the emulator, by status 0 or 1.
pub fn end(well: bool) -> ! {
    loop {
        call(EXIT, if well { GOOD_END } else { 0 });
    }
}

extern "C" fn fault() -> ! {
    end(false)
}

/// Asks the emulator for something.
fn call(number: u32, argument: u32) {
    // SAFETY: what is asked for changes no memory. The pointer of the one call that has one is of a live byte.
    unsafe { asm!("bkpt 0xab", inout("r0") number => _, in("r1") argument, options(nostack)) };
}

const STACK_TOP: u32 = 0x2001_0000;
const WRITE_BYTE: u32 = 3;
const EXIT: u32 = 0x18;
const GOOD_END: u32 = 0x2_0026;
