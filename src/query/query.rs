//! Queries: expressions whose value is a table.

use crate::codec::{Encode, Symbol, Writer};
use crate::query::call::{Call, request};
use crate::query::change::{Change, Saved};
use crate::query::columns::{Keys, Names};
use crate::query::expr::{Expr, binary, unary};
use crate::query::operand::{About, Operand, sym};
use crate::query::operator::{self as op, SELECT, head};

/// A query, which is a request: `connection.execute(&query)`.
#[derive(Clone, Copy, Debug)]
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
pub const fn from<T: Operand>(rows: T) -> Query<From<T>> {
    Query(From(rows))
}

/// What [`table`] makes.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a>(pub(crate) &'a str);

/// What [`from`] makes.
#[derive(Clone, Copy, Debug)]
pub struct From<T>(pub(crate) T);

/// Some of the rows, by their places.
#[derive(Clone, Copy, Debug)]
pub struct Taken<T> {
    rows: T,
    /// Negative: from the end.
    start: i64,
    count: i64,
}

impl<T: Operand> Query<T> {
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
        Query(Taken { rows: self.0, start: -count, count })
    }

    /// The rows from one on, the first being 0, at most so many.
    pub fn take_from(self, start: usize, count: usize) -> Query<Taken<T>> {
        Query(Taken { rows: self.0, start: signed(start), count: signed(count) })
    }

    /// Followed by the rows of another, which has the same columns.
    pub fn concat<U: Operand>(self, other: Query<U>) -> Query<Call<(T, U)>> {
        Query(Call { operator: &op::CONCAT, arguments: (self.0, other.0) })
    }

    /// A row for each element of columns of lists, as [`top`](Expr::top) makes them (2.4.0).
    pub fn ungroup(self) -> Query<Call<(T,)>> {
        Query(Call { operator: &op::UNGROUP, arguments: (self.0,) })
    }

    /// How many rows.
    pub fn count(self) -> Expr<Call<(T,)>> {
        unary(&op::COUNT, self.0)
    }

    /// One column, as a vector.
    pub fn column(self, name: &str) -> Expr<Call<(T, Symbol<'_>)>> {
        binary(&op::AT, self.0, sym(name))
    }

    /// One row, as a dict; the first is 0.
    pub fn row(self, index: usize) -> Expr<Call<(T, i64)>> {
        binary(&op::AT, self.0, signed(index))
    }

    /// The names of the columns.
    pub fn names(self) -> Expr<Call<(T,)>> {
        unary(&op::KEY, self.0)
    }

    /// The columns, as a list.
    pub fn columns(self) -> Expr<Call<(T,)>> {
        unary(&op::VALUE, self.0)
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

impl<T: Operand> Encode for Query<T> {
    /// As a request of its own in the form that every server of the generation answers.
    fn encode(&self, writer: &mut Writer<'_>) {
        request(writer, &self.0);
    }
}

impl<T: Operand> Operand for Query<T> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.0.write(writer);
    }

    fn about(&self) -> About<'_> {
        self.0.about()
    }
}

impl Operand for Name<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.symbol(self.0.as_bytes(), false);
    }

    fn about(&self) -> About<'_> {
        About::FORM
    }
}

impl<T: Operand> Operand for From<T> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.0.write(writer);
    }

    fn about(&self) -> About<'_> {
        self.0.about()
    }
}

impl<T: Operand> Operand for Taken<T> {
    /// By offset and count: a count alone begins again at the first row where there are fewer (wire 1).
    fn write(&self, writer: &mut Writer<'_>) {
        write_taken(writer, &self.rows, [self.start, self.count]);
    }

    fn about(&self) -> About<'_> {
        About::FORM
    }
}

fn write_taken(writer: &mut Writer<'_>, rows: &dyn Operand, range: [i64; 2]) {
    writer.enter(2);
    head(writer, &SELECT);
    writer.dict();
    writer.name_vector(2);
    writer.name_element(b"", b"from");
    writer.name_element(b"", b"take");
    writer.list(2);
    rows.write(writer);
    writer.vector(&range);
    writer.leave();
}

const fn signed(count: usize) -> i64 {
    if count as u64 > i64::MAX as u64 { i64::MAX } else { count as i64 }
}
