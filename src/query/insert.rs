//! Inserts and upserts.

use crate::codec::{Encode, Writer};
use crate::error::RequestError;
use crate::query::call::begin;
use crate::query::change::{Change, begin_change};
use crate::query::data::Data;
use crate::query::operand::{Term, sym};
use crate::query::operator::{INSERT, UPSERT};
use crate::query::query::{Name, Query};
use crate::wire::Generation;

/// Rows for a table that lives on the server.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Insert<'a, D> {
    table: &'a str,
    data: D,
}

/// Rows that replace others, or are new.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Upsert<'a, D> {
    table: &'a str,
    /// So many columns tell which row is replaced.
    keys: usize,
    data: D,
}

/// Data with the names of its columns.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
        assert!(!D::HAS_NAMES, "a table and the result of a query have names of their own");
    }
    NamedData { names, data }
}

impl<const N: usize, D: Data> Data for NamedData<'_, N, D> {
    const WIDTH: Option<usize> = Some(N);

    const IS_SPOILT: bool = D::IS_SPOILT;

    const HAS_NAMES: bool = true;

    fn write(&self, writer: &mut Writer<'_>) {
        self.data.write_named(writer, &self.names);
    }

    fn write_named(&self, writer: &mut Writer<'_>, names: &[&str]) {
        self.data.write_named(writer, names);
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
        Change(Insert { table: self.0.0, data })
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
    pub const fn upsert<D: Data>(self, keys: usize, data: D) -> Change<Upsert<'a, D>> {
        Change(Upsert { table: self.0.0, keys, data })
    }
}

impl<D: Data> Encode for Change<Insert<'_, D>> {
    fn encode(&self, writer: &mut Writer<'_>) {
        begin_insert(writer, self.0.table, D::IS_SPOILT);
        self.0.data.write(writer);
        writer.null();
    }
}

impl<D: Data> Encode for Change<Upsert<'_, D>> {
    fn encode(&self, writer: &mut Writer<'_>) {
        begin_upsert(writer, self.0.table, self.0.keys, D::WIDTH);
        self.0.data.write(writer);
        writer.null();
    }
}

/// 2.0.0 would spoil other rows of some columns, and stops at the name of a builtin that it does not have instead:
/// `(do ungroup (insert 'trades …) null)`.
fn begin_insert(writer: &mut Writer<'_>, table: &str, is_spoilt: bool) {
    if is_spoilt && writer.generation() == Generation::V3 {
        begin_change(writer, 2);
        writer.symbol(b"ungroup", false);
    } else {
        begin_change(writer, 1);
    }
    begin(writer, &INSERT, 2);
    sym(table).write(writer);
}

fn begin_upsert(writer: &mut Writer<'_>, table: &str, keys: usize, width: Option<usize>) {
    begin_change(writer, 1);
    begin(writer, &UPSERT, 3);
    sym(table).write(writer);
    if keys == 0 {
        writer.fail(RequestError::Query("an upsert needs at least one key column"));
    }
    if width.is_some_and(|width| keys > width) {
        writer.fail(RequestError::Query("an upsert has no more key columns than columns"));
    }
    writer.scalar(i64::try_from(keys).unwrap_or(i64::MAX));
}
