//! What the servers themselves say about values that were sent.

use rayforce_ipc::codec::literal::{Char, Dict, Lambda, List, Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Text};
use rayforce_ipc::wire::{Date, Generation, Guid, Time, Timespan, Timestamp, Type};

use crate::support::{ALL, Call, NullOf, Quoted, WIRE_3, evaluated, on_each};

/// The words for the same type on wire 1 and on wire 3.
const TYPES: [(&dyn Encode, &str, &str); 35] = [
    (&(), "NULL", "null"),
    (&true, "b8", "b8"),
    (&1u8, "u8", "u8"),
    (&1i16, "i16", "i16"),
    (&1i32, "i32", "i32"),
    (&1i64, "i64", "i64"),
    (&1.5f64, "f64", "f64"),
    (&Date(1), "date", "date"),
    (&Time(1), "time", "time"),
    (&Timestamp(1), "timestamp", "timestamp"),
    (&Guid([1; 16]), "guid", "guid"),
    (&Symbol::quoted("a"), "symbol", "sym"),
    (&Text(b"ab"), "C8", "str"),
    (&Char(b'a'), "c8", "str"),
    (&NullOf(Type::I16), "i16", "i16"),
    (&NullOf(Type::I32), "i32", "i32"),
    (&NullOf(Type::I64), "i64", "i64"),
    (&NullOf(Type::F64), "f64", "f64"),
    (&NullOf(Type::Date), "date", "date"),
    (&NullOf(Type::Time), "time", "time"),
    (&NullOf(Type::Timestamp), "timestamp", "timestamp"),
    (&NullOf(Type::Guid), "guid", "guid"),
    (&[true], "B8", "B8"),
    (&[1u8], "U8", "U8"),
    (&[1i32], "I32", "I32"),
    (&[1i64], "I64", "I64"),
    (&[1.5f64], "F64", "F64"),
    (&[Date(1)], "DATE", "DATE"),
    (&[Time(1)], "TIME", "TIME"),
    (&[Timestamp(1)], "TIMESTAMP", "TIMESTAMP"),
    (&[Guid([1; 16])], "GUID", "GUID"),
    (&Symbols(&["a"]), "SYMBOL", "SYM"),
    (&Strings(&["a"]), "LIST", "STR"),
    (&List(&[&1i64, &2.5]), "LIST", "LIST"),
    (&Lambda { parameters: &["x"], statements: &[&1i64], closure: None }, "LAMBDA", "?"),
];

const COUNTS: [(&dyn Encode, u64); 8] = [
    (&[0i64; 0], 0),
    (&[1i64, i64::MIN, 3], 3),
    (&Symbols(&["a", "", "c"]), 3),
    (&Strings(&["", "bb"]), 2),
    (&Text("\u{2603}\0".as_bytes()), 4),
    (&List(&[&1i64, &List(&[]), &()]), 3),
    (&Dict { keys: &[7i64, 8], values: &List(&[&1i64, &2i64]) }, 2),
    (&Table::new(&["a", "b"], &[&[1i64, 2, 3], &[1.5, 2.5, 3.5]]), 3),
];

#[test]
fn a_sent_value_has_its_type_on_the_server() {
    on_each(ALL, |_, connection| {
        for (value, old, new) in TYPES {
            let name = if connection.generation() == Generation::V1 { old } else { new };
            let found = evaluated(connection, &Call("type", &[&Quoted(value)]));
            assert_eq!(found, format!("Symbol({name:?})"));
        }
    });
    on_each(WIRE_3, |_, connection| {
        let values: [(&dyn Encode, &str); 3] = [(&1.5f32, "f32"), (&[1.5f32], "F32"), (&[1i16], "I16")];
        for (value, name) in values {
            let found = evaluated(connection, &Call("type", &[&Quoted(value)]));
            assert_eq!(found, format!("Symbol({name:?})"));
        }
    });
    on_each(&["2.4.0"], |_, connection| {
        assert_eq!(evaluated(connection, &Call("type", &[&Timespan(1)])), "Symbol(\"timespan\")");
        assert_eq!(evaluated(connection, &Call("type", &[&[Timespan(1)]])), "Symbol(\"TIMESPAN\")");
    });
}

#[test]
fn dicts_and_tables_have_their_types_on_the_server() {
    on_each(ALL, |_, connection| {
        let dict = Dict { keys: &Symbols(&["a"]), values: &List(&[&1i64]) };
        assert_eq!(evaluated(connection, &Call("type", &[&Quoted(&dict)])), "Symbol(\"DICT\")");
        let table = Table::new(&["a"], &[&[1i64]]);
        assert_eq!(evaluated(connection, &Call("type", &[&Quoted(&table)])), "Symbol(\"TABLE\")");
    });
}

#[test]
fn the_server_counts_as_many_elements_as_were_sent() {
    on_each(ALL, |_, connection| {
        for (value, count) in COUNTS {
            let found = evaluated(connection, &Call("count", &[&Quoted(value)]));
            assert_eq!(found, format!("I64({count})"));
        }
    });
}

#[test]
fn sent_values_equal_those_of_the_server() {
    on_each(ALL, |_, connection| {
        connection.execute("(do (set n 5) (set s 'sym) (set d 2024.01.15))").unwrap();
        let equals: [(&str, &dyn Encode, &dyn Encode); 3] = [
            ("n", &5i64, &6i64),
            ("s", &Symbol::quoted("sym"), &Symbol::quoted("other")),
            ("d", &Date::from_ymd(2024, 1, 15).unwrap(), &Date(0)),
        ];
        for (name, same, other) in equals {
            let name = Symbol::name(name);
            assert_eq!(evaluated(connection, &Call("==", &[&name, &Quoted(same)])), "Bool(true)");
            assert_eq!(evaluated(connection, &Call("==", &[&name, &Quoted(other)])), "Bool(false)");
        }
    });
}

#[test]
fn a_name_is_looked_up_and_a_literal_is_not() {
    on_each(ALL, |_, connection| {
        connection.execute("(set looked 77)").unwrap();
        let looked_up = connection.execute(&Symbol::name("looked")).unwrap().value().unwrap().as_i64();
        assert_eq!(looked_up, Ok(77));
        assert_eq!(evaluated(connection, &Quoted(&Symbol::quoted("looked"))), "Symbol(\"looked\")");
    });
    // Wire 1 has no literal symbols outside of `quote`.
    on_each(WIRE_3, |_, connection| {
        assert_eq!(evaluated(connection, &Symbol::quoted("looked")), "Symbol(\"looked\")");
    });
}

#[test]
fn calls_inside_a_request_are_evaluated() {
    on_each(ALL, |_, connection| {
        let product = Call("*", &[&2i64, &3i64]);
        assert_eq!(evaluated(connection, &Call("+", &[&1i64, &product])), "I64(7)");
        // Alone, without calls inside it, a call needs no `do` on any version.
        assert_eq!(connection.execute(&product).unwrap().value().unwrap().as_i64(), Ok(6));
    });
}

#[test]
fn a_request_that_is_no_call_is_its_own_answer() {
    on_each(ALL, |_, connection| {
        for (value, shown) in [
            (&5i64 as &dyn Encode, "I64(5)"),
            (&[1i64, 2], "I64([1 2])"),
            (&(), "Null"),
            (&Symbols(&["a", "b"]), "Symbol([a b])"),
        ] {
            assert_eq!(format!("{:?}", connection.execute(value).unwrap().value().unwrap()), shown);
        }
        // Bare text is program text.
        assert_eq!(connection.execute("(* 6 7)").unwrap().value().unwrap().as_i64(), Ok(42));
        assert!(connection.execute("").unwrap().value().unwrap().is_null());
    });
}
