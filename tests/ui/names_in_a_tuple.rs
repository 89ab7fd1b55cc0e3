//! Names of columns are an array, also where there are several.

use rayforce_ipc::query::table;

fn main() {
    let _ = table("trades").order_by(("price", "quantity"));
}
