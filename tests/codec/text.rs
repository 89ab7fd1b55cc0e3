use std::hash::{DefaultHasher, Hash, Hasher};

use rayforce_ipc::codec::{Request, Symbol, Text, Value, Writer, literal};
use rayforce_ipc::error::{Mismatch, Shape};
use rayforce_ipc::wire::{Generation, Type};

use crate::support::codec::{BOTH, By, assert_sent, decoded, sent};
use crate::support::hex::unhex;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

const fn not_utf8(at: usize) -> Mismatch {
    Mismatch { expected: Shape::Utf8, found: Shape::NotUtf8(at) }
}

#[test]
fn only_wire_three_tells_literals_from_names() {
    for (symbol, quoted) in [(Symbol::quoted("abc"), true), (Symbol::name("abc"), false)] {
        let v1 = sent(V1, &symbol);
        let v3 = sent(V3, &symbol);
        assert!(!decoded(V1, &v1).read::<Symbol<'_>>().unwrap().is_quoted());
        assert_eq!(decoded(V3, &v3).read::<Symbol<'_>>().unwrap().is_quoted(), quoted);
    }
}

#[test]
fn symbols_are_equal_by_their_names() {
    let hash = |symbol: Symbol<'_>| {
        let mut hasher = DefaultHasher::new();
        symbol.hash(&mut hasher);
        hasher.finish()
    };
    assert_eq!(Symbol::quoted("a"), Symbol::name("a"));
    assert_eq!(hash(Symbol::quoted("a")), hash(Symbol::name("a")));
    assert_ne!(Symbol::quoted("a"), Symbol::quoted("b"));
    assert_eq!(Symbol::quoted("a"), *"a");
}

#[test]
fn symbols_and_strings_both_read_as_text() {
    for generation in BOTH {
        for text in ["", "a", "tab\tnl\n", "héllo ☃ 😀", &"s".repeat(300)] {
            let (symbol, string) =
                (sent(generation, &Symbol::quoted(text)), sent(generation, &Text::from(text)));
            assert_eq!(decoded(generation, &symbol).as_str(), Ok(text));
            assert_eq!(decoded(generation, &string).as_str(), Ok(text));
            assert_eq!(decoded(generation, &symbol).read::<Text<'_>>(), Ok(Text::from(text)));
            assert_eq!(decoded(generation, &string).read::<Option<&str>>(), Ok(Some(text)));
        }
    }
}

#[test]
fn a_string_is_no_symbol() {
    let payload = sent(V3, &Text(b"a"));
    assert!(decoded(V3, &payload).read::<Symbol<'_>>().is_err());
}

#[test]
fn strings_hold_any_bytes() {
    for generation in BOTH {
        let payload = sent(generation, &Text(b"a\0b\xff"));
        let value = decoded(generation, &payload);
        assert_eq!(value.read::<Text<'_>>().unwrap().as_bytes(), b"a\0b\xff");
        assert_eq!(value.as_str(), Err(not_utf8(3)));
        let payload = sent(generation, &Text(b"a\0b"));
        assert_eq!(decoded(generation, &payload).as_str(), Ok("a\0b"));
    }
    assert_sent(V1, &Text(b"a\0b"), "0c000300000000000000 610062");
    assert_sent(V3, &Text(b"a\0b"), "f3000300000000000000 610062");
}

#[test]
fn a_bare_str_as_a_request_is_program_text() {
    let request = By(|writer: &mut Writer<'_>| "(+ 1 2)".encode_request(writer));
    for generation in BOTH {
        assert_eq!(sent(generation, &request), sent(generation, &Text(b"(+ 1 2)")));
    }
    assert_sent(V3, &request, "f3000700000000000000 282b2031203229");
}

#[cfg(feature = "std")]
#[test]
fn an_owned_string_as_a_request_is_program_text() {
    let text = String::from("(+ 1 2)");
    let request = By(|writer: &mut Writer<'_>| (&text).encode_request(writer));
    assert_eq!(sent(V3, &request), sent(V3, &Text(b"(+ 1 2)")));
}

#[test]
fn a_null_string_is_none_and_an_empty_one_is_not() {
    let (null, empty) = (unhex("f301 0000000000000000"), unhex("f300 0000000000000000"));
    assert_eq!(decoded(V3, &null), Value::TypedNull(Type::String));
    assert_eq!(decoded(V3, &null).read::<Option<&str>>(), Ok(None));
    assert_eq!(decoded(V3, &empty).read::<Option<&str>>(), Ok(Some("")));
    assert!(matches!(decoded(V3, &null).as_str(), Err(Mismatch { found: Shape::NullOf(Type::String), .. })));
}

#[test]
fn a_char_is_a_string_of_one_byte_where_there_are_no_chars() {
    assert_sent(V1, &literal::Char(b'x'), "f478");
    assert_sent(V3, &literal::Char(b'x'), "f3000100000000000000 78");
    assert_eq!(decoded(V1, &unhex("f4ff")), Value::Char(0xff));
}

#[test]
fn names_of_a_vector_come_in_order() {
    let names = ["a", "", "ccc", "☃"];
    for generation in BOTH {
        let payload = sent(generation, &literal::Symbols(&names));
        let vector = decoded(generation, &payload).vector().unwrap();
        let symbols = vector.symbols().unwrap();
        assert_eq!(symbols.len(), 4);
        assert!(symbols.eq(names));
        assert!(vector.names().unwrap().eq(names.map(str::as_bytes)));
        assert!(vector.iter::<&str>().unwrap().eq(names.map(Ok)));
        assert!(vector.iter::<Symbol<'_>>().unwrap().eq(names.map(|name| Ok(Symbol::quoted(name)))));
    }
}

#[test]
fn names_that_are_no_utf8_are_still_had_as_bytes() {
    let payload = unhex("0600 0300000000000000 6100 62fffe00 6300");
    let vector = decoded(V1, &payload).vector().unwrap();
    assert_eq!(vector.symbols().unwrap_err(), not_utf8(3));
    assert_eq!(vector.iter::<&str>().unwrap_err(), not_utf8(3));
    let names = [&b"a"[..], b"b\xff\xfe", b"c"];
    assert!(vector.names().unwrap().eq(names));
    assert!(vector.iter::<Text<'_>>().unwrap().eq(names.map(|name| Ok(Text(name)))));
}

/// Each half of a two-byte character is in another name.
#[test]
fn a_character_does_not_reach_over_the_end_of_a_name() {
    let payload = unhex("0c00 0200000000000000 c300 a900");
    assert_eq!(decoded(V3, &payload).vector().unwrap().symbols().unwrap_err(), not_utf8(0));
}

#[test]
fn a_symbol_that_is_no_utf8_is_sent_on_as_it_came() {
    for (generation, digits) in [(V1, "fafffe00"), (V3, "f420fffe00")] {
        let payload = unhex(digits);
        let value = decoded(generation, &payload);
        assert_eq!(value.as_str(), Err(not_utf8(0)));
        assert_eq!(value.read::<Symbol<'_>>().unwrap().as_bytes(), b"\xff\xfe");
        assert_sent(generation, &value, digits);
        assert_sent(generation, &Symbol::from_bytes(b"\xff\xfe", true), digits);
    }
}

#[test]
fn strings_are_a_vector_on_wire_three_and_a_list_on_wire_one() {
    let texts = ["x", "", "a\0b"];
    let payload = sent(V3, &literal::Strings(&texts));
    let vector = decoded(V3, &payload).vector().unwrap();
    assert_eq!((vector.ty(), vector.strings().unwrap().len()), (Type::String, 3));
    assert!(vector.strings().unwrap().eq(texts.map(Text::from)));
    assert!(vector.iter::<&str>().unwrap().eq(texts.map(Ok)));
    assert_eq!(vector.get(2), Some(Value::String(Text(b"a\0b"))));
    assert_eq!(vector.get(3), None);

    let payload = sent(V1, &literal::Strings(&texts));
    let list = decoded(V1, &payload).list().unwrap();
    assert!(list.iter().map(|value| value.as_str().unwrap()).eq(texts));
}

#[test]
fn a_received_string_vector_goes_to_wire_one_as_a_list() {
    let payload = sent(V3, &literal::Strings(&["x", "yy"]));
    assert_eq!(sent(V1, &decoded(V3, &payload)), sent(V1, &literal::Strings(&["x", "yy"])));
}

#[test]
fn one_string_that_is_no_utf8_spoils_no_other() {
    let payload = unhex("0d00 0200000000000000 0100000000000000 ff 0100000000000000 61");
    let vector = decoded(V3, &payload).vector().unwrap();
    assert!(vector.iter::<&str>().unwrap().eq([Err(not_utf8(0)), Ok("a")]));
}
