//! Rows and columns: every way to give the same data makes the same bytes, through windows of any size.

use rayforce_ipc::codec::literal::{List, Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Text, Value};
use rayforce_ipc::query::{Data, column, each, exact, lit, named, set, table};
use rayforce_ipc::wire::{Date, Element, Generation, Guid, Time, Timespan, Timestamp};

use crate::support::codec::{BOTH, decoded, sent};
use crate::support::transmit::windows;

const NAMES: [&str; 3] = ["ibm", "aapl", "msft"];
const PRICES: [f64; 3] = [101.5, 228.25, f64::NAN];
const QUANTITIES: [i64; 3] = [10, i64::MIN, 30];

fn inserted(generation: Generation, data: impl Data) -> Vec<u8> {
    sent(generation, &table("t").insert(data))
}

#[track_caller]
fn assert_same(data: impl Data + Copy, other: impl Data + Copy) {
    for generation in BOTH {
        assert_eq!(inserted(generation, data), inserted(generation, other), "{generation:?}");
        let upserted = |data: &dyn Encode| sent(generation, data);
        assert_eq!(
            upserted(&table("t").upsert(1, data)),
            upserted(&table("t").upsert(1, other)),
            "{generation:?}"
        );
    }
}

struct Trade {
    name: String,
    price: f64,
    quantity: Option<i64>,
}

#[test]
fn all_ways_to_give_rows_are_one() {
    let columns = (&NAMES[..], &PRICES[..], &QUANTITIES[..]);
    assert_same(columns, (NAMES, PRICES, QUANTITIES));
    let rows = [("ibm", 101.5, Some(10)), ("aapl", 228.25, None), ("msft", f64::NAN, Some(30))];
    assert_same(columns, rows);
    assert_same(columns, &rows[..]);
    let iterated =
        (column(NAMES.into_iter()), column(PRICES.iter().copied()), column(rows.iter().map(|row| row.2)));
    for generation in BOTH {
        assert_eq!(inserted(generation, columns), inserted(generation, iterated.clone()));
    }
    let trades = rows.map(|(name, price, quantity)| Trade { name: name.to_owned(), price, quantity });
    let fields = each(&trades).field(|t| t.name.as_str()).field(|t| t.price).field(|t| t.quantity);
    for generation in BOTH {
        assert_eq!(inserted(generation, columns), inserted(generation, fields));
    }
    let dynamic: [&dyn Encode; 3] = [&Symbols(&NAMES), &PRICES, &QUANTITIES];
    assert_same(columns, &dynamic[..]);
}

#[test]
fn a_row_is_columns_of_one() {
    let row = ("ibm", 101.5, None::<i64>, Date(5), exact(7u8), Text::from("note"));
    let columns = (["ibm"], [101.5], [i64::MIN], [Date(5)], &[7u8][..], Strings(&["note"]));
    for generation in BOTH {
        assert_eq!(inserted(generation, row), inserted(generation, columns));
        let upserted = |value: &dyn Encode| sent(generation, value);
        assert_eq!(upserted(&table("t").upsert(1, row)), upserted(&table("t").upsert(1, columns)));
        let names = ["a", "b", "c", "d", "e", "f"];
        let [row, columns] = [
            upserted(&table("t").upsert(2, named(names, row))),
            upserted(&table("t").upsert(2, named(names, columns))),
        ];
        assert_eq!(row, columns);
    }
}

#[test]
fn a_cell_of_each_type_travels_as_itself() {
    let row =
        (true, 5, 1.5, Date(1), Time(2), Timestamp(3), Guid([7; 16]), "a", Text::from("b"), None::<f64>);
    for generation in BOTH {
        let payload = inserted(generation, row);
        let Value::List(change) = decoded(generation, &payload) else { panic!("no list") };
        let Some(Value::List(insert)) = change.get(change.len() - 2) else { panic!("no call") };
        let Some(Value::List(cells)) = insert.get(2) else { panic!("no cells") };
        // Strings are a quoted list on wire 1.
        let cell = |column| match column {
            Value::Vector(vector) => vector.get(0).unwrap(),
            Value::List(quote) => quote.get(1).unwrap().list().unwrap().get(0).unwrap(),
            other => panic!("{other:?}"),
        };
        let cells: Vec<_> = cells.iter().skip(1).map(cell).collect();
        let values = [
            Value::Bool(true),
            Value::I64(5),
            Value::F64(1.5),
            Value::Date(Date(1)),
            Value::Time(Time(2)),
            Value::Timestamp(Timestamp(3)),
            Value::Guid(Guid([7; 16])),
        ];
        assert_eq!(cells[..7], values);
        assert!(matches!(cells[8], Value::String(text) if text == *"b"));
        assert!(cells[9].is_null());
    }
    // Wire 1 has no time spans.
    let span = inserted(Generation::V3, (Timespan(9),));
    assert!(span.windows(8).any(|bytes| bytes == 9i64.to_le_bytes()));
}

/// Bytes of elements anywhere in a payload.
fn holds<T: Element>(payload: &[u8], elements: &[T]) -> bool {
    let bytes: Vec<u8> = elements
        .iter()
        .flat_map(|element| zerocopy::IntoBytes::as_bytes(&element.to_wire()).to_vec())
        .collect();
    payload.windows(bytes.len()).any(|window| window == bytes)
}

#[test]
fn columns_of_any_width_are_sent_as_they_are() {
    let payload =
        inserted(Generation::V3, (&[1i16, 2][..], &[3i32, 4][..], &[1.5f32, 2.5][..], &[7u8, 8][..]));
    assert!(holds(&payload, &[1i16, 2]) && holds(&payload, &[3i32, 4]));
    assert!(holds(&payload, &[1.5f32, 2.5]) && holds(&payload, &[7u8, 8]));
}

#[test]
fn tables_and_queries_are_data() {
    let columns: [&dyn Encode; 2] = [&Symbols(&["a"]), &[1.5]];
    let rows = Table::new(&["s", "p"], &columns);
    for generation in BOTH {
        let payload = inserted(generation, rows);
        let table_alone = sent(generation, &rows);
        assert!(payload.windows(table_alone.len()).any(|window| window == table_alone));
        let query = table("u").select("s");
        let query_alone = sent(generation, &query);
        assert!(inserted(generation, query).windows(query_alone.len()).any(|window| window == query_alone));
    }
}

#[test]
fn data_goes_out_through_a_window_of_any_size() {
    let rows: Vec<_> = (0..50i64).map(|n| (NAMES[n as usize % 3], n, n as f64 / 2.0)).collect();
    let structs = each(&rows).field(|row| row.0).field(|row| Text::from(row.0)).field(|row| row.1);
    let iterated = (column(rows.iter().map(|row| row.0)), column(rows.iter().map(|row| Text::from(row.0))));
    let requests: [&dyn Encode; 4] = [
        &table("t").insert(&rows[..]),
        &table("t").insert(structs),
        &table("t").upsert(1, named(["a", "b", "c"], structs)),
        &table("t").insert(iterated),
    ];
    for generation in BOTH {
        for request in requests {
            let whole = windows(generation, request, 1 << 16).unwrap().concat();
            for transmit in [1, 2, 3, 7, 16, 64, 1000] {
                let pieces = windows(generation, request, transmit).unwrap();
                assert!(pieces.iter().all(|piece| piece.len() <= transmit));
                assert_eq!(pieces.concat(), whole, "{generation:?} by {transmit}");
            }
        }
    }
}

#[test]
fn what_a_column_gets_is_the_same_through_any_window() {
    // In an update text is a symbol as a value, and a string inside of one: also behind a call of a long list.
    let (text, sum) = (lit("a"), lit(1) + 2);
    let mut values: Vec<&dyn Encode> = vec![&sum];
    values.resize(40, &text);
    let update = table("t").update((set("x", exact(List(&values))), set("y", "b")));
    for generation in BOTH {
        let whole = windows(generation, &update, 1 << 16).unwrap().concat();
        for transmit in [1, 7, 16, 64, 300] {
            assert_eq!(windows(generation, &update, transmit).unwrap().concat(), whole, "{transmit}");
        }
    }
}

#[test]
fn an_iterator_is_run_a_few_times_for_each_window_only() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let asked = AtomicUsize::new(0);
    let cells = column((0..1000i64).inspect(|_| {
        asked.fetch_add(1, Ordering::Relaxed);
    }));
    let insert = table("t").insert((cells,));
    let pieces = windows(Generation::V3, &insert, 64).unwrap().len();
    // A window runs it twice for its length, for where its cells begin, and for the cells.
    assert!(asked.into_inner() <= 4 * 1000 * (pieces + 4));
}
