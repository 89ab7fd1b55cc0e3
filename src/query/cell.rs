//! The values of rows.

use crate::codec::{Encode, Symbol, Text, Writer};
use crate::query::expr::Expr;
use crate::query::operand::{Exact, sym};
use crate::wire::{Date, Element, Guid, Time, Timespan, Timestamp};

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
    /// Where it is evaluated.
    #[doc(hidden)]
    fn write_evaluated(self, writer: &mut Writer<'_>);

    /// Where it is not.
    #[doc(hidden)]
    fn write_raw(self, writer: &mut Writer<'_>);

    #[doc(hidden)]
    fn write_cells(writer: &mut Writer<'_>, count: usize, cell: impl FnMut(usize) -> Option<Self>);
}

macro_rules! cells {
    ($($ty:ty)*) => {$(
        impl Cell for $ty {
            fn write_evaluated(self, writer: &mut Writer<'_>) {
                writer.scalar(self);
            }

            fn write_raw(self, writer: &mut Writer<'_>) {
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
            fn write_evaluated(self, writer: &mut Writer<'_>) {
                self.encode(writer);
            }

            fn write_raw(self, writer: &mut Writer<'_>) {
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
    fn write_evaluated(self, writer: &mut Writer<'_>) {
        writer.scalar(self.0.0);
    }

    fn write_raw(self, writer: &mut Writer<'_>) {
        writer.scalar(self.0.0);
    }

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.vector_of(count, |index| Some(cell(index)?.0.0));
    }
}

impl Cell for &str {
    fn write_evaluated(self, writer: &mut Writer<'_>) {
        writer.symbol_literal(self.as_bytes());
    }

    fn write_raw(self, writer: &mut Writer<'_>) {
        sym(self).write_raw(writer);
    }

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.symbols(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
}

impl Cell for Symbol<'_> {
    fn write_evaluated(self, writer: &mut Writer<'_>) {
        writer.symbol_literal(self.as_bytes());
    }

    fn write_raw(self, writer: &mut Writer<'_>) {
        writer.symbol(self.as_bytes(), true);
    }

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.symbols(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
}

impl Cell for Text<'_> {
    fn write_evaluated(self, writer: &mut Writer<'_>) {
        writer.string(self.as_bytes());
    }

    fn write_raw(self, writer: &mut Writer<'_>) {
        writer.string(self.as_bytes());
    }

    fn write_cells(writer: &mut Writer<'_>, count: usize, mut cell: impl FnMut(usize) -> Option<Self>) {
        writer.strings(count, |index| cell(index).map_or(&[], |cell| cell.as_bytes()));
    }
}
