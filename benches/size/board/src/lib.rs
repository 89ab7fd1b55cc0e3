//! The start and the end of a program that is measured, and a stream that nobody is behind.
//!
//! ```text
//!  arm, riscv  from the reset to `begin`, and the end of the emulator
//!  timer       counts instructions
//!  wire        what a server would say
//! ```
#![no_std]

#[cfg_attr(target_arch = "arm", path = "arm.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv.rs")]
mod chip;
pub mod timer;
pub mod wire;

use core::panic::PanicInfo;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// Makes a function the program: it gives the bytes of buffers that it lent, none where something went wrong.
#[macro_export]
macro_rules! program {
    ($run:path) => {
        // SAFETY: nothing else has this name, and `board` declares it like this.
        #[unsafe(no_mangle)]
        extern "C" fn program() -> u32 {
            const FAILED: u32 = u32::MAX;
            $run().unwrap_or(FAILED)
        }
    };
}

// SAFETY: `program!` defines it like this.
unsafe extern "C" {
    safe fn program() -> u32;
}

/// Runs the program, tells what it took, and ends the emulator.
extern "C" fn begin() -> ! {
    let lent = program();
    let stack = chip::stack_used();
    tell("stack", stack);
    tell("lent", lent);
    chip::end(lent != u32::MAX)
}

/// Prints a line: a name, and a number in hex.
pub fn tell(name: &str, number: u32) {
    name.bytes().for_each(chip::put);
    chip::put(b' ');
    for place in (0..8).rev() {
        let digit = (number >> (4 * place)) as u8 & 15;
        chip::put(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
    }
    chip::put(b'\n');
}

/// Runs a future that never waits for long.
pub fn block_on<V>(work: impl Future<Output = V>) -> V {
    let mut context = Context::from_waker(Waker::noop());
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return done;
        }
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    chip::end(false)
}
