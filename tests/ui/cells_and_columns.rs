//! A row has cells, rows have columns: not both at once.

use rayforce_ipc::query::table;

fn main() {
    let prices = [101.5, 228.25];
    let _ = table("trades").insert(("ibm", &prices[..]));
}
