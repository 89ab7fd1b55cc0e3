use rayforce_ipc::codec::{Symbol, Text, Value, literal};
use rayforce_ipc::error::{Fault, Mismatch, PeerError, Shape};
use rayforce_ipc::wire::{Date, Generation, Tag, Type};

use crate::support::codec::{BOTH, decoded, sent};
use crate::support::hex::unhex;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

const TRADES: literal::Table<'_> = literal::Table::new(
    &["id", "sym", "px", "day"],
    &[
        &[1i64, 2, 3],
        &literal::Symbols(&["a", "b", "c"]),
        &[1.5, f64::NAN, 3.5],
        &[Date(0), Date(1), Date::NULL],
    ],
);

#[test]
fn a_table_has_names_and_columns() {
    for generation in BOTH {
        let payload = sent(generation, &TRADES);
        let table = decoded(generation, &payload).table().unwrap();
        assert!(table.names().unwrap().eq(["id", "sym", "px", "day"]));
        assert_eq!((table.column_count(), table.row_count(), table.columns().len()), (4, 3, 4));
        assert_eq!(table.column("px").unwrap().vector().unwrap().f64s().unwrap()[2].get(), 3.5);
        assert_eq!(table.column("nosuch"), None);
    }
}

#[test]
fn rows_are_tuples_of_one_type_for_each_column() {
    for generation in BOTH {
        let payload = sent(generation, &TRADES);
        let table = decoded(generation, &payload).table().unwrap();
        let rows = table.rows::<(i64, &str, Option<f64>, Option<Date>)>().unwrap();
        assert!(rows.eq([
            Ok((1, "a", Some(1.5), Some(Date(0)))),
            Ok((2, "b", None, Some(Date(1)))),
            Ok((3, "c", Some(3.5), None)),
        ]));
    }
}

#[test]
fn a_null_that_is_not_asked_for_spoils_its_row_alone() {
    let payload = sent(V3, &TRADES);
    let table = decoded(V3, &payload).table().unwrap();
    let mut rows = table.rows::<(i64, Symbol<'_>, f64, Value<'_>)>().unwrap();
    let null = Mismatch { expected: Shape::Value(Tag::Atom(Type::F64)), found: Shape::NullOf(Type::F64) };
    assert!(rows.next().unwrap().is_ok());
    assert_eq!(rows.next(), Some(Err(null)));
    let last = (3, Symbol::quoted("c"), 3.5, Value::TypedNull(Type::Date));
    assert_eq!(rows.next(), Some(Ok(last)));
    assert_eq!(rows.next(), None);
}

#[test]
fn rows_of_another_width_are_a_mismatch() {
    let payload = sent(V3, &TRADES);
    let table = decoded(V3, &payload).table().unwrap();
    let mismatch = |count| Mismatch { expected: Shape::Columns(count), found: Shape::Columns(4) };
    assert_eq!(table.rows::<(i64,)>().err(), Some(mismatch(1)));
    assert_eq!(table.rows::<(i64, &str, f64, Date, i64)>().err(), Some(mismatch(5)));
    assert_eq!(mismatch(1).to_string(), "expected 1 columns, found 4 columns");
}

#[test]
fn rows_of_another_column_type_are_a_mismatch() {
    let payload = sent(V3, &TRADES);
    let table = decoded(V3, &payload).table().unwrap();
    let expected = Shape::Value(Tag::Vector(Type::I32));
    let mismatch = Mismatch { expected, found: Shape::Value(Tag::Vector(Type::I64)) };
    assert_eq!(table.rows::<(i32, &str, f64, Date)>().err(), Some(mismatch));
}

#[test]
fn rows_end_with_the_shortest_column() {
    let ragged = literal::Table::new(&["a", "b"], &[&[1i64, 2], &[1i64]]);
    let payload = sent(V1, &ragged);
    let table = decoded(V1, &payload).table().unwrap();
    assert_eq!(table.row_count(), 2);
    assert!(table.rows::<(i64, i64)>().unwrap().eq([Ok((1, 1))]));
}

/// Dialect 1a answers a join so where a cell is missing.
#[test]
fn a_list_column_with_untyped_nulls_reads_as_options() {
    let joined = literal::Table::new(&["qty"], &[&literal::List(&[&10i64, &()])]);
    for generation in BOTH {
        let payload = sent(generation, &joined);
        let table = decoded(generation, &payload).table().unwrap();
        assert!(table.rows::<(Option<i64>,)>().unwrap().eq([Ok((Some(10),)), Ok((None,))]));
        let null = Mismatch { expected: Shape::Value(Tag::Atom(Type::I64)), found: Shape::Value(Tag::Null) };
        assert!(table.rows::<(i64,)>().unwrap().eq([Ok((10,)), Err(null)]));
        assert!(table.rows::<(Value<'_>,)>().unwrap().eq([Ok((Value::I64(10),)), Ok((Value::Null,))]));
    }
}

#[test]
fn a_string_column_reads_alike_from_both_generations() {
    let named = literal::Table::new(&["id", "name"], &[&[1i64, 2], &literal::Strings(&["p", "qq"])]);
    for generation in BOTH {
        let payload = sent(generation, &named);
        let table = decoded(generation, &payload).table().unwrap();
        assert!(table.rows::<(i64, &str)>().unwrap().eq([Ok((1, "p")), Ok((2, "qq"))]));
        assert!(table.rows::<(i64, Text<'_>)>().unwrap().eq([Ok((1, Text(b"p"))), Ok((2, Text(b"qq")))]));
        assert!(table.rows::<(i64, Option<&str>)>().unwrap().eq([Ok((1, Some("p"))), Ok((2, Some("qq")))]));
    }
}

#[test]
fn a_column_of_lists_has_a_list_in_each_cell() {
    let nested = literal::Table::new(&["l"], &[&literal::List(&[&[1i64, 2], &[3i64]])]);
    let payload = sent(V3, &nested);
    let table = decoded(V3, &payload).table().unwrap();
    let lens = table.rows::<(Value<'_>,)>().unwrap().map(|row| row.unwrap().0.vector().unwrap().len());
    assert!(lens.eq([2, 1]));
}

#[test]
fn the_first_of_two_columns_of_one_name_is_found() {
    let twice = literal::Table::new(&["a", "a"], &[&[1i64], &[2i64]]);
    let payload = sent(V3, &twice);
    let table = decoded(V3, &payload).table().unwrap();
    assert_eq!(table.column("a").unwrap().vector().unwrap().get(0), Some(Value::I64(1)));
    assert!(table.rows::<(i64, i64)>().unwrap().eq([Ok((1, 2))]));
}

#[test]
fn a_table_may_have_no_rows_or_no_columns() {
    let no_rows = literal::Table::new(&["a"], &[&[0i64; 0]]);
    let no_columns = literal::Table::new(&[], &[]);
    for generation in BOTH {
        let payload = sent(generation, &no_rows);
        let table = decoded(generation, &payload).table().unwrap();
        assert_eq!((table.column_count(), table.row_count()), (1, 0));
        assert_eq!(table.rows::<(i64,)>().unwrap().next(), None);
        let payload = sent(generation, &no_columns);
        let table = decoded(generation, &payload).table().unwrap();
        assert_eq!((table.column_count(), table.row_count()), (0, 0));
        assert_eq!(table.names().unwrap().next(), None);
    }
}

#[test]
fn a_column_is_found_beside_a_name_that_is_no_utf8() {
    let payload = unhex(
        "6200 0600020000000000000061 00 ff 00 00000200000000000000 fb0100000000000000 fb0200000000000000",
    );
    let table = decoded(V1, &payload).table().unwrap();
    assert_eq!(table.column("a"), Some(Value::I64(1)));
    assert!(table.names().is_err());
}

/// Servers take numbers in place of names for places in their own memory.
#[test]
fn names_that_are_no_symbol_vector_are_a_fault_of_the_peer() {
    let fault = |fault, offset| Err(PeerError { fault, offset });
    let payload = unhex("6200 0500010000000000000001000000 00000000 00000000000000000000");
    assert_eq!(Value::decode(V3, &payload), fault(Fault::TableNames, 2));
    let payload = unhex("6200 0c000000000000000000 05000000000000000000");
    assert_eq!(Value::decode(V3, &payload), fault(Fault::TableColumns, 12));
}
