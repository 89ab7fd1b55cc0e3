//! Named columns, as select, update, `by` and window joins take them.

use crate::codec::Writer;
use crate::query::expr::{Column, Expr};
use crate::query::operand::{Kind, Node, Operand, Term};
use crate::wire::Generation;

/// Columns with their names: `"price"`, an expression that is [`named`](Expr::named), or a tuple of these; also an array
/// or slice of names. At most 12 in a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no named columns",
    label = "a column needs a name",
    note = "columns are names, expressions with `.named(\"…\")`, `set(\"…\", value)`, or tuples of these"
)]
pub trait Columns: ColumnList {
    /// What all have, and what any has.
    #[doc(hidden)]
    const KINDS: [Kind; 2];
}

/// Entries of a dict by their number: columns, and behind them clauses.
#[doc(hidden)]
pub trait ColumnList: Sync {
    fn len(&self) -> usize;

    /// How many are columns.
    fn columns(&self) -> usize {
        self.len()
    }

    /// That of an index below the length; of others anything.
    fn get(&self, index: usize) -> NameAndValue<'_>;
}

/// A name, and what it is the name of; of the column of that name where there is none.
#[doc(hidden)]
pub type NameAndValue<'a> = (&'a str, Option<&'a dyn Term>);

/// One named column: an element of a tuple of [`Columns`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no named column",
    label = "this column needs a name",
    note = "give an expression one by `.named(\"…\")`; a `&str` or `col(\"…\")` has its own"
)]
pub trait NamedColumn: OneColumn {
    #[doc(hidden)]
    const KIND: Kind;
}

/// A name and its value.
pub trait OneColumn: Sync {
    #[doc(hidden)]
    fn column(&self) -> NameAndValue<'_>;
}

/// A value with a name: what [`Expr::named`] and [`set`] make.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a, V> {
    pub(crate) name: &'a str,
    pub(crate) value: V,
}

/// A column and its new value, for [`update`](crate::query::Query::update): an expression or a literal.
pub fn set<V: Operand>(name: &str, value: V) -> Named<'_, V::Node> {
    Named { name, value: value.node() }
}

/// All columns.
#[derive(Clone, Copy, Debug)]
pub struct All;

impl Columns for All {
    const KINDS: [Kind; 2] = [Kind::PLAIN, Kind::CALL];
}

impl ColumnList for All {
    fn len(&self) -> usize {
        0
    }

    fn get(&self, _: usize) -> NameAndValue<'_> {
        ("", None)
    }
}

impl NamedColumn for &str {
    const KIND: Kind = Kind::NAME;
}

impl OneColumn for &str {
    fn column(&self) -> NameAndValue<'_> {
        (self, None)
    }
}

impl NamedColumn for Expr<Column<'_>> {
    const KIND: Kind = Kind::NAME;
}

impl OneColumn for Expr<Column<'_>> {
    fn column(&self) -> NameAndValue<'_> {
        (self.0.0, None)
    }
}

impl<V: Node> NamedColumn for Named<'_, V> {
    const KIND: Kind = V::KIND;
}

impl<V: Node> OneColumn for Named<'_, V> {
    fn column(&self) -> NameAndValue<'_> {
        (self.name, Some(&self.value))
    }
}

impl Columns for &str {
    const KINDS: [Kind; 2] = [Kind::NAME; 2];
}

impl ColumnList for &str {
    fn len(&self) -> usize {
        1
    }

    fn get(&self, _: usize) -> NameAndValue<'_> {
        self.column()
    }
}

impl Columns for Expr<Column<'_>> {
    const KINDS: [Kind; 2] = [Kind::NAME; 2];
}

impl ColumnList for Expr<Column<'_>> {
    fn len(&self) -> usize {
        1
    }

    fn get(&self, _: usize) -> NameAndValue<'_> {
        self.column()
    }
}

impl<V: Node> Columns for Named<'_, V> {
    const KINDS: [Kind; 2] = [V::KIND; 2];
}

impl<V: Node> ColumnList for Named<'_, V> {
    fn len(&self) -> usize {
        1
    }

    fn get(&self, _: usize) -> NameAndValue<'_> {
        self.column()
    }
}

impl<const N: usize> Columns for [&str; N] {
    const KINDS: [Kind; 2] = [Kind::NAME; 2];
}

impl<const N: usize> ColumnList for [&str; N] {
    fn len(&self) -> usize {
        self.as_ref().len()
    }

    fn get(&self, index: usize) -> NameAndValue<'_> {
        (<[&str]>::get(self, index).copied().unwrap_or_default(), None)
    }
}

impl Columns for &[&str] {
    const KINDS: [Kind; 2] = [Kind::NAME; 2];
}

impl ColumnList for &[&str] {
    fn len(&self) -> usize {
        self.as_ref().len()
    }

    fn get(&self, index: usize) -> NameAndValue<'_> {
        (<[&str]>::get(self, index).copied().unwrap_or_default(), None)
    }
}

/// Columns whose number is known at run time only.
impl Columns for &[&dyn OneColumn] {
    // Whatever they are, they are taken for the worst.
    const KINDS: [Kind; 2] = [Kind::CALL, Kind::BRITTLE];
}

impl ColumnList for &[&dyn OneColumn] {
    fn len(&self) -> usize {
        <[&dyn OneColumn]>::len(self)
    }

    fn get(&self, index: usize) -> NameAndValue<'_> {
        <[&dyn OneColumn]>::get(self, index).map_or(("", None), |column| column.column())
    }
}

macro_rules! tuples {
    ($($letter:ident $index:tt)* | $last:ident $end:tt) => {
        impl<$($letter: NamedColumn,)* $last: NamedColumn> Columns for ($($letter,)* $last,) {
            const KINDS: [Kind; 2] = {
                let (all, any) = (Kind::BRITTLE, Kind::CALL);
                $(let (all, any) = (all.and($letter::KIND), any.or($letter::KIND));)*
                [all.and($last::KIND), any.or($last::KIND)]
            };
        }

        impl<$($letter: NamedColumn,)* $last: NamedColumn> ColumnList for ($($letter,)* $last,) {
            fn len(&self) -> usize {
                $end + 1
            }

            fn get(&self, index: usize) -> NameAndValue<'_> {
                match index {
                    $($index => self.$index.column(),)*
                    _ => self.$end.column(),
                }
            }
        }
    };
}

tuples!(| A 0);
tuples!(A 0 | B 1);
tuples!(A 0 B 1 | C 2);
tuples!(A 0 B 1 C 2 | D 3);
tuples!(A 0 B 1 C 2 D 3 | E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 | F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 | G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 | H 7);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 | I 8);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 | J 9);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 | K 10);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 | L 11);

/// How the columns of a dict are written.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Style {
    /// As they are.
    Plain,
    /// Under other names.
    Aliased,
    /// As the new values of columns: there text is a symbol.
    Assigned,
}

/// Whether a column has a name that the dict of a select or update cannot have.
pub(crate) fn any_reserved(generation: Generation, entries: &dyn ColumnList) -> bool {
    (0..entries.columns()).any(|index| is_reserved(generation, entries.get(index).0))
}

/// The names of columns, within a vector of symbols.
pub(crate) fn write_column_names(writer: &mut Writer<'_>, columns: &dyn ColumnList) {
    (0..columns.columns()).for_each(|index| writer.name(columns.get(index).0));
}

/// A dict.
pub(crate) fn write_dict(writer: &mut Writer<'_>, entries: &dyn ColumnList, style: Style) {
    let count = entries.len();
    let aliased = if style == Style::Aliased { entries.columns() } else { 0 };
    writer.dict();
    writer.name_vector(count);
    for index in 0..count {
        if index < aliased {
            writer.raw(b"~");
        }
        writer.name(entries.get(index).0);
    }
    writer.list(count);
    let depth = writer.depth();
    if !writer.enter(2) {
        return;
    }
    for index in 0..count {
        writer.set_assigns(style == Style::Assigned && index < entries.columns());
        write_value(writer, entries.get(index));
    }
    writer.leave(depth);
}

/// A value, or else the column of that name.
pub(crate) fn write_value(writer: &mut Writer<'_>, (name, value): NameAndValue<'_>) {
    value.unwrap_or(&Column(name)).write(writer);
}

/// Columns as a dict, such as those by which a select groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups<B>(pub(crate) B);

impl<B: Columns> Term for Groups<B> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_dict(writer, &self.0, Style::Plain);
    }
}

/// Names that mean something else, or nothing, as keys of the dict of a select or update. Wire 1 drops some without a
/// word (`sym`, `do`, `set`: 0.1.5 and 1.0.0), wire 3 takes `asc`, `desc` and `nearest` for clauses.
pub(crate) fn is_reserved(generation: Generation, name: &str) -> bool {
    let names: &[&str] = match generation {
        Generation::V1 => &["from", "by", "where", "take", "sym", "do", "set", "fn", "self", "let"],
        Generation::V3 => &["from", "by", "where", "take", "asc", "desc", "nearest"],
    };
    names.contains(&name)
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

impl<N: Names> Term for Keys<N> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_names(writer, &self.0);
    }
}

impl<N: Names> Node for Keys<N> {
    const KIND: Kind = Kind::PLAIN;
}

impl dyn Names + '_ {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..).map_while(|index| self.get(index))
    }
}

pub(crate) fn write_names(writer: &mut Writer<'_>, names: &dyn Names) {
    writer.name_vector(names.iter().count());
    names.iter().for_each(|name| writer.name(name));
}
