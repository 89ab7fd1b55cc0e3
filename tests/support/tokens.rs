//! A payload read by tokens, in portions of any size.

use rayforce_ipc::codec::Decoder;
use rayforce_ipc::error::PeerError;
use rayforce_ipc::wire::Generation;

pub use super::joined::{Joined, Piece};

/// How far a decoder got.
#[derive(Debug, PartialEq)]
pub struct Reading {
    pub pieces: Vec<Piece>,
    /// Whether the value is complete.
    pub end: Result<bool, PeerError>,
    /// Bytes that the decoder took.
    pub taken: u64,
}

/// Reads a payload that was announced with `len` bytes. Whenever the decoder wants more, `portion` says how
/// many bytes come next; it is told how many the decoder has left untaken.
///
/// Panics where the decoder takes more steps than the bytes account for, or stops for want of input for ever.
pub fn read(
    generation: Generation,
    len: usize,
    payload: &[u8],
    mut portion: impl FnMut(usize) -> usize,
) -> Reading {
    let mut decoder = Decoder::new(generation, len as u64);
    let mut joined = Joined::default();
    let mut input = Vec::new();
    let mut rest = payload;
    let mut steps = 0;
    let end = loop {
        let mut untaken = input.as_slice();
        let asked = loop {
            steps += 1;
            match decoder.next(&mut untaken) {
                Ok(Some(token)) => joined.push(token),
                other => break other.map(|_| ()),
            }
        };
        let taken = input.len() - untaken.len();
        input.drain(..taken);
        if let Err(error) = asked {
            break Err(error);
        }
        if decoder.is_done() || rest.is_empty() {
            break Ok(decoder.is_done());
        }
        let count = portion(input.len()).min(rest.len());
        assert!(count > 0, "no progress with {} bytes of input at {}", input.len(), decoder.offset());
        let (next, behind) = rest.split_at(count);
        input.extend_from_slice(next);
        rest = behind;
        steps += 1;
    };
    assert!(steps <= 4 * payload.len() + 4, "{steps} steps for {} bytes", payload.len());
    Reading { pieces: joined.pieces, end, taken: decoder.offset() }
}

/// Reads it in one go.
pub fn read_whole(generation: Generation, payload: &[u8]) -> Reading {
    read(generation, payload.len(), payload, |_| usize::MAX)
}

/// Reads it through a buffer of so many bytes.
pub fn read_window(generation: Generation, payload: &[u8], window: usize) -> Reading {
    read(generation, payload.len(), payload, |untaken| window - untaken)
}
