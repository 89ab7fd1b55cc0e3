//! The smallest client: whole frames through one buffer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::cell::RefCell;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use rayforce_ipc::Error;
use rayforce_ipc::client::frames::Frames;
use rayforce_ipc::codec::{Encode, Symbol, Text, Value, Writer};
use rayforce_ipc::error::{AuthError, CloseReason, Fault, Outcome, PeerError, Phase, RequestError};
use rayforce_ipc::query::{col, set, table};
use rayforce_ipc::wire::{Credentials, Dialect, Generation, MessageType, Tag};
use support::pack::pack;
use support::script::{frame, packed_frame};
use support::vectors::{all, decodable};

/// Gives what a server says in portions of so many bytes, and takes what it hears so.
struct Stream<'h> {
    said: Vec<u8>,
    at: usize,
    portion: usize,
    heard: &'h RefCell<Vec<u8>>,
    /// Bytes that it takes; then it is at its end.
    takes: usize,
}

impl ErrorType for Stream<'_> {
    type Error = Infallible;
}

impl Read for Stream<'_> {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, Infallible> {
        let count = target.len().min(self.portion).min(self.said.len() - self.at);
        target[..count].copy_from_slice(&self.said[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let mut heard = self.heard.borrow_mut();
        let count = bytes.len().min(self.portion).min(self.takes - heard.len());
        heard.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// What opens a connection to a server of the generation.
const fn opening(generation: Generation) -> &'static [u8] {
    match generation {
        Generation::V1 => &[1],
        Generation::V3 => &[3, 0],
    }
}

fn stream<'h>(said: &[&[u8]], portion: usize, heard: &'h RefCell<Vec<u8>>) -> Stream<'h> {
    Stream { said: said.concat(), at: 0, portion, heard, takes: usize::MAX }
}

const V3: Generation = Generation::V3;
const SEVEN: [u8; 10] = [0xfb, 0, 7, 0, 0, 0, 0, 0, 0, 0];

fn response(payload: &[u8]) -> Vec<u8> {
    frame(V3, MessageType::Response, payload)
}

#[test]
fn every_captured_frame_is_had_in_portions_of_any_size() {
    for vector in decodable() {
        let generation = vector.generation;
        let value = Value::decode(generation, &vector.payload).unwrap();
        let most = if vector.frame.len() > 2000 { 1 } else { vector.frame.len() };
        for portion in [1, 2, 3, 7, 15, 16, 17, 1000].into_iter().filter(|portion| *portion <= most.max(1000))
        {
            let heard = RefCell::new(Vec::new());
            let mut buffer = vec![0; vector.payload.len().max(vector.frame.len()) + 16];
            let said = stream(&[opening(generation), &vector.frame], portion, &heard);
            let mut frames = Frames::open(said, &mut buffer, None).unwrap();
            frames.set_unpacking();
            let frame = frames.receive().unwrap();
            assert_eq!(frame.payload(), vector.payload, "{}", vector.id);
            assert_eq!(frame.header(), &vector.header(), "{}", vector.id);
            // Not by `==`: a NaN is none.
            assert_eq!(format!("{:?}", frame.value().unwrap()), format!("{value:?}"), "{}", vector.id);
            assert_eq!(frames.receive().unwrap_err(), Error::Disconnected(Phase::FirstByte));
            assert_eq!(*heard.borrow(), [3, 0]);
        }
    }
}

/// What `decode` and its smaller likeness make of the same bytes.
fn assert_alike(generation: Generation, payload: &[u8], what: &str) {
    let (large, small) = (Value::decode(generation, payload), Value::decode_small(generation, payload));
    match (&large, &small) {
        (Ok(large), Ok(small)) => assert_eq!(format!("{large:?}"), format!("{small:?}"), "{what}"),
        (Err(large), Err(small)) => {
            assert!(small.offset <= payload.len() as u64, "{what}: {small:?} {large:?}");
            assert!(matches!(small.fault, Fault::Value | Fault::TrailingBytes(_)), "{what}: {small:?}");
        }
        _ => panic!("{what}: {large:?} {small:?}"),
    }
    let framed = response(payload);
    if generation == V3 && !payload.is_empty() {
        let heard = RefCell::new(Vec::new());
        let mut buffer = vec![0; framed.len()];
        let mut frames = Frames::open(stream(&[&[3, 0], &framed], 100, &heard), &mut buffer, None).unwrap();
        let leaf = frames.receive().unwrap().leaf().map(|leaf| format!("{leaf:?}"));
        let is_leaf = |_: &Value<'_>| matches!(V3.tag(payload[0]), Some(Tag::Atom(_) | Tag::Vector(_)));
        match small {
            Ok(value) if is_leaf(&value) => assert_eq!(leaf, Ok(format!("{value:?}")), "{what}"),
            _ => assert_eq!(leaf, Err(PeerError { fault: Fault::Value, offset: 0 }), "{what}"),
        }
    }
}

#[test]
fn damaged_payloads_are_refused_as_by_the_other_client() {
    for vector in all().iter().filter(|vector| vector.payload.len() < 300) {
        assert_alike(vector.generation, &vector.payload, &vector.id);
        for at in 0..vector.payload.len() {
            assert_alike(vector.generation, &vector.payload[..at], &format!("{} cut at {at}", vector.id));
            for change in [1, 0x80, 0xff] {
                let mut payload = vector.payload.clone();
                payload[at] ^= change;
                assert_alike(vector.generation, &payload, &format!("{} changed at {at}", vector.id));
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_passed_over() {
    let text = [&[0xf3, 0, 100, 0, 0, 0, 0, 0, 0, 0][..], &[b'x'; 100]].concat();
    let heard = RefCell::new(Vec::new());
    let mut buffer = [0; 32];
    let said = stream(&[&[3, 0], &response(&text), &response(&SEVEN)], 7, &heard);
    let mut frames = Frames::open(said, &mut buffer, None).unwrap();
    match frames.receive().unwrap_err() {
        Error::Capacity { needed: 110, available: 32, .. } => {}
        error => panic!("{error}"),
    }
    assert_eq!(frames.receive().unwrap().value().unwrap(), Value::I64(7));
}

#[test]
fn a_buffer_needs_room_for_a_header() {
    let heard = RefCell::new(Vec::new());
    let error = Frames::open(stream(&[&[3, 0]], 1, &heard), &mut [0; 15], None).err().unwrap();
    assert!(matches!(error, Error::Capacity { needed: 16, available: 15, .. }), "{error}");
    assert!(heard.borrow().is_empty());
}

#[test]
fn packed_payloads_are_unpacked_where_that_is_wanted() {
    let text =
        [&[0xf3, 0, 200, 0, 0, 0, 0, 0, 0, 0][..], &[b'x'; 100], &(0..100).collect::<Vec<u8>>()].concat();
    let framed = packed_frame(MessageType::Response, &pack(&text));
    let said = [&[3, 0][..], &framed, &response(&SEVEN)].concat();
    for len in [64, 210, 225, 226, 227, 300, 1000] {
        for portion in [1, 5, 1000] {
            for unpacks in [false, true] {
                let heard = RefCell::new(Vec::new());
                let mut buffer = vec![0; len];
                let mut frames = Frames::open(stream(&[&said], portion, &heard), &mut buffer, None).unwrap();
                if unpacks {
                    frames.set_unpacking();
                }
                match frames.receive() {
                    Ok(frame) => {
                        assert!(unpacks && len >= 226);
                        assert_eq!(frame.payload(), text);
                    }
                    Err(Error::Capacity { needed: 226, .. }) => assert!(unpacks && len < 226),
                    Err(Error::Peer(PeerError { fault: Fault::Unpacked { limit: 0, .. }, .. })) => {
                        assert!(!unpacks)
                    }
                    Err(error) => panic!("{len}: {error}"),
                }
                assert_eq!(frames.receive().unwrap().value().unwrap(), Value::I64(7), "{len}");
            }
        }
    }
}

#[test]
fn packed_payloads_that_lie_are_refused_and_passed_over() {
    let packed = pack(&SEVEN);
    let lying = |len: u32| [&len.to_le_bytes()[..], &packed[4..]].concat();
    let cases = [
        lying(9),
        lying(11),
        lying(0),
        packed[..packed.len() - 1].to_vec(),
        packed[..3].to_vec(),
        [&packed[..], &[5]].concat(),
    ];
    for payload in cases {
        let heard = RefCell::new(Vec::new());
        let mut buffer = [0; 64];
        let framed = packed_frame(MessageType::Response, &payload);
        let said = stream(&[&[3, 0], &framed, &response(&SEVEN)], 3, &heard);
        let mut frames = Frames::open(said, &mut buffer, None).unwrap();
        frames.set_unpacking();
        let error = frames.receive().unwrap_err();
        assert_eq!(error, Error::Peer(PeerError { fault: Fault::Packing, offset: 0 }), "{payload:02x?}");
        assert_eq!(frames.receive().unwrap().value().unwrap(), Value::I64(7), "{payload:02x?}");
    }
}

#[test]
fn a_damaged_header_closes() {
    let heard = RefCell::new(Vec::new());
    let mut buffer = [0; 64];
    let mut damaged = response(&SEVEN);
    damaged[2] = 0;
    let said = stream(&[&[3, 0], &damaged, &response(&SEVEN)], 100, &heard);
    let mut frames = Frames::open(said, &mut buffer, None).unwrap();
    let error = PeerError { fault: Fault::Magic, offset: 0 };
    assert_eq!(frames.receive().unwrap_err(), Error::Peer(error));
    assert_eq!(frames.closed(), Some(CloseReason::Peer(Fault::Magic)));
    assert_eq!(frames.receive().unwrap_err(), Error::Closed(CloseReason::Peer(Fault::Magic)));
    assert_eq!(
        frames.send(MessageType::Sync, "1").unwrap_err(),
        Error::Closed(CloseReason::Peer(Fault::Magic))
    );
    assert_eq!(heard.borrow().len(), 2);
}

#[test]
fn an_end_anywhere_tells_what_became_of_the_request() {
    let said = [&[3, 0][..], &response(&SEVEN)].concat();
    let request_len = 16 + 10 + 3;
    for (takes, said_len) in
        (0..=2 + request_len).map(|takes| (takes, said.len())).chain((0..said.len()).map(|len| (100, len)))
    {
        let heard = RefCell::new(Vec::new());
        let mut buffer = [0; 20];
        let ended = Stream { said: said[..said_len].to_vec(), at: 0, portion: 100, heard: &heard, takes };
        let answer = Frames::open(ended, &mut buffer, None).and_then(|mut frames| {
            let answer = frames.execute("1+2").map(|frame| frame.value().unwrap().as_i64());
            assert_eq!(frames.closed().is_some(), answer.is_err());
            answer
        });
        let outcome = match (takes, said_len) {
            (..=2, _) | (_, ..2) => Outcome::NotSent,
            (..31, _) | (_, 2) => Outcome::Unknown,
            (_, len) if len < said.len() => Outcome::Answered,
            _ => {
                assert_eq!(answer, Ok(Ok(7)));
                continue;
            }
        };
        let error = answer.unwrap_err();
        assert!(matches!(error, Error::Disconnected(_)), "{takes} {said_len}: {error}");
        assert_eq!(error.outcome(), outcome, "{takes} {said_len}: {error}");
    }
}

#[test]
fn credentials_are_sent_where_they_are_wanted_and_do_not_stay() {
    let credentials = Credentials::new("bob", "s3cret").unwrap();
    let open = |said: &[u8], credentials| {
        let heard = RefCell::new(Vec::new());
        let mut buffer = [0; 16];
        let opened = Frames::open(stream(&[said], 5, &heard), &mut buffer, credentials).map(|_| ()).err();
        (opened, heard.take(), buffer)
    };
    let (error, heard, buffer) = open(&[3, 1, 0], Some(credentials));
    assert_eq!((error, heard), (None, b"\x03\0\x0bbob:s3cret\0".to_vec()));
    assert!(!buffer.contains(&b's'), "{buffer:?}");
    assert_eq!(open(&[3, 1, 1], Some(credentials)).0, Some(Error::Auth(AuthError::Refused)));
    assert_eq!(open(&[3, 1], None).0, Some(Error::Auth(AuthError::Needed)));
    assert_eq!(open(&[3, 0], Some(credentials)).1, [3, 0]);
    let version = Fault::Version { theirs: b'H', ours: 3 };
    assert_eq!(open(b"HTTP", None).0, Some(Error::Peer(PeerError { fault: version, offset: 0 })));
}

#[test]
fn what_comes_unasked_is_passed_over_and_a_question_is_refused() {
    let heard = RefCell::new(Vec::new());
    let mut buffer = [0; 64];
    let push = frame(V3, MessageType::Async, &SEVEN);
    let question = frame(V3, MessageType::Sync, &SEVEN);
    let nine = [0xfb, 0, 9, 0, 0, 0, 0, 0, 0, 0];
    let said = stream(&[&[3, 0], &push, &question, &push, &response(&nine)], 9, &heard);
    let mut frames = Frames::open(said, &mut buffer, None).unwrap();
    assert_eq!(frames.execute("1").unwrap().value().unwrap(), Value::I64(9));
    let request = frame(V3, MessageType::Sync, b"\xf3\0\x01\0\0\0\0\0\0\x001");
    let refusal = response(b"\x7fnyi\0\0\0\0\0");
    assert_eq!(*heard.borrow(), [&[3, 0], &request[..], &refusal].concat());
}

#[test]
fn requests_may_be_longer_than_the_buffer() {
    let text = "x".repeat(1000);
    let mut payload = [0; 2000];
    let payload = Writer::encode(V3, &Text(text.as_bytes()), &mut payload).unwrap();
    for len in [16, 17, 100, 1026, 2000] {
        let heard = RefCell::new(Vec::new());
        let mut buffer = vec![0; len];
        let mut frames = Frames::open(stream(&[&[3, 0]], 13, &heard), &mut buffer, None).unwrap();
        frames.send(MessageType::Async, text.as_str()).unwrap();
        assert_eq!(heard.borrow()[2..], frame(V3, MessageType::Async, payload), "{len}");
    }
}

#[test]
fn what_depends_on_the_dialect_of_wire_one_needs_it() {
    let heard = RefCell::new(Vec::new());
    let mut buffer = [0; 100];
    let mut frames = Frames::open(stream(&[&[1]], 13, &heard), &mut buffer, None).unwrap();
    let call = table("t").update(set("s", "b")).filter(col("x").gt(1));
    let sent = frames.send(MessageType::Sync, &call);
    assert_eq!(sent, Err(Error::Request(RequestError::DialectUnknown)));
    assert_eq!(heard.borrow().len(), 2);
    frames.set_dialect(Dialect::V3);
    assert_eq!(frames.send(MessageType::Sync, &call), Err(Error::Request(RequestError::DialectUnknown)));
    frames.set_dialect(Dialect::V1b);
    frames.send(MessageType::Sync, &call).unwrap();
    let mut payload = [0; 200];
    let payload = Writer::encode_for(Dialect::V1b, &call, &mut payload).unwrap();
    assert_eq!(heard.borrow()[2..], frame(Generation::V1, MessageType::Sync, payload));
}

/// What comes unasked is none of the answer, nor is its size: else the answer would be taken for that to the next request.
#[test]
fn what_comes_unasked_and_does_not_fit_is_passed_over_too() {
    let text = [&[0xf3, 0, 100, 0, 0, 0, 0, 0, 0, 0][..], &[b'x'; 100]].concat();
    for message in [MessageType::Async, MessageType::Sync] {
        let heard = RefCell::new(Vec::new());
        let mut buffer = [0; 32];
        let said = stream(&[&[3, 0], &frame(V3, message, &text), &response(&SEVEN)], 9, &heard);
        let mut frames = Frames::open(said, &mut buffer, None).unwrap();
        assert_eq!(frames.execute("1").unwrap().value().unwrap(), Value::I64(7));
    }
}

/// Nothing is sent in front of the end of an answer; a request whose way it bars is not sent.
#[test]
fn what_is_left_of_an_answer_is_read_before_anything_is_sent() {
    let text = [&[0xf3, 0, 100, 0, 0, 0, 0, 0, 0, 0][..], &[b'x'; 100]].concat();
    let answer = response(&text);
    let heard = RefCell::new(Vec::new());
    let mut buffer = [0; 32];
    let said = stream(&[&[3, 0], &answer[..answer.len() - 1]], 9, &heard);
    let mut frames = Frames::open(said, &mut buffer, None).unwrap();
    assert!(matches!(frames.execute("1").unwrap_err(), Error::Capacity { .. }));
    let before = heard.borrow().len();
    let error = frames.execute("2").unwrap_err();
    assert_eq!((error.outcome(), heard.borrow().len()), (Outcome::NotSent, before), "{error}");
}

#[test]
fn a_refusal_that_cannot_be_sent_tells_nothing_of_the_request() {
    let question = frame(V3, MessageType::Sync, &SEVEN);
    let request_len = 2 + 16 + 10 + 1;
    for takes in request_len..request_len + 20 {
        let heard = RefCell::new(Vec::new());
        let mut buffer = [0; 32];
        let said = [&[3, 0], &question[..], &response(&SEVEN)].concat();
        let ended = Stream { said, at: 0, portion: 100, heard: &heard, takes };
        let error = Frames::open(ended, &mut buffer, None).unwrap().execute("1").unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{takes}: {error}");
    }
}

/// A stream that sends what was written when it is flushed.
#[derive(Default)]
struct Buffered {
    written: Vec<u8>,
    sent: Vec<u8>,
    read: usize,
    /// Whether the next flush is interrupted.
    interrupted: bool,
}

impl ErrorType for Buffered {
    type Error = ErrorKind;
}

impl Read for Buffered {
    fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        let mut says = match self.sent.len() {
            0 => Vec::new(),
            2 => vec![3, 0],
            _ => [&[3, 0], &response(&SEVEN)[..]].concat(),
        };
        says.drain(..self.read);
        let count = target.len().min(says.len());
        target[..count].copy_from_slice(&says[..count]);
        self.read += count;
        if count == 0 { Err(ErrorKind::TimedOut) } else { Ok(count) }
    }
}

impl Write for Buffered {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.written.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(ErrorKind::Interrupted);
        }
        self.sent.append(&mut self.written);
        Ok(())
    }
}

#[test]
fn whatever_is_written_is_flushed_also_when_that_is_interrupted() {
    let mut buffer = [0; 32];
    let mut frames = Frames::open(Buffered::default(), &mut buffer, None).unwrap();
    assert_eq!(frames.execute("1").unwrap().value().unwrap(), Value::I64(7));
}

/// A text that has another length each time.
struct Changing {
    runs: AtomicUsize,
    lens: [usize; 2],
}

impl Encode for Changing {
    fn encode(&self, writer: &mut Writer<'_>) {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        writer.string(&[b'x'; 200][..self.lens[run.min(1)]]);
    }
}

#[test]
fn a_request_that_changes_while_it_is_sent_closes() {
    for lens in [[100, 99], [100, 101], [100, 90], [100, 200], [100, 0]] {
        let heard = RefCell::new(Vec::new());
        let mut buffer = [0; 64];
        let mut frames = Frames::open(stream(&[&[3, 0]], 13, &heard), &mut buffer, None).unwrap();
        let sent = frames.send(MessageType::Sync, &Changing { runs: AtomicUsize::new(0), lens });
        assert_eq!(sent, Err(Error::Request(RequestError::Malformed)), "{lens:?}");
        assert_eq!(frames.closed(), Some(CloseReason::HalfSent), "{lens:?}");
        assert!(heard.borrow().len() <= 2 + 16 + 10 + 100, "{lens:?}");
    }
}

#[test]
fn a_request_that_cannot_be_sent_says_why_and_closes_nothing() {
    let heard = RefCell::new(Vec::new());
    let mut buffer = [0; 64];
    let said = stream(&[&[3, 0], &response(&SEVEN)], 13, &heard);
    let mut frames = Frames::open(said, &mut buffer, None).unwrap();
    let refused = Err(Error::Request(RequestError::NulInName(1)));
    assert_eq!(frames.send(MessageType::Sync, &Symbol::name("a\0b")), refused);
    assert_eq!(heard.borrow().len(), 2);
    assert_eq!(frames.execute("7").unwrap().value().unwrap(), Value::I64(7));
}
