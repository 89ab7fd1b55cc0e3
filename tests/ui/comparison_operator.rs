//! Rust's comparisons answer `bool` at once, so they build no expression.

use rayforce_ipc::query::{col, table};

fn main() {
    let _ = table("trades").filter(col("price") > 100.0);
}
