//! Complete bytes, value by value in the order in which they travel, without recursion: a container is one item,
//! its values are the next ones.

use crate::codec::decoder::Decoder;
use crate::codec::function::{ErrorValue, Function};
use crate::codec::text::{Symbol, Text};
use crate::codec::token::Token;
use crate::codec::value::Value;
use crate::codec::vector::Vector;
use crate::error::{Fault, PeerError};
use crate::wire::server_error::DETAIL_LEN;
use crate::wire::{Generation, ServerError, Type};

/// A flat walk over values that lie in memory as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    generation: Generation,
    decoder: Decoder,
    rest: &'a [u8],
}

/// A leaf, or the head of a container.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Leaf(Value<'a>),
    List {
        count: u64,
    },
    Table,
    Dict,
    Lambda {
        attr: u8,
        closure: bool,
    },
    /// Of dialect 1a: the message is the next item.
    Error(ServerError),
}

impl<'a> Walk<'a> {
    /// Over the one value at the start of `bytes`.
    pub(crate) fn one(generation: Generation, bytes: &'a [u8]) -> Walk<'a> {
        Walk { generation, decoder: Decoder::new(generation, bytes.len() as u64), rest: bytes }
    }

    /// Over `owed` values that a container left in `bytes`.
    pub(crate) fn many(generation: Generation, bytes: &'a [u8], owed: u64) -> Walk<'a> {
        Walk { generation, decoder: Decoder::owing(generation, bytes.len() as u64, owed), rest: bytes }
    }

    /// What was not walked over yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on to the end of the last value.
    pub(crate) fn finish(&mut self) -> Result<(), PeerError> {
        while !self.decoder.is_done() {
            self.token()?;
        }
        Ok(())
    }

    /// The next item; `None` behind the last value.
    pub(crate) fn next(&mut self) -> Result<Option<Item<'a>>, PeerError> {
        if self.decoder.is_done() {
            return Ok(None);
        }
        let head = self.token()?;
        let body = self.rest;
        while self.decoder.is_in_leaf() {
            self.token()?;
        }
        let body = body.get(..body.len() - self.rest.len()).unwrap_or_default();
        Ok(Some(self.item(head, body)))
    }

    #[inline]
    fn token(&mut self) -> Result<Token<'a>, PeerError> {
        match self.decoder.next(&mut self.rest)? {
            Some(token) => Ok(token),
            None => {
                let fault =
                    Fault::UnexpectedEnd { needed: self.decoder.left() + 1, available: self.decoder.left() };
                Err(PeerError { fault, offset: self.decoder.offset() })
            }
        }
    }

    #[inline]
    fn item(&self, head: Token<'a>, body: &'a [u8]) -> Item<'a> {
        let generation = self.generation;
        Item::Leaf(match head {
            Token::Atom(value) => value,
            Token::Symbol { quoted } => Value::Symbol(Symbol::from_bytes(unended(body), quoted)),
            Token::String { null: true, .. } => Value::TypedNull(Type::String),
            Token::String { null: false, .. } => Value::String(Text(body)),
            Token::Function(arity) => Value::Function(Function { arity, name: Text(unended(body)) }),
            Token::Vector { ty, count, attr } => {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                Value::Vector(Vector { generation, ty, attr, count, bytes: body })
            }
            Token::Error(error) if error.has_message() => return Item::Error(error),
            Token::Error(error) => {
                let detail = body.first_chunk::<DETAIL_LEN>().copied().unwrap_or_default();
                Value::Error(ErrorValue { error: error.with_detail(detail), generation, body })
            }
            Token::List { count } => return Item::List { count },
            Token::Table => return Item::Table,
            Token::Dict => return Item::Dict,
            Token::Lambda { attr, closure } => return Item::Lambda { attr, closure },
            // Heads come first, so there is no piece of a leaf here; the null needs no more than its tag.
            Token::Null | Token::Elements(_) | Token::Names(_) | Token::Text { .. } | Token::Details(_) => {
                Value::Null
            }
        })
    }
}

/// A name without the NUL that ends it.
fn unended(body: &[u8]) -> &[u8] {
    body.split_last().map_or(body, |(_, name)| name)
}
