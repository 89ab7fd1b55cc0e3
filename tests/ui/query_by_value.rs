//! Requests are lent.

use rayforce_ipc::client::{Connection, Transport};
use rayforce_ipc::query::table;

fn ask<T: Transport>(connection: &mut Connection<'_, T>) {
    let _ = connection.execute(table("trades").select("price"));
}

fn main() {}
