//! Scalars and texts, sent quoted and read back.

use rayforce_ipc::Error;
use rayforce_ipc::codec::literal::Char;
use rayforce_ipc::codec::{Encode, Symbol, Text};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::wire::{Date, Guid, Tag, Time, Timespan, Timestamp, Type};

use crate::support::{ALL, NullOf, Quoted, WIRE_1, WIRE_3, assert_echo, on_each};

#[test]
fn integers_come_back_with_their_extremes() {
    on_each(ALL, |_, connection| {
        let values: [&dyn Encode; 19] = [
            &true,
            &false,
            &0u8,
            &255u8,
            &0i16,
            &-5i16,
            &(i16::MIN + 1),
            &i16::MAX,
            &0i32,
            &-5i32,
            &(i32::MIN + 1),
            &i32::MAX,
            &0i64,
            &-5i64,
            &(i64::MIN + 1),
            &i64::MAX,
            &Guid([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            &Guid([255; 16]),
            &Guid(*b"0123456789abcdef"),
        ];
        values.iter().for_each(|value| assert_echo(connection, value));
    });
}

#[test]
fn floats_come_back_with_their_extremes_infinities_and_negative_zero() {
    on_each(ALL, |_, connection| {
        let tiny = f64::from_bits(1);
        let values = [
            0.0,
            -0.0,
            1.5,
            -1.5,
            0.1,
            tiny,
            f64::MIN_POSITIVE,
            f64::MIN,
            f64::MAX,
            f64::INFINITY,
            -f64::INFINITY,
        ];
        values.iter().for_each(|value| assert_echo(connection, value));
    });
    on_each(WIRE_3, |_, connection| {
        let tiny = f32::from_bits(1);
        let values = [0.0, -0.0, 1.5, -1.5, 0.1, tiny, f32::MIN, f32::MAX, f32::INFINITY, -f32::INFINITY];
        values.iter().for_each(|value| assert_echo(connection, value));
    });
}

#[test]
fn a_nan_that_is_not_null_comes_back_bit_by_bit() {
    on_each(ALL, |_, connection| {
        for bits in [0x7ff8_0000_0000_1234, 0xfff8_0000_0000_0000, 0x7ff0_0000_0000_0001] {
            let mut reply = connection.execute(&Quoted(&f64::from_bits(bits))).unwrap();
            match reply.value().unwrap() {
                rayforce_ipc::Value::F64(value) => assert_eq!(value.to_bits(), bits),
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn dates_and_times_come_back_from_both_sides_of_2000() {
    let dates = [
        Date::from_ymd(2024, 1, 15).unwrap(),
        Date::from_ymd(2000, 1, 1).unwrap(),
        Date::from_ymd(1999, 12, 31).unwrap(),
        Date::from_ymd(1970, 1, 1).unwrap(),
        Date(i32::MIN + 1),
        Date(i32::MAX),
    ];
    let times = [Time(0), Time(45_296_789), Time(-1), Time(86_400_000), Time(i32::MIN + 1), Time(i32::MAX)];
    let moments =
        [0, 758_630_096_789_012_345, -1, -946_684_800_000_000_000, i64::MIN + 1, i64::MAX].map(Timestamp);
    on_each(ALL, |_, connection| {
        dates.iter().for_each(|value| assert_echo(connection, value));
        times.iter().for_each(|value| assert_echo(connection, value));
        moments.iter().for_each(|value| assert_echo(connection, value));
    });
}

#[test]
fn nulls_of_all_types_come_back_as_nulls() {
    use Type::{Bool, F32, F64, I16, I32, I64, String, Symbol, U8};
    on_each(ALL, |_, connection| {
        assert_echo(connection, &());
        for ty in [I16, I32, I64, F64, Type::Date, Type::Time, Type::Timestamp, Type::Guid, Symbol] {
            assert_echo(connection, &NullOf(ty));
        }
    });
    // Wire 1 has no nulls of these.
    on_each(WIRE_3, |_, connection| {
        for ty in [Bool, U8, F32, String] {
            assert_echo(connection, &NullOf(ty));
        }
    });
}

#[test]
fn timespans_come_back_from_2_4_0_only() {
    let spans = [0, 5, -5, 93_784_000_000_005, i64::MIN + 1, i64::MAX].map(Timespan);
    on_each(&["2.4.0"], |_, connection| {
        spans.iter().for_each(|value| assert_echo(connection, value));
        assert_echo(connection, &NullOf(Type::Timespan));
    });
    // It does not know the tag, and answers null to what it cannot read.
    on_each(&["2.0.0"], |_, connection| {
        assert!(connection.execute(&Quoted(&spans[1])).unwrap().value().unwrap().is_null());
    });
}

#[test]
fn what_wire_1_does_not_have_is_refused_before_a_byte_is_sent() {
    on_each(WIRE_1, |_, connection| {
        let values: [(&dyn Encode, Tag); 5] = [
            (&1.5f32, Tag::Atom(Type::F32)),
            (&Timespan(5), Tag::Atom(Type::Timespan)),
            (&[1.5f32], Tag::Vector(Type::F32)),
            (&[Timespan(5)], Tag::Vector(Type::Timespan)),
            (&[5i16], Tag::Vector(Type::I16)),
        ];
        for (value, refused) in values {
            let result = connection.execute(&Quoted(value));
            let Err(Error::Request(RequestError::Unsupported { tag, .. })) = result else {
                panic!("{result:?}");
            };
            assert_eq!(tag, refused);
        }
        assert_echo(connection, &5i64);
    });
}

#[test]
fn strings_come_back_whatever_bytes_they_have() {
    let long = "x".repeat(100_000);
    let texts: [&[u8]; 9] = [
        b"",
        b"a",
        b"twelve bytes",
        b"thirteen byte",
        "\u{17e}lu\u{165}ou\u{10d}k\u{fd} k\u{16f}\u{148} \u{2603} \u{1f980}".as_bytes(),
        b"NUL \0 inside\0",
        b"\"quoted\" \\ 'and' \r\n\t\x01\x7f",
        b"\xff\xfe no UTF-8",
        long.as_bytes(),
    ];
    on_each(ALL, |_, connection| {
        texts.iter().for_each(|text| assert_echo(connection, &Text(text)));
    });
}

#[test]
fn symbols_come_back_quoted_or_not() {
    let long = "s".repeat(300);
    let names: [&[u8]; 7] =
        [b"", b"abc", b"two words", "\u{2603}".as_bytes(), b"\"'\n", b"\xff\xfe", long.as_bytes()];
    on_each(ALL, |_, connection| {
        for name in names {
            for quoted in [true, false] {
                let mut reply = connection.execute(&Quoted(&Symbol::from_bytes(name, quoted))).unwrap();
                // What is not evaluated counts as a literal: on wire 3 the flag comes back set.
                assert_eq!(reply.value().unwrap().read::<Symbol<'_>>().unwrap().as_bytes(), name);
            }
        }
    });
}

#[test]
fn chars_come_back_on_wire_1_and_are_strings_on_wire_3() {
    on_each(ALL, |_, connection| {
        [b'x', b'\'', 0, 255].iter().for_each(|byte| assert_echo(connection, &Char(*byte)));
    });
}
