//! A payload by tokens, cut in any way.

use rayforce_ipc::codec::Decoder;
use rayforce_ipc::error::{Fault, PeerError};
use rayforce_ipc::wire::Generation;

pub use crate::joined::{Joined, Piece};

/// How far a decoder came.
#[derive(Debug)]
pub struct Reading {
    /// What it found.
    pub found: Joined,
    /// Whether that was a value.
    pub end: Result<(), PeerError>,
    /// The bytes that it took.
    pub taken: usize,
}

/// Reads a payload. Whenever the decoder wants more, it gets as many bytes as `portion` says, which is told how many
/// the decoder left untaken.
///
/// # Panics
/// Where the decoder takes more than two steps a byte, gets nowhere with 16 bytes or all of them, or asks for bytes
/// behind the end.
pub fn read(generation: Generation, payload: &[u8], mut portion: impl FnMut(usize) -> usize) -> Reading {
    let mut decoder = Decoder::new(generation, payload.len() as u64);
    let mut reading = Reading { found: Joined::default(), end: Ok(()), taken: 0 };
    let (mut given, mut portions, mut steps) = (0, 0, 0);
    loop {
        let mut input = &payload[reading.taken..given];
        steps += 1;
        let token = decoder.next(&mut input);
        reading.taken = given - input.len();
        assert_eq!(decoder.offset(), reading.taken as u64, "bytes that were taken");
        assert_eq!(decoder.left(), (payload.len() - reading.taken) as u64, "bytes that are to come");
        match token {
            Ok(Some(token)) => reading.found.push(token),
            Ok(None) if decoder.is_done() => break,
            Ok(None) => {
                assert!(given < payload.len(), "more is wanted than there is, from {} on", reading.taken);
                let count = portion(given - reading.taken).min(payload.len() - given);
                assert!(count > 0, "no progress from {} on with {} bytes", reading.taken, input.len());
                given += count;
                portions += 1;
            }
            Err(error) => {
                reading.end = Err(error);
                break;
            }
        }
    }
    let most = 2 * payload.len() + portions + 2;
    assert!(steps <= most, "{steps} steps for {} bytes in {portions} portions", payload.len());
    reading
}

impl Reading {
    /// Holds it against the reading of the same payload in one piece.
    ///
    /// # Panics
    /// Where the two differ.
    pub fn assert_same(&self, whole: &Reading) {
        assert_eq!(self.end.map_err(absolute), whole.end.map_err(absolute));
        assert_eq!(self.found.complete(), whole.found.complete());
        if self.end.is_ok() {
            assert_eq!(self.taken, whole.taken);
        }
    }
}

/// What is missing, counted from the payload's start: a name without an end is missed from where its last piece
/// began, which depends on the cut.
fn absolute(error: PeerError) -> PeerError {
    let PeerError { fault, offset } = error;
    match fault {
        Fault::UnexpectedEnd { needed, available } => {
            let fault = Fault::UnexpectedEnd {
                needed: needed.saturating_add(offset),
                available: available.saturating_add(offset),
            };
            PeerError { fault, offset: 0 }
        }
        _ => error,
    }
}
