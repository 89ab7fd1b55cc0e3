//! As `exchange`, over the async front.

#![no_std]
#![no_main]

use size::asynch::{block_on, exchange};
use size::{OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    block_on(exchange(&[OPENING, THREE]))
}
