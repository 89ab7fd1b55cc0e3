//! Requests, answers and what comes unasked: each is known by its number, which is all that it is made of.

use rayforce_ipc::codec::{Encode, Text, Token, Value, Writer};
use rayforce_ipc::wire::{Generation, ServerError};

use super::lots::Lots;
use crate::support::codec::sent;
use crate::support::joined::Piece;

/// The first number of what comes unasked. Those of requests begin at 1.
pub const UNASKED: i64 = 1 << 40;

/// A vector of so many times the same number.
#[derive(Debug)]
pub struct Ask {
    pub number: i64,
    pub len: usize,
}

impl Encode for Ask {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.vector(&vec![self.number; self.len]);
    }
}

/// The payload of an answer, push or question.
pub fn payload(generation: Generation, number: i64, lots: &mut Lots) -> Vec<u8> {
    match lots.below(8) {
        0 => sent(generation, &Ask { number, len: 1 + lots.below(100) as usize }),
        1..4 => sent(generation, &Ask { number, len: 1 + lots.below(6) as usize }),
        _ => sent(generation, &number),
    }
}

/// The payload of an error that only this request can have.
pub fn failing(generation: Generation, number: i64) -> Vec<u8> {
    let name = name(number);
    match generation {
        Generation::V1 => [&[0x7f, 5], &sent(generation, &Text::from(&name[..]))[..]].concat(),
        Generation::V3 => sent(generation, &ServerError::new(&name)),
    }
}

pub fn name(number: i64) -> String {
    format!("e{number}")
}

/// The number that a value is made of.
pub fn number(value: &Value<'_>) -> Option<i64> {
    if let Value::I64(number) = value {
        return Some(*number);
    }
    let elements = value.vector().ok()?.i64s().ok()?;
    let first = elements.first()?.get();
    elements.iter().all(|element| element.get() == first).then_some(first)
}

/// The same of its pieces, all of them or the first ones.
pub fn number_of(pieces: &[Piece]) -> Option<i64> {
    match pieces {
        [Piece::Head(Token::Atom(Value::I64(number)))] => Some(*number),
        [Piece::Head(Token::Vector { .. }), Piece::Elements(bytes)] => {
            let mut numbers =
                bytes.chunks_exact(8).map(|chunk| i64::from_le_bytes(chunk.try_into().unwrap()));
            let first = numbers.next()?;
            numbers.all(|number| number == first).then_some(first)
        }
        _ => None,
    }
}
