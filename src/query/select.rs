//! Selects.

use crate::codec::Writer;
use crate::query::call::{Call, Nodes, begin};
use crate::query::columns::{All, Columns, NamedColumn, Names};
use crate::query::dict::{Dict, Entries, write_dict};
use crate::query::join::WindowJoin;
use crate::query::operand::{Kind, Node, Operand, Term};
use crate::query::operator::{AND, DO, SELECT, TABLE, VALUE};
use crate::query::query::{DistinctOf, From, Name, Query, Taken};
use crate::query::update::Updated;
use crate::wire::Generation;

/// Columns `C`, grouped by `B`, of the rows of `S` for which `W` holds.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Select<S, C, B, W> {
    pub(crate) source: S,
    pub(crate) columns: C,
    pub(crate) by: B,
    pub(crate) condition: W,
}

/// Which rows: all, or those for which a condition holds.
pub trait Condition: Sync {
    /// This condition and another.
    type And<E: Node>: Condition;

    #[doc(hidden)]
    fn and<E: Node>(self, other: E) -> Self::And<E>;

    #[doc(hidden)]
    fn term(&self) -> Option<&dyn Term>;
}

/// No condition.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Always;

/// A condition.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Where<E>(pub(crate) E);

impl Condition for Always {
    type And<E: Node> = Where<E>;

    fn and<E: Node>(self, other: E) -> Where<E> {
        Where(other)
    }

    fn term(&self) -> Option<&dyn Term> {
        None
    }
}

impl<A: Node> Condition for Where<A> {
    type And<E: Node> = Where<Call<(A, E)>>;

    fn and<E: Node>(self, other: E) -> Self::And<E> {
        Where(Call { operator: &AND, arguments: (self.0, other) })
    }

    fn term(&self) -> Option<&dyn Term> {
        Some(&self.0)
    }
}

/// What columns, groups and conditions are added to: a select, or the source of a new one.
pub trait Selectable: Sized {
    /// Whose rows.
    type Source: Node;
    /// Which columns.
    type Columns: Columns;
    /// In which groups.
    type By: Columns;
    /// On which condition.
    type Condition: Condition;

    #[doc(hidden)]
    fn into_select(self) -> Select<Self::Source, Self::Columns, Self::By, Self::Condition>;
}

impl<S: Node, C: Columns, B: Columns, W: Condition> Selectable for Select<S, C, B, W> {
    type Source = S;
    type Columns = C;
    type By = B;
    type Condition = W;

    fn into_select(self) -> Self {
        self
    }
}

macro_rules! sources {
    ($(($($parameters:tt)*) $ty:ty;)*) => {$(
        impl<$($parameters)*> Selectable for $ty {
            type Source = Self;
            type Columns = All;
            type By = All;
            type Condition = Always;

            fn into_select(self) -> Select<Self, All, All, Always> {
                Select { source: self, columns: All, by: All, condition: Always }
            }
        }
    )*};
}

sources! {
    ('a) Name<'a>;
    (T: Node) From<T>;
    (T: Node) Taken<T>;
    (T: Node, C: NamedColumn) DistinctOf<T, C>;
    (A: Nodes) Call<A>;
    (T: Node, U: Node, N: Names, C: Columns) WindowJoin<T, U, N, C>;
    (T: Node, C: Columns, W: Condition) Updated<T, C, W>;
}

#[expect(clippy::type_complexity, reason = "the type is the query")]
impl<T: Selectable> Query<T> {
    /// Which columns: names, [named](crate::query::Expr::named) expressions, a tuple of these. Without it, all. Called
    /// again, it takes other columns of the same rows.
    ///
    /// ```
    /// use rayforce_ipc::query::{col, table};
    ///
    /// let totals = table("trades").select(("symbol", (col("price") * col("quantity")).named("total")));
    /// # let mut payload = [0; 256];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &totals, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn select<C: Columns>(self, columns: C) -> Query<Select<T::Source, C, T::By, T::Condition>> {
        let Select { source, by, condition, .. } = self.0.into_select();
        Query(Select { source, columns, by, condition })
    }

    /// Only the rows of the source for which a condition holds; several conditions all hold.
    ///
    /// ```
    /// use rayforce_ipc::query::{col, table};
    ///
    /// let query = table("trades").filter(col("price").gt(1.5)).filter(col("symbol").isin(["ibm", "aapl"]));
    /// # let mut payload = [0; 256];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &query, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn filter<E: Operand>(
        self,
        condition: E,
    ) -> Query<Select<T::Source, T::Columns, T::By, <T::Condition as Condition>::And<E::Node>>> {
        let Select { source, columns, by, condition: before } = self.0.into_select();
        Query(Select { source, columns, by, condition: before.and(condition.node()) })
    }

    /// One row for each group of rows that are equal in these columns, which come first in the result.
    ///
    /// ```
    /// use rayforce_ipc::query::{col, table};
    ///
    /// let query = table("trades").select(col("quantity").sum().named("total")).by("symbol");
    /// # let mut payload = [0; 256];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &query, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn by<B: Columns>(self, by: B) -> Query<Select<T::Source, T::Columns, B, T::Condition>> {
        let Select { source, columns, condition, .. } = self.0.into_select();
        Query(Select { source, columns, by, condition })
    }
}

impl<S: Node, C: Columns, B: Columns, W: Condition> Term for Select<S, C, B, W> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_select(writer, self);
    }
}

impl<S: Node, C: Columns, B: Columns, W: Condition> Node for Select<S, C, B, W> {
    const KIND: Kind = Kind::DIRECT;
}

impl<S: Node, C: Columns, B: Columns, W: Condition> Entries for Select<S, C, B, W> {
    fn visit(&self, dict: &mut Dict<'_, '_>) {
        self.columns.each(dict);
        if !self.by.is_empty() {
            dict.by(&self.by);
        }
        dict.from(&self.source);
        dict.filter(self.condition.term());
    }
}

pub(crate) fn write_select(writer: &mut Writer<'_>, select: &dyn Entries) {
    write_dict(writer, select, begin_select);
}

fn begin_select(dict: &mut Dict<'_, '_>) {
    if dict.is_reserved {
        // Under other names, which are changed back:
        // `(table SYM[sym px] (value (select {~sym: sym ~px: px from: t})))`.
        if dict.writer.is_at_start() && dict.writer.generation() == Generation::V1 {
            begin(dict.writer, &DO, 1);
        }
        begin(dict.writer, &TABLE, 2);
        dict.alias();
        begin(dict.writer, &VALUE, 1);
    }
    begin(dict.writer, &SELECT, 1);
}
