//! Functions and errors as values.

use crate::codec::table::List;
use crate::codec::text::Text;
use crate::codec::value::Value;
use crate::codec::walk;
use crate::wire::server_error::Code;
use crate::wire::{Arity, Generation, ServerError};

/// A builtin function, by its name: two are equal when their names are.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Function<'a> {
    pub(crate) arity: Arity,
    pub(crate) name: Text<'a>,
}

impl<'a> Function<'a> {
    /// A builtin to send, as the head of a call on wire 1: `+`, `set`, `list`. Servers go by the name alone.
    pub const fn new(name: &'a str) -> Function<'a> {
        Function { arity: Arity::Variadic, name: Text(name.as_bytes()) }
    }

    /// The kind that the tag says; on input servers go by the name alone.
    pub const fn arity(&self) -> Arity {
        self.arity
    }

    /// The name. 2.0.0 cuts names to 13 bytes when it sends them.
    pub const fn name(&self) -> Text<'a> {
        self.name
    }
}

impl PartialEq for Function<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A function written in the server's language.
#[derive(Clone, Copy, PartialEq)]
pub struct Lambda<'a> {
    pub(crate) generation: Generation,
    pub(crate) attr: u8,
    pub(crate) closure: bool,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Lambda<'a> {
    /// The attribute byte as it came.
    pub const fn attr(&self) -> u8 {
        self.attr
    }

    /// The names of the parameters: a symbol vector; on wire 3 without parameters an empty i64 vector.
    pub fn parameters(&self) -> Value<'a> {
        self.parts().next().unwrap_or(Value::Null)
    }

    /// Wire 1: one value, several statements wrapped in a call of `do`. Wire 3: a list of statements.
    pub fn body(&self) -> Value<'a> {
        self.parts().nth(1).unwrap_or(Value::Null)
    }

    /// The captured variables (2.4.0): a dict of names and values.
    pub fn closure(&self) -> Option<Value<'a>> {
        self.parts().nth(2)
    }

    /// Parameters, body, and a closure where there is one.
    pub(crate) const fn part_count(closure: bool) -> usize {
        if closure { 3 } else { 2 }
    }

    fn parts(&self) -> crate::codec::table::Values<'a> {
        List::new(self.generation, Self::part_count(self.closure), self.bytes).iter()
    }
}

/// An error as a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorValue<'a> {
    pub(crate) error: ServerError,
    pub(crate) generation: Generation,
    pub(crate) body: &'a [u8],
}

impl<'a> ErrorValue<'a> {
    /// Code and details.
    pub const fn error(&self) -> ServerError {
        self.error
    }

    /// The text, which only dialect 1a sends, and 1b where a program raised the error with one.
    pub fn message(&self) -> Option<Text<'a>> {
        match self.error.raw_code() {
            Code::Name(_) => None,
            Code::Record(_) => self.error.user_text(self.body).map(Text),
            Code::Text(_) => match walk::take(self.generation, &mut { self.body }) {
                Some(Value::String(text)) => Some(Text(trimmed(text.as_bytes()))),
                _ => None,
            },
        }
    }
}

/// Some messages of dialect 1a count a final NUL, others do not.
pub(crate) fn trimmed(message: &[u8]) -> &[u8] {
    message.strip_suffix(b"\0").unwrap_or(message)
}
