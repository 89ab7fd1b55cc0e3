//! Rows and columns to insert, straight from the caller's data.

use crate::codec::{Encode, Symbol, Text, Writer, literal};
use crate::error::RequestError;
use crate::query::call::begin_list;
use crate::query::cell::{Cell, is_spoilt};
use crate::query::expr::Expr;
use crate::query::operand::{Exact, Node, Term};
use crate::query::query::Query;
use crate::wire::{Date, Element, Guid, Time, Timespan, Timestamp};

/// What is inserted.
///
/// | Rust | inserts |
/// |---|---|
/// | `("a", 1.5, 10)` | one row: a tuple of [`Cell`]s |
/// | `[("a", 1.5, 10), ("b", 2.5, 20)]`, a slice of such tuples | many rows |
/// | `(&symbols[..], &prices[..], &quantities[..])` | many rows, by columns: a struct of arrays |
/// | `each(&readings).field(\|r\| r.time).field(\|r\| r.celsius)` | many rows, by the fields of an array of structs |
/// | [`named`](crate::query::named)`(["time", "celsius"], …)` of any of these | into columns by their names |
/// | a [`literal::Table`], a [`Query`] | the rows of a table |
/// | `&[&dyn Encode]` | columns whose number and types are known at run time only |
///
/// A column goes out with at most one copy, through a transmit buffer of any size. Without names the order is that of the
/// table's columns. Types must be those of the table: 2.0.0 makes a list of a column that gets others.
///
/// Elements that are not 8 bytes wide ([`Date`], [`Time`], [`Guid`], `u8`, `i16`, `i32`, `f32`) cannot be inserted on
/// 2.0.0, which would spoil the rows that are there: it answers with an error, `name`. Only where the types are known at
/// run time only (`&dyn Encode`, tables, queries) are they sent there all the same.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted",
    label = "neither rows nor columns",
    note = "a row is a tuple of cells, columns are a tuple of slices, rows are a slice of tuples; of structs take `each(&structs).field(|s| s.value)`"
)]
pub trait Data: Sync {
    /// How many columns, where that is known when the program is compiled.
    #[doc(hidden)]
    const WIDTH: Option<usize>;

    /// Whether 2.0.0 is known to spoil a column of these types.
    #[doc(hidden)]
    const IS_SPOILT: bool = false;

    /// Whether it has names of its own.
    #[doc(hidden)]
    const HAS_NAMES: bool = false;

    /// As the argument of an insert or upsert.
    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);

    /// With the names of the columns.
    #[doc(hidden)]
    fn write_named(&self, writer: &mut Writer<'_>, names: &[&str]);
}

/// The columns of some data, one after the other.
#[doc(hidden)]
pub trait Fields: Sync {
    fn width(&self) -> usize;

    /// Each as a vector, and as a literal where it would be evaluated. A row is columns of one cell each, for an upsert
    /// takes nothing else, and 2.0.0 inserts dates and times in no other way.
    fn write(&self, writer: &mut Writer<'_>, as_literals: bool);
}

/// An element of a tuple of data: a cell of a row, or a column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a cell nor a column",
    label = "not a cell, not a column",
    note = "cells are `i64`, `f64`, `bool`, `&str` …; columns are slices of these, of any width; others go by `exact(…)`"
)]
pub trait Part: Sync {
    /// [`Row`] or [`Rows`].
    type Form;

    #[doc(hidden)]
    const IS_SPOILT: bool;

    /// How many rows, or [`UNKNOWN`].
    #[doc(hidden)]
    fn rows(&self) -> usize;

    /// As a vector, of a cell a vector of one.
    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);
}

/// The form of a tuple of cells.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Row;

/// The form of a tuple of columns.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rows;

/// What all parts of a tuple are to each other.
#[diagnostic::on_unimplemented(
    message = "cells and columns do not go together",
    label = "has both",
    note = "one row is a tuple of cells, many rows are a tuple of columns"
)]
#[doc(hidden)]
pub trait Same<F> {}

impl<F> Same<F> for F {}

macro_rules! row_parts {
    ($(($($parameters:tt)*) $ty:ty;)*) => {$(
        impl<$($parameters)*> Part for $ty {
            type Form = Row;

            const IS_SPOILT: bool = <$ty as Cell>::IS_SPOILT;

            fn rows(&self) -> usize {
                1
            }

            fn write(&self, writer: &mut Writer<'_>) {
                <$ty>::write_cells(writer, 1, |_| Some(*self));
            }
        }
    )*};
}

macro_rules! column_parts {
    ($(($($parameters:tt)*) $ty:ty, $spoilt:expr, |$self:ident| $encode:expr, $rows:expr;)*) => {$(
        impl<$($parameters)*> Part for $ty {
            type Form = Rows;

            const IS_SPOILT: bool = $spoilt;

            fn rows(&self) -> usize {
                #[allow(unused_variables)]
                let $self = self;
                $rows
            }

            fn write(&self, writer: &mut Writer<'_>) {
                let $self = self;
                ($encode).encode(writer);
            }
        }
    )*};
}

row_parts! {
    () bool; () i64; () f64; () Date; () Time; () Timestamp; () Timespan; () Guid;
    () Option<i64>; () Option<f64>; () Option<Date>; () Option<Time>; () Option<Timestamp>; () Option<Timespan>;
    () Option<Guid>; () &str; () Symbol<'_>; () Text<'_>; (T: Element) Expr<Exact<T>>;
}

column_parts! {
    (T: Element) &[T], is_spoilt::<T>(), |column| column, column.len();
    (const N: usize) [bool; N], is_spoilt::<bool>(), |column| column, column.len();
    (const N: usize) [i64; N], is_spoilt::<i64>(), |column| column, column.len();
    (const N: usize) [f64; N], is_spoilt::<f64>(), |column| column, column.len();
    (const N: usize) [Date; N], is_spoilt::<Date>(), |column| column, column.len();
    (const N: usize) [Time; N], is_spoilt::<Time>(), |column| column, column.len();
    (const N: usize) [Timestamp; N], is_spoilt::<Timestamp>(), |column| column, column.len();
    (const N: usize) [Timespan; N], is_spoilt::<Timespan>(), |column| column, column.len();
    (const N: usize) [Guid; N], is_spoilt::<Guid>(), |column| column, column.len();
    () literal::Symbols<'_>, false, |column| column, column.0.len();
    () literal::Strings<'_>, false, |column| column, column.0.len();
    () &[&str], false, |column| &literal::Symbols(column), column.len();
    (const N: usize) [&str; N], false, |column| &literal::Symbols(column), column.len();
    () &dyn Encode, false, |column| *column, UNKNOWN;
    (I: Iterator<Item: Cell> + Clone + Sync) Column<I>, I::Item::IS_SPOILT, |column| column, column.0.clone().count();
}

#[cfg(feature = "std")]
column_parts! {
    (T: Element) &std::vec::Vec<T>, is_spoilt::<T>(), |column| *column, column.len();
}

/// A column from an iterator over [`Cell`]s, which is run from its start for each window of the transmit buffer: what is
/// by far longer than that is better had from a slice, whose elements are had by their places.
pub const fn column<I>(cells: I) -> Column<I>
where
    I: Iterator<Item: Cell> + Clone + Sync,
{
    Column(cells)
}

/// What [`column()`] makes.
#[derive(Clone, Copy, Debug)]
pub struct Column<I>(I);

impl<I: Iterator<Item: Cell> + Clone + Sync> Encode for Column<I> {
    fn encode(&self, writer: &mut Writer<'_>) {
        // The cell that is asked for most often is the next one, and then the last one once more.
        let (mut cells, mut next, mut last) = (self.0.clone(), 0, None);
        I::Item::write_cells(writer, self.0.clone().count(), |index| {
            if index + 1 == next {
                return last;
            }
            if index < next {
                (cells, next) = (self.0.clone(), 0);
            }
            last = cells.nth(index - next);
            next = index + 1;
            last
        });
    }
}

/// Data that has columns.
macro_rules! data {
    (($($parameters:tt)*) $ty:ty, $width:expr, $spoilt:expr) => {
        impl<$($parameters)*> Data for $ty {
            const WIDTH: Option<usize> = $width;

            const IS_SPOILT: bool = $spoilt;

            fn write(&self, writer: &mut Writer<'_>) {
                begin_rows(writer, self.width());
                Fields::write(self, writer, true);
                writer.set_literal(false);
            }

            fn write_named(&self, writer: &mut Writer<'_>, names: &[&str]) {
                begin_named_rows(writer, names, self.width());
                Fields::write(self, writer, false);
            }
        }
    };
}
pub(crate) use data;

/// Columns, which are to follow. (Without any, servers of wire 1 end.)
pub(crate) fn begin_rows(writer: &mut Writer<'_>, width: usize) {
    if width == 0 {
        writer.fail(RequestError::Query("rows need at least one column"));
    }
    begin_list(writer, width);
}

/// Servers of wire 3 would take columns of different lengths, and damage the table (2.0.0 and 2.4.0).
fn check_rows(writer: &mut Writer<'_>, columns: &[usize]) {
    let mut common = UNKNOWN;
    for &rows in columns {
        if common == UNKNOWN {
            common = rows;
        } else if rows != UNKNOWN && rows != common {
            return writer.fail(RequestError::Query("the columns must be of one length"));
        }
    }
}

/// The length of a column that cannot be told.
const UNKNOWN: usize = usize::MAX;

/// A dict, whose values are to follow: on wire 1 they are not evaluated, and there a symbol is a literal as it is.
pub(crate) fn begin_named_rows(writer: &mut Writer<'_>, names: &[&str], width: usize) {
    if names.len() != width {
        writer.fail(RequestError::Query("there must be as many names as columns"));
    }
    writer.dict();
    writer.name_vector(names.len());
    names.iter().for_each(|name| writer.name(name));
    writer.list(width);
}

macro_rules! parts {
    ($first:ident 0 $($rest:ident $place:tt)*; $width:expr) => {
        parts!(@tuple ($first: Part, $($rest: Part<Form: Same<$first::Form>>),*) $first 0 $($rest $place)*; $width);
        parts!(@tuples $first 0 $($rest $place)*; $width);
    };
    (@tuple ($($parameters:tt)*) $($letter:ident $index:tt)*; $width:expr) => {
        impl<$($parameters)*> Fields for ($($letter,)*) {
            fn width(&self) -> usize {
                $width
            }

            fn write(&self, writer: &mut Writer<'_>, as_literals: bool) {
                check_rows(writer, &[$(self.$index.rows()),*]);
                $(
                    writer.set_literal(as_literals);
                    self.$index.write(writer);
                )*
            }
        }

        data!(($($parameters)*) ($($letter,)*), Some($width), $($letter::IS_SPOILT ||)* false);
    };
    (@tuples $($letter:ident $index:tt)*; $width:expr) => {

        impl<$($letter: Cell),*> Fields for &[($($letter,)*)] {
            fn width(&self) -> usize {
                $width
            }

            fn write(&self, writer: &mut Writer<'_>, as_literals: bool) {
                $(
                    writer.set_literal(as_literals);
                    $letter::write_cells(writer, self.len(), |row| self.get(row).map(|row| row.$index));
                )*
            }
        }

        data!(($($letter: Cell),*) &[($($letter,)*)], Some($width), $($letter::IS_SPOILT ||)* false);

        impl<const N: usize, $($letter: Cell),*> Fields for [($($letter,)*); N] {
            fn width(&self) -> usize {
                $width
            }

            fn write(&self, writer: &mut Writer<'_>, as_literals: bool) {
                Fields::write(&self.as_slice(), writer, as_literals);
            }
        }

        data!((const N: usize, $($letter: Cell),*) [($($letter,)*); N], Some($width), $($letter::IS_SPOILT ||)* false);
    };
}

parts!(A 0; 1);
parts!(A 0 B 1; 2);
parts!(A 0 B 1 C 2; 3);
parts!(A 0 B 1 C 2 D 3; 4);
parts!(A 0 B 1 C 2 D 3 E 4; 5);
parts!(A 0 B 1 C 2 D 3 E 4 F 5; 6);
parts!(A 0 B 1 C 2 D 3 E 4 F 5 G 6; 7);
parts!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7; 8);
parts!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8; 9);
parts!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9; 10);
parts!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10; 11);
parts!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11; 12);

impl Fields for &[&dyn Encode] {
    fn width(&self) -> usize {
        self.len()
    }

    fn write(&self, writer: &mut Writer<'_>, as_literals: bool) {
        for column in *self {
            writer.set_literal(as_literals);
            writer.within(0, *column);
        }
    }
}

data!(() &[&dyn Encode], None, false);

/// Data that is a table, and has names of its own.
macro_rules! tables {
    ($(($($parameters:tt)*) $ty:ty, |$self:ident| $term:expr;)*) => {$(
        impl<$($parameters)*> Data for $ty {
            const WIDTH: Option<usize> = None;

            const HAS_NAMES: bool = true;

            fn write(&self, writer: &mut Writer<'_>) {
                let $self = self;
                Term::write($term, writer);
            }

            fn write_named(&self, writer: &mut Writer<'_>, _: &[&str]) {
                Data::write(self, writer);
            }
        }
    )*};
}

tables! {
    () literal::Table<'_>, |table| table;
    (T: Node) Query<T>, |table| &table.0;
}
