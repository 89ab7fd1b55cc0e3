//! Frames over a stream, each whole in one buffer: the smallest client, for a program of a few kilobytes.
//!
//! It shares the wire and the codec with a [`Connection`](crate::client::Connection), and has nothing of what makes one
//! convenient: an answer is as large as the buffer at most, no deadline is set, the caller sees each frame that comes, and
//! nothing is found out about the server but its generation.
//!
//! ```
//! use rayforce_ipc::client::frames::Frames;
//! use rayforce_ipc::transports::duplex::{Duplex, Step};
//! use rayforce_ipc::Value;
//!
//! let script = [
//!     Step::Expect(&[3, 0]),
//!     Step::Say(&[3, 0]),
//!     Step::Expect(b"\xfa\xde\xfa\xce\x03\0\0\x01\x11\0\0\0\0\0\0\0\xf3\0\x07\0\0\0\0\0\0\0(+ 1 2)"),
//!     Step::Say(b"\xfa\xde\xfa\xce\x03\0\0\x02\x0a\0\0\0\0\0\0\0\xfb\0\x03\0\0\0\0\0\0\0"),
//! ];
//! let mut buffer = [0; 64];
//! let mut frames = Frames::open(Duplex::new(&script), &mut buffer, None)?;
//! assert_eq!(frames.execute("(+ 1 2)")?.value()?, Value::I64(3));
//! # Ok::<(), rayforce_ipc::Error<rayforce_ipc::transports::duplex::DuplexError>>(())
//! ```

mod cause;
mod frame;
mod link;

use core::fmt;

use embedded_io::{ErrorType, Read, Write};

use crate::client::drive::Refusal;
use crate::client::frames::cause::Cause;
pub use crate::client::frames::frame::Frame;
use crate::client::frames::link::{Failure, LEAST_ROOM, Link, plain_len};
use crate::codec::encode::{Encode, Request, Requested};
use crate::codec::place::Recipient;
use crate::codec::writer::Writer;
use crate::error::{CloseReason, Error, Phase, RequestError, Storage};
use crate::wire::inflate::Inflater;
use crate::wire::region::{self, Region};
use crate::wire::{Credentials, Dialect, Generation, Header, MessageType};

/// A stream after the handshake, and the one buffer for what is sent and what comes.
///
/// All calls wait as long as the stream does. After an error that leaves doubt about what comes next, all fail with
/// [`Error::Closed`] and its reason.
pub struct Frames<'b, S: ErrorType> {
    link: Link<S>,
    buffer: &'b mut [u8],
    recipient: Recipient,
    /// Whether no frame came yet.
    opened: bool,
    /// Payload bytes of the last frame that were not read.
    left: u64,
    /// The last frame, and how much of its payload is in the buffer.
    header: Header,
    held: usize,
    /// Reads a packed payload, as far as it is left.
    unpack: fn(&mut Self) -> Result<(), Failure<S::Error>>,
}

impl<'b, S: Read + Write> Frames<'b, S> {
    /// Shakes hands, and finds out which generation the server speaks.
    ///
    /// # Errors
    /// [`Error::Capacity`] for a buffer of fewer than 16 bytes; [`Error::Auth`] where the server wants credentials and
    /// there are none, or others; [`Error::Peer`] where it is none of RayforceDB; [`Error::Disconnected`];
    /// [`Error::Transport`].
    pub fn open(
        stream: S,
        buffer: &'b mut [u8],
        credentials: Option<Credentials<'_>>,
    ) -> Result<Self, Error<S::Error>> {
        if buffer.len() < Header::LEN {
            let (needed, available) = (Header::LEN as u64, buffer.len() as u64);
            return Err(Error::Capacity { what: Storage::Receive, needed, available });
        }
        let mut link = Link { stream, closed: None };
        let generation = match link.shake_hands(buffer, credentials) {
            Ok(generation) => generation,
            Err(failure) => return Err(link.error(failure, 0, buffer)),
        };
        let header =
            Header { generation, message: MessageType::Async, packed: false, verbose: false, size: 0 };
        let (recipient, unpack) = (generation.into(), Self::refuse as _);
        Ok(Frames { link, buffer, recipient, opened: true, left: 0, header, held: 0, unpack })
    }

    /// From now on, packed payloads are unpacked; before that they are refused. Servers of wire 3 pack what is longer than
    /// about 2,000 bytes; 2.4.0 does it for peers on other hosts only, 2.0.0 for all.
    pub fn set_unpacking(&mut self) {
        self.unpack = Self::receive_packed;
    }

    /// The generation that the server speaks.
    pub const fn generation(&self) -> Generation {
        self.recipient.generation()
    }

    /// Says which dialect a server of wire 1 speaks, without which it is sent no calls, but text and values. (A
    /// [`Connection`](crate::client::Connection) finds that out.)
    pub fn set_dialect(&mut self, dialect: Dialect) {
        if dialect.generation() == self.generation() {
            self.recipient = Recipient::Known(dialect);
        }
    }

    /// Why it is closed, if it is.
    pub const fn closed(&self) -> Option<CloseReason> {
        match self.link.closed {
            Some(cause) => Some(cause.reason()),
            None => None,
        }
    }

    /// The stream, for its deadline or to end it.
    pub const fn stream(&mut self) -> &mut S {
        &mut self.link.stream
    }

    /// Sends a request and waits for its answer. Frames that nobody asked for are thrown away meanwhile, whatever their
    /// size, and a question of the server is refused.
    ///
    /// # Errors
    /// As [`send`](Frames::send) and [`receive`](Frames::receive): [`Error::Capacity`] where the answer does not fit.
    pub fn execute(&mut self, request: impl Request) -> Result<Frame<'_>, Error<S::Error>> {
        let request = Requested(request);
        match self.exchange(&request) {
            Ok(()) => Ok(self.frame()),
            Err(failure) => Err(self.error(failure, &request)),
        }
    }

    fn exchange(&mut self, value: &dyn Encode) -> Result<(), Failure<S::Error>> {
        self.send_value(MessageType::Sync, value, Phase::Start)?;
        loop {
            // What is not the answer is not looked at, so that an error is always that of the answer.
            self.receive_header()?;
            match self.header.message {
                MessageType::Response => return self.receive_payload(),
                MessageType::Sync => {
                    self.drain(Phase::FirstByte)?;
                    // Whatever becomes of it, the request was sent.
                    self.send_value(MessageType::Response, &Refusal, Phase::FirstByte)?;
                }
                MessageType::Async => {}
            }
        }
    }

    /// Sends one frame: a request of kind [`Sync`](MessageType::Sync), which is answered, one of kind
    /// [`Async`](MessageType::Async), which is not, or the [`Response`](MessageType::Response) to a question of the server.
    /// It may be longer than the buffer. What did not fit of the frame before is read away first.
    ///
    /// # Errors
    /// [`Error::Request`] where the request cannot be sent: nothing was. [`Error::Disconnected`] and [`Error::Transport`]
    /// with the [phase](Phase::outcome) that tells what is known of it.
    pub fn send(&mut self, message: MessageType, request: impl Request) -> Result<(), Error<S::Error>> {
        let request = Requested(request);
        self.send_value(message, &request, Phase::Start).map_err(|failure| self.error(failure, &request))
    }

    fn send_value(
        &mut self,
        message: MessageType,
        value: &dyn Encode,
        mut phase: Phase,
    ) -> Result<(), Failure<S::Error>> {
        self.link.check_open()?;
        // What is left of a payload comes through the buffer before anything is sent.
        let room = match self.buffer.get_mut(Header::LEN..) {
            Some(room) if self.left == 0 => room,
            _ => &mut [],
        };
        let available = room.len() as u64;
        let Some(size) = Writer::try_write_in(self.recipient, value, room) else {
            return Err(Failure::Request);
        };
        let header = Header { generation: self.generation(), message, packed: false, verbose: false, size };
        let header = header.to_bytes();
        if size > available {
            self.drain(Phase::Drain)?;
            return self.link.write_long(self.recipient, &header, value, size, self.buffer, phase);
        }
        if let Some(front) = self.buffer.get_mut(..Header::LEN) {
            region::copy(front, &header);
        }
        let frame = self.buffer.get(..Header::LEN + size as usize).unwrap_or_default();
        self.link.write(frame, &mut phase)?;
        self.link.flush(phase)
    }

    /// Waits for the next frame, whatever it is, and reads it whole. What of the last one did not fit is read away first.
    ///
    /// # Errors
    /// [`Error::Capacity`] where the payload does not fit into the buffer: the next call goes on behind it. [`Error::Peer`]
    /// where what comes is no frame. [`Error::Disconnected`], [`Error::Transport`].
    pub fn receive(&mut self) -> Result<Frame<'_>, Error<S::Error>> {
        match self.receive_frame() {
            Ok(()) => Ok(self.frame()),
            Err(failure) => Err(self.error(failure, &())),
        }
    }

    fn receive_frame(&mut self) -> Result<(), Failure<S::Error>> {
        self.receive_header()?;
        self.receive_payload()
    }

    fn frame(&self) -> Frame<'_> {
        Frame::new(self.header, Region { start: 0, end: self.held }.of(self.buffer))
    }

    /// Reads away what is left of a payload.
    fn drain(&mut self, phase: Phase) -> Result<(), Failure<S::Error>> {
        while self.left > 0 {
            let end = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.buffer.len());
            self.read(Region { start: 0, end }, phase)?;
            self.left -= end as u64;
        }
        Ok(())
    }

    fn receive_header(&mut self) -> Result<(), Failure<S::Error>> {
        self.link.check_open()?;
        self.drain(Phase::FirstByte)?;
        self.read(Region { start: 0, end: 1 }, Phase::FirstByte)?;
        if core::mem::take(&mut self.opened)
            && self.generation() == Generation::V1
            && self.buffer.first() == Some(&0)
        {
            // A Windows build of wire 1 answers the opening by two bytes.
            self.read(Region { start: 0, end: 1 }, Phase::FirstByte)?;
        }
        self.read(Region { start: 1, end: Header::LEN }, Phase::Reply)?;
        let Some(bytes) = self.buffer.first_chunk() else { return Err(Failure::Closed) };
        match Header::parse(self.generation(), bytes) {
            Ok(header) => (self.header, self.left) = (header, header.size),
            Err(error) => return self.link.close(Cause::of_header(self.generation(), error.fault)),
        }
        Ok(())
    }

    fn receive_payload(&mut self) -> Result<(), Failure<S::Error>> {
        if self.header.packed {
            return (self.unpack)(self);
        }
        if self.left > self.buffer.len() as u64 {
            return Err(Failure::Large);
        }
        self.held = self.left as usize;
        self.left = 0;
        self.read(Region { start: 0, end: self.held }, Phase::Reply)
    }

    fn refuse(&mut self) -> Result<(), Failure<S::Error>> {
        Err(Failure::Packed)
    }

    /// Unpacks piece by piece: what is plain grows from the buffer's start, and what is packed comes in behind its place.
    fn receive_packed(&mut self) -> Result<(), Failure<S::Error>> {
        let rest = self.left.checked_sub(Inflater::PREFIX_LEN as u64).ok_or(Failure::Packing)?;
        self.read(Region { start: 0, end: Inflater::PREFIX_LEN }, Phase::Reply)?;
        self.left = rest;
        let len = plain_len(self.buffer) as usize;
        let room = self.buffer.len().saturating_sub(len);
        if room < LEAST_ROOM {
            return Err(Failure::LargePlain);
        }
        let (mut inflater, mut filled) = (Inflater::new(), 0);
        while self.left > 0 {
            let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(room);
            let mut piece = Region { start: len, end: len + count };
            self.read(piece, Phase::Reply)?;
            self.left -= count as u64;
            inflater.run(self.buffer, &mut piece, &mut filled, len);
            if !piece.is_empty() {
                return Err(Failure::Packing);
            }
        }
        if filled != len || len == 0 || !inflater.is_complete() {
            return Err(Failure::Packing);
        }
        self.held = len;
        Ok(())
    }

    /// Reads a place of the buffer full.
    fn read(&mut self, place: Region, phase: Phase) -> Result<(), Failure<S::Error>> {
        self.link.read(self.buffer.get_mut(place.start..place.end).unwrap_or_default(), phase)
    }

    #[inline(always)]
    fn error(&self, failure: Failure<S::Error>, request: &dyn Encode) -> Error<S::Error> {
        if let Failure::Request = failure {
            // A second run tells why; a value that can be sent now was another one before.
            let refused = Writer::measure_in(self.recipient, request).err();
            return Error::Request(refused.unwrap_or(RequestError::Malformed));
        }
        self.link.error(failure, self.left, self.buffer)
    }
}

impl<S: ErrorType> fmt::Debug for Frames<'_, S> {
    /// Without the bytes, and whatever the stream is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames")
            .field("capacity", &self.buffer.len())
            .field("generation", &self.recipient.generation())
            .field("left", &self.left)
            .field("closed", &self.link.closed)
            .finish_non_exhaustive()
    }
}
