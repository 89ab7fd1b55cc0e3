//! What a reply must be.

use rayforce_ipc::codec::{Token, Value};
use rayforce_ipc::error::{Error, PeerError};
use rayforce_ipc::wire::{ServerError, Tag};

use crate::joined::Piece;
use crate::session::world::Said;
use crate::tokens;

/// What was said in answer, if that is known.
#[derive(Clone, Debug)]
pub struct Expected {
    said: Option<Said>,
}

impl Expected {
    /// What was said; nothing where nobody knows.
    pub fn new(said: Option<Said>) -> Expected {
        Expected { said: said.filter(|said| said.payload.is_some()) }
    }

    fn payload(&self) -> Option<(&Said, &[u8])> {
        let said = self.said.as_ref()?;
        Some((said, said.payload.as_deref()?))
    }

    /// Whether it travelled packed.
    pub fn is_packed(&self) -> bool {
        self.said.as_ref().is_some_and(|said| said.packed)
    }

    /// The value, where it is one.
    pub fn value(&self) -> Option<Result<Value<'_>, PeerError>> {
        let (said, payload) = self.payload()?;
        Some(Value::decode(said.generation, payload))
    }

    /// Pieces, and whether they are a whole value.
    pub fn pieces(&self) -> Option<(Vec<Piece>, bool)> {
        let (said, payload) = self.payload()?;
        let reading = tokens::read(said.generation, payload, |_| usize::MAX);
        Some((reading.found.complete().to_vec(), reading.end.is_ok()))
    }

    /// Holds a value against it.
    pub fn hold_value(&self, got: Result<Value<'_>, PeerError>) {
        let Some(expected) = self.value() else { return };
        match (got, expected) {
            (Ok(got), Ok(expected)) => assert_eq!(format!("{got:?}"), format!("{expected:?}")),
            (got, expected) => assert_eq!(got.err(), expected.err()),
        }
    }

    /// Holds pieces against it: all of them, or those in front.
    pub fn hold_pieces(&self, got: &[Piece], end: Option<bool>) {
        let Some((expected, is_value)) = self.pieces() else { return };
        if let Some(end) = end {
            assert_eq!(end, is_value, "whether it is a value");
            assert_eq!(got, expected);
        }
    }

    /// The pieces behind what is in front of the columns, and their names.
    pub fn columns(&self) -> Option<(Vec<Piece>, Vec<Vec<u8>>, bool)> {
        let (pieces, is_value) = self.pieces()?;
        let mut names = Vec::new();
        let front = match pieces.first() {
            Some(Piece::Head(Token::Table)) => {
                let end = pieces.iter().position(|piece| matches!(piece, Piece::Head(Token::List { .. })));
                let end = end.unwrap_or(pieces.len() - 1);
                for piece in &pieces[..end] {
                    if let Piece::Text(name) = piece {
                        names.push(name.clone());
                    }
                }
                end + 1
            }
            Some(Piece::Head(Token::Dict | Token::Null | Token::List { .. })) => 1,
            _ => 0,
        };
        Some((pieces[front..].to_vec(), names, is_value))
    }

    /// Holds an error value against it, and what is known of its text.
    pub fn hold_server_error(&self, error: ServerError, text: Option<Vec<u8>>) {
        let Some(Ok(expected)) = self.value() else {
            assert!(self.said.is_none(), "{error:?} of what is no value");
            return;
        };
        let Value::Error(expected) = expected else { panic!("{error:?} in place of {expected:?}") };
        assert_eq!(error, expected.error());
        if let Some(text) = text {
            let Some(message) = expected.message() else { return };
            assert!(message.as_bytes().starts_with(&text), "{text:?} of {message:?}");
        }
    }

    /// An answer that is no error.
    pub fn hold_no_error(&self) {
        if let Some(Ok(value)) = self.value() {
            assert!(!matches!(value, Value::Error(_)), "{value:?} is no answer");
        }
    }
}

/// Whether it says that a payload cannot be decoded, and leaves the connection open.
pub fn is_confined<E>(error: &Error<E>) -> bool {
    matches!(error, Error::Peer(error) if !error.closes())
}

/// Whether cells of it are read as i64.
pub fn is_numbers(tag: Tag) -> bool {
    matches!(tag, Tag::Vector(rayforce_ipc::wire::Type::I64))
}
