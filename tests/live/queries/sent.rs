//! Data that is sent along: it arrives as it is.

use rayforce_ipc::client::{Buffers, Connection};
use rayforce_ipc::codec::literal::{Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Value};
use rayforce_ipc::error::{Error, RequestError};
use rayforce_ipc::query::functions::list;
use rayforce_ipc::query::{call, col, column, each, exact, from, lit, sym, table, text};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::{Date, Guid, Time, Timestamp};

use super::hostile::hostile;
use crate::support::{ALL, WIRE_3, connect, on_each, start};

#[test]
fn text_that_looks_like_code_arrives_as_it_is() {
    on_each(ALL, |_, connection| {
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

#[test]
fn what_is_executed_by_itself_is_what_it_is_in_an_expression() {
    on_each(ALL, |_, connection| {
        let program = "(set touched 1)";
        connection.execute("(set touched 0)").unwrap();
        for literal in [&lit(program) as &dyn Encode, &lit(text(program)), &exact(text(program))] {
            let mut reply = connection.execute(literal).unwrap();
            let bytes = match reply.value().unwrap() {
                Value::String(text) => text.as_bytes(),
                Value::Symbol(symbol) => symbol.as_bytes(),
                other => panic!("{other:?}"),
            };
            assert_eq!(bytes, program.as_bytes());
        }
        assert_eq!(connection.execute("touched").unwrap().value().unwrap(), Value::I64(0));
        connection.execute("(set touch (fn [] (set touched 7)))").unwrap();
        connection.execute(&call("touch", ())).unwrap();
        assert_eq!(connection.execute("touched").unwrap().value().unwrap(), Value::I64(7));
        for unknown in [&call("nosuch", (1,)) as &dyn Encode, &call("nosuch", ())] {
            let answer = connection.execute(unknown);
            assert!(matches!(answer, Err(Error::Server(_))), "{answer:?}");
        }
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

/// Adds a row, and one more as a column, to a table whose column `cells` has these; `spoilt` where 2.0.0 cannot.
fn add_to(
    connection: &mut Connection<'_, Stream>,
    version: &str,
    before: &dyn Encode,
    spoilt: bool,
    inserts: [&dyn Encode; 2],
) {
    let columns: [&dyn Encode; 2] = [&Symbols(&["a", "b", "c", "d", "e"]), before];
    let start = Table::new(&["name", "cells"], &columns);
    connection.execute(&from(start).save("grown")).unwrap();
    let cells = |connection: &mut Connection<'_, Stream>| {
        let mut reply = connection.execute(&table("grown").column("cells")).unwrap();
        format!("{}", reply.value().unwrap())
    };
    let there = cells(connection);
    for insert in inserts {
        match connection.execute(insert) {
            Ok(mut reply) => assert_eq!(reply.value().unwrap(), Value::Null),
            Err(Error::Server(_)) if spoilt && version == "2.0.0" => {}
            Err(error) => panic!("{there}: {error}"),
        }
    }
    let now = cells(connection);
    if spoilt && version == "2.0.0" {
        assert_eq!(now, there);
    } else {
        // The last of the five, once from each insert.
        let inner = there.trim_end_matches([']', ')']);
        let last = inner.rsplit(' ').next().unwrap();
        let end = &there[inner.len()..];
        assert_eq!(now, format!("{inner} {last} {last}{end}"), "after {there}");
    }
}

#[test]
fn rows_are_added_and_no_other_is_spoilt() {
    on_each(ALL, |server, connection| {
        let version = server.version();
        macro_rules! add {
            ($cell:expr, $before:expr, $spoilt:expr) => {{
                let before = $before;
                let row = table("grown").insert(("f", $cell));
                let cells = [$cell];
                let column = table("grown").insert((["g"], column(cells.iter().copied())));
                add_to(connection, version, &before, $spoilt, [&row, &column]);
            }};
        }
        add!(true, [false, true, false, false, true], false);
        add!(5, [1i64, 2, 3, 4, 5], false);
        add!(Some(5), [1i64, 2, 3, 4, 5], false);
        add!(5.5, [1.0, 2.0, 3.0, 4.0, 5.5], false);
        add!(Timestamp(5), [1, 2, 3, 4, 5].map(Timestamp), false);
        add!(Date(5), [1, 2, 3, 4, 5].map(Date), true);
        add!(Time(5), [1, 2, 3, 4, 5].map(Time), true);
        add!(Guid([5; 16]), [1, 2, 3, 4, 5].map(|byte| Guid([byte; 16])), true);
        add!(exact(5u8), [1u8, 2, 3, 4, 5], true);
        if WIRE_3.contains(&version) {
            add!(exact(5i16), [1i16, 2, 3, 4, 5], true);
        }
        add!(exact(5i32), [1i32, 2, 3, 4, 5], true);
        add!("e", Symbols(&["a", "b", "c", "d", "e"]), false);
        add!(
            text("of-more-than-twelve-bytes"),
            Strings(&["a", "", "b", "c", "of-more-than-twelve-bytes"]),
            false
        );
    });
}
