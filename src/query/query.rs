//! Queries: expressions whose value is a table.

use crate::codec::{Encode, Symbol, Writer};
use crate::query::call::{Call, begin, begin_list, request};
use crate::query::change::{Change, Saved};
use crate::query::columns::{ColumnVisitor, Keys, NamedColumn, Names};
use crate::query::dict::{Dict, Entries, is_reserved};
use crate::query::expr::{Expr, binary, unary};
use crate::query::operand::{Kind, Node, Operand, Term, sym};
use crate::query::operator as op;
use crate::query::select::write_select;
use crate::wire::Generation;

/// A query, which is a request: `connection.execute(&query)`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use = "a query does nothing until it is executed"]
pub struct Query<T>(pub(crate) T);

/// A table that lives on the server.
///
/// ```
/// use rayforce_ipc::query::{col, table};
///
/// let query = table("trades").select(("id", "name")).filter(col("id").gt(1));
/// # let mut payload = [0; 256];
/// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &query, &mut payload)?;
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
pub const fn table(name: &str) -> Query<Name<'_>> {
    Query(Name(name))
}

/// The rows of a table that is sent along, or the result of another query.
///
/// ```
/// use rayforce_ipc::codec::literal::Table;
/// use rayforce_ipc::query::{col, from, table};
///
/// let rows = Table::new(&["id", "celsius"], &[&[1i64, 2], &[20.5, 21.0]]);
/// let sent_along = from(rows).filter(col("celsius").gt(20.9));
/// let of_a_result = from(table("trades").select("quantity")).filter(col("quantity").gt(10));
/// # let mut payload = [0; 256];
/// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &sent_along, &mut payload)?;
/// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &of_a_result, &mut payload)?;
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
///
/// Text and numbers have no rows:
///
/// ```compile_fail
/// let copy = rayforce_ipc::query::from("trades");
/// ```
pub fn from<T: Operand>(rows: T) -> Query<From<T::Node>> {
    const { assert!(!T::Node::KIND.is_literal(), "rows are a table, a query, or `table(name)`") };
    Query(From(rows.node()))
}

/// What [`table`] makes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Name<'a>(pub(crate) &'a str);

/// What [`from`] makes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct From<T>(pub(crate) T);

/// Some of the rows, by their places.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Taken<T> {
    rows: T,
    /// Offset, which is negative from the end, and count: a count alone begins again at the first row where there are
    /// fewer (wire 1).
    range: [i64; 2],
}

/// Each value of one column once.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DistinctOf<T, C> {
    rows: T,
    column: C,
}

impl<T: Node> Query<T> {
    /// Each value of one column once, as a table of that column: `"symbol"`, or under another name.
    ///
    /// ```
    /// use rayforce_ipc::query::{col, table};
    ///
    /// let symbols = table("trades").filter(col("price").gt(1)).distinct(col("symbol").named("traded"));
    /// # let mut payload = [0; 512];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &symbols, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn distinct<C: NamedColumn>(self, column: C) -> Query<DistinctOf<T, C>> {
        Query(DistinctOf { rows: self.0, column })
    }

    /// In ascending order of these columns, the first one counting most. Equal rows stay in the order in which they are.
    ///
    /// ```
    /// use rayforce_ipc::query::table;
    ///
    /// let cheapest = table("trades").order_by(["price", "quantity"]).take(10);
    /// # let mut payload = [0; 256];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &cheapest, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn order_by<N: Names>(self, columns: N) -> Query<Call<(T, Keys<N>)>> {
        Query(Call { operator: &op::XASC, arguments: (self.0, Keys(columns)) })
    }

    /// In descending order of these columns.
    pub fn order_by_desc<N: Names>(self, columns: N) -> Query<Call<(T, Keys<N>)>> {
        Query(Call { operator: &op::XDESC, arguments: (self.0, Keys(columns)) })
    }

    /// The first rows, at most so many.
    pub fn take(self, count: usize) -> Query<Taken<T>> {
        self.take_from(0, count)
    }

    /// The last rows, at most so many.
    pub fn take_last(self, count: usize) -> Query<Taken<T>> {
        let count = signed(count);
        Query(Taken { rows: self.0, range: [-count, count] })
    }

    /// The rows from one on, the first being 0, at most so many.
    pub fn take_from(self, start: usize, count: usize) -> Query<Taken<T>> {
        Query(Taken {
            rows: self.0,
            range: [signed(start), signed(count.min((i64::MAX as usize).saturating_sub(start)))],
        })
    }

    /// Followed by the rows of another, which has the same columns.
    pub fn concat<U: Node>(self, other: Query<U>) -> Query<Call<(T, U)>> {
        Query(Call { operator: &op::CONCAT, arguments: (self.0, other.0) })
    }

    /// A row for each element of columns of lists, as [`top`](Expr::top) makes them (2.4.0).
    pub fn ungroup(self) -> Query<Call<(T,)>> {
        Query(Call { operator: &op::UNGROUP, arguments: (self.0,) })
    }

    /// How many rows.
    pub fn count(self) -> Expr<Call<(T,)>> {
        unary(&op::COUNT, self)
    }

    /// One column, as a vector.
    pub fn column(self, name: &str) -> Expr<Call<(T, Symbol<'_>)>> {
        binary(&op::AT, self, sym(name))
    }

    /// One row, as a dict; the first is 0.
    pub fn row(self, index: usize) -> Expr<Call<(T, i64)>> {
        binary(&op::AT, self, signed(index))
    }

    /// The names of the columns.
    pub fn names(self) -> Expr<Call<(T,)>> {
        unary(&op::KEY, self)
    }

    /// The columns, as a list.
    pub fn columns(self) -> Expr<Call<(T,)>> {
        unary(&op::VALUE, self)
    }

    /// Stores the result on the server, under a name. Answered with null.
    ///
    /// ```
    /// use rayforce_ipc::query::{col, table};
    ///
    /// let save = table("trades").filter(col("quantity").gt(1000)).save("blocks");
    /// # let mut payload = [0; 256];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &save, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn save(self, name: &str) -> Change<Saved<'_, T>> {
        Change(Saved { name, value: self.0 })
    }
}

impl<T: Node> Encode for Query<T> {
    /// As a request of its own in the form that every server of the generation answers.
    fn encode(&self, writer: &mut Writer<'_>) {
        request(writer, &self.0);
    }
}

impl<T: Node> Operand for Query<T> {
    type Node = T;

    fn node(self) -> T {
        self.0
    }
}

impl Term for Name<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.symbol(self.0.as_bytes(), false);
    }
}

impl Node for Name<'_> {
    const KIND: Kind = Kind::NAME;
}

impl<T: Node> Term for From<T> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.0.write(writer);
    }
}

impl<T: Node> Node for From<T> {
    const KIND: Kind = T::KIND;

    fn is_lazy(&self) -> bool {
        self.0.is_lazy()
    }
}

impl<T: Node> Term for Taken<T> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_select(writer, self);
    }
}

impl<T: Node> Node for Taken<T> {
    const KIND: Kind = Kind::DIRECT;
}

impl<T: Node> Entries for Taken<T> {
    fn visit(&self, dict: &mut Dict<'_, '_>) {
        dict.from(&self.rows);
        dict.clause("take", &self.range);
    }
}

impl<T: Node, C: NamedColumn> Term for DistinctOf<T, C> {
    fn write(&self, writer: &mut Writer<'_>) {
        let (name, value) = self.column.column();
        write_distinct(writer, &self.rows, name, value.unwrap_or(&Name(name)));
    }
}

impl<T: Node, C: NamedColumn> Node for DistinctOf<T, C> {
    const KIND: Kind = Kind::DIRECT;
}

/// 2.0.0 has no distinct values within a select, so on wire 3 they are made into a table behind it:
/// `(table SYM[s] (list (distinct (at (value (select {~: sym from: trades})) 0))))`. On wire 1 names that a select cannot
/// have need the same.
fn write_distinct(writer: &mut Writer<'_>, rows: &dyn Term, name: &str, value: &dyn Term) {
    if writer.generation() == Generation::V1 {
        if !is_reserved(Generation::V1, name) {
            return write_select(writer, &OfOne { name, value: &DistinctValues(value), rows });
        }
        if writer.is_at_start() {
            begin(writer, &op::DO, 1);
        }
    }
    begin(writer, &op::TABLE, 2);
    writer.name_vector(1);
    writer.name(name);
    begin_list(writer, 1);
    begin(writer, &op::DISTINCT, 1);
    begin(writer, &op::AT, 2);
    begin(writer, &op::VALUE, 1);
    write_select(writer, &OfOne { name: "~", value, rows });
    writer.scalar(0i64);
}

/// A select of one column.
struct OfOne<'a> {
    name: &'a str,
    value: &'a dyn Term,
    rows: &'a dyn Term,
}

impl Entries for OfOne<'_> {
    fn visit(&self, dict: &mut Dict<'_, '_>) {
        dict.column(self.name, Some(self.value));
        dict.from(self.rows);
    }
}

struct DistinctValues<'a>(&'a dyn Term);

impl Term for DistinctValues<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        begin(writer, &op::DISTINCT, 1);
        self.0.write(writer);
    }
}

const fn signed(count: usize) -> i64 {
    if count as u64 > i64::MAX as u64 { i64::MAX } else { count as i64 }
}
