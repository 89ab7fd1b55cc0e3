//! Queries as data, of all kinds, against a server that is already running:
//!
//! ```text
//! cargo run --example queries --features std-tcp -- 127.0.0.1 5000
//! ```

use rayforce_ipc::codec::Encode;
use rayforce_ipc::codec::literal::{Symbols, Table};
use rayforce_ipc::engine::{Engine, PooledConnection, Slot};
use rayforce_ipc::query::{call, col, each, from, lit, named, set, table};
use rayforce_ipc::transports::tcp;
use rayforce_ipc::wire::Timestamp;

type Pooled<'e, 'b> = PooledConnection<'e, 'b, tcp::Connector, 1>;
type Problem = Box<dyn std::error::Error>;

struct Trade {
    symbol: &'static str,
    price: f64,
    quantity: i64,
    at: Timestamp,
}

const fn trade(symbol: &'static str, price: f64, quantity: i64, second: i64) -> Trade {
    // 2024-01-15, in nanoseconds since 2000.
    Trade { symbol, price, quantity, at: Timestamp((8780 * 86_400 + second) * 1_000_000_000) }
}

const TRADES: [Trade; 5] = [
    trade("ibm", 101.5, 10, 36_000),
    trade("aapl", 228.25, 20, 36_001),
    trade("ibm", 102.0, 30, 36_002),
    trade("msft", 415.0, 5, 36_003),
    trade("aapl", 229.75, 40, 36_004),
];

fn main() -> Result<(), Problem> {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().unwrap_or_else(|| "localhost".into());
    let port = arguments.next().map_or(Ok(5000), |port| port.parse())?;
    let mut slots = [Slot::<_, 8192, 1024>::new()];
    let engine = Engine::new(tcp::Connector::new(host, port), &mut slots);
    let conn = &mut engine.acquire()?;

    println!("a table from here, by columns:");
    let empty = Table::new(
        &["symbol", "price", "quantity", "at"],
        &[&Symbols(&["ibm"]), &[100.0], &[1i64], &[Timestamp(8780 * 86_400 * 1_000_000_000)]],
    );
    conn.execute(&from(empty).save("trades"))?;

    println!("rows: one, and an array of structs:");
    let trades = || table("trades");
    let at = Timestamp((8780 * 86_400 + 35_999) * 1_000_000_000);
    conn.execute(&trades().insert(("msft", 414.5, 7, at)))?;
    let rows = each(&TRADES).field(|t| t.symbol).field(|t| t.price).field(|t| t.quantity).field(|t| t.at);
    conn.execute(&trades().insert(rows))?;
    show(conn, &trades())?;

    println!("some rows, with a computed column:");
    let value = (col("price") * col("quantity")).named("value");
    let large =
        trades().select(("symbol", value)).filter(col("quantity").ge(10)).filter(col("price").gt(101));
    show(conn, &large)?;

    println!("by symbol:");
    let total = col("quantity").sum().named("total");
    show(conn, &trades().select((total, col("price").max().named("highest"))).by("symbol"))?;

    println!("the three with the highest price:");
    show(conn, &trades().order_by_desc("price").take(3))?;

    println!("with another price for one symbol:");
    conn.execute(&trades().update(set("price", col("price") + 0.5)).filter(col("symbol").eq("ibm")))?;
    show(conn, &trades().filter(col("symbol").isin(["ibm", "other"])))?;

    println!("limits, of which one is replaced and one is new, beside the trades:");
    let limits = Table::new(&["symbol", "limit"], &[&Symbols(&["ibm", "msft"]), &[100i64, 200]]);
    conn.execute(&from(limits).save("limits"))?;
    conn.execute(&table("limits").upsert(1, named(["limit", "symbol"], ([150, 300], ["ibm", "aapl"]))))?;
    show(conn, &trades().select(("symbol", "quantity")).left_join(table("limits"), "symbol"))?;

    println!("a function of the server, and one of its own:");
    conn.execute("(set twice (fn [x] (* 2 x)))")?;
    println!("  {:?}", conn.execute(&call("twice", (lit(20) + 1,)))?.value()?);
    println!("  {:?}", conn.execute(&trades().count())?.value()?);
    Ok(())
}

/// Prints a table row by row.
fn show(conn: &mut Pooled<'_, '_>, query: &dyn Encode) -> Result<(), Problem> {
    let mut reply = conn.execute(query)?;
    let table = reply.value()?.table()?;
    for (name, column) in table.names()?.zip(table.columns()) {
        println!("  {name:<9} {column}");
    }
    Ok(())
}
