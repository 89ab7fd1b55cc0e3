//! Inserts and upserts.

use crate::codec::{Encode, Writer};
use crate::error::RequestError;
use crate::query::call::begin_list;
use crate::query::change::{Change, Statements};
use crate::query::data::{Content, Data, Field, Fields};
use crate::query::operand::{Operand, sym};
use crate::query::operator::{INSERT, Operator, UPSERT, head};
use crate::query::query::{Name, Query};

/// Rows for a table that lives on the server.
#[derive(Clone, Copy, Debug)]
pub struct Insert<'a, D> {
    table: &'a str,
    /// So many columns tell which row is replaced; none for an insert.
    keys: Option<usize>,
    data: D,
}

/// Data with the names of its columns.
#[derive(Clone, Copy, Debug)]
pub struct NamedData<'a, const N: usize, D> {
    names: [&'a str; N],
    data: D,
}

/// Data for columns by their names, in any order: a row, rows or columns.
///
/// ```
/// use rayforce_ipc::query::{named, table};
///
/// let insert = table("trades").insert(named(["quantity", "symbol", "price"], (10, "ibm", 101.5)));
/// # let mut payload = [0; 512];
/// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &insert, &mut payload)?;
/// # Ok::<(), rayforce_ipc::error::RequestError>(())
/// ```
///
/// As many names as columns: another number does not compile.
///
/// ```compile_fail
/// use rayforce_ipc::query::{named, table};
///
/// let insert = table("trades").insert(named(["quantity", "symbol"], (10, "ibm", 101.5)));
/// ```
pub const fn named<'a, const N: usize, D: Data>(names: [&'a str; N], data: D) -> NamedData<'a, N, D> {
    const {
        assert!(
            match D::WIDTH {
                Some(width) => width == N,
                None => true,
            },
            "there must be as many names as columns"
        );
    }
    NamedData { names, data }
}

impl<const N: usize, D: Data> Data for NamedData<'_, N, D> {
    const WIDTH: Option<usize> = Some(N);

    fn content(&self) -> Content<'_> {
        match self.data.content() {
            Content::Fields(fields) | Content::Named(_, fields) => Content::Named(&self.names, fields),
            table @ Content::Table(_) => table,
        }
    }
}

impl<'a> Query<Name<'a>> {
    /// Adds [rows](Data) at the end.
    ///
    /// ```
    /// use rayforce_ipc::query::table;
    ///
    /// let one = table("trades").insert(("ibm", 101.5, 10));
    /// let many = table("trades").insert([("ibm", 101.5, 10), ("aapl", 228.25, 20)]);
    ///
    /// let (symbols, prices, quantities) = (["ibm", "aapl"], [101.5, 228.25], [10i64, 20]);
    /// let columns = table("trades").insert((&symbols[..], &prices[..], &quantities[..]));
    /// # let mut payload = [0; 512];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &one, &mut payload)?;
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &many, &mut payload)?;
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &columns, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub const fn insert<D: Data>(self, data: D) -> Change<Insert<'a, D>> {
        Change(Insert { table: self.0.0, keys: None, data })
    }

    /// Replaces the [rows](Data) that are equal in the first `keys` columns, and adds those that are new.
    ///
    /// ```
    /// use rayforce_ipc::query::table;
    ///
    /// let last_price = table("last").upsert(1, ("ibm", 101.5));
    /// # let mut payload = [0; 512];
    /// # rayforce_ipc::codec::Writer::encode(rayforce_ipc::Generation::V3, &last_price, &mut payload)?;
    /// # Ok::<(), rayforce_ipc::error::RequestError>(())
    /// ```
    pub const fn upsert<D: Data>(self, keys: usize, data: D) -> Change<Insert<'a, D>> {
        Change(Insert { table: self.0.0, keys: Some(keys), data })
    }
}

impl<D: Data> Statements for Insert<'_, D> {
    fn count(&self, _: &Writer<'_>) -> usize {
        1
    }

    fn write(&self, writer: &mut Writer<'_>) {
        write_insert(writer, self.table, self.keys, &self.data.content());
    }
}

fn write_insert(writer: &mut Writer<'_>, table: &str, keys: Option<usize>, content: &Content<'_>) {
    let verb: &Operator = if keys.is_some() { &UPSERT } else { &INSERT };
    writer.enter(3 + usize::from(keys.is_some()));
    head(writer, verb);
    sym(table).write(writer);
    if let Some(keys) = keys {
        if keys == 0 {
            writer.fail(RequestError::Query("an upsert needs at least one key column"));
        }
        writer.scalar(i64::try_from(keys).unwrap_or(i64::MAX));
    }
    match content {
        Content::Fields(fields) => {
            begin_list(writer, fields.width());
            each(*fields, keys.is_some(), &mut |field| writer.literal(field));
            writer.leave();
        }
        // The values of a dict are not evaluated on wire 1: there a symbol is a literal.
        Content::Named(names, fields) => {
            if names.len() != fields.width() {
                writer.fail(RequestError::Query("there must be as many names as columns"));
            }
            writer.dict();
            writer.name_vector(names.len());
            names.iter().for_each(|name| writer.name_element(b"", name.as_bytes()));
            writer.list(fields.width());
            each(*fields, keys.is_some(), &mut |field| field.encode(writer));
        }
        Content::Table(table) => table.write(writer),
    }
    writer.leave();
}

/// Each column in the form that is sent: an upsert takes vectors only.
fn each(fields: &dyn Fields, vectors: bool, visit: &mut dyn FnMut(&dyn Encode)) {
    fields.each(&mut |field| visit(&Sent { field, vector: vectors && field.is_cell() }));
}

struct Sent<'a> {
    field: &'a dyn Field,
    vector: bool,
}

impl Encode for Sent<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        if self.vector { self.field.write_vector(writer) } else { self.field.write(writer) }
    }
}
