//! Requests that are values.

use core::hint::black_box;

use rayforce_ipc::client::{Connection, Transport};
use rayforce_ipc::codec::literal::{Call, List, Table};
use rayforce_ipc::codec::{Encode, Symbol};
use rayforce_ipc::query::{col, set, table};

/// What comes from outside.
pub struct Input {
    pub id: i64,
    pub price: f64,
    pub symbol: &'static str,
    pub rows: usize,
}

impl Input {
    pub const SOME: Input = Input { id: 1, price: 1.5, symbol: "ibm", rows: 10 };
}

static TIMES: [i64; 8] = [1; 8];
static PRICES: [f64; 8] = [1.5; 8];

/// A table under a name, and a row of it. Whether both were answered.
#[inline(never)]
pub fn values<T: Transport>(connection: &mut Connection<'_, T>) -> bool {
    let columns: [&dyn Encode; 2] = [&TIMES, &PRICES];
    let table = Table::new(&["time", "celsius"], &columns);
    let row: [&dyn Encode; 2] = [&black_box(1i64), &black_box(1.5)];
    execute(connection, &Call("set", &[&Symbol::name("readings"), &table]))
        && execute(connection, &Call("insert", &[&Symbol::quoted("readings"), &List(&row)]))
}

/// Eight different queries, one of each kind, with what a device would fill into them. Whether all were answered.
#[inline(never)]
pub fn queries<T: Transport>(connection: &mut Connection<'_, T>, input: &Input) -> bool {
    let trades = || table("trades");
    execute(connection, &trades().select(("id", "name")).filter(col("id").gt(input.id)))
        && execute(connection, &trades().select(col("qty").sum().named("total")).by("symbol"))
        && execute(
            connection,
            &trades().filter(col("price").gt(input.price)).filter(col("symbol").eq(input.symbol)),
        )
        && execute(connection, &trades().order_by("price"))
        && execute(connection, &trades().take_last(input.rows))
        && execute(connection, &trades().left_join(table("quotes"), "symbol"))
        && execute(
            connection,
            &trades().update(set("price", col("price") * input.price)).filter(col("symbol").eq(input.symbol)),
        )
        && execute(connection, &table("readings").insert((&TIMES[..], &PRICES[..])))
}

/// The one place where a value is executed, as a program would have one.
#[inline(never)]
fn execute<T: Transport>(connection: &mut Connection<'_, T>, request: &dyn Encode) -> bool {
    black_box(connection.execute(request).is_ok())
}
