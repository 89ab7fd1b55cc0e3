//! A connection, a request of text, a table and a row.

#![no_std]
#![no_main]

use rayforce_ipc::client::Buffers;
use size::{Link, ONE, OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut buffers = Buffers::<256, 64>::new();
    let lent = size_of_val(&buffers) as u32;
    let mut connection = Link::closed(buffers.lend());
    size::open(&mut connection, &[OPENING, THREE, ONE, ONE])?;
    connection.execute("(+ 1 2)").ok()?.next_token().ok()??;
    size::values(&mut connection).then_some(lent)
}
