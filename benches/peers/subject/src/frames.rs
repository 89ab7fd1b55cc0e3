//! Frames as a program for one purpose would have them.

use rayforce_ipc::codec::{Encode, Writer};
use rayforce_ipc::wire::{Generation, Header, MessageType};

/// `(+ 1 2)`, as every client of wire 3 sends it.
pub const REQUEST: &[u8] = b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)";

/// Bytes of its answer: a header and an i64.
pub const ANSWER_LEN: usize = 26;

/// Requests that are under way together.
pub const DEPTH: usize = 64;

pub fn frame(message: MessageType, value: &dyn Encode) -> Vec<u8> {
    let size = Writer::measure(Generation::V3, value).expect("a value of wire 3");
    let header = Header { generation: Generation::V3, message, packed: false, verbose: false, size };
    let mut frame = header.to_bytes().to_vec();
    frame.resize(Header::LEN + usize::try_from(size).expect("a size in memory"), 0);
    Writer::encode(Generation::V3, value, &mut frame[Header::LEN..]).expect("a buffer of that size");
    frame
}

/// An answer.
pub fn response(payload: &[u8]) -> Vec<u8> {
    let size = payload.len() as u64;
    let message = MessageType::Response;
    let header = Header { generation: Generation::V3, message, packed: false, verbose: false, size };
    [&header.to_bytes(), payload].concat()
}

/// A request of text.
pub fn text(request: &str) -> Vec<u8> {
    frame(MessageType::Sync, &Program(request))
}

struct Program<'a>(&'a str);

impl Encode for Program<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.string(self.0.as_bytes());
    }
}
