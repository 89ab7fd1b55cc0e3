//! Expressions over the columns of a table.

use core::ops;

use crate::codec::{Encode, Symbol, Writer};
use crate::query::call::{Arguments, Call, NamedCall, request};
use crate::query::columns::Named;
use crate::query::operand::{About, Operand, sym};
use crate::query::operator::{self as op, head};
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
pub struct Expr<T>(pub(crate) T);

/// A column, or whatever else has a name on the server.
pub const fn col(name: &str) -> Expr<Column<'_>> {
    Expr(Column(name))
}

/// A literal, to begin an expression with: `lit(1) / col("price")`. An integer is an i64, a float an f64, a `&str` what
/// symbols and strings are compared with; for others there is [`exact`](crate::query::exact).
pub const fn lit<T: Operand>(value: T) -> Expr<T> {
    Expr(value)
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
pub const fn call<A: Arguments>(name: &str, arguments: A) -> Expr<NamedCall<'_, A>> {
    Expr(NamedCall { name, arguments })
}

/// What [`col`] makes.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a>(pub(crate) &'a str);

/// What [`Expr::filter`] makes.
#[derive(Clone, Copy, Debug)]
pub struct Filtered<T, C> {
    value: T,
    condition: C,
}

/// What [`Expr::is`] makes.
#[derive(Clone, Copy, Debug)]
pub struct Is<T> {
    value: T,
    truth: bool,
}

pub(crate) const fn unary<A>(operator: &'static op::Operator, a: A) -> Expr<Call<(A,)>> {
    Expr(Call { operator, arguments: (a,) })
}

pub(crate) const fn binary<A, B>(operator: &'static op::Operator, a: A, b: B) -> Expr<Call<(A, B)>> {
    Expr(Call { operator, arguments: (a, b) })
}

impl<T: Operand> Expr<T> {
    /// The same as a column of that name.
    pub const fn named(self, name: &str) -> Named<'_, Self> {
        Named { name, value: self }
    }

    /// The values where a condition holds, to be aggregated: `col("qty").filter(col("px").gt(1)).sum()`. On wire 3
    /// only their sum is had within a select.
    pub const fn filter<C: Operand>(self, condition: C) -> Expr<Filtered<Self, C>> {
        Expr(Filtered { value: self, condition })
    }

    /// Whether it is true, or false, row by row.
    pub const fn is(self, truth: bool) -> Expr<Is<Self>> {
        Expr(Is { value: self, truth })
    }

    /// Whether it is one of some values.
    pub const fn isin<B: Operand>(self, values: B) -> Expr<Call<(Self, B)>> {
        binary(&op::IN, self, values)
    }

    /// Whether it matches a pattern with `*` and `?`.
    pub const fn like(self, pattern: &str) -> Expr<Call<(Self, crate::codec::Text<'_>)>> {
        binary(&op::LIKE, self, crate::query::operand::text(pattern))
    }

    /// Whether it lies from one value to another, both included.
    pub const fn between<B: Operand, C: Operand>(self, from: B, to: C) -> Expr<Between<Self, B, C>>
    where
        Self: Copy,
    {
        binary(&op::AND, binary(&op::GREATER_EQUAL, self, from), binary(&op::LESS_EQUAL, self, to))
    }

    /// The same as another type, by the server's name for it: `cast(Type::F64)`.
    pub const fn cast(self, ty: Type) -> Expr<Call<(Symbol<'static>, Self)>> {
        binary(&op::AS, sym(ty.name()), self)
    }
}

/// What [`Expr::between`] makes.
pub type Between<T, B, C> = Call<(Expr<Call<(T, B)>>, Expr<Call<(T, C)>>)>;

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident = $operator:ident;)*) => {
        impl<T: Operand> Expr<T> {$(
            $(#[$doc])*
            pub const fn $name(self) -> Expr<Call<(Self,)>> {
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
    /// Each value once.
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
        impl<T: Operand> Expr<T> {$(
            $(#[$doc])*
            pub const fn $name<B: Operand>(self, other: B) -> Expr<Call<(Self, B)>> {
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
        impl<T: Operand, B: Operand> ops::$trait<B> for Expr<T> {
            type Output = Expr<Call<(Self, B)>>;

            fn $method(self, other: B) -> Self::Output {
                binary(&op::$operator, self, other)
            }
        }

        impl<T: Operand> ops::$trait<Expr<T>> for i64 {
            type Output = Expr<Call<(i64, Expr<T>)>>;

            fn $method(self, other: Expr<T>) -> Self::Output {
                binary(&op::$operator, self, other)
            }
        }

        impl<T: Operand> ops::$trait<Expr<T>> for f64 {
            type Output = Expr<Call<(f64, Expr<T>)>>;

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

impl<T: Operand, B: Operand> ops::BitAnd<B> for Expr<T> {
    type Output = Expr<Call<(Self, B)>>;

    fn bitand(self, other: B) -> Self::Output {
        self.and(other)
    }
}

impl<T: Operand, B: Operand> ops::BitOr<B> for Expr<T> {
    type Output = Expr<Call<(Self, B)>>;

    fn bitor(self, other: B) -> Self::Output {
        self.or(other)
    }
}

impl<T: Operand> ops::Not for Expr<T> {
    type Output = Expr<Call<(Self,)>>;

    fn not(self) -> Self::Output {
        unary(&op::NOT, self)
    }
}

impl<T: Operand> ops::Neg for Expr<T> {
    type Output = Expr<Call<(Self,)>>;

    fn neg(self) -> Self::Output {
        unary(&op::NEGATE, self)
    }
}

impl<T: Operand> Encode for Expr<T> {
    /// As a request of its own in the form that every server of the generation answers.
    fn encode(&self, writer: &mut Writer<'_>) {
        request(writer, &self.0);
    }
}

impl<T: Operand> Operand for Expr<T> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.0.write(writer);
    }

    fn about(&self) -> About<'_> {
        self.0.about()
    }
}

impl Operand for Column<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.symbol(self.0.as_bytes(), false);
    }

    fn about(&self) -> About<'_> {
        About { column: Some(self.0), ..About::FORM }
    }
}

impl<T: Operand, C: Operand> Operand for Filtered<T, C> {
    fn write(&self, writer: &mut Writer<'_>) {
        match writer.generation() {
            Generation::V1 => {
                writer.enter(4);
                head(writer, &op::MAP);
                writer.function(Arity::Binary, b"at");
                self.value.write(writer);
                writer.enter(2);
                head(writer, &op::WHERE);
                self.condition.write(writer);
                writer.leave();
                writer.leave();
            }
            Generation::V3 => {
                writer.enter(3);
                head(writer, &op::FILTER);
                self.value.write(writer);
                self.condition.write(writer);
                writer.leave();
            }
        }
    }

    fn about(&self) -> About<'_> {
        About { filtered: Some((&self.value, &self.condition)), ..About::CALL }
    }
}

impl<T: Operand> Operand for Is<T> {
    /// A comparison of columns with a truth is none of 0.1.5's, and one of a comparison none of 2.x's: there a
    /// comparison is what it is, or its opposite.
    fn write(&self, writer: &mut Writer<'_>) {
        match (writer.generation(), self.value.about().column, self.truth) {
            (Generation::V1, _, truth) => {
                writer.enter(4);
                head(writer, &op::MAP_RIGHT);
                writer.function(Arity::Binary, b"==");
                writer.scalar(truth);
                self.value.write(writer);
                writer.leave();
            }
            (Generation::V3, Some(_), truth) => {
                writer.enter(3);
                head(writer, &op::EQUALS);
                self.value.write(writer);
                writer.scalar(truth);
                writer.leave();
            }
            (Generation::V3, None, true) => self.value.write(writer),
            (Generation::V3, None, false) => {
                writer.enter(2);
                head(writer, &op::NOT);
                self.value.write(writer);
                writer.leave();
            }
        }
    }

    fn about(&self) -> About<'_> {
        About { lazy: true, ..About::CALL }
    }
}
