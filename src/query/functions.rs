//! The server's functions that are no method of [`Expr`]: those of the language, of types, files and functions.
//!
//! A function that is an argument is a [`Function`](crate::codec::Function): `map(Function::new("neg"), col("price"))`.
//! Where a name is a word of Rust, it ends in an underscore.

use crate::codec::Writer;
use crate::query::call::{Arguments, Call, begin};
use crate::query::expr::{Expr, binary, unary};
use crate::query::operand::{Kind, Node, Operand, Term};
use crate::query::operator::{self as op, lacks};
use crate::wire::Generation;

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident = $operator:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<A: Operand>(a: A) -> Expr<Call<(A::Node,)>> {
            unary(&op::$operator, a)
        }
    )*};
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident = $operator:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<A: Operand, B: Operand>(a: A, b: B) -> Expr<Call<(A::Node, B::Node)>> {
            binary(&op::$operator, a, b)
        }
    )*};
}

macro_rules! variadic {
    ($($(#[$doc:meta])* $name:ident = $operator:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<A: Arguments>(arguments: A) -> Expr<Call<A::Nodes>> {
            Expr(Call { operator: &op::$operator, arguments: arguments.nodes() })
        }
    )*};
}

unary! {
    /// The number of a row within its group (wire 1).
    row = ROW;
    /// A list of lists as one.
    raze = RAZE;
    /// A table with a row for each element of its lists (2.4.0).
    ungroup = UNGROUP;
    /// Wire 1: the distinct elements; wire 3: whether all differ.
    diverse = DIVERSE;
    /// Elements of one type.
    unify = UNIFY;
    /// The places where it is true.
    where_ = WHERE;
    /// The keys of a dict, the column names of a table.
    key = KEY;
    /// The values of a dict, the columns of a table.
    value = VALUE;
    /// What a file holds (wire 1).
    get = GET;
    /// The numbers from 0 on.
    til = TIL;
    /// The name of the type.
    type_ = TYPE;
    /// New guids.
    guid = GUID;
    /// Whether it is null.
    is_nil = IS_NIL;
    /// The date of now: of `sym("local")` or `sym("utc")`.
    date = DATE;
    /// The time of now.
    time = TIME;
    /// The timestamp of now.
    timestamp = TIMESTAMP;
    /// The content of a file.
    read = READ;
    /// Prints on the server.
    show = SHOW;
    /// The frame that a value would travel in, as bytes.
    ser = SER;
    /// The value that such a frame holds.
    de = DE;
    /// Program text as a value.
    parse = PARSE;
    /// The value of a value.
    eval = EVAL;
    /// A value, not evaluated.
    quote = QUOTE;
    /// Runs a file on the server.
    load = LOAD;
    /// The value of a name; null where there is none.
    resolve = RESOLVE;
    /// Ends with an error.
    raise = RAISE;
    /// What is known of a table or a function.
    meta = META;
    /// How many hold the value.
    rc = RC;
}

binary! {
    /// So many numbers below another.
    rand = RAND;
    /// Without what stands at a place, or those that are equal.
    remove = REMOVE;
    /// The elements where a vector of truths is true.
    filter = FILTER;
    /// Text cut at another.
    split = SPLIT;
    /// A value as another type: of `sym("F64")`.
    as_ = AS;
    /// Writes a file on the server.
    write = WRITE;
    /// A dict of keys and values.
    dict = DICT;
    /// A table of names and a list of columns.
    table = TABLE;
    /// The first, or the second where the first ends with an error.
    try_ = TRY;
    /// The rows of a table in ascending order of columns.
    xasc = XASC;
    /// The rows of a table in descending order of columns.
    xdesc = XDESC;
    /// A function of each element.
    map = MAP;
    /// A function of each element, on several threads.
    pmap = PMAP;
}

variadic! {
    /// A function of its other arguments.
    apply = APPLY;
    /// A function of each element of its first argument: `(function, elements, other)`.
    map_left = MAP_LEFT;
    /// A function of each element of its last argument: `(function, other, elements)`.
    map_right = MAP_RIGHT;
    /// A function of all elements, one after the other: `(function, start, elements)`.
    fold = FOLD;
    /// The same from the left (wire 3; it ends the servers of wire 1).
    fold_left = FOLD_LEFT;
    /// The same from the right.
    fold_right = FOLD_RIGHT;
    /// Each step of a fold.
    scan = SCAN;
    /// Each step of a fold from the left (wire 1).
    scan_left = SCAN_LEFT;
    /// Each step of a fold from the right (wire 1).
    scan_right = SCAN_RIGHT;
    /// Changes a stored value by a function: `(sym("name"), function, place, value)`.
    alter = ALTER;
    /// A copy that is changed by a function.
    modify = MODIFY;
    /// A vector of its arguments.
    enlist = ENLIST;
    /// A list of its arguments.
    list = LIST;
    /// Text with values in place of each `%`.
    format = FORMAT;
    /// Prints on the server.
    print = PRINT;
    /// Prints a line on the server.
    println = PRINTLN;
    /// One after the other; the value of the last.
    do_ = DO;
    /// `(condition, then, else)`: for one condition. For one of each row take [`choose`].
    if_ = IF;
    /// Ends a function with a value.
    return_ = RETURN;
    /// What is defined (wire 1).
    env = ENV;
    /// Ends the server.
    exit = EXIT;
    /// How long its argument takes, in milliseconds.
    timeit = TIMEIT;
    /// Writes a table into a directory of the server: `(path, table)`.
    set_splayed = SET_SPLAYED;
    /// A table from a directory of the server.
    get_splayed = GET_SPLAYED;
    /// A partitioned table from a directory of the server.
    get_parted = GET_PARTED;
}

/// Stores a value under a name. Its answer is the value; [`Query::save`](crate::query::Query::save) has null.
pub fn set<V: Operand>(name: &str, value: V) -> Expr<Call<(Stored<'_>, V::Node)>> {
    binary(&op::SET, Expr(Stored(name)), value)
}

/// The same within a function.
pub fn let_<V: Operand>(name: &str, value: V) -> Expr<Call<(Stored<'_>, V::Node)>> {
    binary(&op::LET, Expr(Stored(name)), value)
}

/// Row by row one value or another, by a condition (wire 3: wire 1 looks at one condition for all rows).
pub fn choose<C: Operand, A: Operand, B: Operand>(
    condition: C,
    then: A,
    otherwise: B,
) -> Expr<Choice<C::Node, A::Node, B::Node>> {
    Expr(Choice(condition.node(), then.node(), otherwise.node()))
}

/// A name that is defined.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stored<'a>(&'a str);

impl Term for Stored<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.symbol(self.0.as_bytes(), false);
    }
}

impl Node for Stored<'_> {
    const KIND: Kind = Kind::PLAIN;
}

/// What [`choose`] makes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Choice<C, A, B>(C, A, B);

impl<C: Node, A: Node, B: Node> Term for Choice<C, A, B> {
    fn write(&self, writer: &mut Writer<'_>) {
        if writer.generation() == Generation::V1 {
            lacks(writer, "choice row by row");
        }
        begin(writer, &op::IF, 3);
        self.0.write(writer);
        self.1.write(writer);
        self.2.write(writer);
    }
}

impl<C: Node, A: Node, B: Node> Node for Choice<C, A, B> {
    const KIND: Kind = Kind::CALL;

    fn is_lazy(&self) -> bool {
        true
    }
}
