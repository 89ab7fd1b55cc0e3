//! Values sent and read back in memory.

use rayforce_ipc::codec::{Encode, Value, Writer};
use rayforce_ipc::error::RequestError;
use rayforce_ipc::wire::Generation;

use super::hex::hex;

pub const BOTH: [Generation; 2] = [Generation::V1, Generation::V3];

/// The payload of a value, whose measured length is held against its bytes.
pub fn sent(generation: Generation, value: &dyn Encode) -> Vec<u8> {
    let len = Writer::measure(generation, value).unwrap_or_else(|error| panic!("not sent: {error}"));
    let mut buffer = vec![0; len as usize];
    let written = Writer::encode(generation, value, &mut buffer).expect("room for all of it").len();
    assert_eq!(written as u64, len);
    buffer
}

/// Why a value cannot be sent.
pub fn refused(generation: Generation, value: &dyn Encode) -> RequestError {
    match Writer::measure(generation, value) {
        Ok(len) => panic!("measured as {len} bytes"),
        Err(error) => error,
    }
}

/// Holds the payload of a value against hex digits.
#[track_caller]
pub fn assert_sent(generation: Generation, value: &dyn Encode, digits: &str) {
    assert_eq!(hex(&sent(generation, value)), digits.replace(' ', ""), "{generation:?}");
}

/// A value from its payload.
#[track_caller]
pub fn decoded(generation: Generation, payload: &[u8]) -> Value<'_> {
    Value::decode(generation, payload).unwrap_or_else(|error| panic!("{}: {error}", hex(payload)))
}

/// A value that a test writes by itself.
pub struct By<F>(pub F);

impl<F: Fn(&mut Writer<'_>) + Sync> Encode for By<F> {
    fn encode(&self, writer: &mut Writer<'_>) {
        (self.0)(writer);
    }
}
