//! Rows and columns to insert, straight from the caller's data.

use crate::codec::{Encode, Symbol, Text, Writer, literal};
use crate::error::RequestError;
use crate::query::call::begin_list;
use crate::query::cell::Cell;
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
/// | [`named`]`(["time", "celsius"], …)` of any of these | into columns by their names |
/// | a [`literal::Table`], a [`Query`] | the rows of a table |
/// | `&[&dyn Encode]` | columns whose number and types are known at run time only |
///
/// A column goes out with at most one copy, through a transmit buffer of any size. Without names the order is that of the
/// table's columns. Types must be those of the table: 2.0.0 makes a list of a column that gets others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted",
    label = "neither rows nor columns",
    note = "a row is a tuple of cells, columns are a tuple of slices, rows are a slice of tuples; of structs take `each(&structs).field(|s| s.value)`"
)]
pub trait Data: Sync {
    /// How many columns, where that is known when the program is compiled.
    #[doc(hidden)]
    const WIDTH: Option<usize>;

    /// As the argument of an insert.
    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);

    /// As that of an upsert, which takes vectors only.
    #[doc(hidden)]
    fn write_vectors(&self, writer: &mut Writer<'_>);

    /// With the names of the columns.
    #[doc(hidden)]
    fn write_named(&self, writer: &mut Writer<'_>, names: &[&str], as_vectors: bool);
}

/// The columns of some data, one after the other.
#[doc(hidden)]
pub trait Fields: Sync {
    fn width(&self) -> usize;

    /// Each where it is evaluated: literals are kept from that.
    fn write_evaluated(&self, writer: &mut Writer<'_>);

    /// Each where it is not evaluated, cells as vectors or as they are.
    fn write_raw(&self, writer: &mut Writer<'_>, as_vectors: bool);
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

    /// Where it is evaluated.
    #[doc(hidden)]
    fn write_evaluated(&self, writer: &mut Writer<'_>);

    /// Where it is not.
    #[doc(hidden)]
    fn write_raw(&self, writer: &mut Writer<'_>);

    /// Of a cell a vector of one.
    #[doc(hidden)]
    fn write_vector(&self, writer: &mut Writer<'_>) {
        self.write_raw(writer);
    }
}

/// The form of a tuple of cells.
#[derive(Clone, Copy, Debug)]
pub struct Row;

/// The form of a tuple of columns.
#[derive(Clone, Copy, Debug)]
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

            fn write_evaluated(&self, writer: &mut Writer<'_>) {
                Cell::write_evaluated(*self, writer);
            }

            fn write_raw(&self, writer: &mut Writer<'_>) {
                Cell::write_raw(*self, writer);
            }

            fn write_vector(&self, writer: &mut Writer<'_>) {
                <$ty>::write_cells(writer, 1, |_| Some(*self));
            }
        }
    )*};
}

macro_rules! column_parts {
    ($(($($parameters:tt)*) $ty:ty, |$self:ident| $encode:expr;)*) => {$(
        impl<$($parameters)*> Part for $ty {
            type Form = Rows;

            // Strings are a list on wire 1.
            fn write_evaluated(&self, writer: &mut Writer<'_>) {
                let $self = self;
                writer.literal($encode);
            }

            fn write_raw(&self, writer: &mut Writer<'_>) {
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
    (T: Element) &[T], |column| column;
    (const N: usize) [bool; N], |column| column;
    (const N: usize) [i64; N], |column| column;
    (const N: usize) [f64; N], |column| column;
    (const N: usize) [Date; N], |column| column;
    (const N: usize) [Time; N], |column| column;
    (const N: usize) [Timestamp; N], |column| column;
    (const N: usize) [Timespan; N], |column| column;
    (const N: usize) [Guid; N], |column| column;
    () literal::Symbols<'_>, |column| column;
    () literal::Strings<'_>, |column| column;
    () &[&str], |column| &literal::Symbols(column);
    (const N: usize) [&str; N], |column| &literal::Symbols(column);
    () &dyn Encode, |column| *column;
    (I: Iterator<Item: Cell> + Clone + Sync) Column<I>, |column| column;
}

#[cfg(feature = "std")]
column_parts! {
    (T: Element) &std::vec::Vec<T>, |column| *column;
}

/// A column from an iterator over [`Cell`]s, which is run from its start for each window of the transmit buffer: what is
/// by far longer than that is better had from a slice, whose elements are had by their places.
pub const fn column<I>(cells: I) -> Column<I>
where
    I: Iterator<Item: Cell> + Clone + Sync,
{
    Column(cells)
}

/// What [`column`] makes.
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

/// Cells that are had by their index, as a column.
pub(crate) struct ByIndex<F>(pub(crate) usize, pub(crate) F);

impl<C: Cell, F: Fn(usize) -> Option<C> + Sync> Encode for ByIndex<F> {
    fn encode(&self, writer: &mut Writer<'_>) {
        C::write_cells(writer, self.0, &self.1);
    }
}

/// Data that has columns.
macro_rules! data {
    (($($parameters:tt)*) $ty:ty, $width:expr) => {
        impl<$($parameters)*> Data for $ty {
            const WIDTH: Option<usize> = $width;

            fn write(&self, writer: &mut Writer<'_>) {
                begin_list(writer, self.width());
                self.write_evaluated(writer);
            }

            fn write_vectors(&self, writer: &mut Writer<'_>) {
                begin_list(writer, self.width());
                writer.set_literal(true);
                self.write_raw(writer, true);
                writer.set_literal(false);
            }

            fn write_named(&self, writer: &mut Writer<'_>, names: &[&str], as_vectors: bool) {
                begin_named(writer, names, self.width());
                self.write_raw(writer, as_vectors);
            }
        }
    };
}
pub(crate) use data;

/// A dict, whose values are to follow: on wire 1 they are not evaluated, and there a symbol is a literal as it is.
pub(crate) fn begin_named(writer: &mut Writer<'_>, names: &[&str], width: usize) {
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

            fn write_evaluated(&self, writer: &mut Writer<'_>) {
                $(self.$index.write_evaluated(writer);)*
            }

            fn write_raw(&self, writer: &mut Writer<'_>, as_vectors: bool) {
                if as_vectors {
                    $(self.$index.write_vector(writer);)*
                } else {
                    $(self.$index.write_raw(writer);)*
                }
            }
        }

        data!(($($parameters)*) ($($letter,)*), Some($width));
    };
    (@tuples $($letter:ident $index:tt)*; $width:expr) => {

        impl<$($letter: Cell),*> Fields for &[($($letter,)*)] {
            fn width(&self) -> usize {
                $width
            }

            fn write_evaluated(&self, writer: &mut Writer<'_>) {
                $(writer.literal(&ByIndex(self.len(), |row: usize| self.get(row).map(|row| row.$index)));)*
            }

            fn write_raw(&self, writer: &mut Writer<'_>, _: bool) {
                $(ByIndex(self.len(), |row: usize| self.get(row).map(|row| row.$index)).encode(writer);)*
            }
        }

        data!(($($letter: Cell),*) &[($($letter,)*)], Some($width));

        impl<const N: usize, $($letter: Cell),*> Fields for [($($letter,)*); N] {
            fn width(&self) -> usize {
                $width
            }

            fn write_evaluated(&self, writer: &mut Writer<'_>) {
                self.as_slice().write_evaluated(writer);
            }

            fn write_raw(&self, writer: &mut Writer<'_>, as_vectors: bool) {
                self.as_slice().write_raw(writer, as_vectors);
            }
        }

        data!((const N: usize, $($letter: Cell),*) [($($letter,)*); N], Some($width));
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

    fn write_evaluated(&self, writer: &mut Writer<'_>) {
        self.iter().for_each(|column| writer.literal(*column));
    }

    fn write_raw(&self, writer: &mut Writer<'_>, _: bool) {
        self.iter().for_each(|column| column.encode(writer));
    }
}

data!(() &[&dyn Encode], None);

/// Data that is a table, and has names of its own.
macro_rules! tables {
    ($(($($parameters:tt)*) $ty:ty, |$self:ident| $term:expr;)*) => {$(
        impl<$($parameters)*> Data for $ty {
            const WIDTH: Option<usize> = None;

            fn write(&self, writer: &mut Writer<'_>) {
                let $self = self;
                Term::write($term, writer);
            }

            fn write_vectors(&self, writer: &mut Writer<'_>) {
                Data::write(self, writer);
            }

            fn write_named(&self, writer: &mut Writer<'_>, _: &[&str], _: bool) {
                Data::write(self, writer);
            }
        }
    )*};
}

tables! {
    () literal::Table<'_>, |table| table;
    (T: Node) Query<T>, |table| &table.0;
}
