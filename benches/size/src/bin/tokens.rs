//! A connection, a request of text, and its answer by tokens: anything of any size.

#![no_std]
#![no_main]

use core::hint::black_box;

use rayforce_ipc::client::Buffers;
use size::{Link, OPENING, THREE};

board::program!(run);

fn run() -> Option<u32> {
    let mut buffers = Buffers::<64, 64>::new();
    let mut connection = Link::closed(buffers.lend());
    size::open(&mut connection, &[OPENING, THREE])?;
    let mut reply = connection.execute("(+ 1 2)").ok()?;
    let mut count = 0;
    while let Some(token) = reply.next_token().ok()? {
        black_box(token);
        count += 1;
    }
    (count == 1).then_some(128)
}
