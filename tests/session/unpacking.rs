//! Packed payloads that no server of ours has sent, made by hand.

use rayforce_ipc::client::{Connection, Options};
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{Error, Fault, PeerError};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::{Generation, MessageType};

use crate::support::codec::sent;
use crate::support::script::{Lent, Script, assert_goes_on, packed_frame, pieces, play, play_with};
use crate::support::tokens::read_whole;

const V3: Generation = Generation::V3;
/// A type error of wire 3.
const ERROR: &[u8] = b"\x7ftype\0\0\0\0";

/// Neighbouring differences of bytes.
fn differences(plain: &[u8]) -> Vec<u8> {
    let before = [0].into_iter().chain(plain.iter().copied());
    plain.iter().zip(before).map(|(byte, before)| byte.wrapping_sub(before)).collect()
}

/// A plain length and packed bytes.
fn announced(len: u32, packed: &[u8]) -> Vec<u8> {
    [&len.to_le_bytes(), packed].concat()
}

/// Literals of at most so many bytes.
fn literals(plain: &[u8], longest: usize) -> Vec<u8> {
    let literal = |bytes: &[u8]| [&[(bytes.len() as u8).wrapping_neg()], bytes].concat();
    differences(plain).chunks(longest).flat_map(literal).collect()
}

/// Runs, of one byte where need be.
fn runs(plain: &[u8], longest: usize) -> Vec<u8> {
    let differences = differences(plain);
    let equal = differences.chunk_by(|a, b| a == b).flat_map(|equal| equal.chunks(longest));
    equal.flat_map(|equal| [equal.len() as u8, equal[0]]).collect()
}

/// Sends a packed payload as a reply through buffers of many sizes, cut in many ways, with another frame behind it or
/// none. The connection goes on after it.
fn each(payload: &[u8], run: impl Fn(usize, &mut Connection<'_, Faulty<Duplex<'_>>>)) {
    each_within(Options::new().unpack_limit, payload, run);
}

/// The same with another limit.
fn each_within(
    unpack_limit: u64,
    payload: &[u8],
    run: impl Fn(usize, &mut Connection<'_, Faulty<Duplex<'_>>>),
) {
    let options = Options { unpack_limit, ..Options::new() };
    let reply = packed_frame(MessageType::Response, payload);
    let asked = Script::opened(V3).asked("packed").says(&reply);
    let cuts = (17..=40).chain([10, 60]).map(|cut| (Some(cut), None));
    let ways: Vec<_> = cuts.chain([1, 5].map(|most| (None, Some(most)))).collect();
    for script in [asked.clone(), asked.pushes(&[7u8; 40])] {
        let script = script.goes_on();
        let steps = script.steps();
        for receive in [16, 17, 31, 36, 40, 64, 100, 1000] {
            for (cut, most) in &ways {
                let mut faults = Faults::default();
                (faults.split_read_at, faults.read_at_most) = (*cut, *most);
                let mut lent = Lent::new(receive, 64);
                let stream = Faulty::new(Duplex::new(&steps), faults);
                let mut connection = Connection::open(stream, lent.lend(), &options).unwrap();
                run(receive, &mut connection);
                assert_goes_on(&mut connection);
                assert!(connection.transport().unwrap().get_ref().is_done());
            }
        }
    }
}

/// The payload is read by tokens through any buffer; and by value, or there is no room for it, which leaves tokens.
fn assert_plain(payload: &[u8], plain: &[u8]) {
    let reading = read_whole(V3, plain);
    assert_eq!(reading.end, Ok(true));
    each(payload, |_, connection| {
        assert_eq!(pieces(&mut connection.execute("packed").unwrap()).as_ref(), Ok(&reading.pieces));
    });
    each(payload, |receive, connection| {
        let mut reply = connection.execute("packed").unwrap();
        match reply.value() {
            Ok(value) => {
                assert!(receive >= plain.len() + 16);
                assert_eq!(value, Value::decode(V3, plain).unwrap());
            }
            Err(Error::Capacity { needed, available, .. }) => {
                assert!(needed > available, "{needed} of {available}");
                assert_eq!(pieces(&mut reply).as_ref(), Ok(&reading.pieces));
            }
            Err(other) => panic!("{other}"),
        }
    });
}

#[track_caller]
fn assert_fault(payload: &[u8], offset: u64) {
    let fault = PeerError { fault: Fault::Packing, offset };
    assert_fault_within(Options::new().unpack_limit, payload, fault);
}

#[track_caller]
fn assert_fault_within(limit: u64, payload: &[u8], fault: PeerError) {
    assert!(!fault.closes());
    each_within(limit, payload, |_, connection| {
        let error = match connection.execute("packed") {
            Ok(mut reply) => {
                let error = pieces(&mut reply).err();
                // It stays the same.
                assert_eq!(reply.next_token().err(), error);
                error
            }
            Err(error) => Some(error),
        };
        assert_eq!(error, Some(Error::Peer(fault)));
    });
    each_within(limit, payload, |_, connection| {
        let error = match connection.execute("packed") {
            Ok(mut reply) => reply.value().err(),
            Err(error) => Some(error),
        };
        let is_right = matches!(error, Some(Error::Peer(found)) if found == fault)
            || matches!(error, Some(Error::Capacity { .. }));
        assert!(is_right, "{error:?}");
    });
}

fn plains() -> [Vec<u8>; 6] {
    [
        sent(V3, &rayforce_ipc::codec::literal::List(&[])),
        sent(V3, &3i64),
        sent(V3, &[0u8; 100]),
        sent(V3, &[1i64, 2, i64::MIN, -1, i64::MAX]),
        sent(V3, &rayforce_ipc::codec::literal::Symbols(&["a", "bb", "", "a name of twenty bytes"])),
        sent(V3, &rayforce_ipc::codec::Text::from("ACEGIKMOQSUWY, whose neighbours have equal differences")),
    ]
}

#[test]
fn literals_of_any_length_are_unpacked() {
    for plain in plains() {
        for longest in [1, 2, 16, 128] {
            let payload = announced(plain.len() as u32, &literals(&plain, longest));
            assert_plain(&payload, &plain);
        }
    }
}

#[test]
fn runs_of_any_length_are_unpacked() {
    for plain in plains() {
        for longest in [1, 2, 127] {
            assert_plain(&announced(plain.len() as u32, &runs(&plain, longest)), &plain);
        }
    }
}

#[test]
fn literals_of_no_length_are_passed_over() {
    for plain in plains() {
        let packed: Vec<u8> =
            literals(&plain, 1).chunks(2).flat_map(|pair| [0, 0, pair[0], pair[1]]).collect();
        assert_plain(&announced(plain.len() as u32, &packed), &plain);
    }
}

#[test]
fn literals_of_no_length_behind_the_announced_length_are_passed_over() {
    for plain in plains() {
        for count in [1, 2, 40, 300] {
            for packed in [runs(&plain, 127), literals(&plain, 128)] {
                let packed = [&packed[..], &vec![0; count]].concat();
                assert_plain(&announced(plain.len() as u32, &packed), &plain);
            }
        }
    }
}

#[test]
fn packed_bytes_behind_the_announced_length_are_a_fault() {
    for plain in plains() {
        // A run, a literal, what is neither but would be the begin of one; at once and behind what means nothing.
        for behind in [&[0x05, 0xff, 0x80, 1, 2, 3, 0, 0, 9][..], &[0xff, 7], &[1], &[0x80], &[0, 0, 1, 0]] {
            for packed in [runs(&plain, 127), literals(&plain, 128)] {
                let packed = [&packed[..], behind].concat();
                assert_fault(&announced(plain.len() as u32, &packed), plain.len() as u64);
            }
        }
    }
}

#[test]
fn a_run_or_literal_across_the_announced_length_is_a_fault() {
    // A null, of whose byte the run would make 127.
    assert_fault(&announced(1, &[0x7f, 0x7e]), 1);
    assert_fault(&announced(1, &[0x02, 0x7e]), 1);
    assert_fault(&announced(1, &[0x80, 0x7e, 1, 2]), 1);
    assert_fault(&announced(1, &[0xfe, 0x7e]), 1);
    for plain in plains() {
        let mut packed = runs(&plain, 127);
        let last = packed.len() - 2;
        packed[last] += 1;
        assert_fault(&announced(plain.len() as u32, &packed), plain.len() as u64);
    }
}

#[test]
fn what_comes_behind_the_announced_length_does_not_matter_where_it_is_read_away() {
    for plain in plains() {
        let packed = [&runs(&plain, 127)[..], &[0x05, 0xff, 9, 9]].concat();
        each(&announced(plain.len() as u32, &packed), |_, connection| {
            // A fault only where it came in with the answer's first byte.
            match connection.execute("packed").map(drop) {
                Ok(()) => {}
                Err(error) => assert!(matches!(error, Error::Peer(error) if error.fault == Fault::Packing)),
            }
        });
    }
}

#[test]
fn an_error_value_with_packed_bytes_behind_it_is_a_fault() {
    let (plain, packed) = (ERROR, literals(ERROR, 128));
    let script = Script::opened(V3).asked("packed");
    let reply = packed_frame(MessageType::Response, &announced(plain.len() as u32, &packed));
    play(&script.clone().says(&reply).goes_on(), 64, |connection| {
        assert!(matches!(connection.execute("packed"), Err(Error::Server(_))));
        assert_goes_on(connection);
    });
    let longer = [&packed[..], &[5, 5]].concat();
    assert_fault(&announced(plain.len() as u32, &longer), plain.len() as u64);
}

#[test]
fn a_payload_too_short_for_its_plain_length_is_a_fault() {
    for len in 1..4 {
        assert_fault(&vec![1; len], 0);
    }
}

#[test]
fn a_plain_length_of_nothing_is_a_fault() {
    assert_fault(&announced(0, &[]), 0);
    assert_fault(&announced(0, &[1, 0x7e]), 0);
}

#[test]
fn a_plain_length_above_256_mib_is_a_fault_unless_more_was_chosen() {
    assert_eq!(Options::new().unpack_limit, 0x1000_0000);
    for len in [0x1000_0001, u32::MAX] {
        let payload = announced(len, &[1, 0x7e]);
        let fault = Fault::Unpacked { len: len.into(), limit: 0x1000_0000 };
        assert_fault_within(Options::new().unpack_limit, &payload, PeerError { fault, offset: 0 });
        // Then what is missing is the fault.
        let fault = PeerError { fault: Fault::Packing, offset: 1 };
        assert_fault_within(len.into(), &payload, fault);
        assert_fault_within(u64::MAX, &payload, fault);
    }
}

#[test]
fn a_plain_length_above_the_chosen_limit_is_a_fault() {
    for plain in plains() {
        let payload = announced(plain.len() as u32, &runs(&plain, 127));
        let len = plain.len() as u64;
        for limit in [0, 1, len - 1] {
            let fault = Fault::Unpacked { len, limit };
            assert_fault_within(limit, &payload, PeerError { fault, offset: 0 });
        }
        let reading = read_whole(V3, &plain);
        for limit in [len, len + 1] {
            each_within(limit, &payload, |_, connection| {
                assert_eq!(pieces(&mut connection.execute("packed").unwrap()).as_ref(), Ok(&reading.pieces));
            });
        }
    }
}

#[test]
fn a_bomb_is_read_away_without_being_unpacked() {
    // 256 MiB of zeros in 4 MiB, of which the first are enough to be refused.
    let bomb = announced(0x1000_0000, &[0x7f, 0].repeat(0x1000));
    let fault = PeerError { fault: Fault::Unpacked { len: 0x1000_0000, limit: 0xffff }, offset: 0 };
    let script = Script::opened(V3).asked("bomb").says(&packed_frame(MessageType::Response, &bomb)).goes_on();
    let options = Options { unpack_limit: 0xffff, ..Options::new() };
    for receive in [16, 64, 4096] {
        play_with(&script, receive, &options, |connection| {
            assert_eq!(connection.execute("bomb").unwrap_err(), Error::Peer(fault));
            assert_eq!(connection.close_reason(), None);
            assert_goes_on(connection);
        });
    }
}

#[test]
fn what_nobody_asked_for_is_skipped_whatever_it_announces() {
    let bomb = packed_frame(MessageType::Async, &announced(u32::MAX, &[0x7f, 0]));
    let script = Script::opened(V3).asked("(+ 40 2)").says(&bomb).answers(&42i64).goes_on();
    let options = Options { unpack_limit: 10, ..Options::new() };
    play_with(&script, 64, &options, |connection| {
        assert_eq!(connection.execute("(+ 40 2)").unwrap().value(), Ok(Value::I64(42)));
        assert_eq!(connection.skipped(), 1);
        assert_goes_on(connection);
    });
}

#[test]
fn plain_replies_are_not_limited() {
    let script = Script::opened(V3).asked("plain").answers(&[7u8; 1000]).goes_on();
    let options = Options { unpack_limit: 10, ..Options::new() };
    play_with(&script, 64, &options, |connection| {
        assert_eq!(pieces(&mut connection.execute("plain").unwrap()).unwrap().len(), 2);
        assert_goes_on(connection);
    });
}

#[test]
fn packed_bytes_that_end_before_the_announced_length_are_a_fault() {
    assert_fault(&announced(1, &[]), 0);
    assert_fault(&announced(4, &[1]), 0);
    assert_fault(&announced(4, &[0xfd, 0xff]), 1);
    // The value is longer than what comes out.
    let plain = sent(V3, &3i64);
    let packed = literals(&plain, 128);
    for len in 1..packed.len() {
        assert_fault(&announced(plain.len() as u32, &packed[..len]), len.saturating_sub(1) as u64);
    }
}
