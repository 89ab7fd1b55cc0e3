//! Named columns, as select, update, `by` and window joins take them.

use crate::codec::Writer;
use crate::query::expr::{Column, Expr};
use crate::query::operand::{About, Operand};
use crate::wire::Generation;

/// Columns with their names: `"price"`, an expression that is [`named`](Expr::named), or a tuple of these; also an array
/// or slice of names. At most 12 in a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no named columns",
    label = "a column needs a name",
    note = "columns are names, expressions with `.named(\"…\")`, `set(\"…\", value)`, or tuples of these"
)]
pub trait Columns: Sync {
    #[doc(hidden)]
    fn get(&self, index: usize) -> Option<(&str, Value<'_>)>;
}

/// One named column: an element of a tuple of [`Columns`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no named column",
    label = "this column needs a name",
    note = "give an expression one by `.named(\"…\")`; a `&str` or `col(\"…\")` has its own"
)]
pub trait NamedColumn: Sync {
    #[doc(hidden)]
    fn column(&self) -> (&str, Value<'_>);
}

/// What a column is.
#[derive(Clone, Copy)]
#[doc(hidden)]
pub enum Value<'a> {
    Column(&'a str),
    Operand(&'a dyn Operand),
}

/// A value with a name: what [`Expr::named`] and [`set`] make.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a, V> {
    pub(crate) name: &'a str,
    pub(crate) value: V,
}

/// A column and its new value, for [`update`](crate::query::Query::update): an expression or a literal.
pub const fn set<V: Operand>(name: &str, value: V) -> Named<'_, V> {
    Named { name, value }
}

/// All columns.
#[derive(Clone, Copy, Debug)]
pub struct All;

impl Columns for All {
    fn get(&self, _: usize) -> Option<(&str, Value<'_>)> {
        None
    }
}

impl NamedColumn for &str {
    fn column(&self) -> (&str, Value<'_>) {
        (self, Value::Column(self))
    }
}

impl NamedColumn for Expr<Column<'_>> {
    fn column(&self) -> (&str, Value<'_>) {
        (self.0.0, Value::Column(self.0.0))
    }
}

impl<V: Operand> NamedColumn for Named<'_, V> {
    fn column(&self) -> (&str, Value<'_>) {
        (self.name, Value::Operand(&self.value))
    }
}

impl Columns for &str {
    fn get(&self, index: usize) -> Option<(&str, Value<'_>)> {
        (index == 0).then(|| self.column())
    }
}

impl Columns for Expr<Column<'_>> {
    fn get(&self, index: usize) -> Option<(&str, Value<'_>)> {
        (index == 0).then(|| self.column())
    }
}

impl<V: Operand> Columns for Named<'_, V> {
    fn get(&self, index: usize) -> Option<(&str, Value<'_>)> {
        (index == 0).then(|| self.column())
    }
}

impl<const N: usize> Columns for [&str; N] {
    fn get(&self, index: usize) -> Option<(&str, Value<'_>)> {
        <[&str]>::get(self, index).map(|name| name.column())
    }
}

impl Columns for &[&str] {
    fn get(&self, index: usize) -> Option<(&str, Value<'_>)> {
        <[&str]>::get(self, index).map(|name| name.column())
    }
}

/// Columns whose number is known at run time only.
impl Columns for &[&dyn NamedColumn] {
    fn get(&self, index: usize) -> Option<(&str, Value<'_>)> {
        <[&dyn NamedColumn]>::get(self, index).map(|column| column.column())
    }
}

macro_rules! tuples {
    ($($letter:ident $index:tt)*) => {
        impl<$($letter: NamedColumn),*> Columns for ($($letter,)*) {
            fn get(&self, index: usize) -> Option<(&str, Value<'_>)> {
                match index {
                    $($index => Some(self.$index.column()),)*
                    _ => None,
                }
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);

impl dyn Columns + '_ {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        (0..).map_while(|index| self.get(index))
    }

    /// A dict of the columns.
    pub(crate) fn write_dict(&self, writer: &mut Writer<'_>) {
        writer.dict();
        let count = self.iter().count();
        writer.name_vector(count);
        self.iter().for_each(|(name, _)| writer.name_element(b"", name.as_bytes()));
        writer.list(count);
        self.iter().for_each(|(_, value)| value.write(writer));
    }
}

impl<'a> Value<'a> {
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Value::Column(name) => writer.symbol(name.as_bytes(), false),
            Value::Operand(value) => value.write(writer),
        }
    }

    /// As the new value of a column.
    pub(crate) fn assign(&self, writer: &mut Writer<'_>) {
        match self {
            Value::Column(_) => self.write(writer),
            Value::Operand(value) => value.assign(writer),
        }
    }

    pub(crate) fn about(&self) -> About<'a> {
        match self {
            Value::Column(name) => About { column: Some(name), ..About::CALL },
            Value::Operand(value) => value.about(),
        }
    }
}

/// Names that mean something else, or nothing, as keys of the dict of a select or update. Wire 1 drops some without a
/// word (`sym`, `do`, `set`: 0.1.5 and 1.0.0), wire 3 takes `asc`, `desc` and `nearest` for clauses.
pub(crate) fn is_reserved(generation: Generation, name: &str) -> bool {
    let names = match generation {
        Generation::V1 => "from by where take sym do set fn self let",
        Generation::V3 => "from by where take asc desc nearest",
    };
    names.split(' ').any(|reserved| reserved == name)
}

/// Names of columns, in order: one, an array or a slice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no names of columns",
    label = "not names",
    note = "names are a `&str`, an array or a slice of them"
)]
pub trait Names: Sync {
    #[doc(hidden)]
    fn get(&self, index: usize) -> Option<&str>;
}

impl Names for &str {
    fn get(&self, index: usize) -> Option<&str> {
        (index == 0).then_some(self)
    }
}

impl<const N: usize> Names for [&str; N] {
    fn get(&self, index: usize) -> Option<&str> {
        <[&str]>::get(self, index).copied()
    }
}

impl Names for &[&str] {
    fn get(&self, index: usize) -> Option<&str> {
        <[&str]>::get(self, index).copied()
    }
}

/// Names as a vector of symbols.
#[derive(Clone, Copy, Debug)]
pub struct Keys<N>(pub(crate) N);

impl<N: Names> Operand for Keys<N> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_names(writer, &self.0);
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

impl dyn Names + '_ {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..).map_while(|index| self.get(index))
    }
}

pub(crate) fn write_names(writer: &mut Writer<'_>, names: &dyn Names) {
    writer.name_vector(names.iter().count());
    names.iter().for_each(|name| writer.name_element(b"", name.as_bytes()));
}
