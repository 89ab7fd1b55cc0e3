//! Vectors, sent quoted and read back: none, one and many elements, with nulls and without.

use rayforce_ipc::client::Connection;
use rayforce_ipc::codec::Encode;
use rayforce_ipc::codec::literal::{List, Strings, Symbols};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::{Date, Element, Generation, Guid, Time, Timespan, Timestamp};

use crate::support::{ALL, Call, Quoted, WIRE_3, assert_echo, evaluated, on_each};

/// A vector of the given values, of none, of one and of many.
fn assert_echoes<T: Element>(connection: &mut Connection<'_, Stream>, values: &[T]) {
    assert_echo(connection, &&values[..0]);
    assert_echo(connection, &&values[..1]);
    assert_echo(connection, &values);
    let many: Vec<T> = values.iter().copied().cycle().take(10_000).collect();
    assert_echo(connection, &many.as_slice());

    let Some(null) = T::NULL else { return };
    assert_echo_of_nulls(connection, &[null]);
    assert_echo_of_nulls(connection, &[values, &[null], values].concat());
    let may_have_nulls = |connection: &mut Connection<'_, Stream>, vector: &[T]| {
        connection.execute(&Quoted(&vector)).unwrap().value().unwrap().vector().unwrap().may_have_nulls()
    };
    assert!(may_have_nulls(connection, &[null]));
    // Wire 1 does not say.
    assert_eq!(may_have_nulls(connection, values), connection.generation() == Generation::V1);
}

/// A vector with nulls, whose elements are the same and whose nulls are told apart.
fn assert_echo_of_nulls<T: Element>(connection: &mut Connection<'_, Stream>, values: &[T]) {
    assert_echo(connection, &values);
    let mut reply = connection.execute(&Quoted(&values)).unwrap();
    let vector = reply.value().unwrap().vector().unwrap();
    let nulls: Vec<bool> = (0..vector.len()).map(|index| vector.get(index).unwrap().is_null()).collect();
    let expected: Vec<bool> = values.iter().map(|value| value.is_null()).collect();
    assert_eq!(nulls, expected);
}

#[test]
fn vectors_of_every_width_come_back() {
    on_each(ALL, |_, connection| {
        assert_echoes(connection, &[true, false, true]);
        assert_echoes(connection, &[0u8, 1, 128, 255]);
        assert_echoes(connection, &[0i32, -1, i32::MIN + 1, i32::MAX]);
        assert_echoes(connection, &[0i64, -1, i64::MIN + 1, i64::MAX]);
        assert_echoes(connection, &[0.0f64, -0.0, 1.5, f64::MIN, f64::INFINITY]);
        assert_echoes(connection, &[Date(8780), Date(-1), Date(i32::MIN + 1)]);
        assert_echoes(connection, &[Time(45_296_789), Time(-1), Time(i32::MAX)]);
        assert_echoes(connection, &[Timestamp(758_630_096_789_012_345), Timestamp(-1), Timestamp(i64::MAX)]);
        assert_echoes(connection, &[Guid(*b"0123456789abcdef"), Guid([255; 16])]);
    });
}

#[test]
fn vectors_that_only_wire_3_has_come_back_from_it() {
    on_each(WIRE_3, |_, connection| {
        assert_echoes(connection, &[0i16, -1, i16::MIN + 1, i16::MAX]);
        assert_echoes(connection, &[0.0f32, -0.0, 1.5, f32::MAX, -f32::INFINITY]);
    });
    on_each(&["2.4.0"], |_, connection| {
        assert_echoes(connection, &[Timespan(0), Timespan(-5), Timespan(93_784_000_000_005)]);
    });
}

#[test]
fn vectors_of_symbols_come_back() {
    let long = "s".repeat(300);
    let many: Vec<String> = (0..3000).map(|number| format!("name{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    on_each(ALL, |_, connection| {
        assert_echo(connection, &Symbols(&[]));
        assert_echo(connection, &Symbols(&["a"]));
        assert_echo(connection, &Symbols(&["a", "", "\u{2603}", "two words", "a", &long]));
        assert_echo(connection, &Symbols(&many));
    });
}

/// On wire 1 these are lists of strings.
#[test]
fn vectors_of_strings_come_back() {
    let long = "x".repeat(1000);
    let many: Vec<String> = (0..3000).map(|number| format!("text number {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    on_each(ALL, |_, connection| {
        assert_echo(connection, &Strings(&[]));
        assert_echo(connection, &Strings(&["a"]));
        assert_echo(connection, &Strings(&["", "a\0b", "\u{2603}", "longer than twelve bytes", &long]));
        assert_echo(connection, &Strings(&many));
    });
}

/// 2.0.0 believes the flag, which says that there are nulls.
#[test]
fn nulls_of_a_sent_vector_do_not_count_in_its_sum() {
    on_each(ALL, |_, connection| {
        let sum = |connection: &mut Connection<'_, Stream>, values: &dyn Encode| {
            // In a list, because 2.0.0 never answers with a sum alone.
            evaluated(connection, &Call("list", &[&Call("sum", &[values])]))
        };
        assert_eq!(sum(connection, &[5, i64::MIN, 3]), "List((8))");
        assert_eq!(sum(connection, &[5, 4, 3i64]), "List((12))");
        assert_eq!(sum(connection, &[1.5, f64::from_bits(0x7ff8_0000_0000_0000), 0.25]), "List((1.75))");
    });
}

#[test]
fn a_received_vector_can_be_sent_again() {
    on_each(ALL, |server, connection| {
        let mut buffers = Box::new(rayforce_ipc::client::Buffers::<0x4_0000, 64>::new());
        let mut other = crate::support::connect(server, buffers.lend());
        for expression in ["(til 10000)", "[1 0Nl 3]", "[a b c]", "[1.5 0Nf]", "(list [1 2] 'a \"b\")"] {
            let mut reply = connection.execute(expression).unwrap();
            assert_echo(&mut other, &reply.value().unwrap());
            let value = reply.value().unwrap();
            assert_echo(&mut other, &List(&[&value, &value]));
        }
    });
}
