//! What the firmwares need of the LM3S6965 evaluation board, a Cortex-M3 with 256 KiB of flash and 64 KiB of RAM, and of
//! the emulator that stands for it.
//!
//! ```text
//!  clock     milliseconds since the start, as the crate's Clock
//!  uart      serial lines as embedded-io streams
//!  mac       the Ethernet MAC: sends a frame, receives a frame, sleeps until one comes
//!  port      the MAC as the network device of smoltcp or embassy-net
//!  time      embassy's time
//!  console   the emulator's command line, output and exit
//!  stack     how much of the stack was used
//!  register  what the drivers are made of
//! ```
//!
//! All unsafe code of the firmwares is in here. A panic or a hard fault ends the emulator with a failure: without that,
//! either would look like a firmware that hangs.
#![no_std]

pub mod clock;
pub mod console;
pub mod mac;
#[cfg(any(feature = "embassy", feature = "smoltcp"))]
pub mod port;
pub mod register;
pub mod stack;
#[cfg(feature = "embassy")]
mod time;
pub mod uart;

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};

/// Sets the clock going; what depends on it is started afterwards. None where that was done before.
pub fn start() -> Option<()> {
    let peripherals = cortex_m::Peripherals::take()?;
    clock::start(peripherals.SYST);
    Some(())
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    console::say(format_args!("{info}"));
    console::end(false)
}

#[exception]
unsafe fn HardFault(_frame: &ExceptionFrame) -> ! {
    console::say(format_args!("hard fault"));
    console::end(false)
}

/// Interrupts of the chip's own peripherals. (Their names would come from a crate of the chip's registers.)
#[exception]
unsafe fn DefaultHandler(interrupt: i16) {
    if interrupt == mac::INTERRUPT {
        mac::interrupted();
    }
}
