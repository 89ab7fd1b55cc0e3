//! Values to send that are made of the caller's own data, which they borrow.
//!
//! A null in a column is the sentinel of its type: `i64::MIN`, `f64::NAN`, `Date::NULL`. A slice that is only known at
//! run time is an element of a list or a column as `&&slice[..]`.

use crate::codec::encode::Encode;
use crate::codec::writer::Writer;
use crate::error::RequestError;
use crate::wire::{Arity, Generation};

/// A vector of symbols.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Symbols<'a>(pub &'a [&'a str]);

/// A vector of strings; on wire 1, which has none, a list of strings.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Strings<'a>(pub &'a [&'a str]);

/// One byte of text; on wire 3, which has no chars, a string of one byte.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Char(pub u8);

/// A list of values of any kind.
#[derive(Clone, Copy)]
pub struct List<'a>(pub &'a [&'a dyn Encode]);

/// A call of a builtin, by its name and with its arguments: a list whose head is a name on wire 3, a builtin's tag
/// on wire 1.
///
/// ```
/// use rayforce_ipc::codec::literal::{Call, Symbols, Table};
/// use rayforce_ipc::codec::{Encode, Symbol};
///
/// # let mut payload = [0; 256];
/// # let mut execute = |request: &dyn Encode| {
/// #     rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, request, &mut payload).map(|_| ())
/// # };
/// let (sensors, celsius) = (["oven", "fridge"], [180.0, f64::NAN]);
/// let name = Symbol::name("readings");
/// execute(&Call("set", &[&name, &Table::new(&["sensor", "celsius"], &[&Symbols(&sensors), &celsius])]))?;
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Call<'a>(pub &'a str, pub &'a [&'a dyn Encode]);

/// Keys and values.
#[derive(Clone, Copy)]
pub struct Dict<'a> {
    /// A vector, most often [`Symbols`].
    pub keys: &'a dyn Encode,
    /// A vector or [`List`] of as many values.
    pub values: &'a dyn Encode,
}

/// Named columns.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    pub(super) names: &'a [&'a str],
    columns: &'a [&'a dyn Encode],
}

/// A function of the server's language. Heads of calls in its statements are builtins on wire 1
/// ([`Function`](crate::codec::Function)), names on wire 3 ([`Symbol::name`](crate::codec::Symbol::name)).
#[derive(Clone, Copy)]
pub struct Lambda<'a> {
    /// The names of its parameters.
    pub parameters: &'a [&'a str],
    /// Its statements, of which the last one is the result.
    pub statements: &'a [&'a dyn Encode],
    /// The captured variables (2.4.0 only): a dict of names and values.
    pub closure: Option<&'a dyn Encode>,
}

impl<'a> Table<'a> {
    /// A table of as many columns as names; another number cannot be sent.
    pub const fn new(names: &'a [&'a str], columns: &'a [&'a dyn Encode]) -> Table<'a> {
        Table { names, columns }
    }
}

impl Encode for Symbols<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.symbols(self.0.len(), bytes_of(self.0));
    }
}

impl Encode for Strings<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.strings(self.0.len(), bytes_of(self.0));
    }
}

impl Encode for Char {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.char(self.0);
    }
}

impl Encode for List<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.list_with(self.0.len(), values_of(self.0));
    }
}

impl Encode for Call<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        let Call(function, arguments) = self;
        writer.list(arguments.len() + 1);
        match writer.generation() {
            Generation::V1 => writer.function(Arity::Variadic, function.as_bytes()),
            Generation::V3 => writer.symbol(function.as_bytes(), false),
        }
        arguments.iter().for_each(|argument| writer.within(1, *argument));
    }
}

impl Encode for Dict<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.dict();
        writer.within(1, self.keys);
        writer.within(1, self.values);
    }
}

impl Encode for Table<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        if self.names.len() != self.columns.len() {
            writer.fail(RequestError::Malformed);
        }
        writer.table(self.names.len(), bytes_of(self.names));
        self.columns.iter().for_each(|column| writer.within(1, *column));
    }
}

impl Encode for Lambda<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.lambda(self.closure.is_some());
        match (writer.generation(), self.parameters) {
            // What 2.0.0 and 2.4.0 send for a function without parameters.
            (Generation::V3, []) => writer.vector::<i64>(&[]),
            (_, parameters) => writer.symbols(parameters.len(), bytes_of(parameters)),
        }
        match (writer.generation(), self.statements) {
            (Generation::V1, [statement]) => writer.within(1, *statement),
            (Generation::V1, statements) => {
                Call("do", statements).encode(writer);
            }
            (Generation::V3, statements) => writer.list_with(statements.len(), values_of(statements)),
        }
        if let Some(closure) = self.closure {
            writer.within(1, closure);
        }
    }
}

fn bytes_of<'a>(texts: &'a [&'a str]) -> impl Fn(usize) -> &'a [u8] {
    |index| texts.get(index).map_or(&[], |text| text.as_bytes())
}

fn values_of<'a>(values: &'a [&'a dyn Encode]) -> impl Fn(&mut Writer<'_>, usize) {
    |writer, index| {
        if let Some(value) = values.get(index) {
            writer.within(1, *value);
        }
    }
}
