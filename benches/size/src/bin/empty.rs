//! Nothing: what is subtracted from the others.

#![no_std]
#![no_main]

board::program!(run);

fn run() -> Option<u32> {
    Some(0)
}
