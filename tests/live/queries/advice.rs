//! What the documents advise, on each server.

use rayforce_ipc::client::Connection;
use rayforce_ipc::codec::Encode;
use rayforce_ipc::codec::literal::{Strings, Symbols, Table};
use rayforce_ipc::query::{call, col, from, table, text};
use rayforce_ipc::transports::tcp::Stream;

use crate::support::{ALL, WIRE_3, on_each};

/// The numbers of the rows that a query selects.
fn rows(connection: &mut Connection<'_, Stream>, query: &dyn Encode) -> Vec<i64> {
    let mut reply = connection.execute(query).unwrap();
    let table = reply.value().unwrap().table().unwrap();
    table.rows::<(i64,)>().unwrap().map(|row| row.unwrap().0).collect()
}

#[test]
fn ways_that_the_documents_advise_work() {
    on_each(ALL, |server, connection| {
        let (symbols, notes, prices) =
            (["a", "b", "a"], ["hello", "world", "hello you"], [1.5, f64::NAN, 2.5]);
        connection
            .execute(
                &from(Table::new(
                    &["id", "symbol", "note", "price"],
                    &[&[1i64, 2, 3], &Symbols(&symbols), &Strings(&notes), &prices],
                ))
                .save("advised"),
            )
            .unwrap();
        let ids = || table("advised").select("id");
        assert_eq!(rows(connection, &ids().filter(col("price").eq(None::<f64>))), [2]);
        let conditions: [&dyn Encode; 2] = [&col("symbol").eq("a"), &col("price").gt(2.0)];
        assert_eq!(rows(connection, &ids().filter(call("and", &conditions[..]))), [3]);
        assert_eq!(rows(connection, &ids().filter(col("note").like("hello"))), [1]);
        assert_eq!(rows(connection, &ids().filter(col("note").like("hello*"))), [1, 3]);
        if WIRE_3.contains(&server.version()) {
            assert_eq!(rows(connection, &ids().filter(col("note").eq(text("world")))), [2]);
        }
    });
}
