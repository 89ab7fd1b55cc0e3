//! A payload read by tokens, in portions of any size.

use rayforce_ipc::codec::{Decoder, Token, Value};
use rayforce_ipc::error::PeerError;
use rayforce_ipc::wire::Generation;

/// What a payload is made of, however it was cut: the pieces of a text and the elements of a vector are joined,
/// the names of a vector are told apart.
#[derive(Debug, PartialEq)]
pub enum Piece {
    Head(Token<'static>),
    /// An atom by its bits, so that a NaN is equal to itself.
    Float(u64),
    Text(Vec<u8>),
    Elements(Vec<u8>),
    Details(Vec<u8>),
}

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

/// Tokens that are joined as they come.
#[derive(Default)]
pub struct Joined {
    pub pieces: Vec<Piece>,
    /// Whether the last piece is a text of which more is to come.
    open: bool,
}

impl Joined {
    pub fn push(&mut self, token: Token<'_>) {
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
            Token::Atom(Value::F64(value)) => Piece::Float(value.to_bits()),
            Token::Atom(Value::F32(value)) => Piece::Float(value.to_bits().into()),
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
            other => panic!("a token that nobody told this reader of: {other:?}"),
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
