//! What the codec makes of every frame that real servers and clients sent: see `tests/vectors/README.md`.
//!
//! Whatever is tried at every byte is tried at some bytes only where a payload is long.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::collections::BTreeSet;
use std::mem::discriminant;

use rayforce_ipc::codec::{Value, Writer};
use rayforce_ipc::error::{Fault, RequestError};
use rayforce_ipc::wire::{Generation, Header, Tag, Type};
use support::shows::{LONGEST, shows};
use support::tokens::{read, read_whole, read_window};
use support::vectors::{Vector, all, decodable};

/// Frames that a client must read but would not send, or not so.
struct Deviation {
    what: &'static str,
    /// Whether the field `shows` tells it, which a value does not.
    shown: bool,
    ids: &'static [&'static str],
}

const DEVIATIONS: [Deviation; 9] = [
    Deviation {
        what: "junk behind the value, 8 bytes for each lambda",
        shown: false,
        ids: &[
            "w1-100-r-lambda-8-junk-bytes-follow",
            "w1-100-r-lambda-two-statements-8-junk-bytes-follow",
            "w1-100-r-two-lambdas-in-a-list-16-junk-bytes-follow",
            "w1-100-r-echo-lambda",
        ],
    },
    Deviation {
        what: "attributes of vectors that mean nothing where they are",
        shown: false,
        ids: &[
            "w3-240-q-echo-i64-vector-attr-0xff",
            "w3-240-q-echo-symbol-vector-attr-0x03",
            "w1-100-q-echo-i64-vector-attr-0xff-dropped",
        ],
    },
    Deviation {
        what: "HAS_NULLS on a vector without nulls",
        shown: false,
        ids: &[
            "w3-240-r-grouped-select-key-column-flagged",
            "w3-240-r-ast-select-by",
            "w3-240-r-echo-i64-vector-attr-0xff",
        ],
    },
    Deviation {
        what: "no HAS_NULLS on a vector with a sentinel or an empty string",
        shown: false,
        ids: &[
            "w3-240-q-echo-i64-vector-sentinel-has-nulls-clear",
            "w3-240-q-echo-str-vector-odd-bytes",
            "w3-200-r-str-vector-with-empty",
        ],
    },
    Deviation {
        what: "a null by its flag alone or by its sentinel alone: a value says only that it is null",
        shown: true,
        ids: &[
            "w3-240-q-echo-i64-null-by-flag-value-ignored",
            "w3-240-q-echo-i64-sentinel-without-flag",
            "w3-240-r-echo-i64-sentinel-without-flag",
        ],
    },
    Deviation {
        what: "a flag of an atom that means nothing",
        shown: false,
        ids: &["w3-240-q-echo-i64-unknown-flag-bit"],
    },
    Deviation {
        what: "2 for true: a value is true or false",
        shown: true,
        ids: &[
            "w3-240-q-echo-bool-non-canonical-2",
            "w1-100-q-echo-b8-non-canonical-2",
            "w1-100-r-echo-b8-non-canonical-2",
        ],
    },
    Deviation {
        what: "a table of wire 3 whose names have attribute 0 in place of 03: a value does not keep it",
        shown: true,
        ids: &[
            "w3-240-q-echo-table-schema-attr-0",
            "w3-240-q-echo-table-duplicate-column-names",
            "w3-240-q-echo-table-zero-columns",
            "w3-240-q-echo-table-with-list-column",
        ],
    },
    Deviation {
        what: "a lambda that 2.0.0 has called, marked in its attribute",
        shown: false,
        ids: &["w3-200-r-lambda-after-a-call-attr-0x40"],
    },
];

fn deviants(wanted: impl Fn(&Deviation) -> bool) -> BTreeSet<&'static str> {
    DEVIATIONS
        .iter()
        .filter(|deviation| wanted(deviation))
        .flat_map(|deviation| deviation.ids)
        .copied()
        .collect()
}

fn value(vector: &Vector) -> Value<'_> {
    Value::decode(vector.generation, &vector.payload).unwrap_or_else(|error| panic!("{}: {error}", vector.id))
}

/// Every place from `from` up to `to`; of many, those near both ends and some between.
fn places(from: usize, to: usize) -> impl Iterator<Item = usize> {
    let stride = if to <= SHORT { 1 } else { to / 48 };
    (from..to).filter(move |at| *at < 48 || at + 24 >= to || at % stride == 0)
}

/// What no server of wire 1 reads, though it may send a head of it.
const NO_I16_VECTOR: RequestError =
    RequestError::Unsupported { tag: Tag::Vector(Type::I16), generation: Generation::V1 };

/// Payloads up to this length are tried at every byte.
const SHORT: usize = 600;

#[test]
fn there_are_840_frames_with_names_of_their_own() {
    let ids: BTreeSet<_> = all().iter().map(|vector| &vector.id).collect();
    assert_eq!((all().len(), ids.len()), (840, 840));
    assert_eq!(all().iter().filter(|vector| vector.undecodable.is_some()).count(), 6);
    assert_eq!(all().iter().filter(|vector| vector.header().packed).count(), 14);
}

#[test]
fn every_header_reads_and_says_what_follows() {
    for vector in all() {
        let header = vector.header();
        assert_eq!(header.size as usize, vector.frame.len() - Header::LEN, "{}", vector.id);
        // Flags beside the one of packed payloads mean nothing to a reader.
        let mut written = header.to_bytes();
        written[5] |= vector.frame[5] & !1;
        assert_eq!(written, vector.frame[..Header::LEN], "{}", vector.id);
    }
}

#[test]
fn every_packed_payload_is_the_plain_one() {
    for vector in all() {
        if let Some(payload) = &vector.given_payload {
            assert!(vector.header().packed, "{}", vector.id);
            assert_eq!(*payload, vector.payload, "{}", vector.id);
        }
    }
}

#[test]
fn every_value_is_what_the_frame_is_said_to_show() {
    let exceptions = deviants(|deviation| deviation.shown);
    for vector in decodable() {
        let shown: String = shows(vector.generation, value(vector)).chars().take(LONGEST).collect();
        let same = vector.shows.as_ref() == Some(&shown);
        assert_ne!(same, exceptions.contains(&*vector.id), "{}: {shown}", vector.id);
    }
}

#[test]
fn bytes_behind_the_value_are_as_many_as_noted() {
    for vector in decodable() {
        let reading = read_whole(vector.generation, &vector.payload);
        assert_eq!(reading.end, Ok(true), "{}", vector.id);
        assert_eq!(vector.payload.len() - reading.taken as usize, vector.trailing, "{}", vector.id);
    }
}

#[test]
fn replies_that_a_server_could_not_write_are_typed_errors_of_their_frame() {
    for vector in all().iter().filter(|vector| vector.undecodable.is_some()) {
        let error = Value::decode(vector.generation, &vector.payload).unwrap_err();
        assert!(!error.closes(), "{}: {error}", vector.id);
        assert!(error.offset <= vector.payload.len() as u64, "{}: {error}", vector.id);
        assert!(read_whole(vector.generation, &vector.payload).end.is_err(), "{}", vector.id);
    }
}

#[test]
fn tokens_are_the_same_for_every_split() {
    for vector in decodable() {
        let (generation, payload) = (vector.generation, &vector.payload);
        let whole = read_whole(generation, payload);
        for split in places(1, payload.len()) {
            let mut first = Some(split);
            let halves = read(generation, payload.len(), payload, |_| first.take().unwrap_or(usize::MAX));
            assert_eq!(halves, whole, "{} at {split}", vector.id);
        }
    }
}

#[test]
fn tokens_are_the_same_byte_by_byte_and_through_any_window() {
    for vector in decodable() {
        let (generation, payload) = (vector.generation, &vector.payload);
        let whole = read_whole(generation, payload);
        assert_eq!(read(generation, payload.len(), payload, |_| 1), whole, "{}", vector.id);
        for window in [16, 17, 23, 64] {
            assert_eq!(read_window(generation, payload, window), whole, "{} by {window}", vector.id);
        }
    }
}

#[test]
fn a_payload_that_ends_early_is_a_typed_error() {
    for vector in decodable() {
        let value_len = vector.payload.len() - vector.trailing;
        // Cut short, the record of dialect 1b is an error of dialect 1a: its zeros make a list, the message.
        let record =
            vector.generation == Generation::V1 && vector.payload[0] == 0x7f && vector.payload[2] == 0;
        for cut in places(0, value_len) {
            match Value::decode(vector.generation, &vector.payload[..cut]) {
                Err(error) => {
                    assert!(
                        matches!(error.fault, Fault::UnexpectedEnd { .. }),
                        "{} at {cut}: {error}",
                        vector.id
                    );
                    assert!(!error.closes() && error.offset <= cut as u64, "{} at {cut}: {error}", vector.id);
                }
                Ok(value) => assert!(record && matches!(value, Value::Error(_)), "{} at {cut}", vector.id),
            }
        }
    }
}

#[test]
fn a_payload_that_has_not_come_yet_is_waited_for() {
    for vector in decodable() {
        let (generation, payload) = (vector.generation, &vector.payload);
        for cut in places(0, payload.len() - vector.trailing) {
            let reading = read(generation, payload.len(), &payload[..cut], |_| usize::MAX);
            assert_eq!(reading.end, Ok(false), "{} at {cut}", vector.id);
        }
    }
}

#[test]
fn a_changed_byte_is_read_alike_by_value_and_by_tokens_and_never_panics() {
    for vector in all() {
        let mut payload = vector.payload.clone();
        for at in places(0, payload.len()) {
            let byte = payload[at];
            for changed in [byte ^ 0x01, byte ^ 0x80, 0xff, 0x00] {
                payload[at] = changed;
                let value = Value::decode(vector.generation, &payload);
                let whole = read_whole(vector.generation, &payload);
                let window = read_window(vector.generation, &payload, 16);
                let place = format_args!("{} with {changed:#04x} at {at}", vector.id);
                match (value, whole.end, window.end) {
                    (Ok(value), Ok(true), Ok(true)) => {
                        assert_eq!(whole.pieces, window.pieces, "{place}");
                        if payload.len() <= SHORT {
                            assert_described(value, payload.len());
                        }
                    }
                    (Err(value), Err(whole), Err(window)) => {
                        assert!(!value.closes(), "{place}: {value}");
                        assert_eq!(discriminant(&value.fault), discriminant(&whole.fault), "{place}");
                        assert_eq!(discriminant(&value.fault), discriminant(&window.fault), "{place}");
                    }
                    others => panic!("{place}: {others:?}"),
                }
            }
            payload[at] = byte;
        }
    }
}

#[test]
fn every_value_is_sent_as_it_came_but_for_what_no_client_sends() {
    let mut exceptions = deviants(|_| true);
    for vector in decodable() {
        let value = value(vector);
        let mut buffer = vec![0; vector.payload.len() + 8];
        let written = Writer::encode(vector.generation, &value, &mut buffer).expect(&vector.id);
        assert_eq!(Writer::measure(vector.generation, &value), Ok(written.len() as u64), "{}", vector.id);
        assert_ne!(
            written == vector.payload,
            exceptions.remove(&*vector.id),
            "{}: {written:02x?}",
            vector.id
        );
        // What was sent once stays as it is.
        let sent = Value::decode(vector.generation, written).expect(&vector.id);
        let mut buffer = vec![0; written.len()];
        assert_eq!(Writer::encode(vector.generation, &sent, &mut buffer), Ok(written), "{}", vector.id);
    }
    assert!(exceptions.is_empty(), "no frames: {exceptions:?}");
}

#[test]
fn whatever_is_read_can_be_sent_back_and_is_read_as_the_same() {
    let mut buffer = Vec::new();
    for vector in all() {
        let generation = vector.generation;
        let mut payload = vector.payload.clone();
        for at in places(0, payload.len()) {
            let byte = payload[at];
            for changed in [byte ^ 0x01, byte ^ 0x80, 0xff, 0x00] {
                payload[at] = changed;
                let Ok(value) = Value::decode(generation, &payload) else { continue };
                let place = format_args!("{} with {changed:#04x} at {at}", vector.id);
                buffer.resize(payload.len() + 8, 0);
                match Writer::encode(generation, &value, &mut buffer) {
                    Ok(written) => {
                        assert!(written.len() <= payload.len(), "{place}");
                        let again = Value::decode(generation, written).expect("our own bytes");
                        if payload.len() <= SHORT {
                            assert_eq!(format!("{again:?}"), format!("{value:?}"), "{place}");
                        }
                        let mut second = vec![0; written.len()];
                        assert_eq!(Writer::encode(generation, &again, &mut second), Ok(written), "{place}");
                    }
                    Err(error) => assert_eq!((generation, error), (Generation::V1, NO_I16_VECTOR), "{place}"),
                }
            }
            payload[at] = byte;
        }
    }
}

#[test]
fn every_value_is_described_in_a_bounded_number_of_characters() {
    for vector in decodable() {
        assert_described(value(vector), vector.payload.len());
        let few = format!("{:.2}", value(vector));
        assert!(few.len() <= 12 * vector.payload.len() + 32, "{}: {few}", vector.id);
    }
}

/// The costliest byte is one of a list of nulls (`null `), the costliest head that of an error of wire 1.
fn assert_described(value: Value<'_>, payload_len: usize) {
    let bound = 12 * payload_len + 32;
    let (display, debug) = (format!("{value}"), format!("{value:?}"));
    assert!(display.len() <= bound && debug.len() <= bound, "{payload_len} bytes: {display} {debug}");
}

#[test]
fn every_group_of_deviations_says_what_it_is_and_names_frames() {
    let count: usize = DEVIATIONS.iter().map(|deviation| deviation.ids.len()).sum();
    assert_eq!(deviants(|_| true).len(), count, "an id is in two groups");
    assert!(DEVIATIONS.iter().all(|deviation| !deviation.what.is_empty() && !deviation.ids.is_empty()));
}
