//! Elements of one type.

use crate::codec::cell::Cell;
use crate::codec::scan::first_nul;
use crate::codec::text::{Symbol, Text};
use crate::codec::token::{Elements, Names};
use crate::codec::value::{Value, is_sentinel};
use crate::error::{Mismatch, Shape};
use crate::wire::tag::{ATTR_HAS_NULLS, LENGTH_LEN};
use crate::wire::{Element, Generation, Tag, Type};

use zerocopy::little_endian as le;

/// A vector in the bytes of a payload: a column of a table, most often.
///
/// The slices of numbers lie in the payload as they came: little-endian, at any alignment, null sentinels
/// included. `vector.iter::<Option<i64>>()` tells nulls apart.
#[derive(Clone, Copy)]
pub struct Vector<'a> {
    pub(crate) generation: Generation,
    pub(crate) ty: Type,
    pub(crate) attr: u8,
    pub(crate) count: usize,
    /// The elements: for symbols each with its NUL, for strings each behind its length.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Vector<'a> {
    /// The type of its elements.
    pub const fn ty(&self) -> Type {
        self.ty
    }

    /// How many elements there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a null may be among them. Wire 1 does not say; wire 3 has a flag, which is sometimes set without
    /// need (2.4.0: group keys, empty strings) and never missing where it is needed.
    pub const fn may_have_nulls(&self) -> bool {
        matches!(self.generation, Generation::V1) || self.attr & ATTR_HAS_NULLS != 0
    }

    /// The attribute byte as it came.
    pub const fn attr(&self) -> u8 {
        self.attr
    }

    /// The elements as they lie in the payload.
    ///
    /// # Errors
    /// [`Mismatch`] where they are of another type.
    pub fn elements<T: Element>(&self) -> Result<&'a [T::Wire], Mismatch> {
        Elements { ty: self.ty, bytes: self.bytes }.read::<T>()
    }

    /// The elements of an i64 vector.
    ///
    /// # Errors
    /// [`Mismatch`], as for those below.
    pub fn i64s(&self) -> Result<&'a [le::I64], Mismatch> {
        self.elements::<i64>()
    }

    /// The elements of an i32 vector.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn i32s(&self) -> Result<&'a [le::I32], Mismatch> {
        self.elements::<i32>()
    }

    /// The elements of an i16 vector (wire 3).
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn i16s(&self) -> Result<&'a [le::I16], Mismatch> {
        self.elements::<i16>()
    }

    /// The elements of an f64 vector.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn f64s(&self) -> Result<&'a [le::F64], Mismatch> {
        self.elements::<f64>()
    }

    /// The elements of an f32 vector (wire 3).
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn f32s(&self) -> Result<&'a [le::F32], Mismatch> {
        self.elements::<f32>()
    }

    /// The elements of a u8 vector.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn u8s(&self) -> Result<&'a [u8], Mismatch> {
        self.elements::<u8>()
    }

    /// The names of a symbol vector as text, checked in one pass over the column.
    ///
    /// # Errors
    /// [`Mismatch`], also where a name is no UTF-8; [`names`](Vector::names) has the bytes.
    pub fn symbols(&self) -> Result<Symbols<'a>, Mismatch> {
        let Names { bytes } = self.names()?;
        Ok(Symbols { text: Text(bytes).as_str()?, left: self.count })
    }

    /// The names of a symbol vector as bytes.
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn names(&self) -> Result<Names<'a>, Mismatch> {
        match self.ty {
            Type::Symbol => Ok(Names { bytes: self.bytes }),
            _ => Err(self.mismatch(Type::Symbol)),
        }
    }

    /// The strings of a string vector (wire 3; wire 1 sends a list of strings).
    ///
    /// # Errors
    /// [`Mismatch`].
    pub fn strings(&self) -> Result<Strings<'a>, Mismatch> {
        match self.ty {
            Type::String => Ok(Strings { bytes: self.bytes, left: self.count }),
            _ => Err(self.mismatch(Type::String)),
        }
    }

    /// The elements as Rust values: `i64`, `Option<i64>`, `bool`, `&str`, [`Date`](crate::wire::Date) and whatever
    /// else is a [`Cell`].
    ///
    /// # Errors
    /// [`Mismatch`] where they are of another type; from the iterator where one is null and not read as an `Option`.
    pub fn iter<T: Cell<'a>>(&self) -> Result<T::Cells, Mismatch> {
        T::cells(Value::Vector(*self))
    }

    /// One element; `None` behind the last. Symbols and strings are searched from the front.
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        fn at<T: Element>(
            vector: &Vector<'_>,
            index: usize,
            value: fn(T) -> Value<'static>,
        ) -> Option<Value<'static>> {
            let element = T::from_wire(*vector.elements::<T>().ok()?.get(index)?);
            Some(if is_sentinel(element) { Value::TypedNull(T::TYPE) } else { value(element) })
        }
        match self.ty {
            Type::Bool => at(self, index, Value::Bool),
            Type::U8 => at(self, index, Value::U8),
            Type::I16 => at(self, index, Value::I16),
            Type::I32 => at(self, index, Value::I32),
            Type::I64 => at(self, index, Value::I64),
            Type::F32 => at(self, index, Value::F32),
            Type::F64 => at(self, index, Value::F64),
            Type::Date => at(self, index, Value::Date),
            Type::Time => at(self, index, Value::Time),
            Type::Timestamp => at(self, index, Value::Timestamp),
            Type::Timespan => at(self, index, Value::Timespan),
            Type::Guid => at(self, index, Value::Guid),
            Type::Char => self.bytes.get(index).map(|byte| Value::Char(*byte)),
            Type::Symbol => {
                self.names().ok()?.nth(index).map(|name| Value::Symbol(Symbol::from_bytes(name, true)))
            }
            Type::String => self.strings().ok()?.nth(index).map(Value::String),
        }
    }

    fn mismatch(&self, expected: Type) -> Mismatch {
        Mismatch { expected: Shape::Value(Tag::Vector(expected)), found: Shape::Value(Tag::Vector(self.ty)) }
    }
}

impl PartialEq for Vector<'_> {
    /// The same elements of the same type; attributes do not count.
    fn eq(&self, other: &Self) -> bool {
        self.ty == other.ty && self.count == other.count && self.bytes == other.bytes
    }
}

/// The names of a symbol vector.
#[derive(Clone, Debug)]
pub struct Symbols<'a> {
    text: &'a str,
    left: usize,
}

impl<'a> Iterator for Symbols<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let end = first_nul(self.text.as_bytes())?;
        let name = self.text.get(..end)?;
        self.text = self.text.get(end + 1..)?;
        self.left = self.left.saturating_sub(1);
        Some(name)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Symbols<'_> {}

/// The strings of a string vector.
#[derive(Clone, Debug)]
pub struct Strings<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) left: usize,
}

impl<'a> Iterator for Strings<'a> {
    type Item = Text<'a>;

    fn next(&mut self) -> Option<Text<'a>> {
        let left = self.left.checked_sub(1)?;
        let (len, rest) = self.bytes.split_first_chunk::<LENGTH_LEN>()?;
        let len = usize::try_from(i64::from_le_bytes(*len)).ok()?;
        let (text, rest) = rest.split_at_checked(len)?;
        (self.bytes, self.left) = (rest, left);
        Some(Text(text))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Strings<'_> {}
