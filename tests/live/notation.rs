//! `Display` is the notation of the servers' language: sent as program text it means the same value.

use rayforce_ipc::client::Connection;
use rayforce_ipc::codec::literal::{Char, Dict, List, Symbols};
use rayforce_ipc::codec::{Encode, Symbol, Text, Value, Writer};
use rayforce_ipc::transports::tcp::Stream;
use rayforce_ipc::wire::{Date, Generation, Guid, Time, Timespan, Timestamp, Type};

use crate::support::{ALL, NullOf, WIRE_1, WIRE_3, on_each};

/// A value as `Display` writes it, and as `Debug` does.
fn shown(connection: &Connection<'_, Stream>, value: &dyn Encode) -> (String, String) {
    let mut buffer = [0; 4096];
    let bytes = Writer::encode(connection.generation(), value, &mut buffer).unwrap();
    let value = Value::decode(connection.generation(), bytes).unwrap();
    (value.to_string(), format!("{value:?}"))
}

/// What the server makes of a program.
fn read(connection: &mut Connection<'_, Stream>, program: &str) -> String {
    match connection.execute(program) {
        Ok(mut reply) => format!("{:?}", reply.value().unwrap()),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn assert_reads_back(connection: &mut Connection<'_, Stream>, value: &dyn Encode) {
    let (text, sent) = shown(connection, value);
    assert_eq!(read(connection, &text), sent, "{text}");
}

#[test]
fn numbers_read_back() {
    on_each(ALL, |_, connection| {
        let values: [&dyn Encode; 23] = [
            &true,
            &false,
            &0u8,
            &15u8,
            &255u8,
            &3i16,
            &(i16::MIN + 1),
            &i16::MAX,
            &-7i32,
            &(i32::MIN + 1),
            &i32::MAX,
            &0i64,
            &-5i64,
            &(i64::MIN + 1),
            &i64::MAX,
            &0.0,
            &-0.0,
            &1.5,
            &-1.5,
            &0.1,
            &0.300_000_000_000_000_04,
            &123_456_789.123_456_79,
            &1.5e16,
        ];
        values.iter().for_each(|value| assert_reads_back(connection, value));
    });
}

/// Wire 1 adds up the digits, and so is off by some of the last bits where the exponent is large.
#[test]
fn floats_with_an_exponent_read_back() {
    let values = [1e300, -1e300, 1e-300, 1e16, 1e-5, -2.5e-7, 1.234_567_890_123_456_7e-100];
    on_each(WIRE_3, |_, connection| {
        let extremes = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, f64::from_bits(1)];
        values.iter().chain(&extremes).for_each(|value| assert_reads_back(connection, value));
    });
    on_each(WIRE_1, |_, connection| {
        for value in values {
            let (text, _) = shown(connection, &value);
            let read = connection.execute(text.as_str()).unwrap().value().unwrap().as_f64().unwrap();
            assert!(((read - value) / value).abs() < 1e-13, "{text} is read as {read}");
        }
    });
}

/// 2.0.0 reads them as f64.
#[test]
fn f32s_read_back_on_2_4_0() {
    on_each(&["2.4.0"], |_, connection| {
        let values = [0.0f32, 1.5, -1.5, 0.1, 1e30, -2.5e-7, f32::MAX, f32::MIN_POSITIVE];
        values.iter().for_each(|value| assert_reads_back(connection, value));
        assert_reads_back(connection, &NullOf(Type::F32));
    });
}

#[test]
fn dates_and_times_read_back() {
    on_each(ALL, |_, connection| {
        for (year, month, day) in
            [(2024, 1, 15), (2000, 1, 1), (1999, 12, 31), (1970, 1, 1), (9999, 12, 31), (1, 1, 1)]
        {
            assert_reads_back(connection, &Date::from_ymd(year, month, day).unwrap());
        }
        for time in [0, 45_296_789, 1, -1, -3_600_000, 86_399_999, 356_400_000] {
            assert_reads_back(connection, &Time(time));
        }
        for moment in [0, 758_630_096_789_012_345, 1, -1, 100_000_000, -946_684_800_000_000_000] {
            let (text, sent) = shown(connection, &Timestamp(moment));
            // 0.1.5 goes on reading digits of a fraction behind the end of the program.
            assert_eq!(read(connection, &format!("(do {text})")), sent, "{text}");
        }
    });
}

#[test]
fn timespans_read_back_on_2_4_0() {
    on_each(&["2.4.0"], |_, connection| {
        for span in [0, 1, -1, 93_784_000_000_005, -93_784_000_000_005, i64::MAX] {
            assert_reads_back(connection, &Timespan(span));
        }
        assert_reads_back(connection, &NullOf(Type::Timespan));
    });
}

#[test]
fn nulls_read_back() {
    use Type::{F64, I16, I32, I64};
    on_each(ALL, |_, connection| {
        assert_reads_back(connection, &());
        for ty in [I16, I32, I64, F64, Type::Date, Type::Time, Type::Timestamp] {
            assert_reads_back(connection, &NullOf(ty));
        }
    });
    // 2.0.0 has no literal for it.
    on_each(&["0.1.5", "1.0.0", "2.4.0"], |_, connection| assert_reads_back(connection, &NullOf(Type::Guid)));
}

#[test]
fn text_reads_back_whatever_bytes_it_has() {
    let texts: [&[u8]; 8] = [
        b"",
        b"abc",
        b"a\"b\n",
        b"back\\slash \t\r 'quoted'",
        b"NUL \0 and \x01 \x1f \x7f 1",
        "\u{17e}lu\u{165}ou\u{10d}k\u{fd} \u{2603} \u{1f980}".as_bytes(),
        b"\xff\xfe no UTF-8",
        b"(+ 1 2) [1 2] {a: 1} ; comment",
    ];
    on_each(ALL, |_, connection| {
        texts.iter().for_each(|text| assert_reads_back(connection, &Text(text)));
        [0, 1, b'\n', b'\\', b'\'', b'"', b'a', 127, 255]
            .iter()
            .for_each(|byte| assert_reads_back(connection, &Char(*byte)));
    });
}

/// Wire 1 does not say that a symbol is a literal, which `Display` shows as a name therefore.
#[test]
fn symbols_read_back_as_literals() {
    on_each(ALL, |_, connection| {
        for name in ["abc", "", "a_1"] {
            let (text, sent) = shown(connection, &Symbol::quoted(name));
            let literal = format!("'{name}");
            assert_eq!(text, if connection.generation() == Generation::V1 { name } else { &literal });
            assert_eq!(read(connection, &literal), sent);
        }
    });
}

#[test]
fn vectors_lists_and_dicts_read_back() {
    let null = f64::from_bits(0x7ff8_0000_0000_0000);
    on_each(ALL, |_, connection| {
        let values: [&dyn Encode; 10] = [
            &[0i64; 0],
            &[1i64, 2, i64::MIN],
            &[1.5, null, 1e16],
            &[true, false],
            &[1u8, 255],
            &[Date(8780), Date(-1), Date::NULL],
            &[Time(45_296_789), Time::NULL],
            &[Timestamp(758_630_096_789_012_345), Timestamp::NULL],
            &Symbols(&["a", "b", "c"]),
            &Dict { keys: &Symbols(&["a", "b"]), values: &List(&[&1i64, &Text(b"x")]) },
        ];
        values.iter().for_each(|value| assert_reads_back(connection, value));
    });
}

/// The servers' language has no words for these. (It takes a guid for several numbers.)
#[test]
fn infinities_far_days_and_guids_do_not_read_back() {
    on_each(ALL, |_, connection| {
        let values: [&dyn Encode; 5] =
            [&f64::INFINITY, &-f64::INFINITY, &Date(i32::MAX), &Time(i32::MAX), &Guid(*b"0123456789abcdef")];
        for value in values {
            let (text, sent) = shown(connection, value);
            assert_ne!(read(connection, &text), sent, "{text}");
        }
    });
}
