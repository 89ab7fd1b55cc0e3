//! As `connection`, packed both ways.

#![no_std]
#![no_main]

use board::wire::Wire;
use rayforce_ipc::client::{Buffers, Connection, Options, Packing};
use rayforce_ipc::transports::adapters::Unbounded;
use size::{OPENING, PACKED};

board::program!(run);

fn run() -> Option<u32> {
    let mut buffers = Buffers::<64, 64>::new();
    let lent = size_of_val(&buffers) as u32;
    let options = Options { packing: Packing::ALWAYS, ..Options::new() };
    let wire = Unbounded(Wire::new(&[OPENING, PACKED]));
    let mut connection = Connection::closed(buffers.lend());
    connection.reopen(wire, &options).ok()?;
    let mut reply = connection.execute("(+ 1 2)").ok()?;
    (reply.value().ok()?.read() == Ok("(+ 1 2)")).then_some(lent)
}
