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
pub trait Operand: Sync {
    /// Writes it where it is evaluated.
    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);

    /// Writes it as the value of a column that is changed: there text is a symbol.
    #[doc(hidden)]
    fn assign(&self, writer: &mut Writer<'_>) {
        self.write(writer);
    }

    #[doc(hidden)]
    fn about(&self) -> About<'_> {
        About::CALL
    }
}

/// What the forms of requests depend on.
#[derive(Clone, Copy)]
#[doc(hidden)]
pub struct About<'a> {
    /// It evaluates to itself, so that dialect 1b takes it right as an argument of a call.
    pub(crate) plain: bool,
    /// As a request of its own, dialect 1b needs no `do` around it.
    pub(crate) direct: bool,
    /// As a request of its own, 2.0.0 might leave it unanswered.
    pub(crate) lazy: bool,
    /// The type, of a literal.
    pub(crate) literal: Option<Type>,
    /// The name, of a column.
    pub(crate) column: Option<&'a str>,
    /// The column whose distinct values it is.
    pub(crate) distinct: Option<&'a str>,
    /// What is filtered, and by what.
    pub(crate) filtered: Option<(&'a dyn Operand, &'a dyn Operand)>,
}

impl About<'_> {
    /// A call whose arguments must be evaluated.
    pub(crate) const CALL: About<'static> = About {
        plain: false,
        direct: false,
        lazy: false,
        literal: None,
        column: None,
        distinct: None,
        filtered: None,
    };
    /// A call whose arguments are evaluated by every dialect, for it is a special form.
    pub(crate) const FORM: About<'static> = About { direct: true, ..About::CALL };
    /// A value.
    pub(crate) const PLAIN: About<'static> = About { plain: true, direct: true, ..About::CALL };

    /// A literal.
    pub(crate) const fn literal(ty: Type) -> About<'static> {
        About { literal: Some(ty), ..About::PLAIN }
    }

    /// A literal that wire 1 writes as a call of `quote`.
    pub(crate) const fn quoted(ty: Type) -> About<'static> {
        About { plain: false, ..About::literal(ty) }
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

/// A string, as a literal. On wire 1 it is a vector of chars, which does not compare equal to a symbol.
pub const fn text(text: &str) -> Text<'_> {
    Text(text.as_bytes())
}

/// What [`exact`] makes.
#[derive(Clone, Copy, Debug)]
pub struct Exact<T>(pub(crate) T);

impl<T: Encode> Operand for Exact<T> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.literal(&self.0);
    }

    fn about(&self) -> About<'_> {
        About { direct: false, ..About::quoted(Type::Symbol) }
    }
}

impl Operand for () {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.null();
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

impl Operand for &str {
    fn write(&self, writer: &mut Writer<'_>) {
        match writer.generation() {
            Generation::V1 => sym(self).write(writer),
            Generation::V3 => writer.string(self.as_bytes()),
        }
    }

    fn assign(&self, writer: &mut Writer<'_>) {
        sym(self).write(writer);
    }

    fn about(&self) -> About<'_> {
        About::quoted(Type::Symbol)
    }
}

impl Operand for Symbol<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.literal(self);
    }

    fn about(&self) -> About<'_> {
        About::quoted(Type::Symbol)
    }
}

impl Operand for Text<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.string(self.as_bytes());
    }

    fn about(&self) -> About<'_> {
        About::literal(Type::String)
    }
}

impl Operand for Function<'_> {
    /// A builtin as an argument, such as what [`map`](crate::query::functions::map) calls: by its name on wire 3, where
    /// `alter` knows `set` by nothing else.
    fn write(&self, writer: &mut Writer<'_>) {
        match writer.generation() {
            Generation::V1 => writer.function(Arity::Variadic, self.name().as_bytes()),
            Generation::V3 => writer.symbol(self.name().as_bytes(), false),
        }
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

macro_rules! literals {
    ($($ty:ty)*) => {$(
        impl Operand for $ty {
            fn write(&self, writer: &mut Writer<'_>) {
                writer.scalar(*self);
            }

            fn about(&self) -> About<'_> {
                About::literal(<$ty as Element>::TYPE)
            }
        }

        impl<const N: usize> Operand for [$ty; N] {
            fn write(&self, writer: &mut Writer<'_>) {
                writer.vector(self);
            }

            fn about(&self) -> About<'_> {
                About::PLAIN
            }
        }
    )*};
}

macro_rules! nullable {
    ($($ty:ty)*) => {$(
        impl Operand for Option<$ty> {
            fn write(&self, writer: &mut Writer<'_>) {
                self.encode(writer);
            }

            fn about(&self) -> About<'_> {
                About::literal(<$ty as Element>::TYPE)
            }
        }
    )*};
}

literals!(bool i64 f64 Date Time Timestamp Timespan Guid);
nullable!(i64 f64 Date Time Timestamp Timespan Guid);

impl<T: Element> Operand for &[T] {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.vector(self);
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

impl Operand for &[&str] {
    fn write(&self, writer: &mut Writer<'_>) {
        literal::Symbols(self).encode(writer);
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

impl<const N: usize> Operand for [&str; N] {
    fn write(&self, writer: &mut Writer<'_>) {
        literal::Symbols(self).encode(writer);
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

impl Operand for literal::Symbols<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.encode(writer);
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

impl Operand for literal::Table<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.encode(writer);
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}

impl Operand for Table<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        self.encode(writer);
    }

    fn about(&self) -> About<'_> {
        About::PLAIN
    }
}
