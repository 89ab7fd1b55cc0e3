//! A function and its arguments.

use crate::codec::{Encode, Symbol, Writer};
use crate::query::operand::{Kind, Node, Operand, Term};
use crate::query::operator::{self, AT, DO, LIST, Operator, head};
use crate::wire::{Arity, Generation};

/// A call of a builtin.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Call<A> {
    pub(crate) operator: &'static Operator,
    pub(crate) arguments: A,
}

/// A call of any function by its name.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NamedCall<'a, A> {
    pub(crate) name: &'a str,
    pub(crate) arguments: A,
}

/// The arguments of a call: a tuple of [`Operand`]s, or a slice of values whose shape is known at run time only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no arguments of a call",
    label = "not a tuple of arguments",
    note = "arguments are a tuple, of one as `(a,)`, or `&[&dyn Encode]`"
)]
pub trait Arguments {
    /// What they are within an expression.
    type Nodes: Nodes;

    #[doc(hidden)]
    fn nodes(self) -> Self::Nodes;
}

/// The arguments of a call, as parts of an expression.
pub trait Nodes: Sync {
    /// Whether all evaluate to themselves.
    #[doc(hidden)]
    const ARE_PLAIN: bool;

    #[doc(hidden)]
    fn count(&self) -> usize;

    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);
}

impl<A: Nodes> Term for Call<A> {
    fn write(&self, writer: &mut Writer<'_>) {
        begin(writer, self.operator, self.arguments.count());
        self.arguments.write(writer);
    }
}

impl<A: Nodes> Node for Call<A> {
    const KIND: Kind = Kind::call(A::ARE_PLAIN);

    fn is_lazy(&self) -> bool {
        self.operator.lazy
    }
}

impl<A: Nodes> Term for NamedCall<'_, A> {
    fn write(&self, writer: &mut Writer<'_>) {
        let is_request = writer.is_at_start() && writer.generation() == Generation::V3;
        if is_request {
            // Nobody knows what it computes; and within a list 2.4.0 takes the call of an unknown function for a list,
            // so the name stands in front, by itself.
            begin(writer, &DO, 2);
            writer.symbol(self.name.as_bytes(), false);
            begin_computed(writer);
        }
        begin_named(writer, self.name, self.arguments.count());
        self.arguments.write(writer);
        if is_request {
            writer.scalar(0i64);
        }
    }
}

impl<A: Nodes> Node for NamedCall<'_, A> {
    const KIND: Kind = Kind::call(A::ARE_PLAIN);
}

macro_rules! tuples {
    ($($letter:ident $index:tt)+) => {
        impl<$($letter: Operand),*> Arguments for ($($letter,)*) {
            type Nodes = ($($letter::Node,)*);

            fn nodes(self) -> Self::Nodes {
                ($(self.$index.node(),)*)
            }
        }

        impl<$($letter: Node),*> Nodes for ($($letter,)*) {
            const ARE_PLAIN: bool = $($letter::KIND.has(Kind::PLAIN) &&)* true;

            fn count(&self) -> usize {
                const { [$(stringify!($letter)),*].len() }
            }

            fn write(&self, writer: &mut Writer<'_>) {
                $(self.$index.write(writer);)*
            }
        }
    };
}

impl Arguments for () {
    type Nodes = ();

    fn nodes(self) {}
}

impl Nodes for () {
    // Dialect 1b answers a call without arguments with null, unless it stands in a `do`.
    const ARE_PLAIN: bool = false;

    fn count(&self) -> usize {
        0
    }

    fn write(&self, _: &mut Writer<'_>) {}
}

tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);

impl Arguments for &[&dyn Encode] {
    type Nodes = Self;

    fn nodes(self) -> Self {
        self
    }
}

impl Nodes for &[&dyn Encode] {
    const ARE_PLAIN: bool = false;

    fn count(&self) -> usize {
        self.len()
    }

    fn write(&self, writer: &mut Writer<'_>) {
        self.iter().for_each(|value| writer.within(0, *value));
    }
}

/// A request of its own, in the form that every server of the generation evaluates and answers; within another value, the
/// value alone.
#[inline]
pub(crate) fn request<T: Node>(writer: &mut Writer<'_>, value: &T) {
    let is_lazy = value.is_lazy();
    if is_lazy || !T::KIND.has(Kind::DIRECT) {
        write_request(writer, value, is_lazy, T::KIND)
    } else {
        value.write(writer)
    }
}

fn write_request(writer: &mut Writer<'_>, value: &dyn Term, is_lazy: bool, kind: Kind) {
    if writer.is_at_start() {
        match writer.generation() {
            // Dialect 1b evaluates the arguments of a call within `do` only.
            Generation::V1 if !kind.has(Kind::DIRECT) || kind.has(Kind::PROGRAM) => begin(writer, &DO, 1),
            Generation::V3 if is_lazy => {
                begin_computed(writer);
                value.write(writer);
                return writer.scalar(0i64);
            }
            _ => {}
        }
    }
    value.write(writer);
}

/// `(at (list VALUE) 0)`: a list computes what 2.0.0 would leave as it is, without a word. The value is to follow, and 0.
fn begin_computed(writer: &mut Writer<'_>) {
    begin(writer, &AT, 2);
    begin(writer, &LIST, 1);
}

/// A call; its arguments are to follow.
pub(crate) fn begin(writer: &mut Writer<'_>, operator: &Operator, arguments: usize) {
    writer.call(arguments);
    head(writer, operator);
}

/// A list that no dialect takes for a call; its elements are to follow, and are evaluated.
pub(crate) fn begin_list(writer: &mut Writer<'_>, len: usize) {
    begin_function(writer, len, Arity::Variadic, "list");
}

/// A call of a builtin by its tag; its arguments are to follow.
pub(crate) fn begin_function(writer: &mut Writer<'_>, arguments: usize, arity: Arity, name: &str) {
    writer.call(arguments);
    writer.function(arity, name.as_bytes());
}

/// A call by name; its arguments are to follow.
fn begin_named(writer: &mut Writer<'_>, name: &str, arguments: usize) {
    writer.call(arguments);
    named_head(writer, name);
}

/// The head of a call by name: on wire 1 the tag of a builtin, or the name of a function that somebody has stored there.
fn named_head(writer: &mut Writer<'_>, name: &str) {
    let builtin = |names: &str| names.split(' ').any(|builtin| builtin == name);
    match writer.generation() {
        Generation::V1 if builtin(BUILTINS) => writer.function(Arity::Variadic, name.as_bytes()),
        Generation::V1 if builtin(BUILTINS_1B) => {
            operator::beyond_1a(writer, "del or pivot");
            writer.function(Arity::Variadic, name.as_bytes());
        }
        _ => Symbol::name(name).encode(writer),
    }
}

/// The builtins of wire 1 (0.0.17, 0.1.5, 0.6.3 and 1.0.0).
const BUILTINS: &str = "asc avg ceil count date de desc dev distinct diverse eval first floor group guid iasc idesc key \
    last load max med meta min neg nil? not parse raise rank raze rc read reverse round ser sum til time timestamp type \
    value where != % * + - / < <= == > >= as at bin binr concat dict div except filter find in let like rand remove \
    sect set split table take try union within write xasc xbar xdesc xrank alter and apply asof-join do enlist fold \
    fold-right format if inner-join insert left-join list map map-left map-right modify or pmap print println \
    read-csv return scan scan-left scan-right timeit upsert window-join window-join1 write-csv args gc get-parted \
    get-splayed hopen internals loadfn memstat set-parted set-splayed sysinfo timer quote resolve select show update \
    hclose os-get-var system get row unify enum os-set-var env exit";

/// Those that came with 0.6.
const BUILTINS_1B: &str = "del pivot";
