//! Structs are inserted by their fields.

use rayforce_ipc::query::table;

struct Trade {
    symbol: &'static str,
    price: f64,
}

fn main() {
    let trades = [Trade { symbol: "ibm", price: 101.5 }];
    let _ = table("trades").insert(&trades[..]);
}
