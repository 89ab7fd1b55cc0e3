//! What goes out: the opening, credentials, frames; piece by piece through the transmit buffer.
//!
//! ```text
//!  a plain frame     | header, payload ──────────────────▶ |
//!  a packed frame    | header, packed ─────────▶ | plain ▶ |
//! ```
//!
//! A window of a packed frame is as many windows of plain bytes, packed one behind the other, as surely fit.

mod packer;

use core::fmt;

use crate::client::options::{Choice, Packing};
use crate::client::outgoing::packer::Packer;
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
    /// Bytes of the plain payload, where it is a frame.
    size: u64,
    message: Option<MessageType>,
    begun: bool,
    verbose: bool,
    packed: bool,
    /// Whether the whole payload is in the buffer already, behind the place of its header.
    whole: bool,
    packer: Packer,
    packing: Packing,
}

/// How frames are packed. It is reached only through a [`Packing`] that packs: the program of who never does has no code
/// for it.
pub(crate) trait Packs: Sync {
    /// The bytes of a frame with so many plain bytes, where it is to be packed.
    fn len(
        &self,
        outgoing: &mut Outgoing<'_>,
        recipient: Recipient,
        value: &dyn Encode,
        size: u64,
    ) -> Result<Option<u64>, RequestError>;

    /// The next window of a packed frame: how many bytes it has, and whether others follow. None where the value is not the
    /// one that was measured.
    fn window(
        &self,
        outgoing: &mut Outgoing<'_>,
        header: &[u8; Header::LEN],
        recipient: Recipient,
        value: &dyn Encode,
    ) -> Option<(usize, bool)>;
}

impl<'b> Outgoing<'b> {
    pub(crate) const fn new(buffer: &'b mut [u8]) -> Outgoing<'b> {
        Outgoing {
            buffer,
            window: Region::at(0),
            next: Checkpoint::START,
            left: 0,
            size: 0,
            message: None,
            begun: false,
            verbose: false,
            packed: false,
            whole: false,
            packer: Packer::new(0),
            packing: Packing::NEVER,
        }
    }

    pub(crate) fn set_packing(&mut self, packing: Packing) {
        self.packing = packing;
    }

    pub(crate) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// Bytes without a header.
    pub(crate) fn begin_bytes(&mut self, len: u64) {
        (self.message, self.size, self.left) = (None, len, len);
        (self.window, self.begun, self.packed, self.whole) = (Region::at(0), false, false, false);
    }

    /// A frame, packed where that was chosen; otherwise its payload is written at once, if there is room for all of it.
    pub(crate) fn begin_frame(
        &mut self,
        message: MessageType,
        recipient: Recipient,
        value: &dyn Encode,
    ) -> Result<(), RequestError> {
        // What was begun before and not sent is made anew, if need be.
        (self.window, self.whole) = (Region::at(0), false);
        let room = match self.packing.packs {
            Some(_) => &mut [],
            None => self.buffer.get_mut(Header::LEN..).unwrap_or_default(),
        };
        let available = room.len() as u64;
        let size = Writer::write_in(recipient, value, room)?;
        let packed = match self.packing.packs {
            Some(packs) => packs.len(self, recipient, value, size)?,
            None => None,
        };
        let left = packed.unwrap_or(size + Header::LEN as u64);
        (self.message, self.size, self.left, self.verbose) = (Some(message), size, left, false);
        (self.window, self.begun, self.packed) = (Region::at(0), false, packed.is_some());
        self.whole = size <= available;
        Ok(())
    }

    /// The frame that was begun asks for what is printed, too.
    pub(crate) const fn set_verbose(&mut self) {
        self.verbose = true;
    }

    /// Makes the bytes to write next, unless there are some. None where the value is not the one that was begun.
    pub(crate) fn fill_window(&mut self, recipient: Recipient, value: &dyn Encode) -> Option<()> {
        if self.window.is_empty() && self.left > 0 {
            if !self.begun {
                (self.next, self.packer) = (Checkpoint::START, Packer::new(self.size));
            }
            let size = if self.packed { self.left.saturating_sub(Header::LEN as u64) } else { self.size };
            let header = self.message.map(|message| {
                let (generation, packed, verbose) = (recipient.generation(), self.packed, self.verbose);
                Header { generation, message, packed, verbose, size }.to_bytes()
            });
            let (filled, goes_on) = match (&header, self.packing.packs) {
                (Some(header), _) if self.whole => self.put_header(header),
                (Some(header), Some(packs)) if self.packed => packs.window(self, header, recipient, value)?,
                (header, _) => self.fill(header.as_ref().map_or(&[], |header| header), recipient, value),
            };
            // Another length than measured would shift every later frame.
            if filled == 0 || (filled as u64) > self.left || goes_on != ((filled as u64) < self.left) {
                return None;
            }
            self.window = Region { start: 0, end: filled };
        }
        Some(())
    }

    /// The bytes to write next; none when all were sent.
    pub(crate) fn window(&self) -> &[u8] {
        self.window.of(self.buffer)
    }

    /// The only window of a frame whose payload is in the buffer.
    fn put_header(&mut self, header: &[u8; Header::LEN]) -> (usize, bool) {
        if let Some(front) = self.buffer.first_chunk_mut() {
            *front = *header;
        }
        (self.left as usize, false)
    }

    /// The next window: how many bytes it has, and whether others follow.
    fn fill(&mut self, head: &[u8], recipient: Recipient, value: &dyn Encode) -> (usize, bool) {
        let (filled, next) = Writer::fill(recipient, head, value, self.buffer, self.next);
        self.next = next.unwrap_or_default();
        (filled, next.is_some())
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

/// Packs by the differences of neighbouring bytes, and runs of them.
pub(crate) struct Deflating;

impl Packs for Deflating {
    fn len(
        &self,
        outgoing: &mut Outgoing<'_>,
        recipient: Recipient,
        value: &dyn Encode,
        size: u64,
    ) -> Result<Option<u64>, RequestError> {
        let largest = match (outgoing.packing.choice, recipient.generation().largest_request()) {
            (Choice::Always, Some(largest)) => largest,
            (Choice::Above(above), Some(_)) if size > above => size.saturating_sub(1),
            _ => return Ok(None),
        };
        if outgoing.buffer.len() < Packing::LEAST_TRANSMIT {
            return Ok(None);
        }
        (outgoing.next, outgoing.packer) = (Checkpoint::START, Packer::new(size));
        let mut len = 0;
        loop {
            let (filled, goes_on) =
                self.window(outgoing, &[0; Header::LEN], recipient, value).ok_or(RequestError::Malformed)?;
            len += filled as u64;
            if !goes_on {
                return Ok((len <= largest + Header::LEN as u64).then_some(len));
            }
        }
    }

    fn window(
        &self,
        outgoing: &mut Outgoing<'_>,
        header: &[u8; Header::LEN],
        recipient: Recipient,
        value: &dyn Encode,
    ) -> Option<(usize, bool)> {
        outgoing.packer.fill(outgoing.buffer, header, recipient, value, &mut outgoing.next)
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
