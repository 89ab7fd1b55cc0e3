use rayforce_ipc::codec::{Encode, Value, Writer, literal};
use rayforce_ipc::error::{Mismatch, Shape};
use rayforce_ipc::wire::{Date, Element, Generation, Guid, Tag, Time, Timespan, Timestamp, Type};

use crate::support::codec::{BOTH, By, assert_sent, decoded, sent};
use crate::support::hex::unhex;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;
const HAS_NULLS: u8 = 0x40;

const fn vector(ty: Type) -> Shape {
    Shape::Value(Tag::Vector(ty))
}

/// WIRE §6, each vector as a server of wire 1 and one of wire 3 sent it.
#[test]
fn vectors_are_written_as_servers_write_them() {
    let moments = [Timestamp(758_629_800_000_000_000), Timestamp::NULL];
    let rows: [(&dyn Encode, &str, &str); 8] = [
        (&[true, false, true], "01000300000000000000 010001", "01000300000000000000 010001"),
        (&[1u8, 2, 255], "02000300000000000000 0102ff", "02000300000000000000 0102ff"),
        (
            &[1i32, 2, i32::MIN],
            "04000300000000000000 010000000200000000000080",
            "04400300000000000000 010000000200000000000080",
        ),
        (
            &[1i64, 2, i64::MIN],
            "05000300000000000000 010000000000000002000000000000000000000000000080",
            "05400300000000000000 010000000000000002000000000000000000000000000080",
        ),
        (
            &[1.5, 2.5, f64::NAN],
            "0a000300000000000000 000000000000f83f0000000000000440000000000000f87f",
            "07400300000000000000 000000000000f83f0000000000000440000000000000f87f",
        ),
        (
            &[Date(8780), Date::NULL],
            "07000200000000000000 4c22000000000080",
            "08400200000000000000 4c22000000000080",
        ),
        (
            &[Time(45_296_789), Time::NULL],
            "08000200000000000000 952cb30200000080",
            "09400200000000000000 952cb30200000080",
        ),
        (
            &moments,
            "09000200000000000000 009006a1c831870a0000000000000080",
            "0a400200000000000000 009006a1c831870a0000000000000080",
        ),
    ];
    for (value, v1, v3) in rows {
        assert_sent(V1, value, v1);
        assert_sent(V3, value, v3);
    }
    assert_sent(V3, &[1i16, 2, 3], "03000300000000000000 010002000300");
    assert_sent(V3, &[1.5f32, f32::NAN], "06400200000000000000 0000c03f0000c07f");
    let spans = [Timespan(1_000_000_000), Timespan::NULL];
    assert_sent(V3, &spans, "10400200000000000000 00ca9a3b000000000000000000000080");
}

#[test]
fn empty_vectors_are_a_head_alone() {
    assert_sent(V1, &[0i64; 0], "05000000000000000000");
    assert_sent(V3, &[0i64; 0], "05000000000000000000");
    assert_sent(V1, &literal::Symbols(&[]), "06000000000000000000");
    assert_sent(V3, &literal::Symbols(&[]), "0c000000000000000000");
    assert_sent(V3, &literal::Strings(&[]), "0d000000000000000000");
    assert_sent(V1, &literal::Strings(&[]), "00000000000000000000");
    for generation in BOTH {
        let payload = sent(generation, &[0.0f64; 0]);
        let vector = decoded(generation, &payload).vector().unwrap();
        assert!(vector.is_empty());
        assert_eq!((vector.len(), vector.ty(), vector.get(0)), (0, Type::F64, None));
        assert_eq!(vector.iter::<f64>().unwrap().count(), 0);
    }
}

#[track_caller]
fn assert_flagged<T: Element>(some: T)
where
    [T]: Encode,
{
    let null = T::NULL.expect("a type with a null");
    let attr =
        |generation, values: &[T]| sent(generation, &By(|writer: &mut Writer<'_>| writer.vector(values)))[1];
    assert_eq!(attr(V3, &[some, some]), 0, "{:?}", T::TYPE);
    assert_eq!(attr(V3, &[]), 0, "{:?}", T::TYPE);
    assert_eq!(attr(V3, &[some, null]), HAS_NULLS, "{:?}", T::TYPE);
    assert_eq!(attr(V3, &[null, some]), HAS_NULLS, "{:?}", T::TYPE);
    if V1.tag_byte(Tag::Vector(T::TYPE)).is_some() {
        assert_eq!(attr(V1, &[some, null]), 0, "{:?}", T::TYPE);
    }
}

/// 2.0.0 adds sentinels up as numbers where the flag is missing.
#[test]
fn nulls_are_flagged_on_wire_three_exactly_where_a_sentinel_is() {
    assert_flagged(1i16);
    assert_flagged(1i32);
    assert_flagged(1i64);
    assert_flagged(1.0f32);
    assert_flagged(1.0f64);
    assert_flagged(Date(1));
    assert_flagged(Time(1));
    assert_flagged(Timestamp(1));
    assert_flagged(Timespan(1));
    assert_flagged(Guid([1; 16]));
    assert_eq!(sent(V3, &[false, true])[1], 0);
    assert_eq!(sent(V3, &[0u8, 255])[1], 0);
    assert_eq!(sent(V3, &literal::Symbols(&["a", ""]))[1], 0);
    assert_eq!(sent(V3, &literal::Strings(&["a", "b"]))[1], 0);
    assert_eq!(sent(V3, &literal::Strings(&["a", ""]))[1], HAS_NULLS);
}

#[test]
fn a_received_vector_that_lacks_its_flag_is_sent_on_with_it() {
    let payload = unhex("0500 0200000000000000 0500000000000000 0000000000000080");
    assert!(!decoded(V3, &payload).vector().unwrap().may_have_nulls());
    assert_eq!(sent(V3, &decoded(V3, &payload))[1], HAS_NULLS);
}

#[test]
fn elements_by_index_are_the_same_as_a_slice() {
    let numbers = [1i64, -2, i64::MIN, i64::MAX];
    let by_index = By(|writer: &mut Writer<'_>| writer.vector_with(4, |index| numbers[index]));
    for generation in BOTH {
        assert_eq!(sent(generation, &by_index), sent(generation, &numbers));
        assert_eq!(sent(generation, &&numbers[..]), sent(generation, &numbers));
    }
}

#[test]
fn elements_lie_in_the_payload_at_any_address() {
    let numbers = [1i64, -2, i64::MIN, i64::MAX];
    for generation in BOTH {
        for at in 0..8 {
            let mut buffer = vec![0xee; at];
            buffer.extend(sent(generation, &numbers));
            let vector = decoded(generation, &buffer[at..]).vector().unwrap();
            let elements = vector.i64s().unwrap();
            assert_eq!(elements.as_ptr().addr(), buffer[at + 10..].as_ptr().addr(), "not copied");
            assert!(elements.iter().map(|element| element.get()).eq(numbers), "at {at}");
        }
    }
}

#[test]
fn raw_elements_keep_their_sentinels() {
    let payload = sent(V3, &[1i32, i32::MIN]);
    let elements = decoded(V3, &payload).vector().unwrap().i32s().unwrap();
    assert_eq!([elements[0].get(), elements[1].get()], [1, i32::MIN]);
}

#[test]
fn every_fixed_width_has_its_slice() {
    let of = |value: &dyn Encode| sent(V3, value);
    assert_eq!(decoded(V3, &of(&[1u8, 255])).vector().unwrap().u8s(), Ok(&[1, 255][..]));
    assert_eq!(decoded(V3, &of(&[-1i16])).vector().unwrap().i16s().unwrap()[0].get(), -1);
    assert_eq!(decoded(V3, &of(&[1.5f32])).vector().unwrap().f32s().unwrap()[0].get(), 1.5);
    assert_eq!(decoded(V3, &of(&[1.5f64])).vector().unwrap().f64s().unwrap()[0].get(), 1.5);
    let guids = of(&[Guid([7; 16])]);
    assert_eq!(decoded(V3, &guids).vector().unwrap().elements::<Guid>().unwrap(), [[7; 16]]);
}

#[test]
fn a_null_element_is_none_or_a_mismatch_of_its_own() {
    let null = Mismatch { expected: Shape::Value(Tag::Atom(Type::I64)), found: Shape::NullOf(Type::I64) };
    for generation in BOTH {
        let payload = sent(generation, &[1i64, i64::MIN, 3]);
        let vector = decoded(generation, &payload).vector().unwrap();
        assert!(vector.may_have_nulls());
        assert!(vector.iter::<i64>().unwrap().eq([Ok(1), Err(null), Ok(3)]));
        assert!(vector.iter::<Option<i64>>().unwrap().eq([Ok(Some(1)), Ok(None), Ok(Some(3))]));
        assert_eq!(vector.get(1), Some(Value::TypedNull(Type::I64)));
    }
}

#[test]
fn every_nan_in_a_vector_is_null() {
    let payload = sent(V1, &[1.5, f64::from_bits(0xfff0_0000_0000_0001), f64::INFINITY]);
    let vector = decoded(V1, &payload).vector().unwrap();
    assert!(vector.iter::<Option<f64>>().unwrap().eq([Ok(Some(1.5)), Ok(None), Ok(Some(f64::INFINITY))]));
    assert_eq!(vector.f64s().unwrap()[1].get().to_bits(), 0xfff0_0000_0000_0001);
}

#[test]
fn another_element_type_is_a_mismatch_that_says_both_sides() {
    for generation in BOTH {
        let payload = sent(generation, &[1i32]);
        let vector_of_i32 = decoded(generation, &payload).vector().unwrap();
        let mismatch = |expected| Mismatch { expected: vector(expected), found: vector(Type::I32) };
        assert_eq!(vector_of_i32.i64s(), Err(mismatch(Type::I64)));
        assert_eq!(vector_of_i32.elements::<Date>(), Err(mismatch(Type::Date)));
        assert_eq!(vector_of_i32.iter::<i64>().unwrap_err(), mismatch(Type::I64));
        assert_eq!(vector_of_i32.symbols().unwrap_err(), mismatch(Type::Symbol));
        assert_eq!(vector_of_i32.names().unwrap_err(), mismatch(Type::Symbol));
        assert_eq!(vector_of_i32.strings().unwrap_err(), mismatch(Type::String));
        assert_eq!(vector_of_i32.i64s().unwrap_err().to_string(), "expected I64 vector, found I32 vector");
    }
}

#[test]
fn an_atom_is_no_vector() {
    let payload = sent(V3, &1i64);
    let mismatch = Mismatch { expected: Shape::AnyVector, found: Shape::Value(Tag::Atom(Type::I64)) };
    assert_eq!(decoded(V3, &payload).vector(), Err(mismatch));
    let payload = sent(V3, &[1i64]);
    let mismatch = Mismatch { expected: Shape::Value(Tag::Atom(Type::I64)), found: vector(Type::I64) };
    assert_eq!(decoded(V3, &payload).as_i64(), Err(mismatch));
}

#[test]
fn one_element_is_had_by_its_index() {
    for generation in BOTH {
        let payload = sent(generation, &[Date(1), Date(2)]);
        let vector = decoded(generation, &payload).vector().unwrap();
        assert_eq!(vector.get(1), Some(Value::Date(Date(2))));
        assert_eq!(vector.get(2), None);
        let payload = sent(generation, &literal::Symbols(&["a", "", "c"]));
        let vector = decoded(generation, &payload).vector().unwrap();
        assert_eq!(vector.get(2).unwrap().as_str(), Ok("c"));
        assert_eq!(vector.get(3), None);
    }
}

#[test]
fn any_element_reads_as_a_value() {
    let payload = sent(V3, &[1i16, i16::MIN]);
    let vector = decoded(V3, &payload).vector().unwrap();
    let values = vector.iter::<Value<'_>>().unwrap().map(Result::unwrap);
    assert!(values.eq([Value::I16(1), Value::TypedNull(Type::I16)]));
}

#[test]
fn every_byte_but_zero_is_true_in_a_vector() {
    let payload = unhex("0100 0300000000000000 000102");
    let vector = decoded(V3, &payload).vector().unwrap();
    assert!(vector.iter::<bool>().unwrap().eq([Ok(false), Ok(true), Ok(true)]));
}

#[test]
fn vectors_are_equal_by_their_elements() {
    let plain = unhex("0500 0100000000000000 0100000000000000");
    let flagged = unhex("0540 0100000000000000 0100000000000000");
    assert_eq!(decoded(V3, &plain), decoded(V3, &flagged));
    assert_eq!(decoded(V3, &flagged).vector().unwrap().attr(), HAS_NULLS);
    assert_ne!(decoded(V3, &plain), decoded(V3, &unhex("0500 0100000000000000 0200000000000000")));
}
