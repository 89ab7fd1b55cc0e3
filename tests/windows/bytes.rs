//! Any window is one shot.

use rayforce_ipc::client::Packing;
use rayforce_ipc::codec::literal::{Char, Dict, Lambda, List, Strings, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Text, Value, Writer};
use rayforce_ipc::wire::{
    Arity, Date, Generation, Guid, Header, MessageType, Time, Timespan, Timestamp, Type,
};

use crate::support::codec::{BOTH, By, sent};
use crate::support::script::frame;
use crate::support::transmit::{packed_request, windows, written, written_as};
use crate::support::unpack::unpack_all;
use crate::support::vectors::decodable;

/// Transmit buffers.
fn sizes() -> impl Iterator<Item = usize> {
    (1..=40).chain([64, 100, 1000])
}

/// The value through any transmit buffer, on each generation that has it.
fn assert_same(name: &str, value: &dyn Encode) {
    let mut generations = 0;
    for generation in BOTH {
        let Ok(size) = Writer::measure(generation, value) else { continue };
        generations += 1;
        let expected = frame(generation, MessageType::Sync, &sent(generation, value));
        assert_eq!(expected.len() as u64, size + 16);
        for transmit in sizes() {
            let windows = windows(generation, value, transmit).unwrap();
            assert!(windows.concat() == expected, "{name}: {generation:?} through {transmit} bytes");
            // Each window is full, but for the last one.
            assert_eq!(windows.len(), expected.len().div_ceil(transmit), "{name}: {transmit} bytes");
            let portions = written(generation, value, transmit, 3).unwrap();
            assert!(
                portions.concat() == expected,
                "{name}: {generation:?} through {transmit} bytes in threes"
            );
        }
    }
    assert!(generations > 0, "{name}: no generation has it");
    assert_same_packed(name, value);
}

/// The value packed through any transmit buffer that is large enough for it.
fn assert_same_packed(name: &str, value: &dyn Encode) {
    if Writer::measure(Generation::V3, value).is_err() {
        return;
    }
    let plain = sent(Generation::V3, value);
    for transmit in [64, 67, 83, 129, 1000] {
        let request = packed_request(Packing::ALWAYS, value, transmit);
        let header = Header::parse(Generation::V3, request.first_chunk().unwrap()).unwrap();
        assert!(header.packed && header.message == MessageType::Sync);
        assert_eq!(header.size as usize, request.len() - Header::LEN);
        assert!(unpack_all(&request[Header::LEN..]) == plain, "{name}: packed through {transmit} bytes");
        let portions =
            written_as(Generation::V3, Packing::ALWAYS, MessageType::Sync, value, transmit, 3).unwrap();
        assert!(portions.concat() == request, "{name}: packed through {transmit} bytes in threes");
    }
}

const NAMES: [&str; 5] = ["a", "", "name", "a name that is longer than many a transmit buffer", "z"];

#[test]
fn scalars_are_the_same_through_any_window() {
    assert_same("null", &());
    assert_same("bool", &true);
    assert_same("u8", &7u8);
    assert_same("i16", &-2i16);
    assert_same("i32", &0x0102_0304);
    assert_same("i64", &0x0102_0304_0506_0708i64);
    assert_same("f32", &1.5f32);
    assert_same("f64", &-1.5f64);
    assert_same("date", &Date(8780));
    assert_same("time", &Time(45_296_789));
    assert_same("timestamp", &Timestamp(7));
    assert_same("timespan", &Timespan(-7));
    assert_same("guid", &Guid(*b"0123456789abcdef"));
    assert_same("char", &Char(b'x'));
    assert_same("option", &None::<i64>);
    for ty in [Type::Bool, Type::I16, Type::F64, Type::Guid, Type::Symbol, Type::String] {
        assert_same("null of a type", &By(move |writer: &mut Writer<'_>| writer.typed_null(ty)));
    }
}

#[test]
fn texts_are_the_same_through_any_window() {
    for name in NAMES {
        assert_same("literal symbol", &Symbol::quoted(name));
        assert_same("name", &Symbol::name(name));
        assert_same("string", &Text::from(name));
        assert_same(
            "function",
            &By(|writer: &mut Writer<'_>| writer.function(Arity::Unary, name.as_bytes())),
        );
    }
}

#[test]
fn vectors_are_the_same_through_any_window() {
    assert_same("bools", &[true, false, true]);
    assert_same("bytes", &[7u8; 100]);
    assert_same("i16s", &[1i16, i16::MIN, 3]);
    assert_same("i32s", &[1, i32::MIN, 3]);
    assert_same("i64s", &[1i64, i64::MIN, 3]);
    assert_same("f32s", &[1f32, f32::NAN, 3.0]);
    assert_same("f64s", &[1f64, 2.0, 3.0]);
    assert_same("dates", &[Date(1), Date(2)]);
    assert_same("times", &[Time(1), Time(2)]);
    assert_same("timestamps", &[Timestamp(1), Timestamp(i64::MIN)]);
    assert_same("timespans", &[Timespan(1), Timespan(2)]);
    assert_same("guids", &[Guid([1; 16]), Guid([2; 16])]);
    assert_same("no elements", &[0i64; 0]);
    assert_same("by index", &By(|writer: &mut Writer<'_>| writer.vector_with(50, |index| index as i64)));
}

#[test]
fn symbols_and_strings_are_the_same_through_any_window() {
    assert_same("symbols", &Symbols(&NAMES));
    assert_same("strings", &Strings(&NAMES));
    assert_same("no symbols", &Symbols(&[]));
    assert_same("no strings", &Strings(&[]));
    assert_same("many symbols", &Symbols(&NAMES.repeat(40)));
    assert_same("many strings", &Strings(&NAMES.repeat(40)));
}

#[test]
fn containers_are_the_same_through_any_window() {
    let symbols = Symbols(&NAMES);
    let strings = Strings(&NAMES);
    let numbers = [1i64, 2, i64::MIN, 4, 5];
    let columns: [&dyn Encode; 3] = [&symbols, &strings, &numbers];
    let table = Table::new(&["sym", "text", "number"], &columns);
    let dict = Dict { keys: &symbols, values: &numbers };
    let inner = List(&[&1i64, &Symbol::quoted("b"), &table, &()]);
    assert_same("table", &table);
    assert_same("dict", &dict);
    assert_same("list", &inner);
    assert_same("no values", &List(&[]));
    let nested = List(&[&Symbol::name("insert"), &inner, &dict, &List(&[&List(&[&inner])]), &strings]);
    assert_same("nested lists", &nested);
    let closure = Dict { keys: &Symbols(&["x"]), values: &List(&[&5i64]) };
    assert_same(
        "closure",
        &Lambda { parameters: &["y"], statements: &[&inner, &nested], closure: Some(&closure) },
    );
    assert_same("lambda", &Lambda { parameters: &[], statements: &[&numbers, &inner], closure: None });
}

#[test]
fn sequences_inside_sequences_are_the_same_through_any_window() {
    /// Each sequence is behind a leaf and in front of one.
    fn sequences(writer: &mut Writer<'_>, counts: &[usize]) {
        let [count, inner @ ..] = counts else { return writer.symbols(2, |at| NAMES[at + 1].as_bytes()) };
        writer.list(3);
        writer.string(b"before");
        writer.list_with(*count, |writer, index| match index % 3 {
            0 => sequences(writer, inner),
            1 => writer.list_with(index, |writer, at| writer.scalar(at as i16)),
            _ => writer.vector_with(index, |at| at as i32),
        });
        writer.vector_with(3, |at| at as i64);
    }
    // Short and long ones are passed over in different ways.
    for counts in
        [&[20][..], &[20, 3], &[3, 20], &[16, 17], &[20, 20], &[3, 20, 3], &[20, 3, 18], &[3, 3, 3, 3]]
    {
        assert_same("sequences", &By(move |writer: &mut Writer<'_>| sequences(writer, counts)));
    }
}

#[test]
fn received_values_are_the_same_through_any_window() {
    let short = decodable().filter(|vector| vector.payload.len() < 300);
    for vector in short {
        let value = Value::decode(vector.generation, &vector.payload).unwrap();
        if Writer::measure(vector.generation, &value).is_ok() {
            assert_same(&vector.id, &value);
        }
    }
}

#[test]
fn a_request_that_fits_with_its_header_is_one_write() {
    for generation in [Generation::V1, Generation::V3] {
        let value = Text::from("(+ 1 2)");
        let len = 16 + sent(generation, &value).len();
        assert_eq!(windows(generation, &value, len).unwrap().len(), 1);
        assert_eq!(windows(generation, &value, len - 1).unwrap().len(), 2);
    }
}
