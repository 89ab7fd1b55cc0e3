//! Expressions over the columns of a table.

use core::ops;

use crate::codec::{Encode, Symbol, Text, Writer};
use crate::query::call::{Arguments, Call, NamedCall, begin, request};
use crate::query::columns::Named;
use crate::query::operand::{Kind, Node, Operand, Term, sym, text};
use crate::query::operator as op;
use crate::wire::{Arity, Generation, Type};

/// An expression: a column, or a function of expressions and literals. It is a request of its own as well.
///
/// ```
/// use rayforce_ipc::codec::Writer;
/// use rayforce_ipc::query::col;
/// use rayforce_ipc::wire::Generation;
///
/// let expensive = (col("price") * col("quantity")).gt(1000.0).and(col("symbol").ne("test"));
/// # let mut payload = [0; 256];
/// # Writer::encode(Generation::V3, &expensive, &mut payload)?;
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Expr<T>(pub(crate) T);

/// A column, or whatever else has a name on the server.
pub const fn col(name: &str) -> Expr<ColumnRef<'_>> {
    Expr(ColumnRef(name))
}

/// A literal, to begin an expression with: `lit(1) / col("price")`. An integer is an i64, a float an f64, a `&str` what
/// symbols and strings are compared with; for others there is [`exact`](crate::query::exact).
pub fn lit<T: Operand>(value: T) -> Expr<T::Node> {
    Expr(value.node())
}

/// A call of any function by its name, builtin or stored on the server, with a tuple of [`Operand`]s; or, where the
/// shape is known at run time only, with `&[&dyn Encode]`, whose symbols and lists are evaluated as they stand.
///
/// ```
/// use rayforce_ipc::codec::{Encode, Writer};
/// use rayforce_ipc::query::{call, col};
/// use rayforce_ipc::wire::Generation;
///
/// let scaled = call("scale", (col("celsius"), 1.8, 32));
/// let several: &[&dyn Encode] = &[&scaled, &1i64];
/// let sum = call("+", several);
/// # let mut payload = [0; 256];
/// # Writer::encode(Generation::V3, &sum, &mut payload)?;
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
pub fn call<A: Arguments>(name: &str, arguments: A) -> Expr<NamedCall<'_, A::Nodes>> {
    Expr(NamedCall { name, arguments: arguments.nodes() })
}

/// What [`col`] makes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ColumnRef<'a>(pub(crate) &'a str);

/// What [`Expr::filter`] makes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Filtered<T, C> {
    value: T,
    condition: C,
}

/// The sum of what is filtered.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FilteredSum<T, C>(Filtered<T, C>);

/// What [`Expr::is`] makes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Is<T> {
    value: T,
    truth: bool,
}

pub(crate) fn unary<A: Operand>(operator: &'static op::Operator, a: A) -> Expr<Call<(A::Node,)>> {
    Expr(Call { operator, arguments: (a.node(),) })
}

pub(crate) fn binary<A: Operand, B: Operand>(
    operator: &'static op::Operator,
    a: A,
    b: B,
) -> Expr<Call<(A::Node, B::Node)>> {
    Expr(Call { operator, arguments: (a.node(), b.node()) })
}

impl<T: Node> Expr<T> {
    /// The same as a column of that name.
    pub fn named(self, name: &str) -> Named<'_, T> {
        Named { name, value: self.0 }
    }

    /// The values where a condition holds, to be aggregated: `col("qty").filter(col("px").gt(1)).sum()`.
    pub fn filter<C: Operand>(self, condition: C) -> Filtered<T, C::Node> {
        Filtered { value: self.0, condition: condition.node() }
    }

    /// Whether it is true, or false, row by row.
    pub fn is(self, truth: bool) -> Expr<Is<T>> {
        Expr(Is { value: self.0, truth })
    }

    /// Whether it is one of some values.
    pub fn isin<B: Operand>(self, values: B) -> Expr<Call<(T, B::Node)>> {
        binary(&op::IN, self, values)
    }

    /// Whether it matches a pattern with `*` and `?`.
    pub fn like(self, pattern: &str) -> Expr<Call<(T, Text<'_>)>> {
        binary(&op::LIKE, self, text(pattern))
    }

    /// Whether it lies from one value to another, both included.
    pub fn between<B: Operand, C: Operand>(self, from: B, to: C) -> Expr<Between<T, B::Node, C::Node>>
    where
        T: Copy,
    {
        binary(&op::AND, binary(&op::GREATER_EQUAL, self, from), binary(&op::LESS_EQUAL, self, to))
    }

    /// The same as another type, by the server's name for it: `cast(Type::F64)`.
    pub fn cast(self, ty: Type) -> Expr<Call<(Symbol<'static>, T)>> {
        binary(&op::AS, sym(ty.name()), self)
    }
}

/// What [`Expr::between`] makes.
pub type Between<T, B, C> = Call<(Call<(T, B)>, Call<(T, C)>)>;

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident = $operator:ident;)*) => {
        impl<T: Node> Expr<T> {$(
            $(#[$doc])*
            pub fn $name(self) -> Expr<Call<(T,)>> {
                unary(&op::$operator, self)
            }
        )*}
    };
}

unary! {
    /// How many there are.
    count = COUNT;
    /// The sum.
    sum = SUM;
    /// The mean.
    avg = AVG;
    /// The mean.
    mean = AVG;
    /// The least.
    min = MIN;
    /// The greatest.
    max = MAX;
    /// The first.
    first = FIRST;
    /// The last.
    last = LAST;
    /// The median.
    median = MEDIAN;
    /// The standard deviation of the population.
    deviation = DEVIATION;
    /// The standard deviation of a sample (wire 3).
    std = STDDEV;
    /// Each value once. (As a column of a select, 2.0.0 does not know it; there is [`Query::distinct`].)
    ///
    /// [`Query::distinct`]: crate::query::Query::distinct
    distinct = DISTINCT;
    /// The next greater whole number.
    ceil = CEIL;
    /// The next smaller whole number.
    floor = FLOOR;
    /// The nearest whole number.
    round = ROUND;
    /// In the opposite order.
    reverse = REVERSE;
    /// In ascending order.
    asc = ASC;
    /// In descending order.
    desc = DESC;
    /// Where each value of the ascending order stands.
    iasc = IASC;
    /// Where each value of the descending order stands.
    idesc = IDESC;
    /// The place of each value in the ascending order.
    rank = RANK;
    /// Each value with the places where it stands.
    group = GROUP;
    /// The places where it is true.
    places = WHERE;
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident = $operator:ident;)*) => {
        impl<T: Node> Expr<T> {$(
            $(#[$doc])*
            pub fn $name<B: Operand>(self, other: B) -> Expr<Call<(T, B::Node)>> {
                binary(&op::$operator, self, other)
            }
        )*}
    };
}

binary! {
    /// Whether both are equal.
    eq = EQUALS;
    /// Whether they differ.
    ne = NOT_EQUALS;
    /// Whether it is greater.
    gt = GREATER_THAN;
    /// Whether it is greater or equal.
    ge = GREATER_EQUAL;
    /// Whether it is less.
    lt = LESS_THAN;
    /// Whether it is less or equal.
    le = LESS_EQUAL;
    /// Whether both hold.
    and = AND;
    /// Whether one holds.
    or = OR;
    /// The quotient as a whole number, rounded down.
    div_int = DIV_INT;
    /// The next smaller multiple.
    xbar = XBAR;
    /// The rank in so many classes (wire 1).
    xrank = XRANK;
    /// The correlation with another column (wire 3).
    pearson_corr = PEARSON_CORR;
    /// The so many greatest (wire 3).
    top = TOP;
    /// The so many least (wire 3).
    bot = BOT;
    /// So many of the first, or of the last where the number is negative; begins again where there are fewer.
    take = TAKE;
    /// Whether it lies between the two values of a vector; within a select of 2.0.0 use [`between`](Expr::between).
    within = WITHIN;
    /// Without those of the other.
    except = EXCEPT;
    /// With those of the other.
    union = UNION;
    /// Those that are in both.
    sect = SECT;
    /// Where a value stands.
    find = FIND;
    /// What stands at a place.
    at = AT;
    /// Followed by the other.
    concat = CONCAT;
    /// The place of a value in a sorted vector, from the left.
    bin = BIN;
    /// The place of a value in a sorted vector, from the right.
    binr = BINR;
}

macro_rules! operators {
    ($($trait:ident $method:ident $operator:ident;)*) => {$(
        impl<T: Node, B: Operand> ops::$trait<B> for Expr<T> {
            type Output = Expr<Call<(T, B::Node)>>;

            fn $method(self, other: B) -> Self::Output {
                binary(&op::$operator, self, other)
            }
        }

        impl<T: Node> ops::$trait<Expr<T>> for i64 {
            type Output = Expr<Call<(i64, T)>>;

            fn $method(self, other: Expr<T>) -> Self::Output {
                binary(&op::$operator, self, other)
            }
        }

        impl<T: Node> ops::$trait<Expr<T>> for f64 {
            type Output = Expr<Call<(f64, T)>>;

            fn $method(self, other: Expr<T>) -> Self::Output {
                binary(&op::$operator, self, other)
            }
        }
    )*};
}

operators! {
    Add add ADD;
    Sub sub SUBTRACT;
    Mul mul MULTIPLY;
    Div div DIVIDE;
    Rem rem MODULO;
}

impl<T: Node, B: Operand> ops::BitAnd<B> for Expr<T> {
    type Output = Expr<Call<(T, B::Node)>>;

    fn bitand(self, other: B) -> Self::Output {
        self.and(other)
    }
}

impl<T: Node, B: Operand> ops::BitOr<B> for Expr<T> {
    type Output = Expr<Call<(T, B::Node)>>;

    fn bitor(self, other: B) -> Self::Output {
        self.or(other)
    }
}

impl<T: Node> ops::Not for Expr<T> {
    type Output = Expr<Call<(T,)>>;

    fn not(self) -> Self::Output {
        unary(&op::NOT, self)
    }
}

impl<T: Node> ops::Neg for Expr<T> {
    type Output = Expr<Call<(T,)>>;

    fn neg(self) -> Self::Output {
        unary(&op::NEGATE, self)
    }
}

impl<T: Node> Encode for Expr<T> {
    /// As a request of its own in the form that every server of the generation answers.
    fn encode(&self, writer: &mut Writer<'_>) {
        request(writer, &self.0);
    }
}

impl<T: Node> Operand for Expr<T> {
    type Node = T;

    fn node(self) -> T {
        self.0
    }
}

impl<T: Node, C: Node> Filtered<T, C> {
    /// Their sum.
    pub fn sum(self) -> Expr<FilteredSum<T, C>> {
        Expr(FilteredSum(self))
    }

    /// The values. A select of wire 3 has no other aggregate of them than the sum.
    pub fn values(self) -> Expr<Self> {
        Expr(self)
    }
}

impl Term for ColumnRef<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.symbol(self.0.as_bytes(), false);
    }
}

impl Node for ColumnRef<'_> {
    const KIND: Kind = Kind::NAME;
}

impl<T: Node, C: Node> Term for Filtered<T, C> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_filtered(writer, &self.value, &self.condition);
    }
}

impl<T: Node, C: Node> Node for Filtered<T, C> {
    const KIND: Kind = Kind::CALL;
}

impl<T: Node, C: Node> Term for FilteredSum<T, C> {
    fn write(&self, writer: &mut Writer<'_>) {
        begin(writer, &op::SUM, 1);
        match writer.generation() {
            Generation::V1 => self.0.write(writer),
            // A select of wire 3 knows no `filter`: the sum of the rows that pass is that of all with 0 in place of the
            // others.
            Generation::V3 => {
                begin(writer, &op::IF, 3);
                self.0.condition.write(writer);
                self.0.value.write(writer);
                writer.scalar(0i64);
            }
        }
    }
}

impl<T: Node, C: Node> Node for FilteredSum<T, C> {
    const KIND: Kind = Kind::CALL;

    fn is_lazy(&self) -> bool {
        true
    }
}

impl<T: Node> Term for Is<T> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_is(writer, &self.value, T::KIND.has(Kind::NAME), self.truth);
    }
}

impl<T: Node> Node for Is<T> {
    const KIND: Kind = Kind::CALL;

    fn is_lazy(&self) -> bool {
        true
    }
}

fn write_filtered(writer: &mut Writer<'_>, value: &dyn Term, condition: &dyn Term) {
    match writer.generation() {
        Generation::V1 => {
            begin(writer, &op::MAP, 3);
            writer.function(Arity::Binary, b"at");
            value.write(writer);
            begin(writer, &op::WHERE, 1);
        }
        Generation::V3 => {
            begin(writer, &op::FILTER, 2);
            value.write(writer);
        }
    }
    condition.write(writer);
}

/// A comparison of columns with a truth is none of 0.1.5's, and one of a comparison none of 2.x's: there a comparison is
/// what it is, or its opposite.
fn write_is(writer: &mut Writer<'_>, value: &dyn Term, is_name: bool, truth: bool) {
    match (writer.generation(), is_name) {
        (Generation::V1, _) => {
            begin(writer, &op::MAP_RIGHT, 3);
            writer.function(Arity::Binary, b"==");
            writer.scalar(truth);
            value.write(writer);
        }
        (Generation::V3, true) => {
            begin(writer, &op::EQUALS, 2);
            value.write(writer);
            writer.scalar(truth);
        }
        (Generation::V3, false) => {
            if !truth {
                begin(writer, &op::NOT, 1);
            }
            value.write(writer);
        }
    }
}
