//! A bare integer is an i64; other widths are said so.

use rayforce_ipc::query::col;

fn main() {
    let quantity: i32 = 10;
    let _ = col("quantity").gt(quantity);
}
