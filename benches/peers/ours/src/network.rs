//! Over TCP, against the server.

use std::time::Duration;

use rayforce_ipc::client::{Connect, Connection, Memory, Options};
use rayforce_ipc::query;
use rayforce_ipc::transports::tcp::{Connector, Stream};
use subject::data::{self, Rows};
use subject::frames::DEPTH;
use subject::inserts::{EMPTY, FULL, ROWS};
use subject::{Measure, Work};

pub const MEASURES: [Measure; 7] = [
    // What the others need on the server.
    ("tables", |port| {
        Box::new(move || {
            let mut connection = open(port, 0x1000, 0x1_0000);
            let full = Rows::new(ROWS);
            full.with(|table| connection.execute(&query::from(*table).save(FULL)).map(drop))
                .expect("a table");
            let none = Rows::new(0);
            none.with_times(|table| connection.execute(&query::from(*table).save(EMPTY)).map(drop))
                .expect("a table");
            connection.close().expect("an open connection");
        })
    }),
    ("round-trip", |port| {
        let mut connection = open(port, 0x1000, 0x100);
        Box::new(move || {
            let mut reply = connection.execute("(+ 1 2)").expect("an answer");
            assert_eq!(reply.value().expect("a value").as_i64(), Ok(3));
        })
    }),
    ("connect", |port| {
        let mut memory = Box::new(([0; 0x1000], [0; 0x100]));
        let connector = Connector::new("127.0.0.1", port);
        Box::new(move || {
            let (receive, transmit) = &mut *memory;
            let stream = connector.connect(LIMIT).expect("a server");
            let mut connection =
                Connection::open(stream, Memory { receive, transmit }, &Options::new()).expect("a server");
            connection.close().expect("an open connection");
        })
    }),
    ("in-flight", |port| {
        let mut connection = open(port, 0x1000, 0x100);
        Box::new(move || {
            for _ in 0..DEPTH {
                connection.send("(+ 1 2)").expect("a server");
            }
            for _ in 0..DEPTH {
                assert_eq!(
                    connection.receive().expect("an answer").value().expect("a value").as_i64(),
                    Ok(3)
                );
            }
        })
    }),
    ("fetch", |port| {
        let sum = data::sum_of_quantities(&Rows::new(ROWS));
        let mut connection = open(port, 32 << 20, 0x100);
        Box::new(move || {
            let mut reply = connection.execute(FULL).expect("an answer");
            let table = reply.value().expect("a value").table().expect("a table");
            let quantities =
                table.column("qty").expect("a column").vector().expect("a vector").i64s().expect("i64");
            assert_eq!(quantities.iter().fold(0i64, |sum, cell| sum.wrapping_add(cell.get())), sum);
        })
    }),
    ("fetch-64k", |port| streamed(port, 64 << 10)),
    ("fetch-4k", |port| streamed(port, 4 << 10)),
];

const LIMIT: Duration = Duration::from_secs(30);

/// A connection for as long as the program runs.
pub fn open(port: u16, receive: usize, transmit: usize) -> Connection<'static, Stream> {
    let (receive, transmit) = (vec![0; receive].leak(), vec![0; transmit].leak());
    let stream = Connector::new("127.0.0.1", port).connect(LIMIT).expect("a server");
    Connection::open(stream, Memory { receive, transmit }, &Options::new()).expect("a server")
}

/// The sum of a column as it comes.
fn streamed(port: u16, receive: usize) -> Box<dyn Work> {
    let expected = data::sum_of_quantities(&Rows::new(ROWS));
    let mut connection = open(port, receive, 0x100);
    let mut chunk = [0i64; 1024];
    Box::new(move || {
        let mut reply = connection.execute(FULL).expect("an answer");
        let mut columns = reply.columns().expect("a table");
        let mut sum = 0i64;
        while let Some(mut column) = columns.next().expect("a column") {
            if column.name().expect("a name") == "qty" {
                while let count @ 1.. = column.read(&mut chunk).expect("cells") {
                    sum = chunk[..count].iter().fold(sum, |sum, cell| sum.wrapping_add(*cell));
                }
            }
        }
        assert_eq!(sum, expected);
    })
}
