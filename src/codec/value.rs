//! A value whose bytes are all there, checked once and not copied.

use core::fmt;

use crate::codec::cell::Cell;
use crate::codec::function::{ErrorValue, Function, Lambda};
use crate::codec::table::{Dict, List, Table};
use crate::codec::text::{Symbol, Text};
use crate::codec::vector::Vector;
use crate::codec::walk;
use crate::error::{Fault, Mismatch, PeerError, Shape};
use crate::wire::{Date, Element, Generation, Guid, Tag, Time, Timespan, Timestamp, Type};

/// A value in the bytes of a payload.
///
/// `Debug` shows its type, as `I64(3)`; `Display` is the notation of the servers' language, as `3`. With a
/// precision, as `{:.10}`, vectors and lists show that many elements at most; without one, all of them.
///
/// ```
/// use rayforce_ipc::codec::Value;
/// use rayforce_ipc::wire::Generation;
///
/// let value = Value::decode(Generation::V3, &[0xfb, 0, 3, 0, 0, 0, 0, 0, 0, 0]).unwrap();
/// assert_eq!(format!("{value:?}"), "I64(3)");
/// assert_eq!(value.as_i64(), Ok(3));
/// ```
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Value<'a> {
    /// Nothing, without a type.
    Null,
    /// The null of a type: its flag is set (wire 3), or its bytes are the sentinel.
    TypedNull(Type),
    /// A boolean.
    Bool(bool),
    /// A byte.
    U8(u8),
    /// A 16-bit integer.
    I16(i16),
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A 32-bit float (wire 3).
    F32(f32),
    /// A 64-bit float.
    F64(f64),
    /// A day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A moment.
    Timestamp(Timestamp),
    /// A length of time (wire 3, unknown to 2.0.0).
    Timespan(Timespan),
    /// A globally unique identifier.
    Guid(Guid),
    /// One byte of text (wire 1).
    Char(u8),
    /// A symbol.
    Symbol(Symbol<'a>),
    /// A string.
    String(Text<'a>),
    /// Elements of one type.
    Vector(Vector<'a>),
    /// Values of any kind.
    List(List<'a>),
    /// Named columns.
    Table(Table<'a>),
    /// Keys and values.
    Dict(Dict<'a>),
    /// A function of the server's language.
    Lambda(Lambda<'a>),
    /// A builtin function.
    Function(Function<'a>),
    /// An error inside a value; as a whole answer it is [`Error::Server`](crate::Error::Server).
    Error(ErrorValue<'a>),
}

impl<'a> Value<'a> {
    /// Reads a whole payload, once from front to back.
    ///
    /// # Errors
    /// A [`PeerError`] with the offset in the payload. Bytes behind the value are one on wire 3; on wire 1, where
    /// servers put junk behind every value with a lambda in it, they are not looked at.
    #[inline]
    pub fn decode(generation: Generation, payload: &'a [u8]) -> Result<Value<'a>, PeerError> {
        // The commonest answer by far is a single scalar.
        match walk::number(generation, payload) {
            Some(value) => Ok(value),
            None => Value::decode_any(generation, payload),
        }
    }

    #[inline]
    fn decode_any(generation: Generation, payload: &'a [u8]) -> Result<Value<'a>, PeerError> {
        let mut rest = payload;
        match walk::take(generation, &mut rest) {
            Some(value) if rest.is_empty() || generation == Generation::V1 => Ok(value),
            Some(_) => {
                let fault = Fault::TrailingBytes(rest.len() as u64);
                Err(PeerError { fault, offset: (payload.len() - rest.len()) as u64 })
            }
            None => Err(walk::diagnose(generation, payload)),
        }
    }

    /// The same with less code: what is wrong is told by the place of the value only, as [`Fault::Value`].
    ///
    /// # Errors
    /// As [`decode`](Value::decode).
    pub fn decode_small(generation: Generation, payload: &'a [u8]) -> Result<Value<'a>, PeerError> {
        let mut rest = payload;
        match walk::take_any(generation, &mut rest) {
            Some(value) if rest.is_empty() || generation == Generation::V1 => Ok(value),
            _ => Err(walk::locate(generation, payload)),
        }
    }

    /// Reads the value as a Rust one: `i64`, `Option<i64>`, `&str`, [`Date`] and whatever else is a [`Cell`].
    ///
    /// # Errors
    /// [`Mismatch`] where it is something else, or null and not read as an `Option`.
    pub fn read<T: Cell<'a>>(self) -> Result<T, Mismatch> {
        T::from_value(self)
    }

    /// A boolean.
    ///
    /// # Errors
    /// As those below: [`Mismatch`] where the value is something else, a null among them.
    pub fn as_bool(self) -> Result<bool, Mismatch> {
        self.read()
    }

    /// An `i64` and nothing narrower.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn as_i64(self) -> Result<i64, Mismatch> {
        self.read()
    }

    /// An `i32`.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn as_i32(self) -> Result<i32, Mismatch> {
        self.read()
    }

    /// An `f64`.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn as_f64(self) -> Result<f64, Mismatch> {
        self.read()
    }

    /// A point in time.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn as_timestamp(self) -> Result<Timestamp, Mismatch> {
        self.read()
    }

    /// A date.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn as_date(self) -> Result<Date, Mismatch> {
        self.read()
    }

    /// A time of day.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn as_time(self) -> Result<Time, Mismatch> {
        self.read()
    }

    /// The text of a symbol or string.
    ///
    /// # Errors
    /// [`Mismatch`], also where it is no UTF-8; its bytes are had by `read::<Text>()`.
    pub fn as_str(self) -> Result<&'a str, Mismatch> {
        self.read()
    }

    /// A vector.
    ///
    /// # Errors
    /// [`Mismatch`], with the tag of the list as what was expected where there are no elements of one type.
    pub fn vector(self) -> Result<Vector<'a>, Mismatch> {
        match self {
            Value::Vector(vector) => Ok(vector),
            other => Err(other.mismatch(Shape::AnyVector)),
        }
    }

    /// A list.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn list(self) -> Result<List<'a>, Mismatch> {
        match self {
            Value::List(list) => Ok(list),
            other => Err(other.mismatch(Shape::Value(Tag::List))),
        }
    }

    /// A table.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn table(self) -> Result<Table<'a>, Mismatch> {
        match self {
            Value::Table(table) => Ok(table),
            other => Err(other.mismatch(Shape::Value(Tag::Table))),
        }
    }

    /// A dict.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn dict(self) -> Result<Dict<'a>, Mismatch> {
        match self {
            Value::Dict(dict) => Ok(dict),
            other => Err(other.mismatch(Shape::Value(Tag::Dict))),
        }
    }

    /// Whether it is null, with or without a type.
    pub const fn is_null(&self) -> bool {
        matches!(self, Value::Null | Value::TypedNull(_))
    }

    /// Its outline.
    pub const fn shape(&self) -> Shape {
        Shape::Value(match self {
            Value::Null => Tag::Null,
            Value::TypedNull(ty) => return Shape::NullOf(*ty),
            Value::Bool(_) => Tag::Atom(Type::Bool),
            Value::U8(_) => Tag::Atom(Type::U8),
            Value::I16(_) => Tag::Atom(Type::I16),
            Value::I32(_) => Tag::Atom(Type::I32),
            Value::I64(_) => Tag::Atom(Type::I64),
            Value::F32(_) => Tag::Atom(Type::F32),
            Value::F64(_) => Tag::Atom(Type::F64),
            Value::Date(_) => Tag::Atom(Type::Date),
            Value::Time(_) => Tag::Atom(Type::Time),
            Value::Timestamp(_) => Tag::Atom(Type::Timestamp),
            Value::Timespan(_) => Tag::Atom(Type::Timespan),
            Value::Guid(_) => Tag::Atom(Type::Guid),
            Value::Char(_) => Tag::Atom(Type::Char),
            Value::Symbol(_) => Tag::Atom(Type::Symbol),
            Value::String(_) => Tag::Atom(Type::String),
            Value::Vector(vector) => Tag::Vector(vector.ty),
            Value::List(_) => Tag::List,
            Value::Table(_) => Tag::Table,
            Value::Dict(_) => Tag::Dict,
            Value::Lambda(_) => Tag::Lambda,
            Value::Function(function) => Tag::Function(function.arity),
            Value::Error(_) => Tag::Error,
        })
    }

    pub(crate) const fn mismatch(&self, expected: Shape) -> Mismatch {
        Mismatch { expected, found: self.shape() }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("Null"),
            Value::TypedNull(ty) => write!(f, "{ty:?}(null)"),
            Value::Bool(value) => write!(f, "Bool({value:?})"),
            Value::U8(value) => write!(f, "U8({value:?})"),
            Value::I16(value) => write!(f, "I16({value:?})"),
            Value::I32(value) => write!(f, "I32({value:?})"),
            Value::I64(value) => write!(f, "I64({value:?})"),
            Value::F32(value) => write!(f, "F32({value:?})"),
            Value::F64(value) => write!(f, "F64({value:?})"),
            Value::Date(value) => value.fmt(f),
            Value::Time(value) => value.fmt(f),
            Value::Timestamp(value) => value.fmt(f),
            Value::Timespan(value) => value.fmt(f),
            Value::Guid(value) => value.fmt(f),
            Value::Char(_) => write!(f, "Char({self})"),
            Value::Symbol(value) => write!(f, "Symbol({:?})", value.text()),
            Value::String(value) => write!(f, "String({value:?})"),
            Value::Vector(value) => value.fmt(f),
            Value::List(value) => value.fmt(f),
            Value::Table(value) => value.fmt(f),
            Value::Dict(value) => value.fmt(f),
            Value::Lambda(value) => value.fmt(f),
            Value::Function(_) => write!(f, "Function({self})"),
            Value::Error(_) => write!(f, "Error({self})"),
        }
    }
}

/// A scalar of fixed width, from its bytes.
pub(crate) fn scalar(ty: Type, null: bool, bytes: &[u8]) -> Value<'static> {
    // All widths by one way: a reader for each type would be five times as large on a microcontroller. From the top, so
    // that one that shifts by words of 32 bits has little to shift.
    let top = match *bytes {
        [a] => u64::from(a) << 56,
        [a, b] => u64::from(u16::from_le_bytes([a, b])) << 48,
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])) << 32,
        [a, b, c, d, e, f, g, h] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => 0,
    };
    let (all, high) = (top.cast_signed(), ((top >> 32) as u32).cast_signed());
    let null = null || bytes.len() != 1 << ty.width_shift() || ty.null_top() == Some(top);
    match ty {
        _ if null => Value::TypedNull(ty),
        Type::Bool => Value::Bool(high != 0),
        Type::U8 => Value::U8((high >> 24) as u8),
        Type::Char => Value::Char((high >> 24) as u8),
        Type::I16 => Value::I16((high >> 16) as i16),
        Type::I32 => Value::I32(high),
        Type::Date => Value::Date(Date(high)),
        Type::Time => Value::Time(Time(high)),
        Type::F32 => Value::F32(f32::from_bits(high.cast_unsigned())),
        Type::I64 => Value::I64(all),
        Type::Timestamp => Value::Timestamp(Timestamp(all)),
        Type::Timespan => Value::Timespan(Timespan(all)),
        Type::F64 => Value::F64(f64::from_bits(top)),
        Type::Guid => match bytes.first_chunk::<16>() {
            // As a number, so that nobody needs the memcpy of the compiler's library for it.
            Some(guid) if guid.iter().any(|byte| *byte != 0) => {
                Value::Guid(Guid(u128::from_ne_bytes(*guid).to_ne_bytes()))
            }
            _ => Value::TypedNull(ty),
        },
        Type::Symbol | Type::String => Value::TypedNull(ty),
    }
}

/// The very bytes that a server writes for null; other NaNs pass through as numbers.
#[inline]
pub(crate) fn is_sentinel<T: Element>(element: T) -> bool {
    T::NULL.is_some_and(|null| null.as_bytes() == element.as_bytes())
}
