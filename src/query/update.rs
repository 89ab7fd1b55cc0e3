//! Updates.

use crate::codec::Writer;
use crate::query::change::{Change, Statements, begin_set};
use crate::query::columns::{Columns, is_reserved};
use crate::query::expr::col;
use crate::query::operand::{About, Operand, sym};
use crate::query::operator::{ALTER, UPDATE, beyond_1a, head, lacks};
use crate::query::query::{From, Name, Query};
use crate::query::select::{Always, Condition};
use crate::wire::{Arity, Generation, Type};

/// New values in columns of a table that lives on the server.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a, C, W> {
    table: &'a str,
    columns: C,
    condition: W,
}

/// A copy of some rows with new values in some columns.
#[derive(Clone, Copy, Debug)]
pub struct Updated<T, C, W> {
    rows: T,
    columns: C,
    condition: W,
}

impl<'a> Query<Name<'a>> {
    /// Changes columns in place: `set("price", …)`, or a tuple of these. All rows, unless a
    /// [`filter`](Change::filter) follows. A `&str` is a symbol here.
    ///
    /// Servers of wire 1 can do less. All: a column named `sym`, `do`, `set`, `fn`, `self` or `let` gets literals only,
    /// and by its name alone. Those up to 0.5: with a condition, columns of symbols, dates and times stay as they were or
    /// are spoilt, so that literals of these are refused; expressions of these types are not known as such.
    ///
    /// ```
    /// use rayforce_ipc::query::{col, set, table};
    ///
    /// let raise = table("trades")
    ///     .update((set("price", col("price") * 1.1), set("venue", "xnas")))
    ///     .filter(col("symbol").eq("ibm"));
    /// # let mut payload = [0; 512];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &raise, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub const fn update<C: Columns>(self, columns: C) -> Change<Update<'a, C, Always>> {
        Change(Update { table: self.0.0, columns, condition: Always })
    }
}

impl<T: Operand> Query<From<T>> {
    /// A copy with new values, or new columns.
    ///
    /// ```
    /// use rayforce_ipc::query::{col, from, set, table};
    ///
    /// let doubled = from(table("trades")).update(set("total", col("price") * col("quantity")));
    /// # let mut payload = [0; 512];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &doubled, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn update<C: Columns>(self, columns: C) -> Query<Updated<T, C, Always>> {
        Query(Updated { rows: self.0.0, columns, condition: Always })
    }
}

impl<'a, C: Columns, W: Condition> Change<Update<'a, C, W>> {
    /// Only the rows for which a condition holds; several conditions all hold.
    pub fn filter<E: Operand>(self, condition: E) -> Change<Update<'a, C, W::And<E>>> {
        let Update { table, columns, condition: before } = self.0;
        Change(Update { table, columns, condition: before.and(condition) })
    }
}

impl<C: Columns, W: Condition> Statements for Update<'_, C, W> {
    fn count(&self, writer: &Writer<'_>) -> usize {
        self.parts().statements(writer.generation())
    }

    fn write(&self, writer: &mut Writer<'_>) {
        self.parts().write(writer);
    }
}

impl<T: Operand, C: Columns, W: Condition> Operand for Updated<T, C, W> {
    fn write(&self, writer: &mut Writer<'_>) {
        let generation = writer.generation();
        if (&self.columns as &dyn Columns).iter().any(|(name, _)| is_reserved(generation, name)) {
            lacks(writer, RESERVED);
        }
        let which = |_: &str| true;
        write_update(writer, &self.rows, &self.columns, &which, self.condition.operand());
    }

    fn about(&self) -> About<'_> {
        About::FORM
    }
}

impl<C: Columns, W: Condition> Update<'_, C, W> {
    fn parts(&self) -> Parts<'_> {
        Parts { table: self.table, columns: &self.columns, condition: self.condition.operand() }
    }
}

/// An update of any type.
struct Parts<'a> {
    table: &'a str,
    columns: &'a dyn Columns,
    condition: Option<&'a dyn Operand>,
}

impl Parts<'_> {
    fn statements(&self, generation: Generation) -> usize {
        let all = self.columns.iter().count();
        match generation {
            Generation::V1 => {
                let reserved = self.columns.iter().filter(|(name, _)| is_reserved(generation, name)).count();
                reserved + usize::from(reserved < all)
            }
            Generation::V3 => 1,
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match writer.generation() {
            Generation::V1 => self.write_1(writer),
            Generation::V3 => self.write_3(writer),
        }
    }

    /// `(update {px: … from: 'trades where: …})` changes the table of that name.
    fn write_3(&self, writer: &mut Writer<'_>) {
        if self.columns.iter().any(|(name, _)| is_reserved(Generation::V3, name)) {
            lacks(writer, RESERVED);
        }
        write_update(writer, &sym(self.table), self.columns, &|_| true, self.condition);
    }

    /// `(set trades (update {px: … from: trades where: …}))`: a literal name in place of `trades` ends the server. A
    /// column whose name the dict cannot have is altered behind that: literals depend on nothing.
    fn write_1(&self, writer: &mut Writer<'_>) {
        let reserved = |name: &str| is_reserved(Generation::V1, name);
        for (name, value) in self.columns.iter() {
            let literal = value.about().literal;
            if reserved(name) && (literal.is_none() || self.condition.is_some()) {
                lacks(writer, RESERVED);
            }
            if self.condition.is_some() && literal.is_some_and(is_spoilt) {
                beyond_1a(writer, "update of symbols, dates and times on a condition");
            }
        }
        if self.columns.iter().any(|(name, _)| !reserved(name)) {
            begin_set(writer, self.table);
            write_update(writer, &col(self.table), self.columns, &|name| !reserved(name), self.condition);
            writer.leave();
        }
        for (name, value) in self.columns.iter().filter(|(name, _)| reserved(name)) {
            writer.enter(5);
            head(writer, &ALTER);
            sym(self.table).write(writer);
            writer.function(Arity::Binary, b"set");
            sym(name).write(writer);
            value.assign(writer);
            writer.leave();
        }
    }
}

/// Types of which 0.1.5 cannot change some elements: it leaves them as they were (symbols, timestamps) or puts an error
/// in place of the column (dates, times).
const fn is_spoilt(ty: Type) -> bool {
    matches!(ty, Type::Symbol | Type::Date | Type::Time | Type::Timestamp | Type::Guid | Type::String)
}

/// `(update {columns… from: rows where: condition})` of the columns that are to be taken.
fn write_update(
    writer: &mut Writer<'_>,
    rows: &dyn Operand,
    columns: &dyn Columns,
    takes: &dyn Fn(&str) -> bool,
    condition: Option<&dyn Operand>,
) {
    let taken = || columns.iter().filter(|(name, _)| takes(name));
    let count = taken().count() + 1 + usize::from(condition.is_some());
    writer.enter(2);
    head(writer, &UPDATE);
    writer.dict();
    writer.name_vector(count);
    taken().for_each(|(name, _)| writer.name_element(b"", name.as_bytes()));
    writer.name_element(b"", b"from");
    if condition.is_some() {
        writer.name_element(b"", b"where");
    }
    writer.list(count);
    taken().for_each(|(_, value)| value.assign(writer));
    rows.write(writer);
    if let Some(condition) = condition {
        condition.write(writer);
    }
    writer.leave();
}

const RESERVED: &str = "update of a column of that name";
