//! The decoder within a leaf: elements, names and texts, of which more may be to come than there is input.

use crate::codec::decoder::{Decoder, advance};
use crate::codec::scan::{first_nul, whole_names};
use crate::codec::token::{Elements, Names, Token};
use crate::codec::value::scalar;
use crate::error::PeerError;
use crate::wire::Type;
use crate::wire::tag::LENGTH_LEN;

/// Where in a leaf the decoder stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// A tag is next, or nothing.
    Value,
    /// The bytes of an atom whose head was taken.
    Scalar { ty: Type, null: bool },
    /// So many elements of a fixed width.
    Elements { ty: Type, count: u64 },
    /// The rest of a symbol atom or of a function's name.
    Name,
    /// So many names of a symbol vector.
    Names { count: u64 },
    /// The rest of a name, and the others of a symbol vector, this one included.
    LongName { count: u64 },
    /// So many strings of a string vector, the first one's length next.
    Lengths { count: u64 },
    /// So many bytes of a string, which is the first of so many in a vector (0: an atom).
    Text { len: u64, strings: u64 },
    /// So many bytes of a dialect 1b error.
    Details { len: u8 },
}

impl Decoder {
    /// Whether a value begins next, or nothing.
    pub(crate) const fn is_between(&self) -> bool {
        matches!(self.state, State::Value)
    }

    /// The type of the elements that come next, or of the atom whose head was taken.
    pub(crate) const fn fixed_type(&self) -> Option<Type> {
        match self.state {
            State::Scalar { ty, .. } | State::Elements { ty, .. } => Some(ty),
            _ => None,
        }
    }

    /// Whether a text comes next, or what is left of one.
    pub(crate) const fn is_in_text(&self) -> bool {
        matches!(
            self.state,
            State::Name
                | State::Names { .. }
                | State::LongName { .. }
                | State::Lengths { .. }
                | State::Text { .. }
        )
    }

    /// Takes the next name of a symbol vector, if all of it is there: its length without the NUL. (Tokens are of as
    /// many names as there are.)
    #[inline]
    pub(crate) fn next_name(&mut self, input: &[u8]) -> Option<usize> {
        let State::Names { count } = self.state else { return None };
        let len = first_nul(input)?;
        self.left = self.left.checked_sub(len as u64 + 1)?;
        self.state = if count == 1 { State::Value } else { State::Names { count: count - 1 } };
        Some(len)
    }

    pub(super) fn leaf<'b>(
        &mut self,
        state: State,
        input: &mut &'b [u8],
    ) -> Result<Option<Token<'b>>, PeerError> {
        match state {
            State::Value => Ok(None),
            State::Scalar { ty, null } => {
                let width = ty.width().unwrap_or(0);
                let Some((bytes, rest)) = input.split_at_checked(width) else { return self.short(width) };
                *input = rest;
                self.state = State::Value;
                Ok(Some(Token::Atom(scalar(ty, null, bytes))))
            }
            State::Elements { ty, count } => {
                let shift = ty.width_shift();
                let whole = (input.len() >> shift).min(usize::try_from(count).unwrap_or(usize::MAX));
                if whole == 0 {
                    return self.short(1 << shift);
                }
                let (bytes, rest) = input.split_at_checked(whole << shift).unwrap_or_default();
                *input = rest;
                let count = count - whole as u64;
                self.state = if count == 0 { State::Value } else { State::Elements { ty, count } };
                Ok(Some(Token::Elements(Elements { ty, bytes })))
            }
            State::Name => self.name(State::Value, State::Name, input),
            State::Names { count } => {
                let (end, found) = whole_names(input, count);
                if found == 0 {
                    // A name longer than the window comes in pieces.
                    let left = if count == 1 { State::Value } else { State::Names { count: count - 1 } };
                    return self.name(left, State::LongName { count }, input);
                }
                let (bytes, rest) = input.split_at_checked(end).unwrap_or_default();
                *input = rest;
                self.state =
                    if found == count { State::Value } else { State::Names { count: count - found } };
                Ok(Some(Token::Names(Names { bytes })))
            }
            State::LongName { count } => {
                let left = if count == 1 { State::Value } else { State::Names { count: count - 1 } };
                self.name(left, state, input)
            }
            State::Lengths { count } => {
                let Some((len, rest)) = input.split_first_chunk::<LENGTH_LEN>() else {
                    return self.short(LENGTH_LEN);
                };
                let len = self.count(*len, 0)?;
                let others = (count - 1) * LENGTH_LEN as u64 + self.owed;
                self.fits(len, 1, others, self.left - LENGTH_LEN as u64, LENGTH_LEN)?;
                *input = rest;
                // The length is no token of its own; with the text behind it, there is one in this call.
                self.text(len, count, input)
            }
            State::Text { len, strings } => self.text(len, strings, input),
            State::Details { len } => {
                let (bytes, rest) =
                    input.split_at_checked(usize::from(len).min(input.len())).unwrap_or_default();
                if bytes.is_empty() {
                    return self.short(1);
                }
                *input = rest;
                let len = len - bytes.len() as u8;
                self.state = if len == 0 { State::Value } else { State::Details { len } };
                Ok(Some(Token::Details(bytes)))
            }
        }
    }

    /// A piece of NUL-terminated text: up to its end, or all there is.
    fn name<'b>(
        &mut self,
        ended: State,
        unended: State,
        input: &mut &'b [u8],
    ) -> Result<Option<Token<'b>>, PeerError> {
        let (bytes, last) = match first_nul(input) {
            Some(end) => (input.get(..end).unwrap_or_default(), true),
            None if input.is_empty() || self.left == input.len() as u64 => {
                return self.short(input.len() + 1);
            }
            None => (*input, false),
        };
        advance(input, bytes.len() + usize::from(last));
        self.state = if last { ended } else { unended };
        Ok(Some(Token::Text { bytes, last }))
    }

    /// A piece of text whose length is known, then as many strings of a vector, this one included.
    fn text<'b>(
        &mut self,
        len: u64,
        strings: u64,
        input: &mut &'b [u8],
    ) -> Result<Option<Token<'b>>, PeerError> {
        let size = usize::try_from(len).unwrap_or(usize::MAX).min(input.len());
        let (bytes, rest) = input.split_at_checked(size).unwrap_or_default();
        *input = rest;
        let left = len - size as u64;
        self.state = match strings {
            _ if left > 0 => State::Text { len: left, strings },
            0 | 1 => State::Value,
            _ => State::Lengths { count: strings - 1 },
        };
        if left > 0 && bytes.is_empty() {
            return Ok(None);
        }
        Ok(Some(Token::Text { bytes, last: left == 0 }))
    }
}
