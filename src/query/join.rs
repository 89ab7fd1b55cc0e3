//! Joins.

use core::ops::RangeInclusive;

use crate::codec::{Encode, Writer};
use crate::query::call::Call;
use crate::query::columns::{Columns, Keys, Names, write_names};
use crate::query::operand::{About, Operand, sym};
use crate::query::operator::{self as op, Operator, head};
use crate::query::query::Query;
use crate::wire::{Arity, Generation};

/// For each row of `T` an aggregate of the rows of `U` around it.
#[derive(Clone, Debug)]
pub struct WindowJoin<T, U, N, C> {
    operator: &'static Operator,
    rows: T,
    other: U,
    keys: N,
    interval: Interval,
    aggregates: C,
}

/// The keys of an as-of join: equal ones, then the one of the time.
#[derive(Clone, Copy, Debug)]
pub struct TimeKeys<N>(N);

type Interval = [i64; 2];

impl<T: Operand> Query<T> {
    /// Each row with the columns of the row of another table that is equal in the keys; nulls where there is none. (In
    /// engines up to 0.5 such a column is a list.)
    ///
    /// ```
    /// use rayforce_ipc::query::table;
    ///
    /// let quoted = table("trades").left_join(table("quotes"), "symbol");
    /// # let mut payload = [0; 256];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &quoted, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn left_join<U: Operand, N: Names>(self, other: Query<U>, keys: N) -> Query<Call<(Keys<N>, T, U)>> {
        Query(Call { operator: &op::LEFT_JOIN, arguments: (Keys(keys), self.0, other.0) })
    }

    /// The same, without the rows that have no other.
    pub fn inner_join<U: Operand, N: Names>(self, other: Query<U>, keys: N) -> Query<Call<(Keys<N>, T, U)>> {
        Query(Call { operator: &op::INNER_JOIN, arguments: (Keys(keys), self.0, other.0) })
    }

    /// Each row with the columns of the latest row of another table that is equal in all keys but the last and not
    /// later in the last one, which is the time. On wire 1 there must be a key besides the time: without one, 0.1.5 ends.
    ///
    /// ```
    /// use rayforce_ipc::query::table;
    ///
    /// let prevailing = table("trades").asof_join(table("quotes"), ["symbol", "time"]);
    /// # let mut payload = [0; 256];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &prevailing, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn asof_join<U: Operand, N: Names>(
        self,
        other: Query<U>,
        keys: N,
    ) -> Query<Call<(TimeKeys<N>, T, U)>> {
        Query(Call { operator: &op::ASOF_JOIN, arguments: (TimeKeys(keys), self.0, other.0) })
    }

    /// Each row with aggregates of those rows of another table that are equal in all keys but the last, and lie in an
    /// interval around the row in the last one, which is the time: in its own unit. A row in force when the interval
    /// begins counts too.
    ///
    /// ```
    /// use rayforce_ipc::query::{col, table};
    ///
    /// let around = table("trades").window_join(
    ///     table("quotes"),
    ///     ["symbol", "time"],
    ///     -1000..=1000,
    ///     (col("bid").min().named("low"), col("bid").max().named("high")),
    /// );
    /// # let mut payload = [0; 512];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &around, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub fn window_join<U: Operand, N: Names, C: Columns>(
        self,
        other: Query<U>,
        keys: N,
        interval: RangeInclusive<i64>,
        aggregates: C,
    ) -> Query<WindowJoin<T, U, N, C>> {
        self.window(&op::WINDOW_JOIN, other, keys, interval, aggregates)
    }

    /// The same, but only rows within the interval count.
    pub fn window_join1<U: Operand, N: Names, C: Columns>(
        self,
        other: Query<U>,
        keys: N,
        interval: RangeInclusive<i64>,
        aggregates: C,
    ) -> Query<WindowJoin<T, U, N, C>> {
        self.window(&op::WINDOW_JOIN1, other, keys, interval, aggregates)
    }

    fn window<U: Operand, N: Names, C: Columns>(
        self,
        operator: &'static Operator,
        other: Query<U>,
        keys: N,
        interval: RangeInclusive<i64>,
        aggregates: C,
    ) -> Query<WindowJoin<T, U, N, C>> {
        let interval = [*interval.start(), *interval.end()];
        Query(WindowJoin { operator, rows: self.0, other: other.0, keys, interval, aggregates })
    }
}

impl<N: Names> Operand for TimeKeys<N> {
    fn write(&self, writer: &mut Writer<'_>) {
        if writer.generation() == Generation::V1 && self.0.get(1).is_none() {
            op::lacks(writer, "asof-join by the time alone");
        }
        write_names(writer, &self.0);
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

impl<T: Operand, U: Operand, N: Names, C: Columns> Operand for WindowJoin<T, U, N, C> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.enter(6);
        head(writer, self.operator);
        write_names(writer, &self.keys);
        write_interval(writer, self.interval, &self.rows, &self.keys);
        self.rows.write(writer);
        self.other.write(writer);
        (&self.aggregates as &dyn Columns).write_dict(writer);
        writer.leave();
    }

    fn about(&self) -> About<'_> {
        About { direct: self.rows.about().plain && self.other.about().plain, ..About::CALL }
    }
}

/// Where the interval of each row begins and ends: `(map-left + [lower upper] (at rows (quote 'time)))`.
fn write_interval(writer: &mut Writer<'_>, interval: Interval, rows: &dyn Operand, keys: &dyn Names) {
    let quote = match writer.generation() {
        Generation::V1 => Arity::Unary,
        Generation::V3 => Arity::Variadic,
    };
    writer.enter(4);
    writer.function(Arity::Variadic, b"map-left");
    writer.function(Arity::Binary, b"+");
    writer.vector(&interval);
    writer.enter(3);
    writer.function(Arity::Binary, b"at");
    rows.write(writer);
    writer.enter(2);
    writer.function(quote, b"quote");
    sym(keys.iter().last().unwrap_or_default()).encode(writer);
    (0..3).for_each(|_| writer.leave());
}
