//! The same as `values`, and eight queries.

#![no_std]
#![no_main]

use core::hint::black_box;

use rayforce_ipc::client::Buffers;
use size::{Input, Link, ONE, OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut buffers = Buffers::<256, 64>::new();
    let lent = size_of_val(&buffers) as u32;
    let said = &[OPENING, THREE, ONE, ONE, ONE, ONE, ONE, ONE, ONE, ONE, ONE, ONE];
    let mut connection = Link::closed(buffers.lend());
    size::open(&mut connection, said)?;
    connection.execute("(+ 1 2)").ok()?.next_token().ok()??;
    let answered = size::values(&mut connection) && size::queries(&mut connection, black_box(&Input::SOME));
    answered.then_some(lent)
}
