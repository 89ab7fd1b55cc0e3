//! From payload bytes to tokens, piece by piece.
//!
//! Every container announces how many values it holds. So one counter is enough: it starts at one, each value pays
//! one, a list adds its count, a table or dict two, a lambda two or three. When nothing is owed and no leaf is
//! half-read, the value is complete. There is no stack, and so no depth to limit.

use crate::codec::leaf::State;
use crate::codec::token::Token;
use crate::codec::value::scalar;
use crate::error::{Fault, PeerError};
use crate::wire::server_error::{Code, is_padding};
use crate::wire::tag::{
    ATTR_CLOSURE, COUNTED_HEAD_LEN, ERROR_CODE_LEN, ERROR_RECORD_BODY_LEN, ERROR_RECORD_HEAD_LEN, FLAG_NULL,
    FLAG_QUOTED, LENGTH_LEN,
};
use crate::wire::{Generation, ServerError, Tag, Type};

/// Reads one value of a payload as it arrives.
///
/// Progress is made whenever the input has 16 bytes or reaches the payload's end. Each call does work in proportion
/// to the bytes that it takes.
///
/// ```
/// use rayforce_ipc::codec::{Decoder, Token, Value};
/// use rayforce_ipc::wire::Generation;
///
/// let payload = [0xfb, 0, 3, 0, 0, 0, 0, 0, 0, 0];
/// let mut decoder = Decoder::new(Generation::V3, payload.len() as u64);
/// let mut input = &payload[..];
/// assert_eq!(decoder.next(&mut input), Ok(Some(Token::Atom(Value::I64(3)))));
/// assert_eq!(decoder.next(&mut input), Ok(None));
/// assert!(decoder.is_done());
/// ```
#[derive(Clone, Debug)]
pub struct Decoder {
    pub(super) generation: Generation,
    expect: Expect,
    pub(super) state: State,
    /// Values that are still to come.
    pub(super) owed: u64,
    /// Payload bytes that are still to come.
    pub(super) left: u64,
    /// Bytes of the payload.
    pub(super) len: u64,
}

impl Decoder {
    /// A decoder for a payload of `len` plain bytes.
    pub const fn new(generation: Generation, len: u64) -> Decoder {
        // No frame is longer, and no sum of counts that were held against it overflows.
        let len = if len > LARGEST_LEN { LARGEST_LEN } else { len };
        Decoder { generation, expect: Expect::Anything, state: State::Value, owed: 1, left: len, len }
    }

    /// The same, before anything was taken, for a payload of another length.
    pub(crate) const fn again(&self, len: u64) -> Decoder {
        Decoder::new(self.generation, len)
    }

    /// Takes the next token off `input`, which is moved on by the bytes that the token takes. `None`: the value is
    /// complete ([`is_done`](Decoder::is_done)), or more input is needed; what is left of it must be given again
    /// with more behind it. Input beyond the payload is not looked at.
    ///
    /// # Errors
    /// A [`PeerError`] with the offset in the payload. Nothing can be decoded behind it.
    #[inline]
    pub fn next<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        let given = match usize::try_from(self.left) {
            Ok(left) if left < input.len() => input.get(..left).unwrap_or_default(),
            _ => *input,
        };
        let mut rest = given;
        let token = match self.state {
            State::Value => self.value(&mut rest),
            state => self.leaf(state, &mut rest),
        }?;
        let taken = given.len() - rest.len();
        self.left -= taken as u64;
        *input = input.get(taken..).unwrap_or_default();
        Ok(token)
    }

    /// Whether the value is complete.
    pub const fn is_done(&self) -> bool {
        self.owed == 0 && matches!(self.state, State::Value)
    }

    /// Whether a first token was taken.
    pub const fn has_begun(&self) -> bool {
        self.left != self.len
    }

    /// Bytes of the payload.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// Bytes of the payload that were taken.
    pub const fn offset(&self) -> u64 {
        self.len - self.left
    }

    /// Bytes of the payload that are still to come.
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// Values that are still to come; not the leaf that was begun.
    pub(crate) const fn owed(&self) -> u64 {
        self.owed
    }

    fn value<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        if self.owed == 0 {
            // Wire 1 puts 8 bytes of junk behind every value that has a lambda in it.
            return match self.generation {
                Generation::V3 if self.left > 0 => self.fault(Fault::TrailingBytes(self.left)),
                _ => Ok(None),
            };
        }
        let Some(byte) = input.first() else { return self.short(1) };
        let Some(tag) = self.generation.tag(*byte) else { return self.fault(Fault::Tag(*byte)) };
        match (self.expect, tag) {
            (Expect::Anything, _)
            | (Expect::Names, Tag::Vector(Type::Symbol))
            | (Expect::Columns, Tag::List) => {}
            // A vector of numbers in place of names is taken for indices into the server's own memory there.
            (Expect::Names, _) => return self.fault(Fault::TableNames),
            (Expect::Columns, _) => return self.fault(Fault::TableColumns),
        }
        match tag {
            Tag::Atom(Type::String) => self.string(input),
            Tag::Atom(Type::Symbol) => self.symbol(input),
            Tag::Atom(ty) => self.atom(ty, input),
            Tag::Vector(ty) => self.vector(ty, input),
            Tag::List => self.list(input),
            Tag::Table => self.pair(input, Token::Table, Expect::Names),
            Tag::Dict => self.pair(input, Token::Dict, Expect::Anything),
            Tag::Lambda => self.lambda(input),
            Tag::Function(arity) => {
                advance(input, 1);
                self.enter(State::Name, 0);
                Ok(Some(Token::Function(arity)))
            }
            Tag::Null => {
                advance(input, 1);
                self.enter(State::Value, 0);
                Ok(Some(Token::Null))
            }
            Tag::Error => self.error(input),
        }
    }

    #[inline]
    fn atom<'b>(&mut self, ty: Type, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        let head = 1 + self.generation.atom_flag_len();
        let width = ty.width().unwrap_or(0);
        let Some((bytes, rest)) = input.split_at_checked(head + width) else {
            return self.atom_head(ty, head, input);
        };
        *input = rest;
        let null = self.flag(bytes) & FLAG_NULL != 0;
        self.enter(State::Value, 0);
        Ok(Some(Token::Atom(scalar(ty, null, bytes.get(head..).unwrap_or_default()))))
    }

    /// An atom may be larger than the window: then its head is taken first.
    fn atom_head<'b>(
        &mut self,
        ty: Type,
        head: usize,
        input: &mut &'b [u8],
    ) -> Result<Option<Token<'b>>, PeerError> {
        let needed = head + ty.width().unwrap_or(0);
        if self.left < needed as u64 || input.len() < head {
            return self.short(needed);
        }
        let null = self.flag(input) & FLAG_NULL != 0;
        advance(input, head);
        self.enter(State::Scalar { ty, null }, 0);
        Ok(None)
    }

    fn symbol<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        let head = 1 + self.generation.atom_flag_len();
        if input.len() < head {
            return self.short(head);
        }
        let quoted = self.flag(input) & FLAG_QUOTED != 0;
        advance(input, head);
        self.enter(State::Name, 0);
        Ok(Some(Token::Symbol { quoted }))
    }

    /// A string has the layout of a vector in both generations; wire 3 has flags where wire 1 has attributes.
    fn string<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        let null = self.generation == Generation::V3 && self.flag(input) & FLAG_NULL != 0;
        let Some((_, len)) = self.counted(1, input)? else { return Ok(None) };
        self.enter(State::Text { len, strings: 0 }, 0);
        Ok(Some(Token::String { len, null }))
    }

    fn vector<'b>(&mut self, ty: Type, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        let Some((attr, count)) = self.counted(ty.least_width(), input)? else { return Ok(None) };
        let state = match ty {
            _ if count == 0 => State::Value,
            Type::Symbol => State::Names { count },
            Type::String => State::Lengths { count },
            _ => State::Elements { ty, count },
        };
        self.enter(state, 0);
        if self.expect == Expect::Names {
            self.expect = Expect::Columns;
        }
        Ok(Some(Token::Vector { ty, count, attr }))
    }

    fn list<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        let Some((_, count)) = self.counted(1, input)? else { return Ok(None) };
        self.enter(State::Value, count);
        self.expect = Expect::Anything;
        Ok(Some(Token::List { count }))
    }

    fn pair<'b>(
        &mut self,
        input: &mut &'b [u8],
        token: Token<'b>,
        expect: Expect,
    ) -> Result<Option<Token<'b>>, PeerError> {
        if input.len() < 2 {
            return self.short(2);
        }
        advance(input, 2);
        self.enter(State::Value, 2);
        self.expect = expect;
        Ok(Some(token))
    }

    fn lambda<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        let [_, attr, ..] = **input else { return self.short(2) };
        let closure = self.generation == Generation::V3 && attr & ATTR_CLOSURE != 0;
        advance(input, 2);
        self.enter(State::Value, if closure { 3 } else { 2 });
        Ok(Some(Token::Lambda { attr, closure }))
    }

    fn error<'b>(&mut self, input: &mut &'b [u8]) -> Result<Option<Token<'b>>, PeerError> {
        if self.generation == Generation::V3 {
            let Some((name, _)) = input.get(1..).and_then(|rest| rest.split_first_chunk::<ERROR_CODE_LEN>())
            else {
                return self.short(1 + ERROR_CODE_LEN);
            };
            let error = ServerError::from_code(Code::Name(*name));
            advance(input, 1 + ERROR_CODE_LEN);
            self.enter(State::Value, 0);
            return Ok(Some(Token::Error(error)));
        }
        // Dialect 1b sends a record, whose padding is zero; 1a a value, which begins with its tag.
        let record_len = (1 + ERROR_RECORD_HEAD_LEN + ERROR_RECORD_BODY_LEN) as u64;
        let head = if self.left >= record_len { 1 + ERROR_RECORD_HEAD_LEN } else { 2 };
        let Some([_, code, padding @ ..]) = input.get(..head) else { return self.short(head) };
        if head > 2 && is_padding(padding) {
            advance(input, head);
            self.enter(State::Details { len: ERROR_RECORD_BODY_LEN as u8 }, 0);
            return Ok(Some(Token::Error(ServerError::from_code(Code::Record(*code)))));
        }
        let error = ServerError::from_code(Code::Text(*code));
        advance(input, 2);
        self.enter(State::Value, 1);
        Ok(Some(Token::Error(error)))
    }

    /// Tag, attribute and a count, held against the bytes that the payload still has: `least` for each element,
    /// and one for each value that is owed beside.
    fn counted(&mut self, least: usize, input: &mut &[u8]) -> Result<Option<(u8, u64)>, PeerError> {
        let Some((head, rest)) = input.split_first_chunk::<COUNTED_HEAD_LEN>() else {
            return self.short(COUNTED_HEAD_LEN);
        };
        let [_, attr, count @ ..] = *head;
        let count = self.count(count, 2)?;
        let available = self.left - COUNTED_HEAD_LEN as u64;
        self.fits(count, least, self.owed - 1, available, COUNTED_HEAD_LEN)?;
        *input = rest;
        Ok(Some((attr, count)))
    }

    pub(super) fn count(&self, bytes: [u8; LENGTH_LEN], at: usize) -> Result<u64, PeerError> {
        let count = i64::from_le_bytes(bytes);
        u64::try_from(count)
            .map_err(|_| PeerError { fault: Fault::Count(count), offset: self.offset() + at as u64 })
    }

    pub(super) fn fits(
        &self,
        count: u64,
        least: usize,
        others: u64,
        available: u64,
        at: usize,
    ) -> Result<(), PeerError> {
        let needed = count.checked_mul(least as u64).and_then(|needed| needed.checked_add(others));
        match needed {
            Some(needed) if needed <= available => Ok(()),
            _ => {
                let fault = Fault::UnexpectedEnd { needed: needed.unwrap_or(u64::MAX), available };
                Err(PeerError { fault, offset: self.offset() + at as u64 })
            }
        }
    }

    /// One value was begun, and owes so many others.
    #[inline]
    fn enter(&mut self, state: State, children: u64) {
        self.owed = self.owed - 1 + children;
        self.state = state;
    }

    /// The byte behind the tag, where an atom has one.
    #[inline]
    fn flag(&self, bytes: &[u8]) -> u8 {
        match (self.generation, bytes) {
            (Generation::V3, [_, flag, ..]) => *flag,
            _ => 0,
        }
    }

    /// More input is needed, unless the payload has none.
    #[cold]
    #[inline(never)] // from a dozen places
    pub(super) fn short<T>(&self, needed: usize) -> Result<Option<T>, PeerError> {
        let needed = needed as u64;
        if self.left < needed {
            return self.fault(Fault::UnexpectedEnd { needed, available: self.left });
        }
        Ok(None)
    }

    #[cold]
    #[inline(never)]
    fn fault<T>(&self, fault: Fault) -> Result<Option<T>, PeerError> {
        Err(PeerError { fault, offset: self.offset() })
    }
}

/// The largest payload that a header can announce.
const LARGEST_LEN: u64 = i64::MAX.cast_unsigned();

/// What a table's two values must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Expect {
    Anything,
    Names,
    Columns,
}

#[inline]
pub(super) fn advance(input: &mut &[u8], count: usize) {
    *input = input.get(count..).unwrap_or_default();
}
