//! The values of rows.

use crate::codec::{Symbol, Text, Writer};
use crate::query::expr::Expr;
use crate::query::operand::Exact;
use crate::wire::{Date, Element, Guid, Time, Timespan, Timestamp, Type};

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
    /// Whether 2.0.0 spoils columns of this type when rows are added.
    #[doc(hidden)]
    const IS_SPOILT: bool = false;

    #[doc(hidden)]
    fn write_cells(writer: &mut Writer<'_>, count: usize, cell: impl FnMut(usize) -> Option<Self>);
}

/// What 2.0.0 spoils when rows are added to a column that has more than one: it moves elements as if all were 8 bytes
/// wide.
pub(crate) const fn is_spoilt<T: Element>() -> bool {
    size_of::<T>() != 8 && !matches!(T::TYPE, Type::Bool)
}

macro_rules! cells {
    ($($ty:ty)*) => {$(
        impl Cell for $ty {
            const IS_SPOILT: bool = is_spoilt::<$ty>();

            fn write_cells(writer: &mut Writer<'_>, count: usize, cell: impl FnMut(usize) -> Option<Self>) {
                writer.vector_of(count, cell);
            }
        }
    )*};
}

macro_rules! nullable {
    ($($ty:ty)*) => {$(
        impl Cell for Option<$ty> {
            const IS_SPOILT: bool = is_spoilt::<$ty>();

            fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
                writer.vector_of(count, |index| cell(index)?.or(<$ty as Element>::NULL));
            }
        }
    )*};
}

cells!(bool i64 f64 Date Time Timestamp Timespan Guid);
nullable!(i64 f64 Date Time Timestamp Timespan Guid);

impl<T: Element> Cell for Expr<Exact<T>> {
    const IS_SPOILT: bool = is_spoilt::<T>();

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.vector_of(count, |index| Some(cell(index)?.0.0));
    }
}

impl Cell for &str {
    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.symbols(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
}

impl Cell for Symbol<'_> {
    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.symbols(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
}

impl Cell for Text<'_> {
    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.strings(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
}
