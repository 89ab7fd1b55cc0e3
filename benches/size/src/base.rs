//! A connection that sends text and values.

#![no_std]
#![no_main]

#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    size::run(size::values)
}
