//! What goes out: the opening, credentials, frames; piece by piece through the transmit buffer.

use core::fmt;

use crate::codec::encode::Encode;
use crate::codec::place::Recipient;
use crate::codec::window::Checkpoint;
use crate::codec::writer::Writer;
use crate::error::RequestError;
use crate::wire::region::Region;
use crate::wire::{Credentials, Header, MessageType};

/// A message that is being sent, or nothing.
pub(crate) struct Outgoing<'b> {
    buffer: &'b mut [u8],
    /// What of the buffer was not sent yet.
    window: Region,
    /// Where the next window begins.
    next: Checkpoint,
    /// Bytes that were not sent yet, of all.
    left: u64,
    /// Bytes of the payload, where it is a frame.
    size: u64,
    message: Option<MessageType>,
    begun: bool,
}

impl<'b> Outgoing<'b> {
    pub(crate) const fn new(buffer: &'b mut [u8]) -> Outgoing<'b> {
        let next = Checkpoint::START;
        Outgoing { buffer, window: Region::at(0), next, left: 0, size: 0, message: None, begun: false }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// Bytes without a header.
    pub(crate) fn begin_bytes(&mut self, len: u64) {
        self.begin(None, len, len);
    }

    /// A frame with a payload of `size` bytes.
    pub(crate) fn begin_frame(&mut self, message: MessageType, size: u64) {
        self.begin(Some(message), size, size + Header::LEN as u64);
    }

    fn begin(&mut self, message: Option<MessageType>, size: u64, left: u64) {
        (self.message, self.size, self.left) = (message, size, left);
        (self.window, self.next, self.begun) = (Region::at(0), Checkpoint::START, false);
    }

    /// The bytes to write next; none when all were sent.
    pub(crate) fn bytes(&mut self, recipient: Recipient, value: &dyn Encode) -> Result<&[u8], RequestError> {
        if self.window.is_empty() && self.left > 0 {
            let header = self.message.map(|message| {
                Header { generation: recipient.generation(), message, packed: false, size: self.size }
                    .to_bytes()
            });
            let head = header.as_ref().map_or(&[][..], |header| header);
            let (filled, next) = Writer::fill(recipient, head, value, self.buffer, self.next);
            let goes_on = next.is_some();
            // Another length than measured would shift every later frame.
            if filled == 0 || (filled as u64) > self.left || goes_on != ((filled as u64) < self.left) {
                return Err(RequestError::Malformed);
            }
            self.window = Region { start: 0, end: filled };
            self.next = next.unwrap_or_default();
        }
        Ok(self.window.of(self.buffer))
    }

    pub(crate) fn sent(&mut self, count: usize) {
        let count = count.min(self.window.len());
        if self.message.is_none() {
            // No password stays in the memory.
            let sent = self.window.start..self.window.start + count;
            self.buffer.get_mut(sent).unwrap_or_default().fill(0);
        }
        self.window.start += count;
        self.left -= count as u64;
        self.begun = true;
    }

    /// Bytes that were not sent yet.
    pub(crate) const fn left(&self) -> u64 {
        self.left
    }

    /// Whether any of it was sent.
    pub(crate) const fn has_sent(&self) -> bool {
        self.begun
    }

    /// What kind of frame it is, where it is one.
    pub(crate) const fn message(&self) -> Option<MessageType> {
        self.message
    }

    /// Whether some of a message was sent, and it is not at its end.
    pub(crate) const fn is_half_sent(&self) -> bool {
        self.begun && self.left > 0
    }
}

impl fmt::Debug for Outgoing<'_> {
    /// Without the bytes, which may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("capacity", &self.buffer.len())
            .field("window", &self.window)
            .field("left", &self.left)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// Bytes that are no frame.
pub(crate) struct RawBytes(pub(crate) [u8; 2]);

impl Encode for RawBytes {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.raw(&self.0);
    }
}

/// Their length and the credentials; nothing where there are none.
pub(crate) struct RawCredentials<'c>(pub(crate) Option<Credentials<'c>>);

impl Encode for RawCredentials<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        if let Some(credentials) = self.0 {
            writer.raw(&[u8::try_from(credentials.len()).unwrap_or(u8::MAX)]);
            for part in credentials.parts() {
                writer.raw(part);
            }
        }
    }
}
