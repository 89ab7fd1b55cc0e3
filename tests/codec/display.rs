use rayforce_ipc::codec::{Encode, Symbol, Text, literal};
use rayforce_ipc::wire::{Date, Generation, Guid, Time, Timespan, Timestamp};

use crate::support::codec::{BOTH, decoded, sent};
use crate::support::hex::unhex;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

#[track_caller]
fn assert_shown(generation: Generation, value: &dyn Encode, display: &str, debug: &str) {
    let payload = sent(generation, value);
    assert_eq!(decoded(generation, &payload).to_string(), display, "{generation:?}");
    assert_eq!(format!("{:?}", decoded(generation, &payload)), debug, "{generation:?}");
}

#[test]
fn scalars_show_as_servers_write_them() {
    let rows: [(&dyn Encode, &str, &str); 14] = [
        (&(), "null", "Null"),
        (&true, "true", "Bool(true)"),
        (&255u8, "0xff", "U8(255)"),
        (&-5i16, "-5h", "I16(-5)"),
        (&7i32, "7i", "I32(7)"),
        (&3i64, "3", "I64(3)"),
        (&2.0f64, "2.0", "F64(2.0)"),
        (&1e300f64, "1.0e300", "F64(1e300)"),
        (&f64::NEG_INFINITY, "-inf", "F64(-inf)"),
        (&Date(8780), "2024.01.15", "Date(2024.01.15)"),
        (&Time(45_296_789), "12:34:56.789", "Time(12:34:56.789)"),
        (&Timestamp(-1), "1999.12.31D23:59:59.999999999", "Timestamp(1999.12.31D23:59:59.999999999)"),
        (
            &Guid([0xab; 16]),
            "abababab-abab-abab-abab-abababababab",
            "Guid(abababab-abab-abab-abab-abababababab)",
        ),
        (&Text(b"a"), "\"a\"", "String(\"a\")"),
    ];
    for generation in BOTH {
        for (value, display, debug) in rows {
            assert_shown(generation, value, display, debug);
        }
    }
    assert_shown(V3, &1.5f32, "1.5e", "F32(1.5)");
    assert_shown(V3, &Timespan(90_001_000_000_000), "1D01:00:01.000000000", "Timespan(1D01:00:01.000000000)");
    assert_shown(V1, &literal::Char(b'\n'), "'\\n'", "Char('\\n')");
}

#[test]
fn nulls_show_their_type() {
    let rows: [(&dyn Encode, &str, &str); 8] = [
        (&None::<i16>, "0Nh", "I16(null)"),
        (&None::<i32>, "0Ni", "I32(null)"),
        (&None::<i64>, "0Nl", "I64(null)"),
        (&None::<f64>, "0Nf", "F64(null)"),
        (&None::<Date>, "0Nd", "Date(null)"),
        (&None::<Time>, "0Nt", "Time(null)"),
        (&None::<Timestamp>, "0Np", "Timestamp(null)"),
        (&None::<Guid>, "0Ng", "Guid(null)"),
    ];
    for generation in BOTH {
        for (value, display, debug) in rows {
            assert_shown(generation, value, display, debug);
        }
    }
    assert_shown(V3, &None::<f32>, "0Ne", "F32(null)");
    assert_shown(V3, &None::<Timespan>, "0Nn", "Timespan(null)");
}

#[test]
fn a_literal_shows_its_quote() {
    assert_shown(V3, &Symbol::quoted("abc"), "'abc", "Symbol(\"abc\")");
    assert_shown(V3, &Symbol::name("abc"), "abc", "Symbol(\"abc\")");
    assert_shown(V1, &Symbol::quoted("abc"), "abc", "Symbol(\"abc\")");
}

/// Servers read octal escapes; hexadecimal ones are an error on wire 1.
#[test]
fn strings_show_with_escapes() {
    let text = r#""tab\tnl\nq\"b\\ \000\033 ☃""#;
    assert_shown(V3, &Text("tab\tnl\nq\"b\\ \0\x1b ☃".as_bytes()), text, &format!("String({text})"));
    assert_shown(V1, &Text(b"a\xffb"), r#""a\377b""#, r#"String("a\377b")"#);
    assert_eq!(Text(b"a\xff\xfeb").to_string(), "a\u{fffd}\u{fffd}b");
}

/// Wire 1 takes an exponent only behind a decimal point.
#[test]
fn floats_show_a_decimal_point() {
    let numbers = [1e300, -1e-300, 1.5e300, 0.0, 100.0];
    assert_shown(
        V1,
        &numbers,
        "[1.0e300 -1.0e-300 1.5e300 0.0 100.0]",
        "F64([1.0e300 -1.0e-300 1.5e300 0.0 100.0])",
    );
    assert_shown(V3, &1e30f32, "1.0e30e", "F32(1e30)");
}

#[test]
fn vectors_say_their_type_once() {
    let rows: [(&dyn Encode, &str, &str); 7] = [
        (&[1i64, 2, i64::MIN], "[1 2 0Nl]", "I64([1 2 0Nl])"),
        (&[1i32, i32::MIN], "[1 0Ni]", "I32([1 0Ni])"),
        (&[1.5, f64::NAN], "[1.5 0Nf]", "F64([1.5 0Nf])"),
        (&[true, false], "[true false]", "Bool([true false])"),
        (&[1u8, 255], "[0x01 0xff]", "U8([0x01 0xff])"),
        (&[0i64; 0], "[]", "I64([])"),
        (&literal::Symbols(&["a", "b"]), "[a b]", "Symbol([a b])"),
    ];
    for generation in BOTH {
        for (value, display, debug) in rows {
            assert_shown(generation, value, display, debug);
        }
    }
    assert_shown(V3, &literal::Strings(&["x", ""]), "[\"x\" \"\"]", "String([\"x\" \"\"])");
    assert_shown(V3, &[1i16, i16::MIN], "[1 0Nh]", "I16([1 0Nh])");
    assert_shown(V3, &[1.5f32, f32::NAN], "[1.5 0Ne]", "F32([1.5 0Ne])");
}

#[test]
fn containers_show_what_they_hold() {
    let nested = literal::List(&[&literal::List(&[&1i64, &2.0]), &literal::List(&[])]);
    let keys = literal::Symbols(&["a", "b"]);
    let flat = literal::Dict { keys: &keys, values: &literal::List(&[&1i64, &Text(b"x")]) };
    let deep = literal::Dict { keys: &keys, values: &literal::List(&[&1i64, &nested]) };
    let table = literal::Table::new(&["a", "b"], &[&[1i64, 2], &literal::Symbols(&["x", "y"])]);
    for generation in BOTH {
        assert_shown(generation, &nested, "((1 2.0) ())", "List(((1 2.0) ()))");
        assert_shown(generation, &flat, "{a:1 b:\"x\"}", "Dict({a:1 b:\"x\"})");
        assert_shown(
            generation,
            &deep,
            "(dict [a b] (1 ((1 2.0) ())))",
            "Dict((dict [a b] (1 ((1 2.0) ()))))",
        );
        assert_shown(generation, &table, "(table [a b] ([1 2] [x y]))", "Table((table [a b] ([1 2] [x y])))");
    }
}

#[test]
fn functions_and_errors_show_their_names() {
    let shown = |generation, digits: &str| decoded(generation, &unhex(digits)).to_string();
    assert_eq!(shown(V3, "662b00"), "+");
    assert_eq!(shown(V3, "7f7479706500000000"), "(error type)");
    assert_eq!(shown(V1, "7f12 0c000400000000000000 626f6f6d"), "(error raised \"boom\")");
    assert_eq!(
        shown(V1, "7f02000000000000000201 00000000000000000000000000000000000000000000"),
        "(error arity: needs 2, got 1)"
    );
    let statements: [&dyn Encode; 1] = [&literal::List(&[&Symbol::name("neg"), &Symbol::name("x")])];
    let lambda = literal::Lambda { parameters: &["x"], statements: &statements, closure: None };
    assert_shown(V3, &lambda, "(fn [x] ((neg x)))", "Lambda((fn [x] ((neg x))))");
    assert_shown(V1, &lambda, "(fn [x] (neg x))", "Lambda((fn [x] (neg x)))");
}

#[test]
fn a_precision_limits_elements_and_values() {
    let shown = |value: &dyn Encode, most: usize| {
        let payload = sent(V3, value);
        format!("{:.most$}", decoded(V3, &payload))
    };
    assert_eq!(shown(&[1i64, 2, 3], 2), "[1 2 ..]");
    assert_eq!(shown(&[1i64, 2], 2), "[1 2]");
    assert_eq!(shown(&[1i64], 0), "[..]");
    let list = literal::List(&[&1i64, &[1i64, 2, 3], &literal::List(&[&4i64, &5i64, &6i64]), &7i64]);
    assert_eq!(shown(&list, 3), "(1 [1 2 3] (4 5 6) ..)");
    assert_eq!(shown(&list, 2), "(1 [1 2 ..] ..)");
    assert_eq!(shown(&list, 1), "(1 ..)");
    assert_eq!(shown(&list, 0), "(..)");
    assert_eq!(shown(&literal::List(&[&list, &list]), 1), "((1 ..) ..)");
    let table = literal::Table::new(&["a", "b"], &[&[1i64, 2, 3], &literal::Symbols(&["x", "y", "z"])]);
    assert_eq!(shown(&table, 2), "(table [a b] ([1 2 ..] [x y ..]))");
}

#[test]
fn a_precision_does_not_round_numbers() {
    let payload = sent(V3, &[1.2345, 2.0]);
    assert_eq!(format!("{:.2}", decoded(V3, &payload)), "[1.2345 2.0]");
    let payload = sent(V3, &1.2345);
    assert_eq!(format!("{:.2}", decoded(V3, &payload)), "1.2345");
}
