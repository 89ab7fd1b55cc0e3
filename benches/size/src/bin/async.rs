//! As `connection`, over the async front.

#![no_std]
#![no_main]

use board::block_on;
use size::asynch::exchange;
use size::{OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    block_on(exchange(&[OPENING, THREE]))
}
