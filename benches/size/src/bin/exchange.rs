//! The smallest client: hands shaken, a request of text, and its answer: any atom or vector.

#![no_std]
#![no_main]

use core::hint::black_box;

use board::wire::Wire;
use rayforce_ipc::Value;
use rayforce_ipc::client::frames::Frames;
use size::{OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut buffer = [0; 128];
    let lent = size_of_val(&buffer) as u32;
    let mut frames = Frames::open(Wire::new(&[OPENING, THREE]), &mut buffer, None).ok()?;
    let value = frames.execute("(+ 1 2)").ok()?.leaf().ok()?;
    black_box(&value);
    matches!(value, Value::I64(3)).then_some(lent)
}
