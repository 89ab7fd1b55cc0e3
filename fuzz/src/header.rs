//! Headers, and the frames of a stream that they cut out.

use rayforce_ipc::client::{Memory, Progress, Session};
use rayforce_ipc::error::{Error, Fault, PeerError, Phase};
use rayforce_ipc::wire::{Generation, Header, MessageType};

use crate::input::{Input, generation};
use crate::opened::open;

/// Holds headers to their properties on one input: a byte whose lowest bit is the generation and whose others say how
/// the stream comes in, then 16 bytes of a header, then what follows it.
///
/// # Panics
/// Where a property does not hold.
pub fn header(input: &[u8]) {
    let mut input = Input(input);
    let choice = input.byte();
    let generation = generation(choice);
    let stream = input.0;
    let bytes = input.array();
    parses_as_told(generation, bytes);
    can_be_mended(generation, bytes);

    let expected = told(generation, stream);
    let portion = usize::from(choice >> 1 & 31).max(1);
    for (room, portion) in [(4096, usize::MAX), (16, 1), (17, portion), (100, portion)] {
        assert_eq!(heard(generation, stream, room, portion), expected, "{portion} bytes into {room}");
    }
}

/// The header is what its bytes say, told here once more, and writes itself as it came but for flags that mean nothing.
fn parses_as_told(generation: Generation, bytes: [u8; Header::LEN]) {
    let parsed = Header::parse(generation, &bytes);
    assert_eq!(parsed, oracle(generation, &bytes));
    let Ok(header) = parsed else { return };
    let written = header.to_bytes();
    assert_eq!(Header::parse(generation, &written), Ok(header));
    let meaning = if generation == Generation::V3 { 0b101 } else { 0 };
    let mut expected = bytes;
    expected[5] &= meaning;
    assert_eq!(written, expected);
}

/// An error is at the first wrong field: once that is right, the next one is further behind.
fn can_be_mended(generation: Generation, mut bytes: [u8; Header::LEN]) {
    let right =
        Header { generation, message: MessageType::Sync, packed: false, verbose: false, size: 1 }.to_bytes();
    let mut before = None;
    while let Err(error) = Header::parse(generation, &bytes) {
        assert!(before.is_none_or(|before| before < error.offset), "{error:?} behind {before:?}");
        assert!(error.closes(), "{error:?}");
        before = Some(error.offset);
        let place = match error.offset {
            0 => 0..4,
            8 => 8..16,
            at => at as usize..at as usize + 1,
        };
        bytes[place.clone()].copy_from_slice(&right[place]);
    }
}

/// A header by its description.
fn oracle(generation: Generation, bytes: &[u8; Header::LEN]) -> Result<Header, PeerError> {
    let wrong = |fault, offset| Err(PeerError { fault, offset });
    let ours = if generation == Generation::V1 { 1 } else { 3 };
    let size = i64::from_le_bytes(bytes[8..].try_into().expect("8 bytes"));
    let message = match bytes[7] {
        0 => MessageType::Async,
        1 => MessageType::Sync,
        _ => MessageType::Response,
    };
    if bytes[..4] != 0xcefa_defa_u32.to_le_bytes() {
        return wrong(Fault::Magic, 0);
    }
    if bytes[4] != ours {
        return wrong(Fault::Version { theirs: bytes[4], ours }, 4);
    }
    if bytes[6] != 0 {
        return wrong(Fault::ByteOrder(bytes[6]), 6);
    }
    if bytes[7] > 2 {
        return wrong(Fault::MessageType(bytes[7]), 7);
    }
    if size < 0 || size == 0 && generation == Generation::V3 {
        return wrong(Fault::Size(size), 8);
    }
    let flag = |bit| generation == Generation::V3 && bytes[5] & bit != 0;
    Ok(Header { generation, message, packed: flag(1), verbose: flag(4), size: size as u64 })
}

/// What a client sees of a stream.
#[derive(Debug, Eq, PartialEq)]
enum Event {
    /// A frame has begun.
    Begun(MessageType),
    /// It came to its end.
    Ended,
    /// The stream means nothing from here on.
    Broken(Fault),
}

/// The frames of a stream, for a client that waits for two answers.
fn told(generation: Generation, mut stream: &[u8]) -> Vec<Event> {
    let (mut events, mut awaited) = (Vec::new(), 2);
    // Some servers of wire 1 answer the opening by a byte more.
    if let (Generation::V1, [0, rest @ ..]) = (generation, stream) {
        stream = rest;
    }
    while let Some((head, rest)) = stream.split_first_chunk() {
        match oracle(generation, head) {
            Err(error) => {
                events.push(Event::Broken(error.fault));
                return events;
            }
            Ok(Header { message: MessageType::Response, .. }) if awaited == 0 => {
                events.push(Event::Broken(Fault::Unasked));
                return events;
            }
            Ok(header) => {
                awaited -= usize::from(header.message == MessageType::Response);
                events.push(Event::Begun(header.message));
                let Some(rest) = usize::try_from(header.size).ok().and_then(|size| rest.get(size..)) else {
                    break;
                };
                events.push(Event::Ended);
                stream = rest;
            }
        }
    }
    events
}

/// The same as a session sees it, by portions of the stream.
fn heard(generation: Generation, mut stream: &[u8], room: usize, portion: usize) -> Vec<Event> {
    let (mut receive, mut transmit) = (vec![0; room], vec![0; 64]);
    let mut session = Session::new(Memory { receive: &mut receive, transmit: &mut transmit });
    open(&mut session, generation);
    for _ in 0..2 {
        session.begin(MessageType::Sync, &()).expect("a request");
        while let count @ 1.. = session.transmit(&()).expect("the same request").len() {
            session.sent(count);
        }
    }
    let mut events = Vec::new();
    let (mut within, mut steps) = (false, 0);
    let len = stream.len();
    loop {
        steps += 1;
        assert!(steps <= 8 * len + 64, "no end");
        if within && session.drain() {
            events.push(Event::Ended);
            within = false;
        }
        let progress = if within { Ok(Progress::NeedInput) } else { session.poll_frame() };
        match progress {
            Ok(Progress::NeedInput) => {
                if stream.is_empty() {
                    session.ended(Phase::Idle);
                    return events;
                }
                let window = session.receive_window();
                let count = window.len().min(portion).min(stream.len());
                assert!(count > 0, "input is wanted, and there is no room for it");
                window[..count].copy_from_slice(&stream[..count]);
                session.received(count);
                stream = &stream[count..];
            }
            Ok(progress) => {
                let message = match progress {
                    Progress::Push => MessageType::Async,
                    Progress::Question => MessageType::Sync,
                    Progress::Answer => MessageType::Response,
                    other => panic!("{other:?} of a frame that was not looked at"),
                };
                events.push(Event::Begun(message));
                within = true;
            }
            Err(Error::Peer(error)) => {
                events.push(Event::Broken(error.fault));
                assert!(session.closed().is_some(), "{error:?} leaves the session open");
                return events;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}
