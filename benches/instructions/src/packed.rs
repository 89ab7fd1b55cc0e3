//! A frame that was packed.

use rayforce_ipc::client::{Buffers, Connection, Options, Packing};
use rayforce_ipc::codec::Encode;
use rayforce_ipc::transports::adapters::Unbounded;

use crate::{THREE, Wire, said};

/// The packed answer that has this value: what a connection sends of it, as if a server had.
pub fn packed_reply(value: &dyn Encode) -> &'static [u8] {
    let mut buffers = Buffers::<64, 0x1000>::new();
    let options = Options { packing: Packing::ALWAYS, ..Options::new() };
    let mut wire = Wire::new(said(&[THREE]));
    wire.kept = Some(Vec::new());
    let mut connection = Connection::open(Unbounded(wire), buffers.lend(), &options).unwrap();
    connection.execute(value).unwrap();
    let sent = &connection.transport().unwrap().0.kept;
    // Behind the opening of two bytes.
    let mut frame = sent.as_deref().unwrap()[2..].to_vec();
    frame[7] = 2;
    frame.leak()
}
