//! A connection, a request of text, and its answer: any atom or vector.

#![no_std]
#![no_main]

use core::hint::black_box;

use rayforce_ipc::Value;
use rayforce_ipc::client::Buffers;
use size::{OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut buffers = Buffers::<64, 64>::new();
    let mut connection = size::open(&[OPENING, THREE], &mut buffers)?;
    let mut reply = connection.execute("(+ 1 2)").ok()?;
    let value = reply.value().ok()?;
    black_box(&value);
    (value == Value::I64(3)).then_some(128)
}
