//! `connection` and `async` in one.

#![no_std]
#![no_main]

use board::block_on;
use size::{OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let said = &[OPENING, THREE];
    let lent = size::exchange(said)?;
    block_on(size::asynch::exchange(said)).filter(|again| *again == lent)
}
