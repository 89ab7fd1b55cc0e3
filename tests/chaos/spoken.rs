//! Frames as the server says them, true or not.

use rayforce_ipc::wire::{Generation, MessageType};

use super::lots::Lots;
use crate::support::script::frame;

/// A payload that cannot be decoded, from one that can: its frame is as long as its header says.
pub fn damaged(payload: &mut [u8], lots: &mut Lots) {
    // The count of a vector, behind tag and attributes; an atom has none, and gets a tag that means nothing.
    let is_vector = payload.len() > 10;
    match lots.below(3) {
        0 if is_vector => payload[2..10].copy_from_slice(&(1i64 << 50).to_le_bytes()),
        1 if is_vector => payload[2..10].copy_from_slice(&(-3i64).to_le_bytes()),
        _ => payload[0] = 0x55,
    }
}

/// A frame whose header lies: about its length, or about what it is. And whether it is a header all the same.
pub fn lying(generation: Generation, payload: &[u8], lots: &mut Lots) -> (Vec<u8>, bool) {
    let mut bytes = frame(generation, MessageType::Response, payload);
    let len = payload.len() as i64;
    // So few bytes more or less that what follows cannot begin with a header by chance.
    let by = 1 + lots.below(8) as i64;
    let lie = lots.below(6);
    match lie {
        0 | 1 => bytes[8..16].copy_from_slice(&(len + by).to_le_bytes()),
        2 => bytes[8..16].copy_from_slice(&(len - by).max(1).to_le_bytes()),
        3 => bytes[15] = 0x80,
        4 => bytes[7] = 9,
        _ => bytes[lots.below(4) as usize] ^= 0x10,
    }
    (bytes, lie <= 2)
}
