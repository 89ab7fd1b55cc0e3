//! Requests that change what is stored on the server.

use crate::codec::{Encode, Writer};
use crate::query::call::begin;
use crate::query::operand::Node;
use crate::query::operator::{DO, SET};

/// A request that changes something on the server: `connection.execute(&change)`. It is answered with null, whatever was
/// changed, and not with the whole table, as 2.0.0 would.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use = "a change does nothing until it is executed"]
pub struct Change<T>(pub(crate) T);

/// What [`Query::save`](crate::query::Query::save) makes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Saved<'a, T> {
    pub(crate) name: &'a str,
    pub(crate) value: T,
}

impl<T: Node> Encode for Change<Saved<'_, T>> {
    fn encode(&self, writer: &mut Writer<'_>) {
        begin_change(writer, 1);
        begin_set(writer, self.0.name);
        self.0.value.write(writer);
        writer.null();
    }
}

/// So many statements are to follow, and null.
pub(crate) fn begin_change(writer: &mut Writer<'_>, statements: usize) {
    begin(writer, &DO, statements + 1);
}

/// The new value of a name is to follow.
pub(crate) fn begin_set(writer: &mut Writer<'_>, name: &str) {
    begin(writer, &SET, 2);
    writer.symbol(name.as_bytes(), false);
}
