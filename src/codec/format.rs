//! What a log shows of values: scalars and texts as they are, of everything that holds values its kind and how many. So a
//! line stays short whatever the peer sends, and nothing recurses. Elements are logged by `defmt::Display2Format`, with the
//! code that it takes.

use defmt::{Format, Formatter, write};

use crate::codec::cell::{Anything, Cell, Elements, Row, Rows};
use crate::codec::function::{ErrorValue, Lambda};
use crate::codec::table::{Dict, List, Table, Values};
use crate::codec::token::{self, Names};
use crate::codec::vector::{Strings, Symbols, Vector};
use crate::codec::{Decoder, Writer, literal};
use crate::wire::Element;

/// `Format` of a type: a text, and what stands in it.
macro_rules! formats {
    ($(($($parameters:tt)*) $ty:ty: $text:literal $(, |$this:ident| $($value:expr),+)?;)*) => {$(
        impl<$($parameters)*> Format for $ty {
            fn format(&self, f: Formatter<'_>) {
                $(let $this = self;)?
                write!(f, $text $(, $($value),+)?);
            }
        }
    )*};
}

formats! {
    () Vector<'_>: "{}([{=usize}])", |this| this.ty(), this.len();
    () List<'_>: "List({=usize})", |this| this.len();
    () Table<'_>: "Table({=usize} columns, {=usize} rows)", |this| this.column_count(), this.row_count();
    () Dict<'_>: "Dict({=usize})", |this| this.len();
    () Lambda<'_>: "Lambda(closure: {=bool})", |this| this.closure;
    () ErrorValue<'_>: "{}", |this| this.error();

    () Symbols<'_>: "Symbols({=usize} left)", |this| this.len();
    () Strings<'_>: "Strings({=usize} left)", |this| this.len();
    () Values<'_>: "Values({=usize} left)", |this| this.len();
    (T: Element, C) Elements<'_, T, C>: "Elements({})", |_this| T::TYPE;
    ('a, C: Cell<'a>) Anything<'a, C>: "Anything";
    ('a, T: Row<'a>) Rows<'a, T>: "Rows";

    () token::Elements<'_>: "{}([{=usize} bytes])", |this| this.ty, this.bytes.len();
    () Names<'_>: "Names({=usize})", |this| this.count();
    () Decoder: "Decoder {{ owed: {=u64}, left: {=u64} of {=u64} }}", |this| this.owed, this.left, this.len;
    () Writer<'_>: "Writer({})", |this| this.generation();

    () literal::List<'_>: "List({=usize})", |this| this.0.len();
    () literal::Call<'_>: "Call({=str}, {=usize})", |this| this.0, this.1.len();
    () literal::Dict<'_>: "Dict";
    () literal::Table<'_>: "Table({})", |this| this.names;
    () literal::Lambda<'_>: "Lambda({})", |this| this.parameters;
}
