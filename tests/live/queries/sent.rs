//! Data that is sent along: it arrives as it is.

use rayforce_ipc::client::{Buffers, Connection};
use rayforce_ipc::codec::{Encode, Value};
use rayforce_ipc::error::{Error, RequestError};
use rayforce_ipc::query::functions::list;
use rayforce_ipc::query::{col, column, each, sym, table, text};
use rayforce_ipc::transports::tcp::Stream;

use super::hostile::hostile;
use crate::support::{ALL, connect, on_each, start};

#[test]
fn text_that_looks_like_code_arrives_as_it_is() {
    on_each(ALL, |server, connection| {
        connection.execute("(set notes (table [name note] (list [first] (list \"one\"))))").unwrap();
        for hostile in hostile() {
            let hostile = hostile.as_str();
            let mut reply = connection.execute(&list((text(hostile), 1))).unwrap();
            let there = reply.value().unwrap().list().unwrap();
            assert_eq!(there.get(0), Some(Value::String(hostile.into())));
            let name = list((sym(hostile), 1));
            let row = table("notes").insert((hostile, text(hostile)));
            if let Some(at) = hostile.find('\0') {
                assert_refused(connection, &name, at);
                assert_refused(connection, &row, at);
                continue;
            }
            let mut reply = connection.execute(&name).unwrap();
            let there = reply.value().unwrap().list().unwrap();
            let Some(Value::Symbol(symbol)) = there.get(0) else { panic!("{hostile:.40?}: {there:?}") };
            assert_eq!(symbol.as_bytes(), hostile.as_bytes());

            if server.version() == "2.0.0" && hostile.is_empty() {
                // No empty text can be inserted there, not by the server's own language either.
                assert!(matches!(connection.execute(&row), Err(Error::Server(_))));
                let theirs = connection.execute("(insert 'notes (list 'x \"\"))");
                assert!(matches!(theirs, Err(Error::Server(_))));
                continue;
            }
            connection.execute(&row).unwrap();
            let rows = table("notes").select(("name", "note")).filter(col("name").eq(hostile));
            let mut reply = connection.execute(&rows).unwrap();
            let rows = reply.value().unwrap().table().unwrap();
            let rows: Vec<(&str, &str)> = rows.rows().unwrap().map(Result::unwrap).collect();
            assert_eq!(rows, [(hostile, hostile)]);
        }
        assert_eq!(connection.execute("(+ 1 2)").unwrap().value().unwrap(), Value::I64(3));
    });
}

fn assert_refused(connection: &mut Connection<'_, Stream>, query: &dyn Encode, at: usize) {
    let refused = connection.execute(query).err();
    let Some(Error::Request(reason)) = refused else { panic!("{refused:?}") };
    assert_eq!(reason, RequestError::NulInName(at));
}

/// One row of what is inserted.
struct Reading {
    sensor: &'static str,
    at: i64,
    celsius: f64,
}

#[test]
fn a_thousand_rows_go_out_through_a_transmit_buffer_of_64_bytes() {
    let readings: [Reading; 1000] = std::array::from_fn(|row| Reading {
        sensor: ["oven", "fridge"][row % 2],
        at: row as i64,
        celsius: row as f64 / 4.0,
    });
    let sensors: Vec<_> = readings.iter().map(|reading| reading.sensor).collect();
    let times: Vec<_> = readings.iter().map(|reading| reading.at).collect();
    let degrees: Vec<_> = readings.iter().map(|reading| reading.celsius).collect();
    for version in ALL {
        println!("--- {version}");
        let server = start(version);
        let mut buffers = Box::new(Buffers::<1024, 64>::new());
        let mut connection = connect(&server, buffers.lend());
        connection.execute("(set readings (table [sensor at celsius] (list [oven] [-1] [0.0])))").unwrap();

        let columns = table("readings").insert((&sensors[..], &times[..], &degrees[..]));
        let structs = table("readings")
            .insert(each(&readings).field(|r| r.sensor).field(|reading| reading.at).field(|r| r.celsius));
        let iterators = table("readings").insert((
            column(readings.iter().map(|reading| reading.sensor)),
            column(readings.iter().map(|reading| reading.at)),
            column(readings.iter().map(|reading| reading.celsius)),
        ));
        let rows: Vec<_> = readings.iter().map(|r| (r.sensor, r.at, r.celsius)).collect();
        let rows = table("readings").insert(&rows[..]);
        let inserts: [&dyn Encode; 4] = [&columns, &structs, &iterators, &rows];
        for (count, insert) in (1..).zip(inserts) {
            assert_eq!(connection.execute(insert).unwrap().value().unwrap(), Value::Null);
            let answer = connection.execute("(list (count readings) (sum (at readings 'at)))");
            let mut answer = answer.unwrap();
            let answer = answer.value().unwrap().list().unwrap();
            assert_eq!(answer.get(0), Some(Value::I64(1 + 1000 * count)));
            assert_eq!(answer.get(1), Some(Value::I64(-1 + 499_500 * count)));
        }
        let total = table("readings").select(col("celsius").sum().named("total")).by("sensor");
        let mut reply = connection.execute(&total).unwrap();
        let totals = reply.value().unwrap().table().unwrap();
        let totals: Vec<(&str, f64)> = totals.rows().unwrap().map(Result::unwrap).collect();
        assert_eq!(totals, [("oven", 4.0 * 62_375.0), ("fridge", 4.0 * 62_500.0)]);
    }
}
