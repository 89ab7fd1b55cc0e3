//! A payload by tokens, cut in any way.

use rayforce_ipc::codec::{Decoder, Token, Value};
use rayforce_ipc::error::{Fault, PeerError};
use rayforce_ipc::wire::{Generation, Type};

/// What a payload is made of, however it was cut: pieces of a text and elements of a vector are joined, the names
/// of a vector are told apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A token that holds no bytes.
    Head(Token<'static>),
    /// A float by its bits, so that a NaN is equal to itself.
    Float(Type, u64),
    /// A symbol, name or string.
    Text(Vec<u8>),
    /// All elements of a vector.
    Elements(Vec<u8>),
    /// The details of an error.
    Details(Vec<u8>),
}

/// How far a decoder came.
#[derive(Debug)]
pub struct Reading {
    /// What it found.
    pub pieces: Vec<Piece>,
    /// Whether that was a value.
    pub end: Result<(), PeerError>,
    /// The bytes that it took.
    pub taken: usize,
    /// Whether the last piece is a text of which more was to come.
    open: bool,
}

/// Reads a payload. Whenever the decoder wants more, it gets as many bytes as `portion` says, which is told how many
/// the decoder left untaken.
///
/// # Panics
/// Where the decoder takes more than two steps a byte, gets nowhere with 16 bytes or all of them, or asks for bytes
/// behind the end.
pub fn read(generation: Generation, payload: &[u8], mut portion: impl FnMut(usize) -> usize) -> Reading {
    let mut decoder = Decoder::new(generation, payload.len() as u64);
    let mut reading = Reading { pieces: Vec::new(), end: Ok(()), taken: 0, open: false };
    let (mut given, mut portions, mut steps) = (0, 0, 0);
    loop {
        let mut input = &payload[reading.taken..given];
        steps += 1;
        let token = decoder.next(&mut input);
        reading.taken = given - input.len();
        assert_eq!(decoder.offset(), reading.taken as u64, "bytes that were taken");
        assert_eq!(decoder.left(), (payload.len() - reading.taken) as u64, "bytes that are to come");
        match token {
            Ok(Some(token)) => reading.push(token),
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
        assert_eq!(self.complete(), whole.complete());
        if self.end.is_ok() {
            assert_eq!(self.taken, whole.taken);
        }
    }

    /// The pieces without a text that never ended, of which a larger input shows less.
    fn complete(&self) -> &[Piece] {
        &self.pieces[..self.pieces.len() - usize::from(self.open)]
    }

    fn push(&mut self, token: Token<'_>) {
        assert!(!self.open || matches!(token, Token::Text { .. }), "{token:?} inside a text");
        let piece = match token {
            Token::Text { bytes, last } => return self.text(bytes, last),
            Token::Names(names) => return names.for_each(|name| self.text(name, true)),
            Token::Elements(elements) => match self.pieces.last_mut() {
                Some(Piece::Elements(before)) => return before.extend_from_slice(elements.as_bytes()),
                _ => Piece::Elements(elements.as_bytes().to_vec()),
            },
            Token::Details(bytes) => match self.pieces.last_mut() {
                Some(Piece::Details(before)) => return before.extend_from_slice(bytes),
                _ => Piece::Details(bytes.to_vec()),
            },
            Token::Atom(Value::F32(value)) => Piece::Float(Type::F32, value.to_bits().into()),
            Token::Atom(Value::F64(value)) => Piece::Float(Type::F64, value.to_bits()),
            Token::Atom(value) => Piece::Head(Token::Atom(value)),
            Token::Null => Piece::Head(Token::Null),
            Token::Symbol { quoted } => Piece::Head(Token::Symbol { quoted }),
            Token::String { len, null } => Piece::Head(Token::String { len, null }),
            Token::Function(arity) => Piece::Head(Token::Function(arity)),
            Token::Vector { ty, count, attr } => Piece::Head(Token::Vector { ty, count, attr }),
            Token::List { count } => Piece::Head(Token::List { count }),
            Token::Table => Piece::Head(Token::Table),
            Token::Dict => Piece::Head(Token::Dict),
            Token::Lambda { attr, closure } => Piece::Head(Token::Lambda { attr, closure }),
            Token::Error(error) => Piece::Head(Token::Error(error)),
            other => panic!("a token that is not known here: {other:?}"),
        };
        self.pieces.push(piece);
    }

    fn text(&mut self, bytes: &[u8], last: bool) {
        match self.pieces.last_mut() {
            Some(Piece::Text(before)) if self.open => before.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Text(bytes.to_vec())),
        }
        self.open = !last;
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
