//! What may stand in an expression.

use crate::codec::literal;
use crate::codec::{Encode, Function, Symbol, Table, Text, Writer};
use crate::query::expr::Expr;
use crate::wire::{Arity, Date, Element, Generation, Guid, Time, Timespan, Timestamp, Type};

/// A part of an expression: an expression, a query, or a literal.
///
/// | Rust | the server sees |
/// |---|---|
/// | an integer | an i64 |
/// | a float | an f64 |
/// | `bool`, [`Date`], [`Time`], [`Timestamp`], [`Timespan`], [`Guid`] | the same |
/// | `Option` of those but bool | the same, or the null of the type |
/// | `()` | null |
/// | `&str` | a literal that symbols and strings are compared with: never a name, never code |
/// | [`sym`], [`text`] | a symbol, a string |
/// | `[i64; N]`, `[f64; N]`, `[&str; N]` … and slices | a vector; of `&str` a vector of symbols |
/// | [`literal::Table`], a received [`Table`] | a table, sent along |
/// | [`exact`] of anything that [`Encode`]s | a literal, whatever it is |
///
/// The other integers and `f32` go by [`exact`]: so a bare `1` is an i64, which is what the servers' own literals are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a query",
    label = "not a column, an expression or a literal",
    note = "columns are `col(\"name\")`, integers are `i64`, floats `f64`, text is `&str`; `exact(…)` takes whatever can be sent"
)]
pub trait Operand {
    /// What it is within an expression.
    type Node: Node;

    /// The same as a part of an expression.
    #[doc(hidden)]
    fn node(self) -> Self::Node;
}

/// A part of an expression, which writes itself.
pub trait Term: Sync {
    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);
}

/// A part of an expression, and what is known of it when the program is compiled.
pub trait Node: Term {
    #[doc(hidden)]
    const KIND: Kind;

    /// Whether it is not what it means as a request of its own on wire 3: 2.0.0 leaves lazy calls unanswered, and a
    /// string is program text.
    #[doc(hidden)]
    fn is_lazy(&self) -> bool {
        Self::KIND.has(Kind::PROGRAM)
    }
}

/// What the forms of requests depend on.
#[derive(Clone, Copy, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(hidden)]
pub struct Kind(u8);

impl Kind {
    /// Its arguments must be evaluated.
    pub(crate) const CALL: Kind = Kind(0);
    /// As a request of its own it needs no `do` around it on dialect 1b: its arguments are plain, or it is a special form.
    pub(crate) const DIRECT: Kind = Kind(0x01);
    /// A value: it evaluates to itself, so that dialect 1b takes it right as an argument of a call.
    pub(crate) const PLAIN: Kind = Kind(0x03);
    /// A column, or whatever else has a name.
    pub(crate) const NAME: Kind = Kind(0x05);
    /// A number that was written down.
    pub(crate) const NUMBER: Kind = Kind(0x0b);
    /// A literal of a type of which 0.1.5 cannot put one into some elements of a column: it leaves them as they were
    /// (symbols, timestamps), or puts an error in place of the column (dates, times).
    pub(crate) const BRITTLE: Kind = Kind(0x1b);
    /// One that wire 1 writes as a call of `quote`.
    pub(crate) const QUOTED: Kind = Kind(0x18);
    /// One that may be a string.
    pub(crate) const PROGRAM: Kind = Kind(0x20);

    /// Whether it has all that the other has.
    pub(crate) const fn has(self, other: Kind) -> bool {
        self.0 & other.0 == other.0
    }

    /// What both have.
    pub(crate) const fn and(self, other: Kind) -> Kind {
        Kind(self.0 & other.0)
    }

    /// What either has.
    pub(crate) const fn or(self, other: Kind) -> Kind {
        Kind(self.0 | other.0)
    }

    pub(crate) const fn is_literal(self) -> bool {
        self.0 & 0x08 != 0
    }

    pub(crate) const fn is_brittle(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// That of a call whose arguments are plain, or not.
    pub(crate) const fn call(arguments_are_plain: bool) -> Kind {
        if arguments_are_plain { Kind::DIRECT } else { Kind::CALL }
    }

    /// A literal of a type.
    const fn of(ty: Type) -> Kind {
        match ty {
            Type::Bool | Type::U8 | Type::I16 | Type::I32 | Type::I64 | Type::F32 | Type::F64 => Kind::NUMBER,
            _ => Kind::BRITTLE,
        }
    }

    /// A vector of a type.
    const fn vector(ty: Type) -> Kind {
        if Kind::of(ty).is_brittle() { Kind(Kind::PLAIN.0 | 0x10) } else { Kind::PLAIN }
    }
}

/// A literal of exactly this type, and of any kind: whatever it is, no server looks it up or calls it.
///
/// ```
/// use rayforce_ipc::query::{col, exact, table};
///
/// let cold = table("readings").filter(col("level").lt(exact(3u8)));
/// # let mut payload = [0; 128];
/// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &cold, &mut payload)?;
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
pub const fn exact<T: Encode>(value: T) -> Expr<Exact<T>> {
    Expr(Exact(value))
}

/// A symbol, as a literal.
pub const fn sym(name: &str) -> Symbol<'_> {
    Symbol::quoted(name)
}

/// A string, as a literal. On wire 1 it is a vector of chars, which does not compare equal to a symbol. Executed by itself
/// it is program text, as any [`Text`] is; `lit(text(…))` is not.
pub const fn text(text: &str) -> Text<'_> {
    Text(text.as_bytes())
}

/// What [`exact`] makes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Exact<T>(pub(crate) T);

macro_rules! terms {
    ($(($($parameters:tt)*) $ty:ty, $kind:expr, |$self:ident, $writer:ident| $write:expr;)*) => {$(
        impl<$($parameters)*> Term for $ty {
            fn write(&self, $writer: &mut Writer<'_>) {
                let $self = self;
                $write
            }
        }

        impl<$($parameters)*> Node for $ty {
            const KIND: Kind = $kind;
        }
    )*};
}

terms! {
    () (), Kind::PLAIN, |_value, writer| writer.null();
    (T: Encode) Exact<T>, Kind::QUOTED.or(Kind::PROGRAM), |value, writer| writer.literal(&value.0);
    () Symbol<'_>, Kind::QUOTED, |value, writer| writer.symbol_literal(value.as_bytes());
    () Text<'_>, Kind::BRITTLE.or(Kind::PROGRAM), |value, writer| writer.string(value.as_bytes());
    // A string is what symbols and strings compare with; as the new value of a column it is none.
    () &str, Kind::QUOTED.or(Kind::PROGRAM), |value, writer| match writer.generation() {
        Generation::V3 if !writer.assigns() => writer.string(value.as_bytes()),
        _ => writer.symbol_literal(value.as_bytes()),
    };
    // A builtin as an argument, such as what `map` calls: by its name on wire 3, where `alter` knows `set` by nothing else.
    () Function<'_>, Kind::PLAIN, |value, writer| match writer.generation() {
        Generation::V1 => writer.function(Arity::Variadic, value.name().as_bytes()),
        Generation::V3 => writer.symbol(value.name().as_bytes(), false),
    };
    (T: Element) &[T], Kind::vector(T::TYPE), |value, writer| writer.vector(value);
    () &[&str], Kind::vector(Type::Symbol), |value, writer| literal::Symbols(value).encode(writer);
    (const N: usize) [&str; N], Kind::vector(Type::Symbol), |value, writer| literal::Symbols(value).encode(writer);
    () literal::Symbols<'_>, Kind::vector(Type::Symbol), |value, writer| value.encode(writer);
    () literal::Table<'_>, Kind::PLAIN, |value, writer| value.encode(writer);
    () Table<'_>, Kind::PLAIN, |value, writer| value.encode(writer);
    () &dyn Encode, Kind::CALL.or(Kind::PROGRAM), |value, writer| writer.within(0, *value);
}

macro_rules! scalars {
    ($($ty:ty)*) => {
        terms! {$(
            () $ty, Kind::of(<$ty as Element>::TYPE), |value, writer| writer.scalar(*value);
            () Option<$ty>, Kind::of(<$ty as Element>::TYPE), |value, writer| value.encode(writer);
            (const N: usize) [$ty; N], Kind::vector(<$ty as Element>::TYPE), |value, writer| writer.vector(value);
        )*}
    };
}

scalars!(i64 f64 Date Time Timestamp Timespan Guid);
terms! {
    () bool, Kind::NUMBER, |value, writer| writer.scalar(*value);
    (const N: usize) [bool; N], Kind::PLAIN, |value, writer| writer.vector(value);
}

macro_rules! operands {
    ($(($($parameters:tt)*) $ty:ty;)*) => {$(
        impl<$($parameters)*> Operand for $ty {
            type Node = $ty;

            fn node(self) -> $ty {
                self
            }
        }
    )*};
}

operands! {
    () (); ('a) &'a str; ('a) Symbol<'a>; ('a) Text<'a>; ('a) Function<'a>; ('a, 'b) &'a [&'b str]; ('a) &'a dyn Encode;
    ('a, const N: usize) [&'a str; N]; ('a, T: Element) &'a [T];
    ('a) literal::Symbols<'a>; ('a) literal::Table<'a>; ('a) Table<'a>;
    () bool; () i64; () f64; () Date; () Time; () Timestamp; () Timespan; () Guid;
    () Option<i64>; () Option<f64>; () Option<Date>; () Option<Time>; () Option<Timestamp>; () Option<Timespan>;
    () Option<Guid>;
    (const N: usize) [bool; N]; (const N: usize) [i64; N]; (const N: usize) [f64; N]; (const N: usize) [Date; N];
    (const N: usize) [Time; N]; (const N: usize) [Timestamp; N]; (const N: usize) [Timespan; N];
    (const N: usize) [Guid; N];
}
