//! What a session writes, through a transmit buffer of any size.

use rayforce_ipc::Error;
use rayforce_ipc::client::Session;
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
    let mut lent = Lent::new(16, transmit);
    let mut session = Session::new(lent.lend());
    open(&mut session, generation);
    match session.begin(MessageType::Sync, value) {
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
