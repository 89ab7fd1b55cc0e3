//! The stream alone.

#![no_std]
#![no_main]

use board::wire::Wire;
use embedded_io::{Read, Write};
use size::{OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut wire = Wire::new(&[OPENING, THREE]);
    let mut buffer = [0; 64];
    wire.write_all(OPENING).ok()?;
    wire.read_exact(buffer.get_mut(..2)?).ok()?;
    wire.write_all(OPENING).ok()?;
    wire.read_exact(buffer.get_mut(..THREE.len())?).ok()?;
    (buffer.get(18) == Some(&3)).then_some(64)
}
