//! The same, and eight different queries, one of each kind, with what a device would fill into them.

#![no_std]
#![no_main]

use core::hint::black_box;

use rayforce_ipc::query::{col, set, table};
use size::{Link, execute};

/// What comes from outside.
struct Input {
    id: i64,
    price: f64,
    symbol: &'static str,
    rows: usize,
}

static TIMES: [i64; 8] = [1; 8];
static PRICES: [f64; 8] = [1.5; 8];

#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    size::run(|connection| {
        size::values(connection);
        queries(connection, black_box(&Input { id: 1, price: 1.5, symbol: "ibm", rows: 10 }));
    })
}

#[inline(never)]
fn queries(connection: &mut Link<'_>, input: &Input) {
    let trades = || table("trades");
    execute(connection, &trades().select(("id", "name")).filter(col("id").gt(input.id)));
    execute(connection, &trades().select(col("qty").sum().named("total")).by("symbol"));
    execute(connection, &trades().filter(col("price").gt(input.price)).filter(col("symbol").eq(input.symbol)));
    execute(connection, &trades().order_by("price"));
    execute(connection, &trades().take_last(input.rows));
    execute(connection, &trades().left_join(table("quotes"), "symbol"));
    execute(connection, &trades().update(set("price", col("price") * input.price)).filter(col("symbol").eq(input.symbol)));
    execute(connection, &table("readings").insert((&TIMES[..], &PRICES[..])));
}
