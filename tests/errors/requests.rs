//! Requests that cannot be sent.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayforce_ipc::client::{Connection, Options};
use rayforce_ipc::codec::literal::{Lambda, List, Symbols, Table};
use rayforce_ipc::codec::{Encode, Symbol, Text, Writer};
use rayforce_ipc::error::{CloseReason, Error, RequestError};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::wire::{Generation, Tag, Type};

use crate::support::codec::{BOTH, By};
use crate::support::script::{Lent, Script, assert_closed, assert_goes_on, play};

/// Nothing is sent, and the connection goes on.
#[track_caller]
fn assert_refused(generation: Generation, value: &dyn Encode, expected: RequestError) {
    play(&Script::opened(generation).goes_on(), 64, |connection| {
        assert_eq!(connection.execute(value).err(), Some(Error::Request(expected)));
        assert_eq!(connection.send_async(value), Err(Error::Request(expected)));
        assert_goes_on(connection);
    });
}

#[test]
fn a_symbol_with_a_nul_inside_is_refused() {
    for generation in BOTH {
        assert_refused(generation, &Symbol::quoted("a\0b"), RequestError::NulInName(1));
        assert_refused(generation, &Symbol::name("ab\0"), RequestError::NulInName(2));
        assert_refused(generation, &Symbols(&["a", "b", "\0"]), RequestError::NulInName(0));
        let table = Table::new(&["a\0"], &[&[1i64]]);
        assert_refused(generation, &table, RequestError::NulInName(1));
        assert_refused(generation, &List(&[&1i64, &table]), RequestError::NulInName(1));
    }
}

#[test]
fn a_nul_in_a_string_is_sent() {
    for generation in BOTH {
        let text = Text::from("a\0b");
        let script = Script::opened(generation).asked("a\0b").answers(&text).goes_on();
        play(&script, 64, |connection| {
            assert_eq!(connection.execute("a\0b").unwrap().value().unwrap().as_str(), Ok("a\0b"));
            assert_goes_on(connection);
        });
    }
}

#[test]
fn a_payload_above_256_mib_is_refused_on_wire_3() {
    const LIMIT: u64 = 0x1000_0000;
    // No element is asked for.
    let zeros =
        |count| By(move |writer: &mut Writer<'_>| writer.vector_with(count, |_| panic!("asked") as u8));
    let largest = LIMIT as usize - 10;
    assert_eq!(Writer::measure(Generation::V3, &zeros(largest)), Ok(LIMIT));
    assert_refused(
        Generation::V3,
        &zeros(largest + 1),
        RequestError::TooLarge { size: LIMIT + 1, limit: LIMIT },
    );
    assert_eq!(Writer::measure(Generation::V1, &zeros(largest + 1)), Ok(LIMIT + 1));
}

#[test]
fn more_elements_than_any_server_takes_are_refused() {
    let count = 1_000_000_001;
    let too_many = RequestError::TooMany { count: count as u64, limit: 1_000_000_000 };
    for generation in BOTH {
        assert_refused(
            generation,
            &By(|writer: &mut Writer<'_>| writer.vector_with(count, |_| 0u8)),
            too_many,
        );
        assert_refused(
            generation,
            &By(|writer: &mut Writer<'_>| writer.list_with(count, |_, _| ())),
            too_many,
        );
    }
}

#[test]
fn what_a_generation_does_not_have_is_refused() {
    let unsupported = |tag| RequestError::Unsupported { tag, generation: Generation::V1 };
    assert_refused(Generation::V1, &1f32, unsupported(Tag::Atom(Type::F32)));
    assert_refused(Generation::V1, &[1i16, 2], unsupported(Tag::Vector(Type::I16)));
    let closure = Lambda { parameters: &[], statements: &[], closure: Some(&()) };
    assert_refused(Generation::V1, &closure, unsupported(Tag::Lambda));
}

#[test]
fn less_or_more_than_one_value_is_refused() {
    for generation in BOTH {
        assert_refused(generation, &By(|_: &mut Writer<'_>| ()), RequestError::Malformed);
        assert_refused(generation, &By(|writer: &mut Writer<'_>| writer.list(1)), RequestError::Malformed);
        let two = By(|writer: &mut Writer<'_>| (0..2).for_each(|_| writer.null()));
        assert_refused(generation, &two, RequestError::Malformed);
        assert_refused(generation, &Table::new(&["a", "b"], &[&[1i64]]), RequestError::Malformed);
    }
}

/// A string of 100 bytes, the first times that it is written.
struct Changing {
    written: AtomicUsize,
    times: usize,
    then: usize,
}

impl Encode for Changing {
    fn encode(&self, writer: &mut Writer<'_>) {
        let written = self.written.fetch_add(1, Ordering::Relaxed);
        writer.string(&[b'x'; 200][..if written < self.times { 100 } else { self.then }]);
    }
}

#[test]
fn a_value_that_changes_its_length_closes() {
    for generation in BOTH {
        let begun = Script::opened(generation).asked_value(&Text(&[b'x'; 100]));
        let steps = begun.steps();
        // Measured, and then written in two windows, in many. (What fits is written once, and cannot change.)
        for (transmit, times) in [(64, 2), (7, 6), (7, 10)] {
            for then in [0, 99, 101, 200] {
                let mut lent = Lent::new(64, transmit);
                let mut connection =
                    Connection::open(Duplex::new(&steps), lent.lend(), &Options::new()).unwrap();
                let value = Changing { written: AtomicUsize::new(0), times, then };
                let error = connection.execute(&value).err();
                assert_eq!(error, Some(Error::Request(RequestError::Malformed)), "{transmit} {times} {then}");
                assert_closed(&mut connection, CloseReason::HalfSent);
            }
        }
    }
}

#[test]
fn a_closed_connection_says_who_closed_it() {
    for generation in BOTH {
        play(&Script::opened(generation).goes_on(), 64, |connection| {
            assert_goes_on(connection);
            assert_eq!(connection.close(), Ok(()));
            assert_closed(connection, CloseReason::Owner);
            assert_eq!(connection.close(), Ok(()));
            connection.abort();
            assert_closed(connection, CloseReason::Owner);
        });
        play(&Script::opened(generation), 64, |connection| {
            connection.abort();
            connection.abort();
            assert_eq!(connection.close(), Ok(()));
            assert_closed(connection, CloseReason::Aborted);
        });
    }
}
