//! Values read as Rust types: one value, a column, rows.

use core::marker::PhantomData;
use core::slice;

use crate::codec::table::{List, Table, Values};
use crate::codec::text::{Symbol, Text};
use crate::codec::token::Names;
use crate::codec::value::Value;
use crate::codec::vector::{Strings, Symbols, Vector};
use crate::error::{Mismatch, Shape};
use crate::wire::{Date, Element, Guid, Tag, Time, Timespan, Timestamp, Type};

/// A Rust type that a cell of a column, or a value by itself, can be read as:
///
/// | Rust | from |
/// |---|---|
/// | the [`Element`] types: `bool`, `u8`, `i16`, `i32`, `i64`, `f32`, `f64`, [`Date`] … | the same type, not null |
/// | `Option` of one of them | the same, or null |
/// | `&str`, `Option<&str>` | a symbol or string in UTF-8 |
/// | [`Text`] | a symbol or string |
/// | [`Symbol`] | a symbol |
/// | [`Value`] | anything |
///
/// Nothing is converted: an `i32` is not read as an `i64`. For floats every NaN is null.
pub trait Cell<'a>: Sized {
    /// The cells of a column.
    type Cells: Iterator<Item = Result<Self, Mismatch>>;

    /// Reads one value.
    ///
    /// # Errors
    /// [`Mismatch`] where it is something else.
    fn from_value(value: Value<'a>) -> Result<Self, Mismatch>;

    /// Begins to read a column, which is a vector or, where a server found no common type, a list.
    ///
    /// # Errors
    /// [`Mismatch`] where it is something else.
    fn cells(column: Value<'a>) -> Result<Self::Cells, Mismatch>;
}

impl<'a, T: Scalar> Cell<'a> for T {
    type Cells = Elements<'a, T, T>;

    #[inline]
    fn from_value(value: Value<'a>) -> Result<T, Mismatch> {
        element(value)?.ok_or_else(|| match value {
            Value::Null => value.mismatch(atom::<T>()),
            // A NaN that is not the sentinel is a number by its shape.
            _ => null::<T>(),
        })
    }

    fn cells(column: Value<'a>) -> Result<Self::Cells, Mismatch> {
        Elements::new(column)
    }
}

impl<'a, T: Scalar> Cell<'a> for Option<T> {
    type Cells = Elements<'a, T, Option<T>>;

    #[inline]
    fn from_value(value: Value<'a>) -> Result<Option<T>, Mismatch> {
        element(value)
    }

    fn cells(column: Value<'a>) -> Result<Self::Cells, Mismatch> {
        Elements::new(column)
    }
}

impl<'a> Cell<'a> for &'a str {
    type Cells = Strs<'a>;

    fn from_value(value: Value<'a>) -> Result<&'a str, Mismatch> {
        Text::from_value(value)?.as_str()
    }

    fn cells(column: Value<'a>) -> Result<Strs<'a>, Mismatch> {
        Ok(match column {
            Value::Vector(vector) if vector.ty() == Type::Symbol => Strs::Symbols(vector.symbols()?),
            other => Strs::Texts(Text::cells(other)?),
        })
    }
}

impl<'a> Cell<'a> for Option<&'a str> {
    type Cells = Anything<'a, Option<&'a str>>;

    fn from_value(value: Value<'a>) -> Result<Option<&'a str>, Mismatch> {
        if value.is_null() { Ok(None) } else { value.read().map(Some) }
    }

    fn cells(column: Value<'a>) -> Result<Self::Cells, Mismatch> {
        Anything::new(column)
    }
}

impl<'a> Cell<'a> for Text<'a> {
    type Cells = Anything<'a, Text<'a>>;

    fn from_value(value: Value<'a>) -> Result<Text<'a>, Mismatch> {
        match value {
            Value::Symbol(symbol) => Ok(symbol.text()),
            Value::String(text) => Ok(text),
            other => Err(other.mismatch(Shape::Value(Tag::Atom(Type::String)))),
        }
    }

    fn cells(column: Value<'a>) -> Result<Self::Cells, Mismatch> {
        Anything::new(column)
    }
}

impl<'a> Cell<'a> for Symbol<'a> {
    type Cells = Anything<'a, Symbol<'a>>;

    fn from_value(value: Value<'a>) -> Result<Symbol<'a>, Mismatch> {
        match value {
            Value::Symbol(symbol) => Ok(symbol),
            other => Err(other.mismatch(Shape::Value(Tag::Atom(Type::Symbol)))),
        }
    }

    fn cells(column: Value<'a>) -> Result<Self::Cells, Mismatch> {
        Anything::new(column)
    }
}

impl<'a> Cell<'a> for Value<'a> {
    type Cells = Anything<'a, Value<'a>>;

    fn from_value(value: Value<'a>) -> Result<Value<'a>, Mismatch> {
        Ok(value)
    }

    fn cells(column: Value<'a>) -> Result<Self::Cells, Mismatch> {
        Anything::new(column)
    }
}

/// A column of fixed width.
#[derive(Clone, Debug)]
pub struct Elements<'a, T: Element, C> {
    source: Source<'a, T>,
    cell: PhantomData<C>,
}

#[derive(Clone, Debug)]
enum Source<'a, T: Element> {
    Vector(slice::Iter<'a, T::Wire>),
    List(Values<'a>),
}

impl<'a, T: Element, C> Elements<'a, T, C> {
    fn new(column: Value<'a>) -> Result<Self, Mismatch> {
        let source = match column {
            Value::Vector(vector) => Source::Vector(vector.elements::<T>()?.iter()),
            Value::List(list) => Source::List(list.iter()),
            other => return Err(other.mismatch(Shape::Value(Tag::Vector(T::TYPE)))),
        };
        Ok(Elements { source, cell: PhantomData })
    }
}

impl<T: Scalar> Iterator for Elements<'_, T, T> {
    type Item = Result<T, Mismatch>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Vector(elements) => {
                let element = T::from_wire(*elements.next()?);
                Some(if element.is_null() { Err(null::<T>()) } else { Ok(element) })
            }
            Source::List(values) => values.next().map(T::from_value),
        }
    }
}

impl<T: Scalar> Iterator for Elements<'_, T, Option<T>> {
    type Item = Result<Option<T>, Mismatch>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Vector(elements) => {
                let element = T::from_wire(*elements.next()?);
                Some(Ok((!element.is_null()).then_some(element)))
            }
            Source::List(values) => values.next().map(element),
        }
    }
}

/// A column of text.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Strs<'a> {
    /// Symbols, whose UTF-8 was checked as a whole.
    Symbols(Symbols<'a>),
    /// Strings, each checked by itself.
    Texts(Anything<'a, Text<'a>>),
}

impl<'a> Iterator for Strs<'a> {
    type Item = Result<&'a str, Mismatch>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Strs::Symbols(symbols) => symbols.next().map(Ok),
            Strs::Texts(texts) => Some(texts.next()?.and_then(|text| text.as_str())),
        }
    }
}

/// A column of any kind, each cell a [`Value`] first.
#[derive(Clone, Debug)]
pub struct Anything<'a, C> {
    source: AnySource<'a>,
    cell: PhantomData<C>,
}

#[derive(Clone, Debug)]
enum AnySource<'a> {
    Vector { vector: Vector<'a>, index: usize },
    Names(Names<'a>),
    Strings(Strings<'a>),
    List(Values<'a>),
}

impl<'a, C> Anything<'a, C> {
    fn new(column: Value<'a>) -> Result<Self, Mismatch> {
        let source = match column {
            Value::Vector(vector) => match vector.ty() {
                Type::Symbol => AnySource::Names(vector.names()?),
                Type::String => AnySource::Strings(vector.strings()?),
                _ => AnySource::Vector { vector, index: 0 },
            },
            Value::List(list) => AnySource::List(list.iter()),
            other => return Err(other.mismatch(Shape::Value(Tag::List))),
        };
        Ok(Anything { source, cell: PhantomData })
    }

    fn value(&mut self) -> Option<Value<'a>> {
        match &mut self.source {
            AnySource::Vector { vector, index } => {
                let value = vector.get(*index)?;
                *index += 1;
                Some(value)
            }
            AnySource::Names(names) => names.next().map(|name| Value::Symbol(Symbol::from_bytes(name, true))),
            AnySource::Strings(strings) => strings.next().map(Value::String),
            AnySource::List(values) => values.next(),
        }
    }
}

impl<'a, C: Cell<'a>> Iterator for Anything<'a, C> {
    type Item = Result<C, Mismatch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.value().map(C::from_value)
    }
}

/// The elements of a vector or list as values; nothing of another value.
pub(crate) fn each<'a>(sequence: Value<'a>) -> impl Iterator<Item = Value<'a>> + use<'a> {
    let empty = Value::List(List::new(crate::wire::Generation::V3, 0, &[]));
    Value::cells(sequence).or_else(|_| Value::cells(empty)).into_iter().flatten().flatten()
}

/// A tuple of up to twelve [`Cell`]s, one for each column.
pub trait Row<'a>: Sized {
    /// The columns, each at the same row.
    type Columns;

    /// Begins to read a table.
    ///
    /// # Errors
    /// [`Mismatch`] where it has not as many columns, or one is of another type.
    fn columns(table: &Table<'a>) -> Result<Self::Columns, Mismatch>;

    /// The next row; `None` behind the end of the shortest column.
    fn next(columns: &mut Self::Columns) -> Option<Result<Self, Mismatch>>;
}

/// The rows of a table.
pub struct Rows<'a, T: Row<'a>> {
    columns: T::Columns,
}

impl<'a, T: Row<'a>> Rows<'a, T> {
    pub(crate) fn new(table: &Table<'a>) -> Result<Self, Mismatch> {
        Ok(Rows { columns: T::columns(table)? })
    }
}

impl<'a, T: Row<'a>> Iterator for Rows<'a, T> {
    type Item = Result<T, Mismatch>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        T::next(&mut self.columns)
    }
}

macro_rules! row {
    ($count:literal $($cell:ident $at:tt)*) => {
        impl<'a, $($cell: Cell<'a>),*> Row<'a> for ($($cell,)*) {
            type Columns = ($($cell::Cells,)*);

            fn columns(table: &Table<'a>) -> Result<Self::Columns, Mismatch> {
                let mut columns = table.columns().iter();
                if columns.len() != $count {
                    return Err(table.mismatch($count));
                }
                Ok(($($cell::cells(columns.next().ok_or(table.mismatch($count))?)?,)*))
            }

            #[inline]
            fn next(columns: &mut Self::Columns) -> Option<Result<Self, Mismatch>> {
                let cells = ($(columns.$at.next()?,)*);
                Some((|| Ok(($(cells.$at?,)*)))())
            }
        }
    };
}

row!(1 A 0);
row!(2 A 0 B 1);
row!(3 A 0 B 1 C 2);
row!(4 A 0 B 1 C 2 D 3);
row!(5 A 0 B 1 C 2 D 3 E 4);
row!(6 A 0 B 1 C 2 D 3 E 4 F 5);
row!(7 A 0 B 1 C 2 D 3 E 4 F 5 G 6);
row!(8 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
row!(9 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
row!(10 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
row!(11 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
row!(12 A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);

/// An [`Element`] that a value can be: each of them.
pub trait Scalar: Element {
    /// The element in a value of its type that is not null.
    #[inline]
    fn of(value: Value<'_>) -> Option<Self> {
        Self::in_value(value).filter(|element| !element.is_null())
    }

    /// The element in a value of its type, a float that is no number included.
    #[doc(hidden)]
    fn in_value(value: Value<'_>) -> Option<Self>;
}

macro_rules! scalar {
    ($($ty:ty: $variant:ident)*) => {$(
        impl Scalar for $ty {
            #[inline]
            fn in_value(value: Value<'_>) -> Option<Self> {
                match value {
                    Value::$variant(element) => Some(element),
                    _ => None,
                }
            }
        }
    )*};
}

scalar!(bool: Bool u8: U8 i16: I16 i32: I32 i64: I64 f32: F32 f64: F64);
scalar!(Date: Date Time: Time Timestamp: Timestamp Timespan: Timespan Guid: Guid);

#[inline]
fn element<T: Scalar>(value: Value<'_>) -> Result<Option<T>, Mismatch> {
    match (T::of(value), value) {
        (Some(element), _) => Ok(Some(element)),
        (None, Value::Null) => Ok(None),
        (None, Value::TypedNull(ty)) if ty == T::TYPE => Ok(None),
        // A float that is no number, but not the one that stands for null.
        (None, value) if value.shape() == atom::<T>() => Ok(None),
        (None, value) => Err(value.mismatch(atom::<T>())),
    }
}

fn atom<T: Element>() -> Shape {
    Shape::Value(Tag::Atom(T::TYPE))
}

#[cold]
fn null<T: Element>() -> Mismatch {
    Mismatch { expected: atom::<T>(), found: Shape::NullOf(T::TYPE) }
}
