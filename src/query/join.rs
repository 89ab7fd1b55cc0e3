//! Joins.

use core::ops::RangeInclusive;

use crate::codec::{Encode, Writer};
use crate::query::call::{Call, begin, begin_function};
use crate::query::columns::{Columns, Keys, Names, write_names};
use crate::query::dict::write_dict;
use crate::query::operand::{Kind, Node, Term, sym};
use crate::query::operator::{self as op, Operator};
use crate::query::query::Query;
use crate::wire::{Arity, Generation};

/// For each row of `T` an aggregate of the rows of `U` around it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TimeKeys<N>(N);

type Interval = [i64; 2];

impl<T: Node> Query<T> {
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
    pub fn left_join<U: Node, N: Names>(self, other: Query<U>, keys: N) -> Query<Call<(Keys<N>, T, U)>> {
        Query(Call { operator: &op::LEFT_JOIN, arguments: (Keys(keys), self.0, other.0) })
    }

    /// The same, without the rows that have no other.
    pub fn inner_join<U: Node, N: Names>(self, other: Query<U>, keys: N) -> Query<Call<(Keys<N>, T, U)>> {
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
    pub fn asof_join<U: Node, N: Names>(self, other: Query<U>, keys: N) -> Query<Call<(TimeKeys<N>, T, U)>> {
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
    pub fn window_join<U: Node, N: Names, C: Columns>(
        self,
        other: Query<U>,
        keys: N,
        interval: RangeInclusive<i64>,
        aggregates: C,
    ) -> Query<WindowJoin<T, U, N, C>> {
        self.window(&op::WINDOW_JOIN, other, keys, interval, aggregates)
    }

    /// The same, but only rows within the interval count.
    pub fn window_join1<U: Node, N: Names, C: Columns>(
        self,
        other: Query<U>,
        keys: N,
        interval: RangeInclusive<i64>,
        aggregates: C,
    ) -> Query<WindowJoin<T, U, N, C>> {
        self.window(&op::WINDOW_JOIN1, other, keys, interval, aggregates)
    }

    fn window<U: Node, N: Names, C: Columns>(
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

impl<N: Names> Term for TimeKeys<N> {
    fn write(&self, writer: &mut Writer<'_>) {
        if writer.generation() == Generation::V1 && self.0.get(1).is_none() {
            op::lacks(writer, "asof-join by the time alone");
        }
        write_names(writer, &self.0);
    }
}

impl<N: Names> Node for TimeKeys<N> {
    const KIND: Kind = Kind::PLAIN;
}

impl<T: Node, U: Node, N: Names, C: Columns> Term for WindowJoin<T, U, N, C> {
    fn write(&self, writer: &mut Writer<'_>) {
        begin(writer, self.operator, 5);
        write_names(writer, &self.keys);
        write_interval(writer, self.interval, &self.rows, &self.keys);
        self.rows.write(writer);
        self.other.write(writer);
        write_dict(writer, &self.aggregates, |_| {});
    }
}

impl<T: Node, U: Node, N: Names, C: Columns> Node for WindowJoin<T, U, N, C> {
    const KIND: Kind = Kind::call(T::KIND.has(Kind::PLAIN) && U::KIND.has(Kind::PLAIN));
}

/// Where the interval of each row begins and ends: `(map-left + [lower upper] (at rows (quote 'time)))`.
fn write_interval(writer: &mut Writer<'_>, interval: Interval, rows: &dyn Term, keys: &dyn Names) {
    let quote = match writer.generation() {
        Generation::V1 => Arity::Unary,
        Generation::V3 => Arity::Variadic,
    };
    begin_function(writer, 3, Arity::Variadic, "map-left");
    writer.function(Arity::Binary, b"+");
    writer.vector(&interval);
    begin_function(writer, 2, Arity::Binary, "at");
    rows.write(writer);
    begin_function(writer, 1, quote, "quote");
    sym(keys.iter().last().unwrap_or_default()).encode(writer);
}
