//! The engine from end to end, against a server that is already running:
//!
//! ```text
//! cargo run --example quickstart --features std-tcp -- 127.0.0.1 5000
//! ```

use rayforce_ipc::transports::tcp;
use rayforce_ipc::{Engine, Error, Slot};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().unwrap_or_else(|| "localhost".into());
    let port = arguments.next().map_or(Ok(5000), |port| port.parse())?;

    // All the memory of two connections: 8 KiB for replies and 1 KiB for requests each.
    let mut slots = [const { Slot::<_, 8192, 1024>::new() }; 2];
    let engine = Engine::new(tcp::Connector::new(host, port), &mut slots);
    println!("{engine}");

    let mut conn = engine.acquire()?;
    println!("{conn}");
    println!("server speaks {:?}", conn.generation());
    println!("(+ 1 2) is {:?}", conn.execute("(+ 1 2)")?.value()?);

    conn.execute(
        "(set trades (table [sym px qty at] (list [ibm aapl ibm msft] [101.5 228.25 0Nf 415.0] [10 20 30 40] \
         [2024.01.15D10:30:00.000000000 2024.01.15D10:30:01.500000000 2024.01.15D10:30:02.000000000 \
         2024.01.15D10:30:03.250000000])))",
    )?;

    println!("\ncolumn by column:");
    let mut reply = conn.execute("trades")?;
    let table = reply.value()?.table()?;
    for (name, column) in table.names()?.zip(table.columns()) {
        println!("  {name}: {column}");
    }
    let quantities = table.column("qty").ok_or("no column qty")?.vector()?.i64s()?;
    println!("  sum of qty: {}", quantities.iter().map(|quantity| quantity.get()).sum::<i64>());

    println!("row by row:");
    for row in table.rows::<(&str, Option<f64>, i64, rayforce_ipc::wire::Timestamp)>()? {
        let (symbol, price, quantity, at) = row?;
        println!(
            "  {at}  {symbol:<5} {quantity:>3} at {}",
            price.map_or("?".into(), |price| price.to_string())
        );
    }

    println!("\nan error of the server:");
    match conn.execute("(+ 1 no_such_name)") {
        Err(Error::Server(error)) => println!("  it says: {error}"),
        other => return Err(format!("expected an error of the server, got {other:?}").into()),
    }
    if let Some(text) = conn.error_text() {
        println!("  in its words: {text}");
    }
    println!("  and goes on: (* 6 7) is {:?}", conn.execute("(* 6 7)")?.value()?);

    println!("\ntwo connections:");
    let mut other = engine.acquire()?;
    println!("  {other}");
    println!("  {engine}");
    println!("  the other one sees {:?} rows", other.execute("(count trades)")?.value()?);
    println!("  a third: {}", engine.acquire().map_or_else(|error| error.to_string(), |_| "granted".into()));

    conn.close()?;
    println!(
        "\nclosed:\n  {conn}\n  execute: {}",
        conn.execute("1").map_or_else(|e| e.to_string(), |_| "?".into())
    );
    println!("  {engine}");
    let disposed = engine.dispose_connections();
    println!("disposed of all: {} idle, {} held\n  {engine}", disposed.idle, disposed.held);
    println!("  execute: {}", other.execute("1").map_or_else(|error| error.to_string(), |_| "?".into()));
    Ok(())
}
