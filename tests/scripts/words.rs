//! What a call gave, in words.

use rayforce_ipc::codec::{Text, Token, Value};
use rayforce_ipc::error::Error;
use rayforce_ipc::wire::Generation;

use crate::support::codec::sent;
use crate::support::hex::hex;
use crate::support::tokens::{Piece, read_whole};

/// A value as the codec alone sees it.
pub fn value(generation: Generation, value: &Value<'_>) -> String {
    payload(generation, &sent(generation, value))
}

/// The value of a payload, or what is wrong with it.
pub fn payload(generation: Generation, payload: &[u8]) -> String {
    let reading = read_whole(generation, payload);
    match reading.end {
        Ok(_) => pieces(&reading.pieces),
        Err(fault) => error(&Error::<()>::Peer(fault)),
    }
}

pub fn pieces(pieces: &[Piece]) -> String {
    pieces.iter().map(piece).collect::<Vec<_>>().join(" ")
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Head(Token::Atom(value)) => format!("{value:?}"),
        Piece::Head(Token::String { .. }) => "string".into(),
        Piece::Head(Token::Vector { ty, count, .. }) => format!("{ty:?}[{count}]"),
        Piece::Head(token) => format!("{token:?}"),
        Piece::Float(_, bits) => f64::from_bits(*bits).to_string(),
        Piece::Text(text) if text.len() <= LONG => format!("{:?}", Text(text)),
        Piece::Elements(bytes) | Piece::Details(bytes) if bytes.len() <= LONG => hex(bytes),
        Piece::Text(bytes) | Piece::Elements(bytes) | Piece::Details(bytes) => {
            let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
            format!("{} bytes of sum {sum}", bytes.len())
        }
    }
}

pub fn error<E>(error: &Error<E>) -> String {
    match error {
        Error::Transport { phase, .. } => format!("transport {phase:?}"),
        Error::TimedOut(phase) => format!("timed out {phase:?}"),
        Error::Disconnected(phase) => format!("disconnected {phase:?}"),
        Error::Closed(reason) => format!("closed {reason:?}"),
        Error::Peer(error) if error.closes() => format!("broken {:?}", error.fault),
        Error::Peer(error) => format!("malformed {:?} at {}", error.fault, error.offset),
        Error::Server(error) => format!("server error {}", error.code()),
        Error::Auth(error) => format!("auth {error:?}"),
        Error::Capacity { .. } => "capacity".into(),
        Error::Request(error) => format!("request {error:?}"),
        Error::Exhausted { .. } => HANDLER_FAILED.into(),
        _ => "another error".into(),
    }
}

/// Whether a call gave an error after which the connection is closed.
pub fn closes(words: &str) -> bool {
    ["transport", "timed out", "disconnected", "closed", "broken", "auth"]
        .iter()
        .any(|word| words.starts_with(word))
}

/// A handler's error.
pub const HANDLER_FAILED: &str = "the handler failed";
/// Longer bytes are summed up.
const LONG: usize = 32;
