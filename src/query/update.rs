//! Updates.

use crate::codec::{Encode, Writer};
use crate::query::call::begin;
use crate::query::change::{Change, begin_change, begin_set};
use crate::query::columns::Columns;
use crate::query::dict::{Dict, Entries, is_reserved, write_dict};
use crate::query::operand::{Kind, Node, Operand, Term};
use crate::query::operator::{ALTER, UPDATE, beyond_1a, lacks};
use crate::query::query::{From, Name, Query};
use crate::query::select::{Always, Condition};
use crate::wire::{Arity, Generation};

/// New values in columns of a table that lives on the server.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Update<'a, C, W> {
    table: Target<'a>,
    columns: C,
    condition: W,
}

/// A copy of some rows with new values in some columns.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Updated<T, C, W> {
    rows: T,
    columns: C,
    condition: W,
}

impl<'a> Query<Name<'a>> {
    /// Changes columns in place: `set("price", …)`, or a tuple of these. All rows, unless a
    /// [`filter`](Change::filter) follows. A `&str` is a symbol here.
    ///
    /// What is refused: on wire 3 columns named `from`, `by`, `where`, `take`, `asc`, `desc` or `nearest`; on wire 1
    /// those named `from`, `by`, `where`, `take`, `sym`, `do`, `set`, `fn`, `self` or `let`, but for literals in all
    /// rows. On servers up to 0.5 columns of symbols, dates and times stay as they were on a condition, or are spoilt:
    /// literals of these are refused there, expressions of these types are not known as such.
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
        Change(Update { table: Target(self.0.0), columns, condition: Always })
    }
}

impl<T: Node> Query<From<T>> {
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
    pub fn filter<E: Operand>(self, condition: E) -> Change<Update<'a, C, W::And<E::Node>>> {
        let Update { table, columns, condition: before } = self.0;
        Change(Update { table, columns, condition: before.and(condition.node()) })
    }
}

impl<C: Columns, W: Condition> Encode for Change<Update<'_, C, W>> {
    fn encode(&self, writer: &mut Writer<'_>) {
        let Update { table, columns, condition } = &self.0;
        if writer.generation() == Generation::V1 {
            let [all, any] = C::KINDS;
            if condition.term().is_none() && all.is_literal() && any_reserved(columns) {
                return write_alter(writer, table, columns);
            }
            if condition.term().is_some() && any.is_brittle() {
                beyond_1a(writer, "update of symbols, dates and times on a condition");
            }
        }
        write_change(writer, table, &self.0);
    }
}

impl<C: Columns, W: Condition> Entries for Update<'_, C, W> {
    fn visit(&self, dict: &mut Dict<'_, '_>) {
        visit(dict, &self.columns, &self.table, &self.condition);
    }
}

impl<T: Node, C: Columns, W: Condition> Term for Updated<T, C, W> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_update(writer, self);
    }
}

impl<T: Node, C: Columns, W: Condition> Node for Updated<T, C, W> {
    const KIND: Kind = Kind::DIRECT;
}

impl<T: Node, C: Columns, W: Condition> Entries for Updated<T, C, W> {
    fn visit(&self, dict: &mut Dict<'_, '_>) {
        visit(dict, &self.columns, &self.rows, &self.condition);
    }
}

/// Columns, then rows, then a condition.
fn visit(dict: &mut Dict<'_, '_>, columns: &impl Columns, rows: &impl Term, condition: &impl Condition) {
    columns.each(dict);
    dict.from(rows);
    dict.filter(condition.term());
}

/// A table that is changed. On wire 3 `(update {px: … from: 'trades where: …})` changes the table of that name; on wire
/// 1, where the literal name would end the server, `(set trades (update {px: … from: trades where: …}))` does.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Target<'a>(&'a str);

impl Term for Target<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        match writer.generation() {
            Generation::V1 => writer.symbol(self.0.as_bytes(), false),
            Generation::V3 => writer.symbol_literal(self.0.as_bytes()),
        }
    }
}

fn write_change(writer: &mut Writer<'_>, table: &Target<'_>, update: &dyn Entries) {
    begin_change(writer, 1);
    if writer.generation() == Generation::V1 {
        begin_set(writer, table.0);
    }
    write_update(writer, update);
    writer.null();
}

/// Columns of wire 1 whose names the dict of an update cannot have: `(alter 'trades set 'sym …)`, which takes literals only.
fn write_alter(writer: &mut Writer<'_>, table: &Target<'_>, columns: &impl Columns) {
    let mut count = 0;
    columns.each(&mut |_: &str, _: Option<&dyn Term>| count += 1);
    begin_change(writer, count);
    columns.each(&mut |name: &str, value: Option<&dyn Term>| write_alteration(writer, table, name, value));
    writer.null();
}

fn write_alteration(writer: &mut Writer<'_>, table: &Target<'_>, name: &str, value: Option<&dyn Term>) {
    begin(writer, &ALTER, 4);
    writer.symbol_literal(table.0.as_bytes());
    writer.function(Arity::Binary, b"set");
    writer.symbol_literal(name.as_bytes());
    writer.set_assigns(true);
    value.unwrap_or(&()).write(writer);
    writer.set_assigns(false);
}

/// `(update {columns… from: rows where: condition})`.
fn write_update(writer: &mut Writer<'_>, update: &dyn Entries) {
    write_dict(writer, update, |dict| {
        if dict.is_reserved {
            lacks(dict.writer, RESERVED);
        }
        begin(dict.writer, &UPDATE, 1);
        dict.assigns = true;
    });
}

const RESERVED: &str = "update of a column of that name";

fn any_reserved(columns: &impl Columns) -> bool {
    let mut any = false;
    columns.each(&mut |name: &str, _: Option<&dyn Term>| any |= is_reserved(Generation::V1, name));
    any
}
