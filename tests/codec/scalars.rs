use std::fmt::Debug;

use rayforce_ipc::codec::{Cell, Encode, Symbol, Value};
use rayforce_ipc::error::{Mismatch, Shape};
use rayforce_ipc::wire::{Date, Element, Generation, Guid, Tag, Time, Timespan, Timestamp, Type};

use crate::support::codec::{BOTH, By, assert_sent, decoded, sent};
use crate::support::hex::unhex;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

const fn atom(ty: Type) -> Shape {
    Shape::Value(Tag::Atom(ty))
}

#[track_caller]
fn assert_comes_back<T>(generations: &[Generation], values: &[T])
where
    T: Element + Encode + Debug + PartialEq + for<'a> Cell<'a>,
    Option<T>: for<'a> Cell<'a>,
{
    for generation in generations {
        for value in values {
            let payload = sent(*generation, value);
            assert_eq!(decoded(*generation, &payload).read::<T>(), Ok(*value), "{generation:?}");
            assert_eq!(
                decoded(*generation, &payload).read::<Option<T>>(),
                Ok(Some(*value)),
                "{generation:?}"
            );
        }
    }
}

#[track_caller]
fn assert_null_comes_back<T>(generations: &[Generation])
where
    T: Element + Debug + PartialEq + for<'a> Cell<'a>,
    Option<T>: Encode + for<'a> Cell<'a>,
{
    for generation in generations {
        let payload = sent(*generation, &None::<T>);
        let value = decoded(*generation, &payload);
        let null = Mismatch { expected: atom(T::TYPE), found: Shape::NullOf(T::TYPE) };
        assert_eq!(value, Value::TypedNull(T::TYPE), "{generation:?}");
        assert!(value.is_null());
        assert_eq!(value.read::<T>(), Err(null), "{generation:?}");
        assert_eq!(value.read::<Option<T>>(), Ok(None), "{generation:?}");
    }
}

#[test]
fn scalars_come_back_at_their_extremes() {
    assert_comes_back(&BOTH, &[true, false]);
    assert_comes_back(&BOTH, &[0u8, 1, 0x80, u8::MAX]);
    assert_comes_back(&BOTH, &[i16::MIN + 1, -1, 0, 1, i16::MAX]);
    assert_comes_back(&BOTH, &[i32::MIN + 1, -1, 0, 1, i32::MAX]);
    assert_comes_back(&BOTH, &[i64::MIN + 1, -1, 0, 1, i64::MAX]);
    assert_comes_back(&[V3], &[f32::MIN, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NEG_INFINITY]);
    assert_comes_back(&BOTH, &[f64::MIN, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NEG_INFINITY]);
    assert_comes_back(&BOTH, &[Date(i32::MIN + 1), Date(-1), Date(0), Date(i32::MAX)]);
    assert_comes_back(&BOTH, &[Time(i32::MIN + 1), Time(-1), Time(0), Time(i32::MAX)]);
    assert_comes_back(&BOTH, &[Timestamp(i64::MIN + 1), Timestamp(0), Timestamp(i64::MAX)]);
    assert_comes_back(&[V3], &[Timespan(i64::MIN + 1), Timespan(0), Timespan(i64::MAX)]);
    assert_comes_back(&BOTH, &[Guid([0xff; 16]), Guid(*b"0123456789abcdef")]);
}

#[test]
fn a_negative_zero_keeps_its_sign() {
    for generation in BOTH {
        let payload = sent(generation, &-0.0f64);
        assert_eq!(decoded(generation, &payload).as_f64().map(f64::to_bits), Ok((-0.0f64).to_bits()));
    }
}

#[test]
fn the_sentinel_of_a_type_is_its_null() {
    assert_null_comes_back::<i16>(&BOTH);
    assert_null_comes_back::<i32>(&BOTH);
    assert_null_comes_back::<i64>(&BOTH);
    assert_null_comes_back::<f32>(&[V3]);
    assert_null_comes_back::<f64>(&BOTH);
    assert_null_comes_back::<Date>(&BOTH);
    assert_null_comes_back::<Time>(&BOTH);
    assert_null_comes_back::<Timestamp>(&BOTH);
    assert_null_comes_back::<Timespan>(&[V3]);
    assert_null_comes_back::<Guid>(&BOTH);
    for generation in BOTH {
        assert_eq!(sent(generation, &i64::MIN), sent(generation, &None::<i64>));
        assert_eq!(sent(generation, &f64::NAN), sent(generation, &None::<f64>));
        assert_eq!(sent(generation, &Some(Date::NULL)), sent(generation, &None::<Date>));
        assert_eq!(sent(generation, &Guid::default()), sent(generation, &None::<Guid>));
    }
}

/// WIRE §5, each value as a server of wire 1 and one of wire 3 sent it.
#[test]
fn atoms_are_written_as_servers_write_them() {
    let guid = Guid([
        0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
    ]);
    let rows: [(&dyn Encode, &str, &str); 24] = [
        (&(), "7e", "7e"),
        (&true, "ff01", "ff0001"),
        (&false, "ff00", "ff0000"),
        (&255u8, "feff", "fe00ff"),
        (&5i16, "fd0500", "fd000500"),
        (&-5i16, "fdfbff", "fd00fbff"),
        (&None::<i16>, "fd0080", "fd010080"),
        (&7i32, "fc07000000", "fc0007000000"),
        (&None::<i32>, "fc00000080", "fc0100000080"),
        (&3i64, "fb0300000000000000", "fb000300000000000000"),
        (&-42i64, "fbd6ffffffffffffff", "fb00d6ffffffffffffff"),
        (&None::<i64>, "fb0000000000000080", "fb010000000000000080"),
        (&1.5f64, "f6000000000000f83f", "f900000000000000f83f"),
        (&None::<f64>, "f6000000000000f87f", "f901000000000000f87f"),
        (&Date(8780), "f94c220000", "f8004c220000"),
        (&None::<Date>, "f900000080", "f80100000080"),
        (&Time(45_296_789), "f8952cb302", "f700952cb302"),
        (&None::<Time>, "f800000080", "f70100000080"),
        (&Timestamp(758_629_800_123_456_789), "f7155d62a8c831870a", "f600155d62a8c831870a"),
        (&None::<Timestamp>, "f70000000000000080", "f6010000000000000080"),
        (&guid, "f50123456789abcdef0123456789abcdef", "f5000123456789abcdef0123456789abcdef"),
        (&None::<Guid>, "f500000000000000000000000000000000", "f50100000000000000000000000000000000"),
        (&Symbol::quoted("abc"), "fa61626300", "f42061626300"),
        (&Symbol::name("abc"), "fa61626300", "f40061626300"),
    ];
    for (value, v1, v3) in rows {
        assert_sent(V1, value, v1);
        assert_sent(V3, value, v3);
    }
    assert_sent(V3, &1.5f32, "fa000000c03f");
    assert_sent(V3, &None::<f32>, "fa010000c07f");
    assert_sent(V3, &Timespan(93_784_000_000_005), "f000057001ca4b550000");
    assert_sent(V3, &None::<Timespan>, "f0010000000000000080");
}

#[test]
fn types_without_a_null_are_sent_as_zero_or_empty() {
    let null = |ty| By(move |writer: &mut rayforce_ipc::codec::Writer<'_>| writer.typed_null(ty));
    let rows = [
        (Type::Bool, "ff00", "ff0100"),
        (Type::U8, "fe00", "fe0100"),
        (Type::Symbol, "fa00", "f42000"),
        (Type::String, "0c000000000000000000", "f3010000000000000000"),
    ];
    for (ty, v1, v3) in rows {
        assert_sent(V1, &null(ty), v1);
        assert_sent(V3, &null(ty), v3);
    }
    let payload = unhex("ff0100");
    assert_eq!(decoded(V3, &payload), Value::TypedNull(Type::Bool));
    assert_eq!(decoded(V3, &payload).read::<Option<bool>>(), Ok(None));
}

#[test]
fn a_null_is_told_by_its_flag_or_by_its_sentinel() {
    for digits in ["fb01 0500000000000000", "fb00 0000000000000080", "fb01 0000000000000080"] {
        assert_eq!(decoded(V3, &unhex(digits)), Value::TypedNull(Type::I64), "{digits}");
    }
    assert_eq!(decoded(V3, &unhex("fb02 0500000000000000")), Value::I64(5), "another flag means nothing");
}

#[test]
fn a_nan_with_a_payload_keeps_it_and_reads_as_null() {
    let bits = 0xfff0_0000_0000_0001;
    for generation in BOTH {
        let payload = sent(generation, &f64::from_bits(bits));
        let value = decoded(generation, &payload);
        assert!(matches!(value, Value::F64(number) if number.to_bits() == bits), "{value:?}");
        assert_eq!(value.read::<Option<f64>>(), Ok(None));
        let null = Mismatch { expected: atom(Type::F64), found: Shape::NullOf(Type::F64) };
        assert_eq!(value.as_f64(), Err(null));
        assert_eq!(sent(generation, &value), payload);
    }
}

#[test]
fn every_byte_but_zero_is_true() {
    assert_eq!(decoded(V1, &unhex("ff02")).as_bool(), Ok(true));
    assert_eq!(decoded(V3, &unhex("ff0002")).as_bool(), Ok(true));
    assert_eq!(decoded(V3, &unhex("ff0000")).as_bool(), Ok(false));
}

#[test]
fn another_type_is_a_mismatch_that_says_both_sides() {
    let mismatch = |expected, found| Mismatch { expected: atom(expected), found };
    for generation in BOTH {
        let payload = sent(generation, &7i32);
        let value = decoded(generation, &payload);
        assert_eq!(value.as_i32(), Ok(7));
        assert_eq!(value.as_i64(), Err(mismatch(Type::I64, atom(Type::I32))));
        assert_eq!(value.as_f64(), Err(mismatch(Type::F64, atom(Type::I32))));
        assert_eq!(value.as_bool(), Err(mismatch(Type::Bool, atom(Type::I32))));
        assert_eq!(value.as_str(), Err(mismatch(Type::String, atom(Type::I32))));
        assert_eq!(value.read::<Option<i64>>(), Err(mismatch(Type::I64, atom(Type::I32))));
        assert_eq!(value.read::<Date>(), Err(mismatch(Type::Date, atom(Type::I32))));
        assert_eq!(value.as_i64().unwrap_err().to_string(), "expected I64 atom, found I32 atom");
    }
}

#[test]
fn the_null_of_another_type_is_a_mismatch() {
    for generation in BOTH {
        let payload = sent(generation, &None::<i32>);
        let found = Shape::NullOf(Type::I32);
        let mismatch = Mismatch { expected: atom(Type::I64), found };
        assert_eq!(decoded(generation, &payload).read::<Option<i64>>(), Err(mismatch));
        assert_eq!(mismatch.to_string(), "expected I64 atom, found I32 null");
    }
}

#[test]
fn null_without_a_type_is_none_of_every_type() {
    for generation in BOTH {
        let null = decoded(generation, &[0x7e]);
        assert!(null.is_null());
        assert_eq!(null.read::<Option<i64>>(), Ok(None));
        assert_eq!(null.read::<Option<&str>>(), Ok(None));
        let mismatch = Mismatch { expected: atom(Type::I64), found: Shape::Value(Tag::Null) };
        assert_eq!(null.as_i64(), Err(mismatch));
    }
}

#[test]
fn a_value_reads_as_itself() {
    let payload = sent(V3, &3i64);
    let value = decoded(V3, &payload);
    assert_eq!(value.read::<Value<'_>>(), Ok(value));
    assert_eq!(value.shape(), atom(Type::I64));
}
