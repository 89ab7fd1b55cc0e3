//! Requests that are packed before they are sent.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayforce_ipc::client::{Connection, Options, Packing, Session};
use rayforce_ipc::codec::{Encode, Text, Value, Writer};
use rayforce_ipc::error::{CloseReason, Error, RequestError};
use rayforce_ipc::transports::duplex::Duplex;
use rayforce_ipc::transports::faulty::{Faults, Faulty};
use rayforce_ipc::wire::{Credentials, Generation, Header, MessageType, ServerError};

use crate::support::codec::{BOTH, sent};
use crate::support::script::{Lent, Script, assert_goes_on, frame, packed_frame, pieces, play};
use crate::support::tokens::read_whole;
use crate::support::transmit::{open, packed_request, written, written_as};
use crate::support::unpack::unpack_all;
use crate::support::vectors::{Vector, all, decodable};

const V3: Generation = Generation::V3;

/// Transmit buffers: the least, others around powers of two, and one that takes most requests whole.
const SIZES: [usize; 8] = [64, 65, 67, 100, 128, 257, 4096, 100_000];

/// Bytes without a pattern.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

fn is_packed(request: &[u8]) -> bool {
    Header::parse(V3, request.first_chunk().unwrap()).unwrap().packed
}

fn plain(value: &dyn Encode) -> Vec<u8> {
    frame(V3, MessageType::Sync, &sent(V3, value))
}

/// Those whose values can be sent, with their plain payload.
fn sendable<'v>(vectors: impl Iterator<Item = &'v Vector>) -> Vec<(&'v Vector, Value<'v>, Vec<u8>)> {
    let of_wire_3 = vectors.filter(|vector| vector.generation == V3);
    let values = of_wire_3.filter_map(|vector| {
        let value = Value::decode(V3, &vector.payload).ok()?;
        Writer::measure(V3, &value).ok()?;
        Some((vector, value, sent(V3, &value)))
    });
    values.collect()
}

#[test]
fn real_packed_frames_are_packed_again_to_the_same_plain_bytes() {
    let packed = sendable(all().iter().filter(|vector| vector.header().packed));
    assert!(packed.len() >= 10);
    for (vector, value, plain) in packed {
        for transmit in SIZES {
            let request = packed_request(Packing::ALWAYS, &value, transmit);
            assert!(is_packed(&request));
            assert!(unpack_all(&request[Header::LEN..]) == plain, "{}: {transmit}", vector.id);
        }
        // A large buffer packs at least as well as the server did, but for one that holds few windows.
        let request = packed_request(Packing::above(2000), &value, 4 * plain.len() + 64);
        assert!(request.len() <= vector.frame.len(), "{}: {} bytes", vector.id, request.len());
    }
}

#[test]
fn every_real_value_is_packed_to_its_plain_bytes() {
    let short = sendable(decodable().filter(|vector| vector.payload.len() < 3000));
    assert!(short.len() > 300);
    for (vector, value, plain) in short {
        for transmit in [64, 80, 300, 4096] {
            let request = packed_request(Packing::ALWAYS, &value, transmit);
            assert!(unpack_all(&request[Header::LEN..]) == plain, "{}: {transmit}", vector.id);
        }
    }
}

#[test]
fn what_is_packed_in_here_is_unpacked_in_here() {
    for (vector, value, plain) in sendable(decodable().filter(|vector| vector.payload.len() < 3000)) {
        for transmit in [64, 4096] {
            let request = packed_request(Packing::ALWAYS, &value, transmit);
            let reply = packed_frame(MessageType::Response, &request[Header::LEN..]);
            let script = Script::opened(V3).asked("packed").says(&reply).goes_on();
            if matches!(value, Value::Error(_)) {
                continue;
            }
            play(&script, 31, |connection| {
                let pieces = pieces(&mut connection.execute("packed").unwrap()).unwrap();
                assert!(pieces == read_whole(V3, &plain).pieces, "{}: {transmit}", vector.id);
                assert_goes_on(connection);
            });
        }
    }
}

#[test]
fn packed_requests_go_out_however_their_bytes_are_cut() {
    let text = Text::from("(+ 1 2)");
    let zeros = [0u8; 300];
    let numbers: Vec<i64> = (0..20).collect();
    let noise = noise(150);
    let requests: [&dyn Encode; 4] = [&text, &zeros, &numbers.as_slice(), &noise.as_slice()];
    for (packing, transmit) in
        SIZES.iter().flat_map(|size| [(Packing::ALWAYS, *size), (Packing::above(0), *size)])
    {
        let mut script = Script::opened(V3);
        let mut len = 2;
        for request in requests {
            let asked = packed_request(packing, request, transmit);
            let told = written_as(V3, packing, MessageType::Async, request, transmit, usize::MAX).unwrap();
            len += 2 * asked.len() as u64;
            script = script.hears(&asked).answers(&7i64).hears(&told.concat());
        }
        let steps = script.steps();
        let exchange = |faults| {
            let mut lent = Lent::new(64, transmit);
            let options = Options { packing, ..Options::new() };
            let stream = Faulty::new(Duplex::new(&steps), faults);
            let mut connection = Connection::open(stream, lent.lend(), &options).unwrap();
            for request in requests {
                assert_eq!(connection.execute(request).unwrap().value().unwrap(), Value::I64(7));
                connection.send_async(request).unwrap();
            }
            assert!(connection.transport().unwrap().get_ref().is_done());
        };
        (0..=len).for_each(|at| exchange(Faults { split_write_at: Some(at), ..Faults::default() }));
        for most in [1, 2, 3, 17, 60] {
            exchange(Faults { write_at_most: Some(most), interrupt: true, ..Faults::default() });
        }
    }
}

#[test]
fn a_request_that_fits_packed_into_half_of_the_buffer_is_one_write() {
    let zeros = [0u8; 10_000];
    let portions = written_as(V3, Packing::ALWAYS, MessageType::Sync, &zeros, 1000, usize::MAX).unwrap();
    assert_eq!(portions.len(), 1);
    assert!(portions[0].len() < 250);
}

#[test]
fn frames_of_all_kinds_are_packed() {
    for message in [MessageType::Async, MessageType::Sync, MessageType::Response] {
        let portions = written_as(V3, Packing::ALWAYS, message, &[0u8; 100], 64, usize::MAX).unwrap();
        let header = Header::parse(V3, portions[0].first_chunk().unwrap()).unwrap();
        assert!(header.packed);
        assert_eq!(header.message, message);
    }
}

#[test]
fn the_answer_to_a_question_is_packed_where_all_is() {
    let refusal = ServerError::new("nyi");
    let refusal = written_as(V3, Packing::ALWAYS, MessageType::Response, &refusal, 64, usize::MAX);
    let refusal = refusal.unwrap().concat();
    let request = packed_request(Packing::ALWAYS, &Text::from("ask me"), 64);
    let script = Script::opened(V3).hears(&request).questions(&1i64).hears(&refusal).answers(&7i64);
    let steps = script.steps();
    let mut lent = Lent::new(64, 64);
    let options = Options { packing: Packing::ALWAYS, ..Options::new() };
    let mut connection = Connection::open(Duplex::new(&steps), lent.lend(), &options).unwrap();
    assert_eq!(connection.execute("ask me").unwrap().value().unwrap(), Value::I64(7));
    assert!(connection.transport().unwrap().is_done());
}

#[test]
fn nothing_is_packed_unless_it_was_chosen() {
    assert_eq!(Options::new().packing, Packing::NEVER);
    assert_eq!(Packing::default(), Packing::NEVER);
    let zeros = [0u8; 5000];
    assert!(packed_request(Packing::NEVER, &zeros, 4096) == plain(&zeros));
}

#[test]
fn what_packing_does_not_make_shorter_goes_plain() {
    for len in [1, 100, 5000] {
        let noise = noise(len);
        for transmit in SIZES {
            assert!(
                packed_request(Packing::above(0), &noise.as_slice(), transmit) == plain(&noise.as_slice())
            );
            let forced = packed_request(Packing::ALWAYS, &noise.as_slice(), transmit);
            assert!(is_packed(&forced) && forced.len() > plain(&noise.as_slice()).len());
            assert!(unpack_all(&forced[Header::LEN..]) == sent(V3, &noise.as_slice()));
        }
    }
    // Of payloads that hardly become shorter, those go packed that become shorter by a byte, with the plain length.
    let mut packed = Vec::new();
    for len in 0..60 {
        let zeros = vec![0u8; len];
        let request = packed_request(Packing::above(0), &zeros.as_slice(), 4096);
        let forced = packed_request(Packing::ALWAYS, &zeros.as_slice(), 4096);
        let plain = plain(&zeros.as_slice());
        assert!(request == if forced.len() < plain.len() { forced } else { plain });
        packed.push(is_packed(&request));
    }
    assert!(packed.contains(&true) && packed.contains(&false), "{packed:?}");
}

#[test]
fn payloads_up_to_the_chosen_length_go_plain() {
    let zeros = vec![0u8; 490];
    let zeros = zeros.as_slice();
    assert_eq!(sent(V3, &zeros).len(), 500);
    for transmit in SIZES {
        for above in [500, 501, u64::MAX] {
            assert!(packed_request(Packing::above(above), &zeros, transmit) == plain(&zeros));
        }
        for above in [0, 499] {
            assert!(is_packed(&packed_request(Packing::above(above), &zeros, transmit)));
        }
    }
}

#[test]
fn a_small_transmit_buffer_and_wire_1_send_plain_frames() {
    let zeros = [0u8; 5000];
    for packing in [Packing::ALWAYS, Packing::above(0)] {
        for transmit in [1, 16, Packing::LEAST_TRANSMIT - 1] {
            assert!(packed_request(packing, &zeros, transmit) == plain(&zeros));
        }
        for transmit in SIZES {
            let frame = frame(Generation::V1, MessageType::Sync, &sent(Generation::V1, &zeros));
            let portions =
                written_as(Generation::V1, packing, MessageType::Sync, &zeros, transmit, usize::MAX);
            assert!(portions.unwrap().concat() == frame);
        }
    }
}

#[test]
fn the_handshake_is_never_packed() {
    let text = Text::from("(+ 1 2)");
    let request = packed_request(Packing::ALWAYS, &text, 1000);
    let script = Script::new(V3).hears(&[3, 0]).says(&[3, 1]);
    let script = script.hears(b"\x0bbob:s3cret\0").says(&[0]).hears(&request).answers(&3i64);
    let steps = script.steps();
    let mut lent = Lent::new(64, 1000);
    let options = Options {
        packing: Packing::ALWAYS,
        credentials: Some(Credentials::new("bob", "s3cret").unwrap()),
        ..Options::new()
    };
    let mut connection = Connection::open(Duplex::new(&steps), lent.lend(), &options).unwrap();
    assert_eq!(connection.execute(&text).unwrap().value().unwrap(), Value::I64(3));
}

/// Text of 300 bytes, the first times that it is written.
struct Changing {
    written: AtomicUsize,
    times: usize,
    then: usize,
}

impl Encode for Changing {
    fn encode(&self, writer: &mut Writer<'_>) {
        let written = self.written.fetch_add(1, Ordering::Relaxed);
        writer.string(&[b'x'; 600][..if written < self.times { 300 } else { self.then }]);
    }
}

#[test]
fn a_value_that_changes_its_length_is_refused_before_it_is_sent_and_closes_then() {
    const MALFORMED: Error<Infallible> = Error::Request(RequestError::Malformed);
    for transmit in [64, 100, 1000, 4096] {
        // Measured once, packed once and sent once, in windows of a quarter of the buffer.
        let windows = 310usize.div_ceil(transmit / 4);
        for times in 1..=2 * windows {
            for then in [0, 299, 301, 600] {
                let changing = Changing { written: AtomicUsize::new(0), times, then };
                let mut lent = Lent::new(64, transmit);
                let mut session = Session::new(lent.lend());
                open(&mut session, V3);
                session.set_packing(Packing::ALWAYS);
                if times <= windows {
                    assert_eq!(session.begin(MessageType::Sync, &changing), Err(MALFORMED));
                    assert_eq!((session.closed(), session.is_half_sent()), (None, false));
                    continue;
                }
                session.begin(MessageType::Sync, &changing).unwrap();
                let error = loop {
                    match session.transmit(&changing).map(<[u8]>::len) {
                        Ok(count) => {
                            assert!(count > 0, "{transmit}: {then} after {times} times");
                            session.sent(count);
                        }
                        Err(error) => break error,
                    }
                };
                assert_eq!(error, MALFORMED);
                assert_eq!(session.closed(), Some(CloseReason::HalfSent));
            }
        }
    }
}

#[test]
fn a_message_that_was_begun_is_as_it_was_after_one_that_is_refused() {
    let text = Text::from("a text that takes more than one window of the least buffer");
    for packing in [Packing::ALWAYS, Packing::above(60)] {
        for generation in BOTH {
            let mut lent = Lent::new(16, 64);
            let mut session = Session::new(lent.lend());
            open(&mut session, generation);
            session.set_packing(packing);
            session.begin(MessageType::Sync, &text).unwrap();
            let first = session.transmit(&text).unwrap().to_vec();
            let changing = Changing { written: AtomicUsize::new(0), times: 1, then: 299 };
            let refused = session.begin(MessageType::Sync, &changing);
            if generation == V3 {
                assert_eq!(refused, Err(Error::Request(RequestError::Malformed)));
                assert_eq!(session.transmit(&text).unwrap(), first);
            }
        }
    }
}

#[test]
fn packing_may_be_chosen_anew() {
    let zeros = [0u8; 100];
    let mut lent = Lent::new(16, 64);
    let mut session = Session::new(lent.lend());
    open(&mut session, V3);
    for packing in [Packing::ALWAYS, Packing::NEVER, Packing::above(50), Packing::above(110)] {
        session.set_packing(packing);
        session.begin(MessageType::Async, &zeros).unwrap();
        let mut bytes = Vec::new();
        while let portion @ [_, ..] = session.transmit(&zeros).unwrap() {
            let count = portion.len();
            bytes.extend_from_slice(portion);
            session.sent(count);
        }
        assert_eq!(is_packed(&bytes), [Packing::ALWAYS, Packing::above(50)].contains(&packing));
    }
}

#[test]
fn packed_requests_do_not_depend_on_how_they_were_taken() {
    let numbers: Vec<i64> = (0..100).collect();
    for transmit in SIZES {
        let whole = packed_request(Packing::ALWAYS, &numbers.as_slice(), transmit);
        for most in [1, 7, 63] {
            let portions =
                written_as(V3, Packing::ALWAYS, MessageType::Sync, &numbers.as_slice(), transmit, most);
            assert!(portions.unwrap().concat() == whole);
        }
        assert!(
            written(V3, &numbers.as_slice(), transmit, 7).unwrap().concat() == plain(&numbers.as_slice())
        );
    }
}
