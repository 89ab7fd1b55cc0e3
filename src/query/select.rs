//! Selects.

use crate::codec::{Encode, Writer};
use crate::query::call::{Arguments, Call, begin_list};
use crate::query::columns::{All, Columns, is_reserved};
use crate::query::join::WindowJoin;
use crate::query::operand::{About, Operand, sym};
use crate::query::operator::{AND, AT, DISTINCT, SELECT, TABLE, VALUE, head};
use crate::query::query::{From, Name, Query, Taken};
use crate::query::update::Updated;
use crate::wire::Generation;

/// Columns `C`, grouped by `B`, of the rows of `S` for which `W` holds.
#[derive(Clone, Copy, Debug)]
pub struct Select<S, C, B, W> {
    pub(crate) source: S,
    pub(crate) columns: C,
    pub(crate) by: B,
    pub(crate) condition: W,
}

/// Which rows: all, or those for which a condition holds.
pub trait Condition: Sync {
    /// This condition and another.
    type And<E: Operand>: Condition;

    /// Both.
    fn and<E: Operand>(self, other: E) -> Self::And<E>;

    #[doc(hidden)]
    fn operand(&self) -> Option<&dyn Operand>;
}

/// No condition.
#[derive(Clone, Copy, Debug)]
pub struct Always;

/// A condition.
#[derive(Clone, Copy, Debug)]
pub struct Where<E>(pub(crate) E);

impl Condition for Always {
    type And<E: Operand> = Where<E>;

    fn and<E: Operand>(self, other: E) -> Where<E> {
        Where(other)
    }

    fn operand(&self) -> Option<&dyn Operand> {
        None
    }
}

impl<A: Operand> Condition for Where<A> {
    type And<E: Operand> = Where<Call<(A, E)>>;

    fn and<E: Operand>(self, other: E) -> Self::And<E> {
        Where(Call { operator: &AND, arguments: (self.0, other) })
    }

    fn operand(&self) -> Option<&dyn Operand> {
        Some(&self.0)
    }
}

/// What columns, groups and conditions are added to: a select, or the source of a new one.
pub trait Selectable: Sized {
    /// Whose rows.
    type Source: Operand;
    /// Which columns.
    type Columns: Columns;
    /// In which groups.
    type By: Columns;
    /// On which condition.
    type Condition: Condition;

    #[doc(hidden)]
    fn into_select(self) -> Select<Self::Source, Self::Columns, Self::By, Self::Condition>;
}

impl<S: Operand, C: Columns, B: Columns, W: Condition> Selectable for Select<S, C, B, W> {
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
    (T: Operand) From<T>;
    (T: Operand) Taken<T>;
    (A: Arguments) Call<A>;
    (T: Operand, U: Operand, N: crate::query::columns::Names, C: Columns) WindowJoin<T, U, N, C>;
    (T: Operand, C: Columns, W: Condition) Updated<T, C, W>;
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
    ) -> Query<Select<T::Source, T::Columns, T::By, <T::Condition as Condition>::And<E>>> {
        let Select { source, columns, by, condition: before } = self.0.into_select();
        Query(Select { source, columns, by, condition: before.and(condition) })
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

impl<S: Operand, C: Columns, B: Columns, W: Condition> Operand for Select<S, C, B, W> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.parts().write(writer);
    }

    fn about(&self) -> About<'_> {
        About { direct: !self.parts().is_aliased(Generation::V1), ..About::CALL }
    }
}

impl<S: Operand, C: Columns, B: Columns, W: Condition> Select<S, C, B, W> {
    fn parts(&self) -> Parts<'_> {
        Parts {
            source: &self.source,
            columns: &self.columns,
            by: &self.by,
            condition: self.condition.operand(),
        }
    }
}

/// A select of any type.
#[derive(Clone, Copy)]
struct Parts<'a> {
    source: &'a dyn Operand,
    columns: &'a dyn Columns,
    by: &'a dyn Columns,
    condition: Option<&'a dyn Operand>,
}

impl Parts<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        if self.is_aliased(writer.generation()) {
            return self.write_aliased(writer);
        }
        match self.distinct() {
            Some((name, column)) if writer.generation() == Generation::V3 => {
                self.write_distinct(writer, name, column);
            }
            _ => self.write_select(writer, b""),
        }
    }

    fn write_select(&self, writer: &mut Writer<'_>, prefix: &[u8]) {
        let by = self.by.get(0).is_some();
        writer.enter(2);
        head(writer, &SELECT);
        writer.dict();
        let columns = self.columns.iter().count();
        let count = columns + usize::from(by) + 1 + usize::from(self.condition.is_some());
        writer.name_vector(count);
        self.columns.iter().for_each(|(name, _)| writer.name_element(prefix, name.as_bytes()));
        if by {
            writer.name_element(b"", b"by");
        }
        writer.name_element(b"", b"from");
        if self.condition.is_some() {
            writer.name_element(b"", b"where");
        }
        writer.list(count);
        self.columns.iter().for_each(|(_, value)| value.write(writer));
        if by {
            self.by.write_dict(writer);
        }
        self.source.write(writer);
        if let Some(condition) = self.condition {
            condition.write(writer);
        }
        writer.leave();
    }

    /// Whether a column has a name that the dict of a select cannot have.
    fn is_aliased(&self, generation: Generation) -> bool {
        self.columns.iter().any(|(name, _)| is_reserved(generation, name))
    }

    /// Under other names, which are changed back: `(table SYM[sym px] (value (select {~sym: sym ~px: px from: t})))`.
    fn write_aliased(&self, writer: &mut Writer<'_>) {
        writer.enter(3);
        head(writer, &TABLE);
        writer.name_vector(self.by.iter().count() + self.columns.iter().count());
        for (name, _) in self.by.iter().chain(self.columns.iter()) {
            writer.name_element(b"", name.as_bytes());
        }
        writer.enter(2);
        head(writer, &VALUE);
        self.write_select(writer, b"~");
        writer.leave();
        writer.leave();
    }

    /// Name and column of a select of one column's distinct values.
    fn distinct(&self) -> Option<(&str, &str)> {
        match (self.columns.get(0), self.columns.get(1), self.by.get(0)) {
            (Some((name, value)), None, None) => Some((name, value.about().distinct?)),
            _ => None,
        }
    }

    /// 2.0.0 has no distinct values within a select, so they are made into a table behind it.
    fn write_distinct(&self, writer: &mut Writer<'_>, name: &str, column: &str) {
        writer.enter(3);
        head(writer, &TABLE);
        writer.name_vector(1);
        writer.name_element(b"", name.as_bytes());
        begin_list(writer, 1);
        writer.enter(2);
        head(writer, &DISTINCT);
        writer.enter(3);
        head(writer, &AT);
        match self.condition {
            None => self.source.write(writer),
            Some(_) => Parts { columns: &All, ..*self }.write_select(writer, b""),
        }
        sym(column).encode(writer);
        (0..4).for_each(|_| writer.leave());
    }
}
