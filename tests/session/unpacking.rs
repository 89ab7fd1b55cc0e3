//! Packed payloads that no server of ours has sent, made by hand.

use rayforce_ipc::client::{Connection, Options};
use rayforce_ipc::codec::Value;
use rayforce_ipc::error::{Error, Fault, PeerError};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::{Generation, MessageType};

use crate::support::codec::sent;
use crate::support::script::{Lent, Script, assert_goes_on, packed_frame, pieces};
use crate::support::tokens::read_whole;

const V3: Generation = Generation::V3;

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
                let mut connection = Connection::open(stream, lent.lend(), &Options::new()).unwrap();
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
    each(payload, |_, connection| {
        let error = match connection.execute("packed") {
            Ok(mut reply) => pieces(&mut reply).err(),
            Err(error) => Some(error),
        };
        assert_eq!(error, Some(Error::Peer(fault)));
    });
    each(payload, |_, connection| {
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
fn packed_bytes_behind_the_announced_length_mean_nothing() {
    for plain in plains() {
        let packed = [&runs(&plain, 127)[..], &[0x05, 0xff, 0x80, 1, 2, 3, 0, 0, 9]].concat();
        assert_plain(&announced(plain.len() as u32, &packed), &plain);
    }
}

#[test]
fn a_run_across_the_announced_length_is_cut_there() {
    // A null, of whose byte the run would make 127.
    assert_plain(&announced(1, &[0x7f, 0x7e]), &[0x7e]);
    assert_plain(&announced(1, &[0x80, 0x7e, 1, 2]), &[0x7e]);
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
fn a_plain_length_above_256_mib_is_a_fault() {
    assert_fault(&announced(0x1000_0001, &[1, 0x7e]), 0);
    assert_fault(&announced(u32::MAX, &[1, 0x7e]), 0);
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
