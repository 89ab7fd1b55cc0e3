//! A connection, a request of text, and its answer as a value: what fits into the buffer.

#![no_std]
#![no_main]

use size::{OPENING, THREE, exchange};

board::program!(run);

fn run() -> Option<u32> {
    exchange(&[OPENING, THREE])
}
