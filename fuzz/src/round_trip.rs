//! What decodes, sent again.

use rayforce_ipc::client::{Memory, Session};
use rayforce_ipc::codec::{Encode, Token, Value, Writer};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::wire::{Generation, Header, MessageType, Tag, Type};

use crate::opened::open;
use crate::tokens::{self, Piece, Reading};

/// Sends a value to the generation that it came from, where it must mean the same, by windows of some bytes as at
/// once, and to the other one, where it must at least decode.
///
/// One thing alone cannot go back: a vector of i16 on wire 1, which its servers write by mistake and do not read.
/// (Counts beyond what servers accept, payloads beyond 256 MiB and names with a NUL cannot come of a payload of a
/// few kilobytes.)
///
/// # Panics
/// Where a property does not hold.
pub fn check(generation: Generation, payload: &[u8], value: Value<'_>, whole: &Reading, window_len: usize) {
    let unreadable = RequestError::Unsupported { tag: Tag::Vector(Type::I16), generation };
    let is_unreadable = |piece: &Piece| matches!(piece, Piece::Head(Token::Vector { ty: Type::I16, .. }));
    match sent(generation, &value) {
        Err(error) => {
            assert_eq!((error, generation), (unreadable, Generation::V1));
            assert!(whole.found.pieces.iter().any(is_unreadable), "refused for what is not there");
        }
        Ok(bytes) => {
            same(generation, payload, value, whole, &bytes);
            // Each window goes over the whole value.
            let window_len = window_len.max(bytes.len() / MOST_WINDOWS).max(1);
            assert_eq!(
                transmitted(generation, &value, window_len)[Header::LEN..],
                bytes,
                "by {window_len} bytes"
            );
        }
    }
    let other = match generation {
        Generation::V1 => Generation::V3,
        Generation::V3 => Generation::V1,
    };
    match sent(other, &value) {
        Err(error) => assert!(matches!(error, RequestError::Unsupported { .. }), "{error:?}"),
        Ok(bytes) => assert!(Value::decode(other, &bytes).is_ok(), "sent as what {other:?} cannot read"),
    }
}

fn same(generation: Generation, payload: &[u8], value: Value<'_>, whole: &Reading, bytes: &[u8]) {
    let again =
        Value::decode(generation, bytes).unwrap_or_else(|error| panic!("sent as {bytes:x?}: {error}"));
    let reading = tokens::read(generation, bytes, |_| usize::MAX);
    assert_eq!(meaning(&reading), meaning(whole));
    assert_eq!(format!("{again:?}"), format!("{value:?}"));
    assert_eq!(sent(generation, &again).as_deref(), Ok(bytes), "sent twice");
    assert!(bytes.len() <= whole.taken, "longer than it came");
    // Containers are equal by their bytes; the others must be, whatever of their bytes has no meaning.
    if payload.get(..whole.taken) == Some(bytes) || !is_container(value) {
        assert!(again == value || is_nan(value), "{again:?} is not {value:?}");
    }
}

/// The payload of a value, for which exactly the measured room is enough.
///
/// # Errors
/// Why it cannot be sent.
///
/// # Panics
/// Where a property does not hold.
pub fn sent(generation: Generation, value: &dyn Encode) -> Result<Vec<u8>, RequestError> {
    let size = Writer::measure(generation, value)?;
    let mut buffer = vec![0; size as usize];
    let written = Writer::encode(generation, value, &mut buffer).map(<[u8]>::len);
    assert_eq!(written, Ok(size as usize), "written, and measured");
    // Every value takes a byte.
    let limit = size - 1;
    let refused = Writer::encode(generation, value, &mut vec![0; limit as usize]).map(<[u8]>::len);
    assert_eq!(refused, Err(RequestError::TooLarge { size, limit }));
    Ok(buffer)
}

/// The frame of a value, sent over a connection whose transmit buffer has so many bytes.
///
/// # Panics
/// Where it cannot be sent.
pub fn transmitted(generation: Generation, value: &dyn Encode, window_len: usize) -> Vec<u8> {
    let memory = Memory { receive: &mut [0; Memory::LEAST_RECEIVE], transmit: &mut vec![0; window_len] };
    let mut session = Session::new(memory);
    open(&mut session, generation);
    let mut frame = Vec::new();
    session.begin(MessageType::Sync, value).expect("what was sent at once");
    loop {
        let window = session.transmit(value).expect("the same value as was begun");
        if window.is_empty() {
            return frame;
        }
        frame.extend_from_slice(window);
        let count = window.len();
        session.sent(count);
    }
}

/// The pieces without what no client sends: attributes, flags of a lambda, the text of a null string.
fn meaning(reading: &Reading) -> Vec<Piece> {
    let mut is_null = false;
    let pieces = reading.found.pieces.iter().map(|piece| match piece {
        Piece::Head(Token::Vector { ty, count, .. }) => {
            Piece::Head(Token::Vector { ty: *ty, count: *count, attr: 0 })
        }
        Piece::Head(Token::Lambda { closure, .. }) => {
            Piece::Head(Token::Lambda { attr: 0, closure: *closure })
        }
        Piece::Head(Token::String { null: true, .. }) => {
            is_null = true;
            Piece::Head(Token::String { len: 0, null: true })
        }
        Piece::Text(_) if core::mem::take(&mut is_null) => Piece::Text(Vec::new()),
        other => other.clone(),
    });
    pieces.collect()
}

fn is_container(value: Value<'_>) -> bool {
    matches!(value, Value::List(_) | Value::Table(_) | Value::Dict(_) | Value::Lambda(_) | Value::Error(_))
}

fn is_nan(value: Value<'_>) -> bool {
    match value {
        Value::F32(value) => value.is_nan(),
        Value::F64(value) => value.is_nan(),
        _ => false,
    }
}

const MOST_WINDOWS: usize = 64;
