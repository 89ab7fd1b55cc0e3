//! The first byte of a value, which says what it is: negative for an atom, positive for a vector or compound.
//! From 6 upwards the same number means different types in the two generations.

use crate::wire::Generation;

/// The type of an atom, or of a vector's elements.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Type {
    /// One byte, any non-zero value is true. Has no null.
    Bool,
    /// One byte. Has no null.
    U8,
    /// Two bytes; wire 1 has it only as an atom.
    I16,
    /// Four bytes.
    I32,
    /// Eight bytes.
    I64,
    /// Four bytes; wire 3 only.
    F32,
    /// Eight bytes.
    F64,
    /// Days since 2000-01-01, four bytes.
    Date,
    /// Milliseconds since midnight, four bytes; may be negative or exceed a day.
    Time,
    /// Nanoseconds since 2000-01-01T00:00:00 UTC, eight bytes.
    Timestamp,
    /// Nanoseconds, eight bytes; wire 3 only, unknown to 2.0.0.
    Timespan,
    /// Sixteen bytes in the order in which they are written in text.
    Guid,
    /// An interned name: bytes without NUL, normally UTF-8.
    Symbol,
    /// One byte of text; wire 1 only, and only as an atom: its vector is the string.
    Char,
    /// Bytes, normally UTF-8, NUL allowed.
    String,
}

impl Type {
    /// Bytes of one element, for the types where all elements have the same.
    pub const fn width(self) -> Option<usize> {
        match self {
            Type::Bool | Type::U8 | Type::Char => Some(1),
            Type::I16 => Some(2),
            Type::I32 | Type::F32 | Type::Date | Type::Time => Some(4),
            Type::I64 | Type::F64 | Type::Timestamp | Type::Timespan => Some(8),
            Type::Guid => Some(16),
            Type::Symbol | Type::String => None,
        }
    }

    /// The same as a power of two; of symbols and strings that of one byte.
    #[inline]
    pub(crate) const fn width_shift(self) -> u32 {
        let place = self as u32 * 4;
        if cfg!(target_pointer_width = "64") {
            return (WIDTH_SHIFTS >> place) as u32 & 0x0f;
        }
        // A small processor shifts by words of 32 bits, and longer ones by a function.
        let half = if place < u32::BITS { WIDTH_SHIFTS } else { WIDTH_SHIFTS >> u32::BITS };
        (half as u32 >> (place % u32::BITS)) & 0x0f
    }

    /// The fewest bytes that one element of a vector takes: a symbol its NUL, a string its length.
    pub(crate) const fn least_width(self) -> usize {
        match self.width() {
            Some(width) => width,
            None if matches!(self, Type::String) => LENGTH_LEN,
            None => 1,
        }
    }

    /// The name in the servers' own words: `I64`, `SYMBOL`.
    pub const fn name(self) -> &'static str {
        match self {
            Type::Bool => "B8",
            Type::U8 => "U8",
            Type::I16 => "I16",
            Type::I32 => "I32",
            Type::I64 => "I64",
            Type::F32 => "F32",
            Type::F64 => "F64",
            Type::Date => "DATE",
            Type::Time => "TIME",
            Type::Timestamp => "TIMESTAMP",
            Type::Timespan => "TIMESPAN",
            Type::Guid => "GUID",
            Type::Symbol => "SYMBOL",
            Type::Char => "C8",
            Type::String => "STR",
        }
    }
}

/// How many arguments a builtin function takes. On input the three are interchangeable: the name decides.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Arity {
    /// One.
    Unary,
    /// Two.
    Binary,
    /// Any number.
    Variadic,
}

/// The meaning of a tag byte.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Tag {
    /// One scalar, symbol or string. The string of wire 1 is a vector of chars on the wire.
    Atom(Type),
    /// Elements of one type, without tags of their own.
    Vector(Type),
    /// Values of any kind.
    List,
    /// Column names and columns.
    Table,
    /// Keys and values.
    Dict,
    /// Parameters, body and, where the flag says so, a closure.
    Lambda,
    /// A builtin by its name.
    Function(Arity),
    /// Nothing, one byte in all.
    Null,
    /// An error of the server.
    Error,
}

impl Generation {
    /// What a tag byte means.
    #[inline]
    pub fn tag(self, byte: u8) -> Option<Tag> {
        Some(match byte {
            LIST => Tag::List,
            TABLE => Tag::Table,
            DICT => Tag::Dict,
            LAMBDA => Tag::Lambda,
            UNARY => Tag::Function(Arity::Unary),
            BINARY => Tag::Function(Arity::Binary),
            VARIADIC => Tag::Function(Arity::Variadic),
            NULL => Tag::Null,
            ERROR => Tag::Error,
            _ => return self.scalar_tag(byte),
        })
    }

    fn scalar_tag(self, byte: u8) -> Option<Tag> {
        if byte >= 0x80 {
            return self.numbered(byte.wrapping_neg()).map(Tag::Atom);
        }
        Some(match self.numbered(byte)? {
            // The vector of chars is the string of wire 1.
            Type::Char => Tag::Atom(Type::String),
            ty => Tag::Vector(ty),
        })
    }

    /// The type of a scalar's tag.
    #[inline]
    pub(crate) fn atom_type(self, byte: u8) -> Option<Type> {
        if byte >= 0x80 { self.numbered(byte.wrapping_neg()) } else { None }
    }

    /// The type of a tag of an atom or vector, and whether it is that of an atom.
    #[inline]
    pub(crate) fn leaf_type(self, byte: u8) -> Option<(Type, bool)> {
        let is_atom = byte >= 0x80;
        Some((self.numbered(if is_atom { byte.wrapping_neg() } else { byte })?, is_atom))
    }

    /// The type of a vector's tag, unless that is a string.
    #[inline]
    pub(crate) fn vector_type(self, byte: u8) -> Option<Type> {
        self.numbered(byte).filter(|ty| *ty != Type::Char)
    }

    #[inline]
    fn numbered(self, number: u8) -> Option<Type> {
        self.types().get(usize::from(number)).copied().flatten()
    }

    /// The byte of a tag, or `None` where the generation cannot carry it: f32, timespan and string vectors in
    /// wire 1, which no server of it reads as i16 vectors either; chars in wire 3.
    pub const fn tag_byte(self, tag: Tag) -> Option<u8> {
        Some(match tag {
            Tag::List => LIST,
            Tag::Table => TABLE,
            Tag::Dict => DICT,
            Tag::Lambda => LAMBDA,
            Tag::Function(Arity::Unary) => UNARY,
            Tag::Function(Arity::Binary) => BINARY,
            Tag::Function(Arity::Variadic) => VARIADIC,
            Tag::Null => NULL,
            Tag::Error => ERROR,
            Tag::Vector(Type::I16 | Type::Char) if matches!(self, Generation::V1) => return None,
            Tag::Vector(ty) => return self.number(ty),
            Tag::Atom(ty) => {
                let is_chars = matches!((self, ty), (Generation::V1, Type::String));
                match self.number(if is_chars { Type::Char } else { ty }) {
                    Some(number) if is_chars => number,
                    Some(number) => number.wrapping_neg(),
                    None => return None,
                }
            }
        })
    }

    const fn number(self, ty: Type) -> Option<u8> {
        let numbers = match self {
            Generation::V1 => V1_NUMBERS,
            Generation::V3 => V3_NUMBERS,
        };
        match numbers.split_at_checked(ty as usize) {
            Some((_, [number, ..])) if *number > 0 => Some(*number),
            _ => None,
        }
    }

    /// The types by their numbers.
    const fn types(self) -> &'static [Option<Type>] {
        match self {
            Generation::V1 => &V1_TYPES,
            Generation::V3 => &V3_TYPES,
        }
    }

    /// The payload by which a question is refused: the error `nyi`; on wire 1, whose dialects write errors differently, null.
    pub(crate) const fn refusal(self) -> &'static [u8] {
        match self {
            Generation::V1 => &[NULL],
            Generation::V3 => &[ERROR, b'n', b'y', b'i', 0, 0, 0, 0, 0],
        }
    }

    /// Bytes between the tag of an atom and its value: wire 3 has a flag byte there.
    pub(crate) const fn atom_flag_len(self) -> usize {
        match self {
            Generation::V1 => 0,
            Generation::V3 => 1,
        }
    }
}

/// Flag of an atom (wire 3): the value is null, whatever its bytes.
pub(crate) const FLAG_NULL: u8 = 0x01;
/// Flag of a symbol atom (wire 3): a literal; clear: a name to be looked up.
pub(crate) const FLAG_QUOTED: u8 = 0x20;
/// Attribute of a vector (wire 3): at least one element is the sentinel. 2.0.0 computes wrong sums where it is
/// missing; on reading it only says «may».
pub(crate) const ATTR_HAS_NULLS: u8 = 0x40;
/// Attribute of a lambda (2.4.0): a closure follows the body.
pub(crate) const ATTR_CLOSURE: u8 = 0x01;
/// Attribute of the name vector of a table: the width of indices inside the servers, which real peers of wire 3
/// always send and never look at.
pub(crate) const ATTR_TABLE_NAMES: u8 = 0x03;
/// Bytes of a count or length: an i64.
pub(crate) const LENGTH_LEN: usize = 8;
/// Tag, attribute byte and count of a vector, list or string.
pub(crate) const COUNTED_HEAD_LEN: usize = 2 + LENGTH_LEN;
/// Counts above it are refused by every server.
pub(crate) const LARGEST_COUNT: u64 = 1_000_000_000;
/// Bytes of an error code in wire 3: ASCII, padded with NUL.
pub(crate) const ERROR_CODE_LEN: usize = 8;
/// Wire 1, dialect 1b: code and padding in front of the error's details.
pub(crate) const ERROR_RECORD_HEAD_LEN: usize = 8;
/// Wire 1, dialect 1b: the details themselves.
pub(crate) const ERROR_RECORD_BODY_LEN: usize = 24;

const LIST: u8 = 0;
const TABLE: u8 = 98;
const DICT: u8 = 99;
const LAMBDA: u8 = 100;
const UNARY: u8 = 101;
const BINARY: u8 = 102;
const VARIADIC: u8 = 103;
const NULL: u8 = 126;
const ERROR: u8 = 127;

/// Four bits for each type, so that no memory is asked for them.
const WIDTH_SHIFTS: u64 = {
    let mut shifts = 0;
    let mut types: &[Option<Type>] = &V3_TYPES;
    while let [ty, rest @ ..] = types {
        if let Some(ty) = *ty
            && let Some(width) = ty.width()
        {
            shifts |= (width.trailing_zeros() as u64) << (ty as u32 * 4);
        }
        types = rest;
    }
    // Wire 3 has no chars, whose width is one byte.
    shifts
};

/// The numbers by their types; 0 for a type that a generation does not have.
const V1_NUMBERS: [u8; TYPE_COUNT] = numbers(&V1_TYPES);
const V3_NUMBERS: [u8; TYPE_COUNT] = numbers(&V3_TYPES);
const TYPE_COUNT: usize = Type::String as usize + 1;

const fn numbers(mut types: &[Option<Type>]) -> [u8; TYPE_COUNT] {
    let mut numbers = [0; TYPE_COUNT];
    let mut number = 0;
    while let [ty, rest @ ..] = types {
        if let Some(ty) = *ty {
            let (_, at) = numbers.split_at_mut(ty as usize);
            if let Some(at) = at.first_mut() {
                *at = number;
            }
        }
        (number, types) = (number + 1, rest);
    }
    numbers
}

const V1_TYPES: [Option<Type>; 13] = [
    None,
    Some(Type::Bool),
    Some(Type::U8),
    Some(Type::I16),
    Some(Type::I32),
    Some(Type::I64),
    Some(Type::Symbol),
    Some(Type::Date),
    Some(Type::Time),
    Some(Type::Timestamp),
    Some(Type::F64),
    Some(Type::Guid),
    Some(Type::Char),
];

const V3_TYPES: [Option<Type>; 17] = [
    None,
    Some(Type::Bool),
    Some(Type::U8),
    Some(Type::I16),
    Some(Type::I32),
    Some(Type::I64),
    Some(Type::F32),
    Some(Type::F64),
    Some(Type::Date),
    Some(Type::Time),
    Some(Type::Timestamp),
    Some(Type::Guid),
    Some(Type::Symbol),
    Some(Type::String),
    None,
    None,
    Some(Type::Timespan),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_that_means_something_is_written_back_as_itself() {
        for generation in [Generation::V1, Generation::V3] {
            for byte in 0..=255u8 {
                let Some(tag) = generation.tag(byte) else { continue };
                let unreadable = generation == Generation::V1 && tag == Tag::Vector(Type::I16);
                assert_eq!(generation.tag_byte(tag), (!unreadable).then_some(byte), "{generation:?} {tag:?}");
            }
        }
    }

    #[test]
    fn the_shift_of_a_type_is_that_of_its_width() {
        for ty in V1_TYPES.into_iter().chain(V3_TYPES).flatten() {
            assert_eq!(1 << ty.width_shift(), ty.width().unwrap_or(1), "{ty:?}");
        }
    }

    #[test]
    fn the_same_number_means_two_things() {
        assert_eq!(Generation::V1.tag(0x06), Some(Tag::Vector(Type::Symbol)));
        assert_eq!(Generation::V3.tag(0x06), Some(Tag::Vector(Type::F32)));
        assert_eq!(Generation::V1.tag(0xf4), Some(Tag::Atom(Type::Char)));
        assert_eq!(Generation::V3.tag(0xf4), Some(Tag::Atom(Type::Symbol)));
    }
}
