use rayforce_ipc::codec::{Symbol, Text, Value, literal};
use rayforce_ipc::error::{Mismatch, Shape};
use rayforce_ipc::wire::{Generation, Tag, Type};

use crate::support::codec::{BOTH, decoded, sent};
use crate::support::hex::unhex;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

#[test]
fn a_list_holds_values_of_any_kind() {
    let inner = literal::List(&[&2i64, &()]);
    for generation in BOTH {
        let payload = sent(generation, &literal::List(&[&1i64, &Text(b"a"), &inner, &[1.5f64]]));
        let list = decoded(generation, &payload).list().unwrap();
        assert_eq!((list.len(), list.is_empty(), list.iter().len()), (4, false, 4));
        assert_eq!(list.get(0), Some(Value::I64(1)));
        assert_eq!(list.get(1).unwrap().as_str(), Ok("a"));
        assert!(list.get(2).unwrap().list().unwrap().into_iter().eq([Value::I64(2), Value::Null]));
        assert_eq!(list.get(3).unwrap().vector().unwrap().f64s().unwrap()[0].get(), 1.5);
        assert_eq!(list.get(4), None);
        assert_eq!(list.iter().count(), 4);
    }
}

#[test]
fn an_empty_list_has_no_values() {
    for generation in BOTH {
        let payload = sent(generation, &literal::List(&[]));
        assert_eq!(payload, unhex("00000000000000000000"));
        let list = decoded(generation, &payload).list().unwrap();
        assert!(list.is_empty());
        assert_eq!(list.iter().next(), None);
    }
}

#[test]
fn a_container_of_another_kind_is_a_mismatch() {
    let payload = sent(V3, &literal::List(&[]));
    let value = decoded(V3, &payload);
    let mismatch = |tag| Mismatch { expected: Shape::Value(tag), found: Shape::Value(Tag::List) };
    assert_eq!(value.table().unwrap_err(), mismatch(Tag::Table));
    assert_eq!(value.dict().unwrap_err(), mismatch(Tag::Dict));
    assert_eq!(value.dict().unwrap_err().to_string(), "expected dict, found list");
    assert_eq!(decoded(V3, &[0x7e]).list().unwrap_err().to_string(), "expected list, found null");
}

#[test]
fn a_dict_finds_the_value_of_a_key() {
    for generation in BOTH {
        let keys = literal::Symbols(&["a", "b", "a"]);
        let values = literal::List(&[&1i64, &Text(b"x"), &3i64]);
        let payload = sent(generation, &literal::Dict { keys: &keys, values: &values });
        let dict = decoded(generation, &payload).dict().unwrap();
        assert_eq!((dict.len(), dict.is_empty()), (3, false));
        assert_eq!(dict.get("a"), Some(Value::I64(1)), "the first of two");
        assert_eq!(dict.get("b").unwrap().as_str(), Ok("x"));
        assert_eq!(dict.get("c"), None);
    }
}

/// Wire 1 answers so where all values are of one type.
#[test]
fn the_values_of_a_dict_may_be_a_vector() {
    for generation in BOTH {
        let dict = literal::Dict { keys: &literal::Symbols(&["a", "b"]), values: &[1i64, i64::MIN] };
        let payload = sent(generation, &dict);
        let dict = decoded(generation, &payload).dict().unwrap();
        assert_eq!(dict.get("a"), Some(Value::I64(1)));
        assert_eq!(dict.get("b"), Some(Value::TypedNull(Type::I64)));
    }
}

#[test]
fn the_keys_of_a_dict_may_be_anything() {
    let dict = literal::Dict { keys: &[7i64, 8], values: &literal::Symbols(&["x", "y"]) };
    for generation in BOTH {
        let payload = sent(generation, &dict);
        let dict = decoded(generation, &payload).dict().unwrap();
        let pairs = [(Value::I64(7), Symbol::quoted("x")), (Value::I64(8), Symbol::quoted("y"))];
        assert!(dict.iter().eq(pairs.map(|(key, symbol)| (key, Value::Symbol(symbol)))));
        assert_eq!(dict.get("x"), None);
        assert_eq!(dict.keys().vector().unwrap().ty(), Type::I64);
        assert_eq!(dict.values().vector().unwrap().ty(), Type::Symbol);
    }
    let dict = literal::Dict { keys: &literal::Strings(&["k1", "k2"]), values: &[1i64, 2] };
    for generation in BOTH {
        let payload = sent(generation, &dict);
        assert_eq!(decoded(generation, &payload).dict().unwrap().get("k2"), Some(Value::I64(2)));
    }
}

/// Keys are null on wire 1 and an empty list on wire 3.
#[test]
fn an_empty_dict_has_keys_of_its_generation() {
    let v1 = unhex("63007e00000000000000000000");
    let v3 = unhex("63000000000000000000000000000000000000000000");
    for (generation, payload) in [(V1, v1), (V3, v3)] {
        let dict = decoded(generation, &payload).dict().unwrap();
        assert!(dict.is_empty());
        assert_eq!(dict.iter().count(), 0);
        assert_eq!(dict.get(""), None);
        assert_eq!(sent(generation, &dict), payload);
    }
}

#[test]
fn pairs_end_with_the_shorter_side_of_a_dict() {
    let dict = literal::Dict { keys: &literal::Symbols(&["a", "b"]), values: &[1i64] };
    let payload = sent(V1, &dict);
    let dict = decoded(V1, &payload).dict().unwrap();
    assert_eq!((dict.len(), dict.iter().count()), (2, 1));
    assert_eq!(dict.get("b"), None);
}

#[test]
fn containers_are_sent_on_as_they_came() {
    let columns = literal::Table::new(&["a", "l"], &[&[1i64, 2], &literal::List(&[&(), &Text(b"x")])]);
    let dict = literal::Dict { keys: &literal::Symbols(&["t"]), values: &literal::List(&[&columns]) };
    let value = literal::List(&[&dict, &columns, &literal::List(&[&dict])]);
    for generation in BOTH {
        let payload = sent(generation, &value);
        assert_eq!(sent(generation, &decoded(generation, &payload)), payload);
    }
}

#[test]
fn what_came_from_one_generation_goes_to_the_other_as_its_own() {
    let value = literal::List(&[&1i64, &Symbol::name("a"), &Text(b"x"), &[1.5, f64::NAN], &None::<i32>]);
    let (v1, v3) = (sent(V1, &value), sent(V3, &value));
    assert_eq!(sent(V1, &decoded(V3, &v3)), v1);
    assert_eq!(sent(V3, &decoded(V1, &v1)), v3);
}

#[test]
fn bytes_behind_the_value_are_an_error_on_wire_three_alone() {
    let mut v1 = sent(V1, &1i64);
    let mut v3 = sent(V3, &1i64);
    v1.extend([0; 8]);
    v3.extend([0; 8]);
    assert_eq!(decoded(V1, &v1), Value::I64(1));
    let error = Value::decode(V3, &v3).unwrap_err();
    assert_eq!((error.offset, error.closes()), (10, false));
    assert_eq!(error.to_string(), "8 bytes behind the value at byte 10");
}
