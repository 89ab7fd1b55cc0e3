//! Named columns, as select, update, `by` and window joins take them.

use crate::codec::Writer;
use crate::query::expr::{ColumnRef, Expr};
use crate::query::operand::{Kind, Node, Operand, Term};

/// Columns with their names: `"price"`, an expression that is [`named`](Expr::named), or a tuple of these; also an array
/// or slice of names. At most 12 in a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no named columns",
    label = "a column needs a name",
    note = "columns are names, expressions with `.named(\"…\")`, `set(\"…\", value)`, or tuples of these"
)]
pub trait Columns: Sync {
    /// What all have, and what any has.
    #[doc(hidden)]
    const KINDS: [Kind; 2];

    #[doc(hidden)]
    fn each(&self, visitor: &mut impl ColumnVisitor);

    #[doc(hidden)]
    fn is_empty(&self) -> bool {
        false
    }
}

/// What columns are told to, one after the other.
#[doc(hidden)]
pub trait ColumnVisitor {
    fn column(&mut self, name: &str, value: Option<&dyn Term>);
}

impl<F: FnMut(&str, Option<&dyn Term>)> ColumnVisitor for F {
    fn column(&mut self, name: &str, value: Option<&dyn Term>) {
        self(name, value);
    }
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct All;

impl Columns for All {
    const KINDS: [Kind; 2] = [Kind::PLAIN, Kind::CALL];

    fn each(&self, _: &mut impl ColumnVisitor) {}

    fn is_empty(&self) -> bool {
        true
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

impl NamedColumn for Expr<ColumnRef<'_>> {
    const KIND: Kind = Kind::NAME;
}

impl OneColumn for Expr<ColumnRef<'_>> {
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

    fn each(&self, visitor: &mut impl ColumnVisitor) {
        visit(visitor, self);
    }
}

impl Columns for Expr<ColumnRef<'_>> {
    const KINDS: [Kind; 2] = [Kind::NAME; 2];

    fn each(&self, visitor: &mut impl ColumnVisitor) {
        visit(visitor, self);
    }
}

impl<V: Node> Columns for Named<'_, V> {
    const KINDS: [Kind; 2] = [V::KIND; 2];

    fn each(&self, visitor: &mut impl ColumnVisitor) {
        visit(visitor, self);
    }
}

impl<const N: usize> Columns for [&str; N] {
    const KINDS: [Kind; 2] = [Kind::NAME; 2];

    fn each(&self, visitor: &mut impl ColumnVisitor) {
        self.iter().for_each(|name| visitor.column(name, None));
    }

    fn is_empty(&self) -> bool {
        <[&str]>::is_empty(self)
    }
}

impl Columns for &[&str] {
    const KINDS: [Kind; 2] = [Kind::NAME; 2];

    fn each(&self, visitor: &mut impl ColumnVisitor) {
        self.iter().for_each(|name| visitor.column(name, None));
    }

    fn is_empty(&self) -> bool {
        <[&str]>::is_empty(self)
    }
}

/// Columns whose number is known at run time only.
impl Columns for &[&dyn OneColumn] {
    // Whatever they are, they are taken for the worst.
    const KINDS: [Kind; 2] = [Kind::CALL, Kind::BRITTLE];

    fn each(&self, visitor: &mut impl ColumnVisitor) {
        self.iter().for_each(|column| visit(visitor, *column));
    }

    fn is_empty(&self) -> bool {
        <[&dyn OneColumn]>::is_empty(self)
    }
}

// Inlined always: as a function of its own it would only unpack the pair.
#[inline(always)]
fn visit(visitor: &mut impl ColumnVisitor, column: &(impl OneColumn + ?Sized)) {
    let (name, value) = column.column();
    visitor.column(name, value);
}

macro_rules! tuples {
    ($($letter:ident $index:tt)* | $last:ident $end:tt) => {
        impl<$($letter: NamedColumn,)* $last: NamedColumn> Columns for ($($letter,)* $last,) {
            const KINDS: [Kind; 2] = {
                let (all, any) = (Kind::BRITTLE, Kind::CALL);
                $(let (all, any) = (all.and($letter::KIND), any.or($letter::KIND));)*
                [all.and($last::KIND), any.or($last::KIND)]
            };

            fn each(&self, visitor: &mut impl ColumnVisitor) {
                $(visit(visitor, &self.$index);)*
                visit(visitor, &self.$end);
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
