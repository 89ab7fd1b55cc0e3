//! Requests that change what is stored on the server.

use crate::codec::{Encode, Writer};
use crate::query::operand::Operand;
use crate::query::operator::{DO, SET, head};

/// A request that changes something on the server: `connection.execute(&change)`. It is answered with null, whatever was
/// changed, and not with the whole table, as 2.0.0 would.
#[derive(Clone, Copy, Debug)]
pub struct Change<T>(pub(crate) T);

/// What [`Query::save`](crate::query::Query::save) makes.
#[derive(Clone, Copy, Debug)]
pub struct Saved<'a, T> {
    pub(crate) name: &'a str,
    pub(crate) value: T,
}

/// Something that is done on the server, and its answer not wanted.
pub trait Statements: Sync {
    /// How many.
    #[doc(hidden)]
    fn count(&self, writer: &Writer<'_>) -> usize;

    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);
}

impl<T: Statements> Encode for Change<T> {
    fn encode(&self, writer: &mut Writer<'_>) {
        write_change(writer, &self.0);
    }
}

impl<T: Operand> Statements for Saved<'_, T> {
    fn count(&self, _: &Writer<'_>) -> usize {
        1
    }

    fn write(&self, writer: &mut Writer<'_>) {
        begin_set(writer, self.name);
        self.value.write(writer);
        writer.leave();
    }
}

/// The new value of a name is to follow.
pub(crate) fn begin_set(writer: &mut Writer<'_>, name: &str) {
    writer.enter(3);
    head(writer, &SET);
    writer.symbol(name.as_bytes(), false);
}

fn write_change(writer: &mut Writer<'_>, statements: &dyn Statements) {
    let count = statements.count(writer);
    writer.enter(count + 2);
    head(writer, &DO);
    statements.write(writer);
    writer.null();
    writer.leave();
}
