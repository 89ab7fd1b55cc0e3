//! What comes in: one frame after the other, through the receive buffer.
//!
//! ```text
//!  a plain frame     | kept | raw ──────────▶ | room |
//!  a packed frame    | kept | plain ─▶ | gap | raw ─▶ | room |
//! ```
//!
//! `raw` is what came from the transport and was not consumed: of this frame, and maybe of the next ones. Of a
//! packed frame it is inflated into `plain`, which grows into the gap. `kept` is the text of an error, or the names of a
//! table's columns, each with its NUL.

use core::convert::Infallible;

use crate::client::session::failure::Failed;
use crate::client::topics::envelope::{Envelope, Recognised};
use crate::codec::decoder::Decoder;
use crate::error::{CloseReason, Error, Fault, PeerError};
use crate::wire::inflate::Inflater;
use crate::wire::region::Region;
use crate::wire::{Generation, Header, MessageType};

mod kept;
mod taking;

#[derive(Debug)]
pub(crate) struct Incoming<'b> {
    buffer: &'b mut [u8],
    raw: Region,
    plain: Region,
    kept: usize,
    /// Bytes of the frame's payload that were not consumed, as they travel.
    left: u64,
    unpacking: Unpacking,
    /// The largest plain length that a packed payload may announce.
    unpack_limit: u32,
    /// Room that is left for the first bytes of a packed frame, whatever comes along behind it.
    reserved: usize,
    decoder: Decoder,
    /// Whether the value was given out as a whole.
    given: bool,
    /// What is kept are the names of columns, and no text of an error.
    keeps_names: bool,
    /// What went wrong last, here or in the session.
    pub(crate) failure: Error<Infallible>,
}

#[derive(Clone, Copy, Debug)]
enum Unpacking {
    Plain,
    /// Packed, the plain length not read yet.
    Announced,
    /// So many plain bytes are still to come out.
    Packed {
        inflater: Inflater,
        due: u32,
    },
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Attempt<T> {
    NeedInput,
    Done(T),
}

/// How a payload can be had as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whole {
    Ready,
    TooSmall { needed: u64 },
}

impl<'b> Incoming<'b> {
    pub(crate) const fn new(buffer: &'b mut [u8]) -> Incoming<'b> {
        let none = Region::at(0);
        let decoder = Decoder::new(Generation::V3, 0);
        Incoming {
            buffer,
            raw: none,
            plain: none,
            kept: 0,
            left: 0,
            unpacking: Unpacking::Plain,
            unpack_limit: Inflater::ACCEPTED,
            reserved: 0,
            decoder,
            given: false,
            keeps_names: false,
            failure: Error::Closed(CloseReason::NeverOpened),
        }
    }

    pub(crate) fn set_unpack_limit(&mut self, limit: u64) {
        self.unpack_limit = u32::try_from(limit).unwrap_or(u32::MAX);
    }

    /// From the next read on, so many bytes can be [peeked](Incoming::peek) at of a frame; half the buffer at most. Of the
    /// text of an error, as much goes as is in the way.
    pub(crate) fn reserve(&mut self, len: usize) {
        self.reserved = len.min(self.buffer.len() / 2);
        self.kept = self.kept.min(self.most_kept());
    }

    pub(crate) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// Forgets everything, for a new stream.
    pub(crate) fn reset(&mut self) {
        (self.raw, self.plain) = (Region::at(0), Region::at(0));
        self.forget_kept();
        (self.left, self.unpacking, self.decoder) = (0, Unpacking::Plain, Decoder::new(Generation::V3, 0));
    }

    /// Room for what the transport has next: never empty when input was asked for.
    pub(crate) fn window(&mut self) -> &mut [u8] {
        let capacity = self.buffer.len();
        let mut end = capacity;
        if let Unpacking::Packed { due, .. } = self.unpacking {
            // Input is asked for only once all that came in is unpacked.
            if self.raw.is_empty() {
                // Room in front for the rest of the payload, or for the longest piece that the decoder needs.
                let room = capacity.saturating_sub(self.plain.end);
                let due = usize::try_from(due).unwrap_or(usize::MAX);
                let due = if due < room { due } else { room / 2 };
                let least = self.kept + LONGEST_PIECE;
                let start = (self.plain.end + due).max(least).min(capacity.saturating_sub(1));
                self.raw = Region::at(start);
                end = start.saturating_add(usize::try_from(self.left).unwrap_or(usize::MAX)).min(capacity);
            }
        } else {
            if self.raw.is_empty() {
                self.raw = Region::at(self.kept);
            }
            // What comes behind this frame leaves the room that is reserved.
            let left = usize::try_from(self.left).unwrap_or(usize::MAX);
            let behind = capacity - self.reserved;
            if self.raw.end >= behind.max(self.raw.start.saturating_add(left).min(capacity)) {
                self.raw.move_to(self.buffer, self.kept);
            }
            end = behind.max(self.raw.start.saturating_add(left).min(capacity));
        }
        if let Unpacking::Announced = self.unpacking {
            // No more packed bytes than leave room to unpack them.
            let most = capacity.saturating_sub(self.reserved.max(LONGEST_PIECE)).max(Inflater::PREFIX_LEN);
            end = self.raw.start.saturating_add(most).min(capacity);
        }
        self.buffer.get_mut(self.raw.end..end).unwrap_or_default()
    }

    pub(crate) fn received(&mut self, count: usize) {
        self.raw.end = self.raw.end.saturating_add(count).min(self.buffer.len());
    }

    /// Takes one byte of the handshake.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let byte = self.next_byte()?;
        self.raw.start += 1;
        Some(byte)
    }

    /// Looks at the next byte of the stream.
    pub(crate) fn next_byte(&self) -> Option<u8> {
        self.raw.of(self.buffer).first().copied()
    }

    /// Takes the header of the next frame, when it is there.
    pub(crate) fn header(&mut self, generation: Generation) -> Result<Attempt<Header>, Failed> {
        let Some(bytes) = self.raw.of(self.buffer).first_chunk::<{ Header::LEN }>() else {
            return Ok(Attempt::NeedInput);
        };
        let header = Header::parse(generation, bytes).map_err(|error| self.failed(error))?;
        self.raw.start += Header::LEN;
        self.left = header.size;
        self.plain = Region::at(self.kept);
        self.unpacking = if header.packed { Unpacking::Announced } else { Unpacking::Plain };
        self.decoder = Decoder::new(generation, header.size);
        self.given = false;
        Ok(Attempt::Done(header))
    }

    /// Whether the next frame is an answer, as far as its header came.
    pub(crate) fn is_answer_next(&self, generation: Generation) -> bool {
        let header = self.raw.of(self.buffer).first_chunk().map(|bytes| Header::parse(generation, bytes));
        header.is_some_and(|header| header.is_ok_and(|header| header.message == MessageType::Response))
    }

    /// Bytes of the frame that were not consumed, as they travel.
    pub(crate) const fn left(&self) -> u64 {
        self.left
    }

    /// Whether the caller began to take tokens.
    pub(crate) const fn has_begun(&self) -> bool {
        self.decoder.has_begun()
    }

    /// Whether the caller has taken anything of the frame.
    pub(crate) const fn is_taken(&self) -> bool {
        self.given || self.has_begun()
    }

    /// The first byte of the payload; none where the payload is empty.
    pub(crate) fn tag(&mut self) -> Result<Attempt<Option<u8>>, Failed> {
        self.inflate()?;
        match self.payload().of(self.buffer).first() {
            Some(tag) => Ok(Attempt::Done(Some(*tag))),
            None if self.left == 0 => Ok(Attempt::Done(None)),
            None => Ok(Attempt::NeedInput),
        }
    }

    /// Brings the first bytes of a payload of which nothing was taken together, as many as these or as there is
    /// room for.
    pub(crate) fn peek(&mut self, most: usize) -> Result<Attempt<()>, Failed> {
        self.inflate()?;
        let goes_on = match self.unpacking {
            Unpacking::Announced => true,
            Unpacking::Packed { due, .. } => {
                let len = self.plain.len();
                // What came in and is not unpacked finds no room.
                len < most && due > 0 && self.raw.is_empty()
            }
            Unpacking::Plain => {
                let most = most.min(usize::try_from(self.left).unwrap_or(usize::MAX));
                let room = self.buffer.len() - self.kept;
                if self.raw.start.saturating_add(most) > self.buffer.len() {
                    self.raw.move_to(self.buffer, self.kept);
                }
                self.raw.len() < most.min(room)
            }
        };
        Ok(if goes_on { Attempt::NeedInput } else { Attempt::Done(()) })
    }

    /// The envelope in what was [peeked](Incoming::peek) at.
    pub(crate) fn envelope(&self) -> Recognised<'_> {
        Envelope::read(&self.decoder, self.bytes())
    }

    /// Takes an envelope off. What comes behind it is the payload from now on.
    pub(crate) fn open_envelope(&mut self, len: usize, decoder: &Decoder) {
        self.consume(len);
        self.decoder = decoder.again(decoder.left());
    }

    /// Brings the whole plain payload together in the buffer, of which no token was taken.
    pub(crate) fn whole(&mut self) -> Result<Attempt<Whole>, Failed> {
        let whole = self.together()?;
        self.given |= matches!(whole, Attempt::Done(Whole::Ready));
        Ok(whole)
    }

    fn together(&mut self) -> Result<Attempt<Whole>, Failed> {
        let capacity = self.buffer.len() - self.kept;
        if let Unpacking::Plain = self.unpacking {
            let left = match usize::try_from(self.left) {
                Ok(left) if left <= capacity => left,
                _ => return Ok(Attempt::Done(Whole::TooSmall { needed: self.left })),
            };
            if self.raw.len() >= left {
                return Ok(Attempt::Done(Whole::Ready));
            }
            if self.raw.start + left > self.buffer.len() {
                self.raw.move_to(self.buffer, self.kept);
            }
            return Ok(Attempt::NeedInput);
        }
        // An envelope that was taken off has left its room in front.
        self.plain.move_to(self.buffer, self.kept);
        self.inflate()?;
        let Unpacking::Packed { due, .. } = self.unpacking else { return Ok(Attempt::NeedInput) };
        let needed = self.decoder.left() + Self::PACKED_EXTRA as u64;
        if needed > capacity as u64 {
            return Ok(Attempt::Done(Whole::TooSmall { needed }));
        }
        match due {
            0 if self.is_unpacked() => Ok(Attempt::Done(Whole::Ready)),
            _ if self.raw.is_empty() => Ok(Attempt::NeedInput),
            // It unpacks to less than it takes packed, so that what came in stands in its way.
            _ => Ok(Attempt::Done(Whole::TooSmall { needed: self.decoder.left() + self.raw.len() as u64 })),
        }
    }

    /// The payload, once it is together.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.payload().of(self.buffer)
    }

    /// Throws away what is there of the frame; whether it is at its end.
    pub(crate) fn drain(&mut self) -> bool {
        if self.keeps_names {
            self.forget_kept();
        }
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.raw.len());
        self.raw.start += count;
        self.left -= count as u64;
        // What is thrown away need not be unpacked.
        (self.plain, self.unpacking) = (Region::at(self.kept), Unpacking::Plain);
        self.left == 0
    }

    /// What is there of the plain payload.
    fn payload(&self) -> Region {
        match self.unpacking {
            Unpacking::Plain => {
                let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.raw.len());
                Region { start: self.raw.start, end: self.raw.start + count }
            }
            Unpacking::Announced => Region::at(self.raw.start),
            Unpacking::Packed { .. } => self.plain,
        }
    }

    fn consume(&mut self, count: usize) {
        match self.unpacking {
            Unpacking::Packed { .. } => self.plain.start += count,
            _ => {
                self.raw.start += count;
                self.left -= count as u64;
            }
        }
    }

    /// Unpacks what is there, as far as there is room.
    #[inline]
    fn inflate(&mut self) -> Result<(), Failed> {
        match self.unpacking {
            Unpacking::Plain => Ok(()),
            _ => self.unpack(),
        }
    }

    fn unpack(&mut self) -> Result<(), Failed> {
        if let Unpacking::Announced = self.unpacking {
            self.announced()?;
        }
        let Unpacking::Packed { mut inflater, due } = self.unpacking else { return Ok(()) };
        if self.plain.len() < LONGEST_PIECE {
            self.plain.move_to(self.buffer, self.kept);
        }
        let of_frame = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.raw.len());
        let mut input = Region { start: self.raw.start, end: self.raw.start + of_frame };
        // The next frame's bytes, if any, are not to be overwritten.
        let most = if of_frame < self.raw.len() { input.end } else { self.buffer.len() };
        let limit = self.plain.end.saturating_add(usize::try_from(due).unwrap_or(usize::MAX)).min(most);
        let mut end = self.plain.end;
        inflater.run(self.buffer, &mut input, &mut end, limit);
        let due = due - (end - self.plain.end) as u32;
        self.left -= (input.start - self.raw.start) as u64;
        self.raw.start = input.start;
        self.plain.end = end;
        self.unpacking = Unpacking::Packed { inflater, due };
        let is_short = due > 0 && self.left == 0 && end < limit;
        let is_long = due == 0 && !inflater.is_complete();
        if is_short || is_long {
            let offset = self.decoder.len() - u64::from(due);
            return Err(self.failed(PeerError { fault: Fault::Packing, offset }));
        }
        Ok(())
    }

    /// Whether a packed payload was looked at to its end, which no server of ours puts behind its last plain byte. Only
    /// then is it sure that it has as many plain bytes as it announced.
    fn is_unpacked(&self) -> bool {
        matches!(self.unpacking, Unpacking::Plain) || self.left == 0
    }

    fn announced(&mut self) -> Result<(), Failed> {
        let fault = PeerError { fault: Fault::Packing, offset: 0 };
        if self.left < Inflater::PREFIX_LEN as u64 {
            return Err(self.failed(fault));
        }
        let Some(len) = self.raw.of(self.buffer).first_chunk::<{ Inflater::PREFIX_LEN }>() else {
            return Ok(());
        };
        let due = u32::from_le_bytes(*len);
        if due == 0 {
            return Err(self.failed(fault));
        }
        if due > self.unpack_limit {
            let fault = Fault::Unpacked { len: due.into(), limit: self.unpack_limit.into() };
            return Err(self.failed(PeerError { fault, offset: 0 }));
        }
        self.raw.start += Inflater::PREFIX_LEN;
        self.left -= Inflater::PREFIX_LEN as u64;
        self.decoder = self.decoder.again(u64::from(due));
        let end = self.buffer.len();
        self.raw.move_to(self.buffer, end - self.raw.len());
        self.unpacking = Unpacking::Packed { inflater: Inflater::new(), due };
        Ok(())
    }

    /// What a packed payload takes beside its plain bytes, to come through.
    const PACKED_EXTRA: usize = 16;
}

/// The most bytes that the decoder needs in one piece: a guid.
const LONGEST_PIECE: usize = 16;
