//! Tokens joined as they come, so that it does not matter how a payload was cut. The fuzz target uses it, too.

use rayforce_ipc::codec::{Token, Value};
use rayforce_ipc::wire::Type;

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

/// Tokens that are joined as they come.
#[derive(Debug, Default)]
pub struct Joined {
    /// What they are.
    pub pieces: Vec<Piece>,
    /// Whether the last piece is a text of which more is to come.
    open: bool,
}

impl Joined {
    /// The pieces without a text that never ended, of which a larger input shows less.
    pub fn complete(&self) -> &[Piece] {
        &self.pieces[..self.pieces.len() - usize::from(self.open)]
    }

    /// Takes the next token.
    ///
    /// # Panics
    /// Where it does not belong behind the one before.
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
