//! What a session writes, through a transmit buffer of any size.

use rayforce_ipc::Error;
use rayforce_ipc::client::{Packing, Session};
use rayforce_ipc::codec::Encode;
use rayforce_ipc::error::RequestError;
use rayforce_ipc::wire::{Generation, MessageType};

pub use super::opened::open;
use super::script::Lent;

/// The windows of a request, written whole.
pub fn windows(
    generation: Generation,
    value: &dyn Encode,
    transmit: usize,
) -> Result<Vec<Vec<u8>>, RequestError> {
    written(generation, value, transmit, usize::MAX)
}

/// The portions of a request, of which the transport takes so many bytes at most.
pub fn written(
    generation: Generation,
    value: &dyn Encode,
    transmit: usize,
    most: usize,
) -> Result<Vec<Vec<u8>>, RequestError> {
    written_as(generation, Packing::NEVER, MessageType::Sync, value, transmit, most)
}

/// The bytes of a request that is packed, or not, as it was chosen.
pub fn packed_request(packing: Packing, value: &dyn Encode, transmit: usize) -> Vec<u8> {
    let portions = written_as(Generation::V3, packing, MessageType::Sync, value, transmit, usize::MAX);
    portions.expect("a request that can be sent").concat()
}

/// The portions of any frame.
pub fn written_as(
    generation: Generation,
    packing: Packing,
    message: MessageType,
    value: &dyn Encode,
    transmit: usize,
    most: usize,
) -> Result<Vec<Vec<u8>>, RequestError> {
    let mut lent = Lent::new(16, transmit);
    let mut session = Session::new(lent.lend());
    session.set_packing(packing);
    open(&mut session, generation);
    match session.begin(message, value) {
        Ok(()) => {}
        Err(Error::Request(error)) => return Err(error),
        Err(other) => panic!("{other:?}"),
    }
    let mut portions = Vec::new();
    loop {
        let bytes = session.transmit(value).expect("the same value as was begun");
        let portion = bytes[..bytes.len().min(most)].to_vec();
        if portion.is_empty() {
            assert!(!session.is_half_sent());
            return Ok(portions);
        }
        session.sent(portion.len());
        portions.push(portion);
    }
}
