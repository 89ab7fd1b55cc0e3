//! Payloads that cannot be decoded: the connection goes on.

use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{CloseReason, Error, Fault, PeerError};
use rayforce_ipc::transports::duplex::DuplexError;
use rayforce_ipc::wire::{Generation, Header, MessageType};

use crate::support::codec::{BOTH, sent};
use crate::support::script::{Script, assert_closed, assert_goes_on, pieces, play};
use crate::support::vectors::all;

const V1: Generation = Generation::V1;
const V3: Generation = Generation::V3;

/// What is said of a payload, as a value and by tokens, is the same; another exchange follows.
#[track_caller]
fn fault(generation: Generation, payload: &[u8]) -> PeerError {
    let script = Script::opened(generation).asked("broken").answers_payload(payload).goes_on();
    let mut found = Vec::new();
    for receive in [16, 31, payload.len().max(16), 4096] {
        play(&script, receive, |connection| {
            let mut reply = connection.execute("broken").unwrap();
            match reply.value() {
                Err(Error::Peer(error)) => found.push(error),
                Err(Error::Capacity { .. }) => {}
                other => panic!("{other:?}"),
            }
            let by_tokens = pieces(&mut reply).unwrap_err();
            // It stays the same.
            assert_eq!(reply.next_token().unwrap_err(), by_tokens);
            let Error::Peer(error) = by_tokens else { panic!("{by_tokens}") };
            found.push(error);
            assert_goes_on(connection);
        });
    }
    assert!(found.iter().all(|error| error == &found[0] && !error.closes()), "{found:?}");
    found[0]
}

/// Tag, attribute and count.
fn counted(tag: u8, count: i64, behind: &[u8]) -> Vec<u8> {
    [&[tag, 0], &count.to_le_bytes()[..], behind].concat()
}

#[test]
fn bytes_behind_the_value_are_a_fault_on_wire_3() {
    for junk in [1, 3, 8, 100] {
        let payload = [sent(V3, &3i64), vec![0xee; junk]].concat();
        assert_eq!(fault(V3, &payload), PeerError { fault: Fault::TrailingBytes(junk as u64), offset: 10 });
    }
}

#[test]
fn bytes_behind_the_value_are_let_through_on_wire_1() {
    for junk in [1, 8, 100] {
        let payload = [sent(V1, &3i64), vec![0xee; junk]].concat();
        let script = Script::opened(V1).asked("junk").answers_payload(&payload).goes_on();
        for receive in [16, 4096] {
            play(&script, receive, |connection| {
                let mut reply = connection.execute("junk").unwrap();
                match reply.value() {
                    Ok(value) => assert_eq!(value, Value::I64(3)),
                    Err(error) => assert!(receive == 16 && matches!(error, Error::Capacity { .. })),
                }
                assert_eq!(pieces(&mut reply).unwrap().len(), 1);
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn a_reply_without_payload_is_a_fault_on_wire_1() {
    let end = Fault::UnexpectedEnd { needed: 1, available: 0 };
    assert_eq!(fault(V1, &[]), PeerError { fault: end, offset: 0 });
}

#[test]
fn a_tag_that_means_nothing_is_a_fault() {
    for generation in BOTH {
        for tag in [15, 50, 0x80] {
            assert_eq!(fault(generation, &[tag]), PeerError { fault: Fault::Tag(tag), offset: 0 });
        }
    }
}

#[test]
fn a_count_beyond_the_frame_is_a_fault() {
    for generation in BOTH {
        for count in [2, 1_000_000_000, i64::MAX] {
            let error = fault(generation, &counted(5, count, &[0; 8]));
            assert!(matches!(error.fault, Fault::UnexpectedEnd { available: 8, .. }), "{error}");
            assert_eq!(error.offset, 10);
            let error = fault(generation, &counted(0, count, &[0x7e]));
            assert!(matches!(error.fault, Fault::UnexpectedEnd { available: 1, .. }), "{error}");
        }
    }
}

#[test]
fn a_text_beyond_the_frame_is_a_fault() {
    for (generation, tag) in [(V1, 0x0c), (V3, 0xf3)] {
        for len in [4, i64::MAX] {
            let error = fault(generation, &counted(tag, len, b"abc"));
            assert!(matches!(error.fault, Fault::UnexpectedEnd { available: 3, .. }), "{error}");
        }
    }
    let strings =
        counted(0x0d, 2, &[&[1u8, 0, 0, 0, 0, 0, 0, 0], &b"a"[..], &[9, 0, 0, 0, 0, 0, 0, 0]].concat());
    assert!(matches!(fault(V3, &strings).fault, Fault::UnexpectedEnd { needed: 9, available: 0 }));
    for generation in BOTH {
        let symbols = counted(generation.version() * 3 + 3, 1, b"no end");
        assert!(matches!(fault(generation, &symbols).fault, Fault::UnexpectedEnd { .. }));
    }
}

#[test]
fn a_negative_count_is_a_fault() {
    for generation in BOTH {
        for count in [-1, i64::MIN] {
            let error = PeerError { fault: Fault::Count(count), offset: 2 };
            assert_eq!(fault(generation, &counted(0, count, &[])), error);
            assert_eq!(fault(generation, &counted(5, count, &[0; 8])), error);
        }
    }
}

#[test]
fn a_size_that_no_frame_fills_is_believed_as_far_as_bytes_come() {
    for generation in BOTH {
        let mut reply = frame_of(generation, &3i64);
        reply[8..16].copy_from_slice(&i64::MAX.to_le_bytes());
        let script = Script::opened(generation).asked("endless").says(&reply);
        play(&script, 64, |connection| {
            let mut reply = connection.execute("endless").unwrap();
            assert_eq!(reply.remaining_len(), i64::MAX as u64);
            let needed = i64::MAX as u64;
            assert!(matches!(reply.value(), Err(Error::Capacity { needed: n, .. }) if n == needed));
            assert!(reply.next_token().unwrap().is_some());
            let end: Result<_, Error<DuplexError>> = reply.next_token().map(|token| token.is_none());
            match generation {
                V1 => assert_eq!(end, Ok(true)),
                V3 => {
                    assert!(matches!(end, Err(Error::Peer(PeerError { fault: Fault::TrailingBytes(_), .. }))))
                }
            }
            // There is no reading to its end.
            assert!(matches!(connection.execute("(+ 1 2)"), Err(Error::Closed(CloseReason::Undrained))));
            assert_closed(connection, CloseReason::Undrained);
        });
    }
}

fn frame_of(generation: Generation, value: &dyn rayforce_ipc::codec::Encode) -> Vec<u8> {
    crate::support::script::frame(generation, MessageType::Response, &sent(generation, value))
}

#[test]
fn replies_that_real_servers_could_not_write_leave_the_connection_usable() {
    let undecodable: Vec<_> = all().iter().filter(|vector| vector.undecodable.is_some()).collect();
    assert!(undecodable.len() >= 6);
    for vector in undecodable {
        let error = fault(vector.generation, &vector.frame[Header::LEN..]);
        assert!(matches!(error.fault, Fault::UnexpectedEnd { .. }), "{}: {error}", vector.id);
    }
}

#[test]
fn junk_behind_real_lambdas_leaves_the_connection_usable() {
    let trailing: Vec<_> = all().iter().filter(|vector| vector.trailing > 0).collect();
    assert!(trailing.len() >= 4);
    for vector in trailing {
        let script = Script::opened(V1).asked("junk").answers_payload(&vector.payload).goes_on();
        let value = Value::decode(V1, &vector.payload).unwrap();
        play(&script, 4096, |connection| {
            assert_eq!(connection.execute("junk").unwrap().value(), Ok(value));
            assert_goes_on(connection);
        });
        play(&script, 16, |connection| {
            pieces(&mut connection.execute("junk").unwrap()).unwrap();
            assert_goes_on(connection);
        });
    }
}
