use std::sync::atomic::{AtomicUsize, Ordering};

use rayforce_ipc::codec::{Encode, Symbol, Text, Value, Writer, literal};
use rayforce_ipc::error::{RequestError, ServerError};
use rayforce_ipc::wire::{Arity, Generation, Tag, Timespan, Type};

use crate::support::codec::{BOTH, By, decoded, refused, sent};
use crate::support::hex::unhex;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;
const MIB: usize = 1 << 20;

#[test]
fn what_a_generation_does_not_have_cannot_be_sent_to_it() {
    let rows: [(&dyn Encode, Tag); 8] = [
        (&1.5f32, Tag::Atom(Type::F32)),
        (&None::<f32>, Tag::Atom(Type::F32)),
        (&[1.5f32], Tag::Vector(Type::F32)),
        (&Timespan(1), Tag::Atom(Type::Timespan)),
        (&[Timespan(1)], Tag::Vector(Type::Timespan)),
        (&[1i16], Tag::Vector(Type::I16)),
        (&[0i16; 0], Tag::Vector(Type::I16)),
        (&ServerError::new("type"), Tag::Error),
    ];
    for (value, tag) in rows {
        let unsupported = RequestError::Unsupported { tag, generation: V1 };
        assert_eq!(refused(V1, value), unsupported);
        assert_eq!(refused(V1, &literal::List(&[&1i64, value])), unsupported, "inside a list");
        sent(V3, value);
    }
    assert_eq!(refused(V1, &1.5f32).to_string(), "wire 1 has no F32 atom");
}

#[test]
fn closures_are_of_wire_three() {
    let statements: [&dyn Encode; 1] = [&1i64];
    let lambda = literal::Lambda { parameters: &[], statements: &statements, closure: Some(&()) };
    assert_eq!(refused(V1, &lambda), RequestError::Unsupported { tag: Tag::Lambda, generation: V1 });
}

#[test]
fn an_error_of_one_generation_is_not_sent_to_the_other() {
    for digits in
        ["7f12 0c000000000000000000", "7f0100000000000000fbfa00000000000000000000000000000000000000000000"]
    {
        let payload = unhex(digits);
        let error = decoded(V1, &payload);
        assert_eq!(refused(V3, &error), RequestError::Unsupported { tag: Tag::Error, generation: V3 });
    }
}

#[test]
fn a_nul_in_a_name_is_refused_with_its_offset() {
    let function = By(|writer: &mut Writer<'_>| writer.function(Arity::Unary, b"su\0m"));
    let names = literal::Symbols(&["ok", "a\0b"]);
    let table = literal::Table::new(&["a\0"], &[&[1i64]]);
    let rows: [(&dyn Encode, usize); 5] =
        [(&Symbol::quoted("\0"), 0), (&Symbol::name("ab\0c"), 2), (&function, 2), (&names, 1), (&table, 1)];
    for generation in BOTH {
        for (value, at) in rows {
            assert_eq!(refused(generation, value), RequestError::NulInName(at));
        }
        sent(generation, &Text(b"a\0b"));
    }
}

/// 2.0.0 and 2.4.0 close the connection at one byte more.
#[test]
fn a_payload_above_256_mib_is_refused_on_wire_three() {
    let bytes = |count| By(move |writer: &mut Writer<'_>| writer.vector_with(count, |_| 0u8));
    let limit = 256 * MIB as u64;
    assert_eq!(Writer::measure(V3, &bytes(256 * MIB - 10)), Ok(limit));
    assert_eq!(refused(V3, &bytes(256 * MIB - 9)), RequestError::TooLarge { size: limit + 1, limit });
    assert_eq!(Writer::measure(V1, &bytes(256 * MIB - 9)), Ok(limit + 1));
}

#[test]
fn a_count_above_what_servers_accept_is_refused() {
    const LIMIT: u64 = 1_000_000_000;
    for count in [LIMIT as usize + 1, usize::MAX / 2, usize::MAX] {
        let vector = By(move |writer: &mut Writer<'_>| writer.vector_with(count, |_| 0i64));
        let lists = By(move |writer: &mut Writer<'_>| {
            writer.list(count);
            writer.list(count);
        });
        for generation in BOTH {
            let too_many = RequestError::TooMany { count: count as u64, limit: LIMIT };
            assert_eq!(refused(generation, &vector), too_many);
            assert_eq!(refused(generation, &lists), too_many);
        }
    }
}

#[test]
fn a_buffer_that_is_too_small_is_an_error_that_says_both_sizes() {
    let mut buffer = [0; 9];
    let too_large = RequestError::TooLarge { size: 10, limit: 9 };
    assert_eq!(Writer::encode(V3, &1i64, &mut buffer), Err(too_large));
    assert_eq!(Writer::encode(V1, &1i64, &mut buffer).map(<[u8]>::len), Ok(9));
    assert_eq!(buffer, unhex("fb0100000000000000")[..]);
    assert_eq!(too_large.to_string(), "payload of 10 bytes, limit 9");
}

#[test]
fn what_is_not_one_value_is_malformed() {
    let nothing = By(|_: &mut Writer<'_>| {});
    let two = By(|writer: &mut Writer<'_>| {
        writer.null();
        writer.null();
    });
    let short_list = By(|writer: &mut Writer<'_>| {
        writer.list(2);
        writer.null();
    });
    let long_list = By(|writer: &mut Writer<'_>| {
        writer.list(1);
        writer.null();
        writer.null();
    });
    let half_dict = By(|writer: &mut Writer<'_>| {
        writer.dict();
        writer.null();
    });
    let short_table = By(|writer: &mut Writer<'_>| {
        writer.table(2, |_| b"a");
        writer.vector(&[1i64]);
    });
    let bare_lambda = By(|writer: &mut Writer<'_>| writer.lambda(false));
    let more_names = literal::Table::new(&["a", "b"], &[&[1i64]]);
    let more_columns = literal::Table::new(&["a"], &[&[1i64], &[2i64]]);
    let rows: [&dyn Encode; 9] = [
        &nothing,
        &two,
        &short_list,
        &long_list,
        &half_dict,
        &short_table,
        &bare_lambda,
        &more_names,
        &more_columns,
    ];
    for generation in BOTH {
        for value in rows {
            assert_eq!(refused(generation, value), RequestError::Malformed);
            assert_eq!(Writer::encode(generation, value, &mut [0; 128]), Err(RequestError::Malformed));
        }
    }
}

#[test]
fn a_value_that_fits_is_run_once() {
    let calls = AtomicUsize::new(0);
    let counted = By(|writer: &mut Writer<'_>| {
        calls.fetch_add(1, Ordering::Relaxed);
        writer.string(b"xyz");
    });
    assert_eq!(Writer::encode(V3, &counted, &mut [0; 13]).unwrap().len(), 13);
    assert_eq!(calls.into_inner(), 1);
}

#[test]
fn the_first_reason_is_kept() {
    let twice = literal::List(&[&Symbol::quoted("a\0"), &1.5f32]);
    assert_eq!(refused(V1, &twice), RequestError::NulInName(1));
    let own = By(|writer: &mut Writer<'_>| writer.fail(RequestError::Credentials));
    assert_eq!(refused(V3, &own), RequestError::Credentials);
}

#[test]
fn a_received_vector_that_wire_one_lacks_is_refused_there() {
    let payload = sent(V3, &literal::List(&[&[1i16, 2]]));
    let value: Value<'_> = decoded(V3, &payload);
    let tag = Tag::Vector(Type::I16);
    assert_eq!(refused(V1, &value), RequestError::Unsupported { tag, generation: V1 });
}
