//! Complete bytes, value by value in the order in which they travel, without recursion.
//!
//! What lies in memory as a whole is read by its heads, many bytes at a step; only where that finds something amiss
//! the [`Decoder`](crate::codec::Decoder) is run, to tell what and where. The two accept the same bytes.

use crate::codec::decoder::Decoder;
use crate::codec::function::{ErrorValue, Function, Lambda};
use crate::codec::scan::{first_nul, names_len};
use crate::codec::table::{Dict, List, Table};
use crate::codec::text::{Symbol, Text};
use crate::codec::value::{Value, scalar};
use crate::codec::vector::{Strings, Vector};
use crate::error::{Fault, PeerError};
use crate::wire::server_error::{Code, is_padding};
use crate::wire::tag::{
    ATTR_CLOSURE, COUNTED_HEAD_LEN, ERROR_CODE_LEN, ERROR_RECORD_BODY_LEN, ERROR_RECORD_HEAD_LEN, FLAG_NULL,
    FLAG_QUOTED,
};
use crate::wire::{Generation, ServerError, Tag, Type};

/// What the first bytes of a value say, held against the bytes that are there.
#[derive(Clone, Copy)]
struct Head {
    tag: Tag,
    /// The byte behind the tag, where there is one.
    flag: u8,
    /// Elements of a vector; of a container, how many values it owes.
    count: usize,
    /// Where the content begins.
    start: usize,
    /// Where a leaf ends; of a container, where its values begin.
    end: usize,
}

impl Head {
    #[inline]
    fn of(generation: Generation, bytes: &[u8]) -> Option<Head> {
        let tag = generation.tag(*bytes.first()?)?;
        let flag = bytes.get(1).copied().unwrap_or(0);
        let head = match tag {
            Tag::Vector(_) => {
                let (vector, rest) = vector(generation, bytes)?;
                let end = bytes.len() - rest.len();
                Head { tag, flag, count: vector.count, start: COUNTED_HEAD_LEN, end }
            }
            Tag::Atom(ty) => {
                let start = 1 + generation.atom_flag_len();
                match ty.width() {
                    Some(width) => Head::leaf(tag, flag, start, start + width),
                    None if ty == Type::Symbol => {
                        Head::leaf(tag, flag, start, start + first_nul(bytes.get(start..)?)? + 1)
                    }
                    None => Head::leaf(tag, flag, COUNTED_HEAD_LEN, COUNTED_HEAD_LEN + counted(bytes)?.1),
                }
            }
            Tag::List => Head::leaf(tag, flag, COUNTED_HEAD_LEN, COUNTED_HEAD_LEN).owing(counted(bytes)?.1),
            Tag::Table => {
                let (count, columns) = columns(generation, bytes.get(2..)?)?;
                Head::leaf(tag, flag, 2, bytes.len() - columns.len()).owing(count)
            }
            Tag::Dict => Head::leaf(tag, flag, 2, 2).owing(2),
            Tag::Lambda => {
                let closure = generation == Generation::V3 && flag & ATTR_CLOSURE != 0;
                Head::leaf(tag, flag, 2, 2).owing(Lambda::part_count(closure))
            }
            Tag::Function(_) => Head::leaf(tag, flag, 1, 2 + first_nul(bytes.get(1..)?)?),
            Tag::Null => Head::leaf(tag, flag, 1, 1),
            Tag::Error if generation == Generation::V3 => Head::leaf(tag, flag, 1, 1 + ERROR_CODE_LEN),
            Tag::Error if is_record(bytes) => {
                let start = 1 + ERROR_RECORD_HEAD_LEN;
                Head::leaf(tag, flag, start, start + ERROR_RECORD_BODY_LEN)
            }
            Tag::Error => Head::leaf(tag, flag, 2, 2).owing(1),
        };
        (head.end <= bytes.len()).then_some(head)
    }

    #[inline]
    const fn leaf(tag: Tag, flag: u8, start: usize, end: usize) -> Head {
        Head { tag, flag, count: 0, start, end }
    }

    const fn owing(self, count: usize) -> Head {
        Head { count, ..self }
    }

    /// How many values it owes.
    #[inline]
    const fn children(&self) -> usize {
        match self.tag {
            Tag::List | Tag::Table | Tag::Dict | Tag::Lambda | Tag::Error => self.count,
            Tag::Atom(_) | Tag::Vector(_) | Tag::Function(_) | Tag::Null => 0,
        }
    }

    /// The value, of which `body` is what it owes.
    #[inline]
    fn value<'a>(&self, generation: Generation, bytes: &'a [u8], body: &'a [u8]) -> Option<Value<'a>> {
        let Head { tag, flag, count, start, end } = *self;
        let leaf = bytes.get(start..end)?;
        Some(match tag {
            Tag::Vector(ty) => Value::Vector(Vector { generation, ty, attr: flag, count, bytes: leaf }),
            Tag::Atom(ty) => {
                let flag = if generation == Generation::V3 { flag } else { 0 };
                match ty {
                    Type::String if flag & FLAG_NULL != 0 => Value::TypedNull(ty),
                    Type::String => Value::String(Text(leaf)),
                    Type::Symbol => Value::Symbol(Symbol::from_bytes(unended(leaf), flag & FLAG_QUOTED != 0)),
                    _ => scalar(ty, flag & FLAG_NULL != 0, leaf),
                }
            }
            Tag::List => Value::List(List::new(generation, count, body)),
            Tag::Table => {
                let bytes = bytes.get(start..end + body.len())?;
                let columns_at = end - start;
                Value::Table(Table { generation, bytes, columns_at, beyond: 0, beyond_at: columns_at })
            }
            Tag::Dict => Value::Dict(Dict { generation, bytes: body }),
            Tag::Lambda => {
                let closure = count == Lambda::part_count(true);
                Value::Lambda(Lambda { generation, attr: flag, closure, bytes: body })
            }
            Tag::Function(arity) => Value::Function(Function { arity, name: Text(unended(leaf)) }),
            Tag::Null => Value::Null,
            Tag::Error => {
                let detail = leaf.first_chunk::<ERROR_CODE_LEN>().copied().unwrap_or_default();
                let (error, body) = match generation {
                    Generation::V3 => (ServerError::from_code(Code::Name(detail)), leaf),
                    Generation::V1 if count > 0 => (ServerError::from_code(Code::Text(flag)), body),
                    Generation::V1 => (ServerError::from_code(Code::Record(flag)).with_detail(detail), leaf),
                };
                Value::Error(ErrorValue { error, generation, body })
            }
        })
    }
}

/// The number of eight bytes that fills `bytes`, without a look at anything else.
#[inline]
pub(crate) fn number(generation: Generation, bytes: &[u8]) -> Option<Value<'static>> {
    let (head, body) = bytes.split_at_checked(1 + generation.atom_flag_len())?;
    let bits = u64::from_le_bytes(*body.first_chunk::<8>().filter(|_| body.len() == 8)?);
    let (tag, flag) = (*head.first()?, head.get(1).copied().unwrap_or(0));
    match generation.atom_type(tag)? {
        Type::I64 if flag & FLAG_NULL == 0 && bits != I64_NULL => Some(Value::I64(bits.cast_signed())),
        Type::F64 if flag & FLAG_NULL == 0 && bits != F64_NULL => Some(Value::F64(f64::from_bits(bits))),
        _ => None,
    }
}

/// Takes the value off the start of `bytes`; none where they hold no such thing.
#[inline]
pub(crate) fn take<'a>(generation: Generation, bytes: &mut &'a [u8]) -> Option<Value<'a>> {
    match generation.tag(*bytes.first()?)? {
        Tag::Vector(_) => {
            let (vector, rest) = vector(generation, bytes)?;
            *bytes = rest;
            Some(Value::Vector(vector))
        }
        Tag::Table => take_table(generation, bytes).map(Value::Table),
        _ => take_any(generation, bytes),
    }
}

/// The value that fills `bytes`, which were checked.
#[inline]
pub(crate) fn whole(generation: Generation, bytes: &[u8]) -> Option<Value<'_>> {
    match generation.vector_type(*bytes.first()?) {
        Some(ty) => {
            let (attr, count, bytes) = counted(bytes)?;
            Some(Value::Vector(Vector { generation, ty, attr, count, bytes }))
        }
        None => whole_any(generation, bytes),
    }
}

#[inline(never)]
fn whole_any(generation: Generation, bytes: &[u8]) -> Option<Value<'_>> {
    let head = Head::of(generation, bytes)?;
    head.value(generation, bytes, bytes.get(head.end..)?)
}

/// The scalar, symbol, string or vector that `bytes` hold, and nothing else (but on wire 1, as ever).
pub(crate) fn leaf(generation: Generation, bytes: &[u8]) -> Option<Value<'_>> {
    let byte = *bytes.first()?;
    let (ty, is_atom) = match generation.leaf_type(byte)? {
        // The vector of chars is the string of wire 1.
        (Type::Char, false) => (Type::String, true),
        leaf => leaf,
    };
    let flag_len = generation.atom_flag_len();
    let flag = if flag_len > 0 { *bytes.get(1)? } else { 0 };
    let (count, body) = if is_atom && ty != Type::String {
        (1, bytes.get(1 + flag_len..)?)
    } else {
        let (_, count, body) = counted(bytes)?;
        (count, body)
    };
    let len = match ty {
        Type::Symbol => names_len(body, count)?,
        Type::String if is_atom => count,
        Type::String => strings_len(body, count)?,
        _ if count > body.len() >> ty.width_shift() => return None,
        _ => count << ty.width_shift(),
    };
    let (leaf, rest) = body.split_at_checked(len)?;
    if !rest.is_empty() && generation == Generation::V3 {
        return None;
    }
    Some(match ty {
        _ if !is_atom => Value::Vector(Vector { generation, ty, attr: flag, count, bytes: leaf }),
        Type::Symbol => Value::Symbol(Symbol::from_bytes(unended(leaf), flag & FLAG_QUOTED != 0)),
        Type::String if flag & FLAG_NULL == 0 => Value::String(Text(leaf)),
        _ => scalar(ty, flag & FLAG_NULL != 0, leaf),
    })
}

/// A table: the commonest large answer.
#[inline]
fn take_table<'a>(generation: Generation, bytes: &mut &'a [u8]) -> Option<Table<'a>> {
    let body = bytes.get(2..)?;
    let (count, mut rest) = columns(generation, body)?;
    let columns_at = body.len() - rest.len();
    let (mut beyond, mut beyond_at) = (0, columns_at);
    for index in 1..=count {
        match vector_len(generation, rest) {
            Some((ty, len)) => {
                rest = rest.get(len..)?;
                if beyond == 0 && matches!(ty, Type::Symbol | Type::String) {
                    (beyond, beyond_at) = (index, body.len() - rest.len());
                }
            }
            None => rest = skip(generation, rest, 1)?,
        }
    }
    *bytes = rest;
    let bytes = body.get(..body.len() - rest.len())?;
    Some(Table { generation, bytes, columns_at, beyond, beyond_at })
}

#[inline(never)]
pub(crate) fn take_any<'a>(generation: Generation, bytes: &mut &'a [u8]) -> Option<Value<'a>> {
    let head = Head::of(generation, bytes)?;
    let body = bytes.get(head.end..)?;
    let rest = skip(generation, body, head.children())?;
    let value = head.value(generation, bytes, body.get(..body.len() - rest.len())?);
    *bytes = rest;
    value
}

/// What is behind so many values. Each takes a byte at least, so no count makes this go on for long.
fn skip(generation: Generation, mut bytes: &[u8], mut owed: usize) -> Option<&[u8]> {
    while owed > 0 {
        if let Some((_, len)) = vector_len(generation, bytes) {
            (bytes, owed) = (bytes.get(len..)?, owed - 1);
            continue;
        }
        let head = Head::of(generation, bytes)?;
        owed = (owed - 1).checked_add(head.children())?;
        bytes = bytes.get(head.end..)?;
    }
    Some(bytes)
}

/// Tells what is wrong with bytes that hold no value.
#[cold]
pub(crate) fn diagnose(generation: Generation, bytes: &[u8]) -> PeerError {
    let mut decoder = Decoder::new(generation, bytes.len() as u64);
    let mut input = bytes;
    loop {
        match decoder.next(&mut input) {
            Ok(Some(_)) => {}
            Ok(None) => {
                let fault = Fault::UnexpectedEnd { needed: decoder.left() + 1, available: decoder.left() };
                return PeerError { fault, offset: decoder.offset() };
            }
            Err(error) => return error,
        }
    }
}

/// Where bytes cease to hold values, without the decoder: at the head of the value that is amiss.
#[cold]
pub(crate) fn locate(generation: Generation, bytes: &[u8]) -> PeerError {
    let (mut rest, mut owed) = (bytes, 1usize);
    while let (1.., Some(head)) = (owed, Head::of(generation, rest)) {
        owed = (owed - 1).saturating_add(head.children());
        rest = rest.get(head.end..).unwrap_or_default();
    }
    let fault = if owed > 0 { Fault::Value } else { Fault::TrailingBytes(rest.len() as u64) };
    PeerError { fault, offset: (bytes.len() - rest.len()) as u64 }
}

/// A flat walk over values that were checked. A container comes by its head: what it holds are the next values, and
/// its own bytes go on to the end of all.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    generation: Generation,
    bytes: &'a [u8],
    owed: usize,
}

impl<'a> Walk<'a> {
    /// Over `owed` values that a container left in `bytes`.
    pub(crate) const fn new(generation: Generation, bytes: &'a [u8], owed: usize) -> Walk<'a> {
        Walk { generation, bytes, owed }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.owed = self.owed.checked_sub(1)?;
        let head = Head::of(self.generation, self.bytes)?;
        let body = self.bytes.get(head.end..)?;
        let value = head.value(self.generation, self.bytes, body)?;
        self.owed = self.owed.checked_add(head.children())?;
        self.bytes = body;
        Some(value)
    }
}

/// A vector at the start of `bytes`, and what is behind it.
#[inline]
pub(crate) fn vector(generation: Generation, bytes: &[u8]) -> Option<(Vector<'_>, &[u8])> {
    let (ty, len) = vector_len(generation, bytes)?;
    let (_, count, _) = counted(bytes)?;
    let (vector, rest) = bytes.split_at_checked(len)?;
    let ([_, attr, ..], bytes) = vector.split_first_chunk::<COUNTED_HEAD_LEN>()?;
    Some((Vector { generation, ty, attr: *attr, count, bytes }, rest))
}

/// The type of a vector at the start of `bytes`, and all the bytes that it takes.
#[inline]
fn vector_len(generation: Generation, bytes: &[u8]) -> Option<(Type, usize)> {
    let ([tag, _, count @ ..], body) = bytes.split_first_chunk::<COUNTED_HEAD_LEN>()?;
    let ty = generation.vector_type(*tag)?;
    // A negative count is larger than any payload.
    let count = u64::from_le_bytes(*count);
    if count > (body.len() >> ty.width_shift()) as u64 {
        return None;
    }
    let count = count as usize;
    let len = match ty {
        Type::Symbol => names_len(body, count)?,
        Type::String => strings_len(body, count)?,
        _ => count << ty.width_shift(),
    };
    Some((ty, COUNTED_HEAD_LEN + len))
}

/// The bytes that `count` strings at the start of `bytes` take, with their lengths.
#[inline]
fn strings_len(bytes: &[u8], count: usize) -> Option<usize> {
    let mut strings = Strings { bytes, left: count };
    (strings.by_ref().count() == count).then_some(bytes.len() - strings.bytes.len())
}

/// How many columns a table has whose tag and attribute were taken, and its bytes from the first one on.
#[inline]
fn columns(generation: Generation, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (Type::Symbol, names_len) = vector_len(generation, bytes)? else { return None };
    let columns = bytes.get(names_len..)?;
    let Some(Tag::List) = generation.tag(*columns.first()?) else { return None };
    let (_, count, columns) = counted(columns)?;
    Some((count, columns))
}

/// Attribute, count and what is behind, which is no shorter than the count.
#[inline]
pub(crate) fn counted(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    let ([_, attr, count @ ..], rest) = bytes.split_first_chunk::<COUNTED_HEAD_LEN>()?;
    let count = usize::try_from(i64::from_le_bytes(*count)).ok()?;
    (count <= rest.len()).then_some((*attr, count, rest))
}

/// Whether an error of wire 1 is of dialect 1b, whose padding is zero where 1a has a tag.
fn is_record(bytes: &[u8]) -> bool {
    bytes.len() > ERROR_RECORD_HEAD_LEN + ERROR_RECORD_BODY_LEN
        && bytes.get(2..=ERROR_RECORD_HEAD_LEN).is_some_and(is_padding)
}

/// A name without the NUL that ends it.
fn unended(body: &[u8]) -> &[u8] {
    body.split_last().map_or(body, |(_, name)| name)
}

/// The bytes of the sentinels.
const I64_NULL: u64 = i64::MIN.cast_unsigned();
const F64_NULL: u64 = 0x7ff8_0000_0000_0000;
