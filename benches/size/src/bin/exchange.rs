//! A connection, a request of text, and its answer: any atom or vector.

#![no_std]
#![no_main]

use size::{OPENING, THREE, exchange};

board::program!(run);

fn run() -> Option<u32> {
    exchange(&[OPENING, THREE])
}
