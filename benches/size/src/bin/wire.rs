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
    let mut count = wire.write(OPENING).ok()?;
    count += wire.read(&mut buffer).ok()?;
    count += wire.read(&mut buffer).ok()?;
    (count == 4 + THREE.len() && buffer[18] == 3).then_some(64)
}
