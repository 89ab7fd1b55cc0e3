//! The pieces that a payload is made of, in the order in which they travel.

use core::fmt;

use crate::codec::scan::first_nul;
use crate::codec::text::Text;
use crate::codec::value::Value;
use crate::error::{Mismatch, Shape};
use crate::wire::region::Region;
use crate::wire::{Arity, Element, ServerError, Tag, Type};

/// One piece of a value. What follows which head:
///
/// | head | then |
/// |---|---|
/// | [`Null`](Token::Null), [`Atom`](Token::Atom) | nothing |
/// | [`Symbol`](Token::Symbol), [`String`](Token::String), [`Function`](Token::Function) | its [`Text`](Token::Text), the last piece marked |
/// | [`Vector`](Token::Vector) of a fixed width | [`Elements`](Token::Elements) until there are `count` |
/// | [`Vector`](Token::Vector) of symbols | [`Names`](Token::Names), or one name by [`Text`](Token::Text), until there are `count` |
/// | [`Vector`](Token::Vector) of strings | `count` times [`Text`](Token::Text) |
/// | [`List`](Token::List) | `count` values |
/// | [`Table`](Token::Table) | two values: a vector of names, a list of columns |
/// | [`Dict`](Token::Dict) | two values: keys, values |
/// | [`Lambda`](Token::Lambda) | two values: parameters, body; then the closure where there is one |
/// | [`Error`](Token::Error) | where it [says so](Token::Error), a message or details |
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Token<'b> {
    /// Nothing.
    Null,
    /// A scalar of fixed width, or the typed null of one.
    Atom(Value<'static>),
    /// A symbol follows.
    Symbol {
        /// Whether it is a literal (wire 3).
        quoted: bool,
    },
    /// A string follows.
    String {
        /// Its bytes.
        len: u64,
        /// Whether it is null (wire 3).
        null: bool,
    },
    /// The name of a builtin follows.
    Function(Arity),
    /// A vector follows.
    Vector {
        /// The type of its elements.
        ty: Type,
        /// How many there are.
        count: u64,
        /// The attribute byte (wire 3).
        attr: u8,
    },
    /// Whole elements of a vector.
    Elements(Elements<'b>),
    /// Whole names of a symbol vector.
    Names(Names<'b>),
    /// A piece of a symbol, name or string.
    Text {
        /// The bytes; may be empty.
        bytes: &'b [u8],
        /// Whether the text ends here.
        last: bool,
    },
    /// A list follows.
    List {
        /// How many values it has.
        count: u64,
    },
    /// A table follows.
    Table,
    /// A dict follows.
    Dict,
    /// A lambda follows.
    Lambda {
        /// The attribute byte as it came.
        attr: u8,
        /// Whether a closure follows the body (2.4.0).
        closure: bool,
    },
    /// An error of the server. On wire 1 a message follows as a value (dialect 1a: [`ServerError::number`] is
    /// known and [`details`](Token::Details) do not follow) or 24 bytes of details (dialect 1b).
    Error(ServerError),
    /// A piece of the details of a dialect 1b error.
    Details(&'b [u8]),
}

/// Elements of a vector as they lie in the payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Elements<'b> {
    pub(crate) ty: Type,
    pub(crate) bytes: &'b [u8],
}

impl<'b> Elements<'b> {
    /// The type of each.
    pub const fn ty(&self) -> Type {
        self.ty
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.bytes.len().checked_div(self.ty.width().unwrap_or(0)).unwrap_or(0)
    }

    /// The bytes, little-endian.
    pub const fn as_bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// The elements.
    ///
    /// # Errors
    /// [`Mismatch`] where they are of another type.
    pub fn read<T: Element>(&self) -> Result<&'b [T::Wire], Mismatch> {
        let mismatch = Mismatch {
            expected: Shape::Value(Tag::Vector(T::TYPE)),
            found: Shape::Value(Tag::Vector(self.ty)),
        };
        if self.ty != T::TYPE {
            return Err(mismatch);
        }
        zerocopy::FromBytes::ref_from_bytes(self.bytes).map_err(|_| mismatch)
    }
}

/// Names of a symbol vector, each ended by a NUL in the payload: an iterator over them.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Names<'b> {
    pub(crate) bytes: &'b [u8],
}

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.map(Text)).finish()
    }
}

impl<'b> Iterator for Names<'b> {
    type Item = &'b [u8];

    #[inline]
    fn next(&mut self) -> Option<&'b [u8]> {
        let end = first_nul(self.bytes)?;
        let (name, rest) = self.bytes.split_at_checked(end)?;
        self.bytes = rest.split_first()?.1;
        Some(name)
    }
}

/// A token without its bytes, which are at a place of some buffer. (A token that borrows from the buffer could not
/// be handed out of the loop that fills it.)
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detached {
    token: Token<'static>,
    pub(crate) bytes: Region,
}

impl Detached {
    /// Of a token whose bytes are part of `source`, which begins at `start` of the buffer.
    pub(crate) fn new(token: Token<'_>, source: &[u8], start: usize) -> Detached {
        let (token, bytes) = match token {
            Token::Elements(Elements { ty, bytes }) => (Token::Elements(Elements { ty, bytes: &[] }), bytes),
            Token::Names(Names { bytes }) => (Token::Names(Names { bytes: &[] }), bytes),
            Token::Text { bytes, last } => (Token::Text { bytes: &[], last }, bytes),
            Token::Details(bytes) => (Token::Details(&[]), bytes),
            Token::Null => (Token::Null, &[][..]),
            Token::Atom(value) => (Token::Atom(value), &[][..]),
            Token::Symbol { quoted } => (Token::Symbol { quoted }, &[][..]),
            Token::String { len, null } => (Token::String { len, null }, &[][..]),
            Token::Function(arity) => (Token::Function(arity), &[][..]),
            Token::Vector { ty, count, attr } => (Token::Vector { ty, count, attr }, &[][..]),
            Token::List { count } => (Token::List { count }, &[][..]),
            Token::Table => (Token::Table, &[][..]),
            Token::Dict => (Token::Dict, &[][..]),
            Token::Lambda { attr, closure } => (Token::Lambda { attr, closure }, &[][..]),
            Token::Error(error) => (Token::Error(error), &[][..]),
        };
        let offset = bytes.as_ptr().addr().wrapping_sub(source.as_ptr().addr());
        let start = if bytes.is_empty() { start } else { start + offset };
        Detached { token, bytes: Region { start, end: start + bytes.len() } }
    }

    /// The token without its bytes.
    pub(crate) const fn token(&self) -> Token<'static> {
        self.token
    }

    /// The token with its bytes.
    pub(crate) fn attach(self, buffer: &[u8]) -> Token<'_> {
        let bytes = self.bytes.of(buffer);
        match self.token {
            Token::Elements(Elements { ty, .. }) => Token::Elements(Elements { ty, bytes }),
            Token::Names(_) => Token::Names(Names { bytes }),
            Token::Text { last, .. } => Token::Text { bytes, last },
            Token::Details(_) => Token::Details(bytes),
            other => other,
        }
    }
}
