//! The same over both fronts.

#![no_std]
#![no_main]

#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    size::blocking();
    size::asynch();
    size::halt()
}
