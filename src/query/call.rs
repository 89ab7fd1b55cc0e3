//! A function and its arguments.

use crate::codec::{Encode, Symbol, Writer};
use crate::query::operand::{About, Operand};
use crate::query::operator::{self, AT, DISTINCT, DO, IF, LIST, Operator, SUM, head};
use crate::wire::{Arity, Generation};

/// A call of a builtin.
#[derive(Clone, Copy, Debug)]
pub struct Call<A> {
    pub(crate) operator: &'static Operator,
    pub(crate) arguments: A,
}

/// A call of any function by its name.
#[derive(Clone, Copy, Debug)]
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
pub trait Arguments: Sync {
    #[doc(hidden)]
    fn get(&self, index: usize) -> Option<&dyn Operand>;
}

impl<A: Arguments> Operand for Call<A> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_call(writer, self.operator, &self.arguments);
    }

    fn about(&self) -> About<'_> {
        about_call(self.operator, &self.arguments)
    }
}

impl<A: Arguments> Operand for NamedCall<'_, A> {
    fn write(&self, writer: &mut Writer<'_>) {
        write_named_call(writer, self.name, &self.arguments);
    }

    fn about(&self) -> About<'_> {
        About { lazy: true, direct: all_plain(&self.arguments), ..About::CALL }
    }
}

macro_rules! tuples {
    ($($letter:ident $index:tt)*) => {
        impl<$($letter: Operand),*> Arguments for ($($letter,)*) {
            fn get(&self, index: usize) -> Option<&dyn Operand> {
                match index {
                    $($index => Some(&self.$index),)*
                    _ => None,
                }
            }
        }
    };
}

tuples!();
tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);

impl Operand for &dyn Encode {
    fn write(&self, writer: &mut Writer<'_>) {
        // What is refused already is not worth the stack.
        if !writer.is_too_deep() {
            self.encode(writer);
        }
    }
}

impl Arguments for &[&dyn Encode] {
    fn get(&self, index: usize) -> Option<&dyn Operand> {
        <[_]>::get(self, index).map(|value| value as &dyn Operand)
    }
}

impl<const N: usize> Arguments for [&dyn Encode; N] {
    fn get(&self, index: usize) -> Option<&dyn Operand> {
        <[_]>::get(self, index).map(|value| value as &dyn Operand)
    }
}

impl dyn Arguments + '_ {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn Operand> {
        (0..).map_while(|index| self.get(index))
    }
}

/// A request of its own, in the form that every server of the generation evaluates and answers; within another value, the
/// value alone.
pub(crate) fn request(writer: &mut Writer<'_>, value: &dyn Operand) {
    if !writer.is_at_start() {
        return value.write(writer);
    }
    let About { direct, lazy, .. } = value.about();
    match writer.generation() {
        // Dialect 1b evaluates the arguments of a call within `do` only.
        Generation::V1 if !direct => {
            writer.enter(2);
            head(writer, &DO);
            value.write(writer);
            writer.leave();
        }
        // A list computes what 2.0.0 would leave as it is, without a word.
        Generation::V3 if lazy => {
            writer.enter(3);
            head(writer, &AT);
            writer.enter(2);
            head(writer, &LIST);
            value.write(writer);
            writer.leave();
            writer.scalar(0i64);
            writer.leave();
        }
        _ => value.write(writer),
    }
}

/// A list that no dialect takes for a call: its elements are evaluated.
pub(crate) fn begin_list(writer: &mut Writer<'_>, len: usize) {
    writer.enter(len + 1);
    writer.function(LIST.arity, LIST.name.as_bytes());
}

fn write_call(writer: &mut Writer<'_>, operator: &'static Operator, arguments: &dyn Arguments) {
    if writer.generation() == Generation::V3
        && core::ptr::eq(operator, &SUM)
        && let Some((value, condition)) = arguments.get(0).and_then(|argument| argument.about().filtered)
    {
        return write_filtered_sum(writer, value, condition);
    }
    writer.enter(arguments.iter().count() + 1);
    head(writer, operator);
    write_arguments(writer, arguments);
}

fn write_named_call(writer: &mut Writer<'_>, name: &str, arguments: &dyn Arguments) {
    writer.enter(arguments.iter().count() + 1);
    named_head(writer, name);
    write_arguments(writer, arguments);
}

fn write_arguments(writer: &mut Writer<'_>, arguments: &dyn Arguments) {
    arguments.iter().for_each(|argument| argument.write(writer));
    writer.leave();
}

/// A select of wire 3 knows no `filter`; the sum of the rows that pass is that of all with 0 in place of the others.
fn write_filtered_sum(writer: &mut Writer<'_>, value: &dyn Operand, condition: &dyn Operand) {
    writer.enter(2);
    head(writer, &SUM);
    writer.enter(4);
    head(writer, &IF);
    condition.write(writer);
    value.write(writer);
    writer.scalar(0i64);
    writer.leave();
    writer.leave();
}

fn about_call<'a>(operator: &'static Operator, arguments: &'a dyn Arguments) -> About<'a> {
    let distinct = match core::ptr::eq(operator, &DISTINCT) {
        true => arguments.get(0).and_then(|argument| argument.about().column),
        false => None,
    };
    About { lazy: operator.lazy, direct: all_plain(arguments), distinct, ..About::CALL }
}

fn all_plain(arguments: &dyn Arguments) -> bool {
    arguments.iter().all(|argument| argument.about().plain)
}

/// The head of a call by name: on wire 1 the tag of a builtin, or the name of a function that somebody has stored there.
fn named_head(writer: &mut Writer<'_>, name: &str) {
    let builtin = |names: &str| names.split(' ').any(|builtin| builtin == name);
    match writer.generation() {
        Generation::V1 if builtin(BUILTINS) => writer.function(Arity::Variadic, name.as_bytes()),
        Generation::V1 if builtin(BUILTINS_1B) => {
            if operator::beyond_1a(writer, "del or pivot") {
                writer.function(Arity::Variadic, name.as_bytes());
            }
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
