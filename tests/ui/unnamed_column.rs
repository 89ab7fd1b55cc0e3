//! A computed column has no name of its own.

use rayforce_ipc::query::{col, table};

fn main() {
    let _ = table("trades").select(("symbol", col("price") * col("quantity")));
}
