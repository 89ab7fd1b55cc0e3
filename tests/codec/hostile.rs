use rayforce_ipc::codec::{Decoder, Value};
use rayforce_ipc::error::{Fault, PeerError};
use rayforce_ipc::wire::Generation;

use crate::support::codec::{BOTH, decoded, sent};
use crate::support::hex::unhex;
use crate::support::tokens::{read_whole, read_window};

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

const DEEP: usize = 200_000;

/// Heads of everything that has a count, in tags of both generations.
const COUNTED: [(Generation, u8); 8] =
    [(V1, 0x00), (V1, 0x05), (V1, 0x06), (V1, 0x0c), (V3, 0x00), (V3, 0x05), (V3, 0x0c), (V3, 0x0d)];

fn counted(tag: u8, count: i64, behind: &[u8]) -> Vec<u8> {
    let mut payload = vec![tag, 0];
    payload.extend(count.to_le_bytes());
    payload.extend(behind);
    payload
}

/// By value, by tokens, and by tokens through the smallest window.
fn fault(generation: Generation, payload: &[u8]) -> PeerError {
    let error = Value::decode(generation, payload).unwrap_err();
    assert_eq!(read_whole(generation, payload).end, Err(error));
    assert_eq!(read_window(generation, payload, 16).end, Err(error));
    assert!(!error.closes());
    error
}

#[test]
fn a_count_beyond_the_payload_is_refused_at_its_head() {
    for (generation, tag) in COUNTED {
        for count in [2, 1_000_000_001, i64::MAX / 8, i64::MAX] {
            let error = fault(generation, &counted(tag, count, &[0]));
            assert!(matches!(error.fault, Fault::UnexpectedEnd { available: 1, .. }), "{tag}: {error}");
            assert_eq!(error.offset, 10, "{tag}: {error}");
        }
    }
}

#[test]
fn a_negative_count_is_refused() {
    for (generation, tag) in COUNTED {
        for count in [-1, i64::MIN] {
            let error = fault(generation, &counted(tag, count, &[0; 32]));
            assert_eq!(error, PeerError { fault: Fault::Count(count), offset: 2 }, "{tag}");
        }
    }
}

#[test]
fn a_count_of_one_too_many_is_refused() {
    for generation in BOTH {
        let mut payload = sent(generation, &[1i64, 2, 3]);
        payload[2] += 1;
        let missing = Fault::UnexpectedEnd { needed: 32, available: 24 };
        assert_eq!(fault(generation, &payload), PeerError { fault: missing, offset: 10 });
    }
}

/// Each list leaves too few bytes for the values that the one around it announced.
#[test]
fn counts_that_fit_one_by_one_must_fit_together() {
    let inner = counted(0x00, 10, &[0x7e; 10]);
    let outer = counted(0x00, 5, &inner);
    let missing = Fault::UnexpectedEnd { needed: 14, available: 10 };
    for generation in BOTH {
        assert_eq!(fault(generation, &outer), PeerError { fault: missing, offset: 20 });
    }
}

#[test]
fn a_string_inside_a_vector_cannot_take_the_others_bytes() {
    let lengths = unhex("0900000000000000 6161616161616161 0000000000000000");
    let missing = Fault::UnexpectedEnd { needed: 17, available: 16 };
    assert_eq!(fault(V3, &counted(0x0d, 2, &lengths)), PeerError { fault: missing, offset: 18 });
    let negative = unhex("ffffffffffffffff 0000000000000000");
    assert_eq!(fault(V3, &counted(0x0d, 2, &negative)), PeerError { fault: Fault::Count(-1), offset: 10 });
}

#[test]
fn a_name_without_an_end_is_refused() {
    for payload in
        [unhex("f420616263"), unhex("6573756d"), counted(0x0c, 1, b"abc"), counted(0x0c, 2, b"ab\0c")]
    {
        let error = Value::decode(V3, &payload).unwrap_err();
        assert!(matches!(error.fault, Fault::UnexpectedEnd { .. }), "{error}");
        assert!(read_window(V3, &payload, 16).end.is_err());
    }
}

#[test]
fn an_unknown_tag_is_refused_where_it_stands() {
    for generation in BOTH {
        let payload = counted(0x00, 2, &[0x7e, 0x50]);
        assert_eq!(fault(generation, &payload), PeerError { fault: Fault::Tag(0x50), offset: 11 });
    }
    assert_eq!(fault(V1, &[0xf0]).fault, Fault::Tag(0xf0), "timespans are of wire 3");
    assert_eq!(fault(V3, &[0xf3]).fault, Fault::UnexpectedEnd { needed: 10, available: 1 });
}

#[test]
fn an_empty_payload_has_no_value() {
    for generation in BOTH {
        let missing = Fault::UnexpectedEnd { needed: 1, available: 0 };
        assert_eq!(fault(generation, &[]), PeerError { fault: missing, offset: 0 });
    }
}

#[test]
fn two_hundred_thousand_nested_lists_are_read_and_shown() {
    let mut payload = counted(0x00, 1, &[]).repeat(DEEP);
    payload.push(0x7e);
    for generation in BOTH {
        let value = decoded(generation, &payload);
        assert_eq!(value.list().unwrap().len(), 1);
        assert_eq!(read_window(generation, &payload, 16).pieces.len(), DEEP + 1);
        let (shown, debugged) = (value.to_string(), format!("{value:?}"));
        assert_eq!(shown, format!("{}..{}", "(".repeat(16), ")".repeat(16)));
        assert_eq!(debugged, format!("List({shown})"));
        assert_eq!(sent(generation, &value), payload);
    }
}

/// The costliest nesting: each level is as deep on one side and ends on the other.
#[test]
fn two_hundred_thousand_nested_dicts_are_read_and_shown() {
    let mut payload = [0x63, 0x00, 0x7e].repeat(DEEP);
    payload.push(0x7e);
    for generation in BOTH {
        let value = decoded(generation, &payload);
        assert_eq!(value.dict().unwrap().keys(), Value::Null);
        assert!(read_whole(generation, &payload).end.unwrap());
        assert!(value.to_string().starts_with("(dict null (dict null "));
        assert!(value.to_string().len() < 512, "{value}");
        assert_eq!(sent(generation, &value), payload);
    }
}

/// Dialect 1a lets any value be the message of an error, another error among them.
#[test]
fn two_hundred_thousand_nested_errors_are_read_and_shown() {
    let mut payload = [0x7f, 0x05].repeat(DEEP);
    payload.push(0x7e);
    let value = decoded(V1, &payload);
    assert_eq!(value.to_string(), "(error type)");
    assert_eq!(sent(V1, &value), payload);
}

#[test]
fn a_decoder_fits_into_64_bytes() {
    assert!(size_of::<Decoder>() <= 64, "{}", size_of::<Decoder>());
}
