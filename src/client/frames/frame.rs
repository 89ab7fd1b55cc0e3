//! One frame that came.

use crate::codec::value::Value;
use crate::codec::walk;
use crate::error::{Fault, PeerError};
use crate::wire::Header;

/// A frame, whole.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'f> {
    header: Header,
    payload: &'f [u8],
}

impl<'f> Frame<'f> {
    pub(super) const fn new(header: Header, payload: &'f [u8]) -> Frame<'f> {
        Frame { header, payload }
    }

    /// Its header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The bytes of its value.
    pub const fn payload(&self) -> &'f [u8] {
        self.payload
    }

    /// Its value, whatever it is; an error of the server is a [`Value::Error`].
    ///
    /// # Errors
    /// [`PeerError`] for bytes that hold no value.
    pub fn value(&self) -> Result<Value<'f>, PeerError> {
        Value::decode_small(self.header.generation, self.payload)
    }

    /// Its value, if it is a scalar, a symbol, a string or a vector: with less code than [`value`](Frame::value).
    ///
    /// # Errors
    /// [`Fault::Value`] for anything else.
    pub fn leaf(&self) -> Result<Value<'f>, PeerError> {
        walk::leaf(self.header.generation, self.payload).ok_or(PeerError { fault: Fault::Value, offset: 0 })
    }
}
