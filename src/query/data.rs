//! Rows and columns to insert, straight from the caller's data.

use crate::codec::{Encode, Symbol, Text, Writer, literal};
use crate::query::expr::Expr;
use crate::query::operand::{Exact, Operand};
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

    #[doc(hidden)]
    fn content(&self) -> Content<'_>;
}

#[doc(hidden)]
pub enum Content<'a> {
    Fields(&'a dyn Fields),
    Named(&'a [&'a str], &'a dyn Fields),
    Table(&'a dyn Operand),
}

/// The columns of some data, one after the other.
#[doc(hidden)]
pub trait Fields: Sync {
    fn width(&self) -> usize;

    fn each(&self, visit: &mut dyn FnMut(&dyn Field));
}

/// One column of some data.
#[doc(hidden)]
pub trait Field: Sync {
    /// Whether it is a cell.
    fn is_cell(&self) -> bool {
        false
    }

    /// Its value: of a cell an atom, else a vector.
    fn write(&self, writer: &mut Writer<'_>);

    /// A cell as a vector of one.
    fn write_vector(&self, writer: &mut Writer<'_>) {
        self.write(writer);
    }
}

/// One value of a row: `i64`, `f64`, `bool`, a temporal or [`Guid`], `Option` of these, `&str` for a symbol, [`text`] for
/// a string; others by [`exact`].
///
/// [`text`]: crate::query::text
/// [`exact`]: crate::query::exact
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no cell of a row",
    label = "not a cell",
    note = "integers are `i64`, floats `f64`, text is `&str`; others go by `exact(…)`"
)]
pub trait Cell: Copy + Sync {
    #[doc(hidden)]
    fn write_cell(self, writer: &mut Writer<'_>);

    #[doc(hidden)]
    fn write_cells(writer: &mut Writer<'_>, count: usize, cell: impl FnMut(usize) -> Option<Self>);
}

macro_rules! cells {
    ($($ty:ty)*) => {$(
        impl Cell for $ty {
            fn write_cell(self, writer: &mut Writer<'_>) {
                writer.scalar(self);
            }

            fn write_cells(writer: &mut Writer<'_>, count: usize, cell: impl FnMut(usize) -> Option<Self>) {
                writer.vector_of(count, cell);
            }
        }
    )*};
}

macro_rules! nullable {
    ($($ty:ty)*) => {$(
        impl Cell for Option<$ty> {
            fn write_cell(self, writer: &mut Writer<'_>) {
                self.encode(writer);
            }

            fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
                writer.vector_of(count, |index| cell(index)?.or(<$ty as Element>::NULL));
            }
        }
    )*};
}

cells!(bool i64 f64 Date Time Timestamp Timespan Guid);
nullable!(i64 f64 Date Time Timestamp Timespan Guid);

impl<T: Element> Cell for Expr<Exact<T>> {
    fn write_cell(self, writer: &mut Writer<'_>) {
        writer.scalar(self.0.0);
    }

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.vector_of(count, |index| Some(cell(index)?.0.0));
    }
}

impl Cell for &str {
    fn write_cell(self, writer: &mut Writer<'_>) {
        writer.symbol(self.as_bytes(), true);
    }

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.symbols(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
}

impl Cell for Symbol<'_> {
    fn write_cell(self, writer: &mut Writer<'_>) {
        writer.symbol(self.as_bytes(), true);
    }

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.symbols(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
}

impl Cell for Text<'_> {
    fn write_cell(self, writer: &mut Writer<'_>) {
        writer.string(self.as_bytes());
    }

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.strings(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
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
    fn field(&self) -> impl Field;
}

/// The form of a tuple of cells.
#[derive(Clone, Copy, Debug)]
pub struct Row;

/// The form of a tuple of columns.
#[derive(Clone, Copy, Debug)]
pub struct Rows;

struct One<C>(C);

impl<C: Cell> Field for One<C> {
    fn is_cell(&self) -> bool {
        true
    }

    fn write(&self, writer: &mut Writer<'_>) {
        self.0.write_cell(writer);
    }

    fn write_vector(&self, writer: &mut Writer<'_>) {
        C::write_cells(writer, 1, |_| Some(self.0));
    }
}

struct ByIndex<F>(usize, F);

pub(crate) const fn by_index<C: Cell>(count: usize, cell: impl Fn(usize) -> Option<C> + Sync) -> impl Field {
    ByIndex(count, cell)
}

impl<C: Cell, F: Fn(usize) -> Option<C> + Sync> Field for ByIndex<F> {
    fn write(&self, writer: &mut Writer<'_>) {
        C::write_cells(writer, self.0, &self.1);
    }
}

/// Whatever encodes itself as a column.
struct Encoded<'a>(&'a dyn Encode);

impl Field for Encoded<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.0.encode(writer);
    }
}

macro_rules! row_parts {
    ($(($($parameters:tt)*) $ty:ty;)*) => {$(
        impl<$($parameters)*> Part for $ty {
            type Form = Row;

            fn field(&self) -> impl Field {
                One(*self)
            }
        }
    )*};
}

macro_rules! column_parts {
    ($(($($parameters:tt)*) $ty:ty;)*) => {$(
        impl<$($parameters)*> Part for $ty {
            type Form = Rows;

            fn field(&self) -> impl Field {
                Encoded(self)
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
    (T: Element) &[T];
    (const N: usize) [bool; N]; (const N: usize) [i64; N]; (const N: usize) [f64; N]; (const N: usize) [Date; N];
    (const N: usize) [Time; N]; (const N: usize) [Timestamp; N]; (const N: usize) [Timespan; N];
    (const N: usize) [Guid; N];
    () literal::Symbols<'_>; () literal::Strings<'_>;
}

impl Part for &[&str] {
    type Form = Rows;

    fn field(&self) -> impl Field {
        ByIndex(self.len(), |index| self.get(index).copied())
    }
}

impl<const N: usize> Part for [&str; N] {
    type Form = Rows;

    fn field(&self) -> impl Field {
        ByIndex(N, |index| self.get(index).copied())
    }
}

#[cfg(feature = "std")]
impl<T: Element> Part for &std::vec::Vec<T> {
    type Form = Rows;

    fn field(&self) -> impl Field {
        Encoded(*self)
    }
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

impl<I: Iterator<Item: Cell> + Clone + Sync> Part for Column<I> {
    type Form = Rows;

    fn field(&self) -> impl Field {
        Iterated(self.0.clone())
    }
}

struct Iterated<I>(I);

impl<I: Iterator<Item: Cell> + Clone + Sync> Field for Iterated<I> {
    fn write(&self, writer: &mut Writer<'_>) {
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

macro_rules! parts {
    ($($letter:ident $index:tt)*; $width:expr) => {
        impl<FORM, $($letter: Part<Form = FORM>),*> Fields for ($($letter,)*) {
            fn width(&self) -> usize {
                $width
            }

            fn each(&self, visit: &mut dyn FnMut(&dyn Field)) {
                $(visit(&self.$index.field());)*
            }
        }

        impl<FORM, $($letter: Part<Form = FORM>),*> Data for ($($letter,)*) {
            const WIDTH: Option<usize> = Some($width);

            fn content(&self) -> Content<'_> {
                Content::Fields(self)
            }
        }

        impl<$($letter: Cell),*> Fields for &[($($letter,)*)] {
            fn width(&self) -> usize {
                $width
            }

            fn each(&self, visit: &mut dyn FnMut(&dyn Field)) {
                $(visit(&ByIndex(self.len(), |row: usize| self.get(row).map(|row| row.$index)));)*
            }
        }

        impl<$($letter: Cell),*> Data for &[($($letter,)*)] {
            const WIDTH: Option<usize> = Some($width);

            fn content(&self) -> Content<'_> {
                Content::Fields(self)
            }
        }

        impl<const N: usize, $($letter: Cell),*> Fields for [($($letter,)*); N] {
            fn width(&self) -> usize {
                $width
            }

            fn each(&self, visit: &mut dyn FnMut(&dyn Field)) {
                self.as_slice().each(visit);
            }
        }

        impl<const N: usize, $($letter: Cell),*> Data for [($($letter,)*); N] {
            const WIDTH: Option<usize> = Some($width);

            fn content(&self) -> Content<'_> {
                Content::Fields(self)
            }
        }
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

    fn each(&self, visit: &mut dyn FnMut(&dyn Field)) {
        self.iter().for_each(|column| visit(&Encoded(*column)));
    }
}

impl Data for &[&dyn Encode] {
    const WIDTH: Option<usize> = None;

    fn content(&self) -> Content<'_> {
        Content::Fields(self)
    }
}

impl Data for literal::Table<'_> {
    const WIDTH: Option<usize> = None;

    fn content(&self) -> Content<'_> {
        Content::Table(self)
    }
}

impl<T: Operand> Data for Query<T> {
    const WIDTH: Option<usize> = None;

    fn content(&self) -> Content<'_> {
        Content::Table(self)
    }
}
