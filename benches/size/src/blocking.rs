//! A connection, a request of text, and its answer by tokens: over the blocking front.

#![no_std]
#![no_main]

#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    size::blocking();
    size::halt()
}
