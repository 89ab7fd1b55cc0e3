//! Packed payloads, made by anybody and by us.

use rayforce_ipc::client::frames::Frames;
use rayforce_ipc::client::{Connection, Memory, Options, Packing};
use rayforce_ipc::codec::{Value, Writer};
use rayforce_ipc::error::{Error, Fault, PeerError};
use rayforce_ipc::wire::{Generation, Header};

use crate::canned::Canned;
use crate::input::Input;
use crate::joined::Joined;
use crate::tokens;
use crate::unpack::unpack_all;

/// Holds packing to its properties on one input: a byte of which bit 0 says whether the rest is plain (0) or packed (1),
/// and the others how it travels.
///
/// # Panics
/// Where a property does not hold.
pub fn inflate(input: &[u8]) {
    let mut input = Input(input);
    let choice = input.byte();
    let portion = usize::from(choice >> 1 & 31) + 1;
    let payload = input.0;
    if choice & 1 == 0 {
        packs(payload, portion);
    } else if !payload.is_empty() {
        unpacks(payload, portion);
    }
}

/// What we pack unpacks to what it was, is hardly longer, and is what our own clients take.
fn packs(plain: &[u8], portion: usize) {
    let mut buffer = vec![0; plain.len() + 16];
    let payload = Writer::encode(V3, &plain, &mut buffer).expect("a vector of bytes");
    for transmit in [Packing::LEAST_TRANSMIT, Packing::LEAST_TRANSMIT + portion, 1024] {
        let packed = packed(plain, transmit, portion);
        assert!(unpack_all(&packed) == payload, "packed through {transmit} bytes");
        let window = transmit / 4;
        let most = 4 + payload.len() + payload.len().div_ceil(window) * window.div_ceil(128);
        assert!(packed.len() <= most, "{} bytes became {} through {transmit}", payload.len(), packed.len());
        unpacks(&packed, portion);
    }
}

/// The payload of a request, packed.
fn packed(plain: &[u8], transmit: usize, portion: usize) -> Vec<u8> {
    let stream = Canned::new(V3, portion);
    let (mut receive, mut transmit) = (vec![0; 64], vec![0; transmit]);
    let memory = Memory { receive: &mut receive, transmit: &mut transmit };
    let options = Options { packing: Packing::ALWAYS, ..Options::new() };
    let mut connection = Connection::open(stream, memory, &options).expect("an open connection");
    connection.send(plain).expect("a request");
    let heard = &connection.transport().expect("a stream").heard[2..];
    let header = Header::parse(V3, heard.first_chunk().expect("a header")).expect("a header");
    assert!(header.packed);
    let payload = &heard[Header::LEN..];
    assert_eq!(header.size, payload.len() as u64);
    payload.to_vec()
}

/// What a packed payload means does not depend on who takes it, nor on how it comes in; and when it means nothing, the
/// connection is as good as before.
fn unpacks(packed: &[u8], portion: usize) {
    let plain = oracle(packed);
    for (room, portion) in [(16, 1), (17, portion), (64, portion), (4096, usize::MAX)] {
        by_tokens(packed, plain.as_deref(), room, portion);
    }
    let announced = packed.first_chunk().map_or(0, |len| u32::from_le_bytes(*len)) as usize;
    if announced <= MOST_ROOM {
        by_value(packed, plain.as_deref(), announced + 64, portion);
        by_frames(packed, plain.as_deref(), announced + 64, portion);
    }
}

/// The answer packed, then one to another request.
fn stream(packed: &[u8], portion: usize) -> Canned {
    let mut stream = Canned::new(V3, portion);
    stream.answers(V3, true, packed);
    stream.answers(V3, false, &NEXT);
    stream
}

fn by_tokens(packed: &[u8], plain: Option<&[u8]>, room: usize, portion: usize) {
    let (mut receive, mut transmit) = (vec![0; room], vec![0; 64]);
    let memory = Memory { receive: &mut receive, transmit: &mut transmit };
    let mut connection =
        Connection::open(stream(packed, portion), memory, &Options::new()).expect("an open one");
    let mut joined = Joined::default();
    let end = match connection.execute("first") {
        Ok(mut reply) => loop {
            match reply.next_token() {
                Ok(Some(token)) => joined.push(token),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        },
        Err(error) => Err(error),
    };
    match plain.map(|plain| (plain, tokens::read(V3, plain, |_| usize::MAX))) {
        // A fault of the value may show in front of that of the packing, and an error of the server, too.
        None => {
            assert!(matches!(end, Err(Error::Peer(_) | Error::Server(_))), "{end:?} through {room} bytes")
        }
        Some((plain, whole)) => match end {
            Ok(()) => {
                assert_eq!(whole.end, Ok(()), "through {room} bytes");
                assert_eq!(joined.pieces, whole.found.pieces, "through {room} bytes");
            }
            Err(Error::Server(error)) => {
                let value = Value::decode(V3, plain);
                assert!(matches!(value, Ok(Value::Error(value)) if value.error() == error), "{value:?}");
            }
            Err(Error::Peer(error)) => {
                let expected = whole.end.map_err(kind);
                assert_eq!(Err(kind(error)), expected, "{error:?} through {room} bytes");
                if plain.first() != Some(&ERROR) {
                    assert_eq!(joined.complete(), whole.found.complete(), "through {room} bytes");
                }
            }
            Err(error) => panic!("{error:?} through {room} bytes"),
        },
    }
    is_healthy(&mut connection);
}

fn by_value(packed: &[u8], plain: Option<&[u8]>, room: usize, portion: usize) {
    let (mut receive, mut transmit) = (vec![0; room], vec![0; 64]);
    let memory = Memory { receive: &mut receive, transmit: &mut transmit };
    let mut connection =
        Connection::open(stream(packed, portion), memory, &Options::new()).expect("an open one");
    let expected = plain.map(|plain| Value::decode(V3, plain));
    match connection.execute("first") {
        Ok(mut reply) => match (reply.value(), expected) {
            (Ok(value), Some(Ok(expected))) => assert_eq!(format!("{value:?}"), format!("{expected:?}")),
            (Err(Error::Peer(error)), Some(Err(expected))) => assert_eq!(kind(error), kind(expected)),
            (Err(Error::Peer(_)), None) => {}
            (value, expected) => panic!("{value:?}, and not {expected:?}"),
        },
        Err(Error::Server(_)) => {
            assert!(expected.is_none_or(|expected| matches!(expected, Ok(Value::Error(_)))));
        }
        Err(error) => assert!(matches!(error, Error::Peer(_)), "{error:?}"),
    }
    is_healthy(&mut connection);
}

fn by_frames(packed: &[u8], plain: Option<&[u8]>, room: usize, portion: usize) {
    let mut buffer = vec![0; room];
    let mut frames = Frames::open(stream(packed, portion), &mut buffer, None).expect("an open one");
    frames.set_unpacking();
    match (frames.execute("first"), plain) {
        (Ok(frame), Some(plain)) => assert!(frame.payload() == plain, "{frame:?} is not {plain:?}"),
        (Err(Error::Peer(PeerError { fault: Fault::Packing, offset: 0 })), None) => {}
        (unpacked, plain) => panic!("{unpacked:?}, and not {plain:?}"),
    }
    let next = frames.execute("next").expect("the next answer").value();
    assert_eq!(next, Ok(Value::I64(7)));
}

fn is_healthy(connection: &mut Connection<'_, Canned>) {
    let mut reply = connection.execute("next").expect("the next answer");
    assert_eq!(reply.value(), Ok(Value::I64(7)));
}

/// What is wrong, but for how much is missing, of which a smaller window knows less.
fn kind(error: PeerError) -> (std::mem::Discriminant<Fault>, Option<u64>) {
    let place = (!matches!(error.fault, Fault::UnexpectedEnd { .. })).then_some(error.offset);
    (std::mem::discriminant(&error.fault), place)
}

/// What a packed payload unpacks to, told here once more: as much as it announces, of which something, and nothing
/// behind it.
fn oracle(payload: &[u8]) -> Option<Vec<u8>> {
    let (len, mut packed) = payload.split_first_chunk()?;
    let len = u32::from_le_bytes(*len) as usize;
    let mut plain: Vec<u8> = Vec::new();
    while let [control, rest @ ..] = packed {
        let (count, step) = match control.cast_signed() {
            0 => (0, 0),
            count @ 1.. => (count.cast_unsigned().into(), 1),
            count @ ..0 => (usize::from(count.unsigned_abs()), usize::from(count.unsigned_abs())),
        };
        let differences = rest.get(..step)?;
        packed = &rest[step..];
        if plain.len() + count > len {
            return None;
        }
        for difference in differences.iter().cycle().take(count) {
            plain.push(plain.last().unwrap_or(&0).wrapping_add(*difference));
        }
    }
    (plain.len() == len && len > 0).then_some(plain)
}

const V3: Generation = Generation::V3;
/// The answer to the next request.
const NEXT: [u8; 10] = [0xfb, 0, 7, 0, 0, 0, 0, 0, 0, 0];
/// The tag of an error.
const ERROR: u8 = 0x7f;
/// Plain bytes that are worth a buffer.
const MOST_ROOM: usize = 1 << 13;
